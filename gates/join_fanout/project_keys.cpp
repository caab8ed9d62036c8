#include "gates/join_fanout/project_keys.h"

#include "dbt/keys.h"

namespace layergate::join_fanout {
namespace {

// Models above the joined one whose SQL is asked for keys. Beyond it only declared keys count.
constexpr int kMaxDepth = 8;

// A snapshot keeps one row for each version of a record: its key with the version's beginning or
// end, of which one alone is open (null), and dbt's own hash of them.
std::vector<lineage::KnownKey> SnapshotKeys(const dbt::Node& node) {
  std::vector<lineage::KnownKey> keys;
  if (node.resource_type != "snapshot") return keys;
  const Value& names = node.Config("snapshot_meta_column_names");
  auto name = [&](std::string_view column) {
    std::string other(names[column].AsString());
    return other.empty() ? std::string(column) : other;
  };
  keys.emplace_back(lineage::UniqueKey{name("dbt_scd_id")});
  std::vector<std::string> key = dbt::PlainNames(node.Config("unique_key"));
  if (key.empty()) return keys;
  for (std::string_view end : {"dbt_valid_from", "dbt_valid_to"}) {
    lineage::UniqueKey version = key;
    version.push_back(name(end));
    keys.emplace_back(std::move(version), true);
  }
  return keys;
}

}  // namespace

lineage::Fanout ProjectKeys::Analyze(const std::string& sql) {
  return lineage::AnalyzeFanout(
      sql, lineage_.dialect(), [this](const auto& name) { return SchemaOf(name); },
      [this](const auto& name) { return KeysOf(name); });
}

const dbt::Node* ProjectKeys::NodeOf(const lineage::RelationName& name) const {
  std::string text;
  for (const std::string& part : name.parts) {
    text += text.empty() ? "\"" : ".\"";
    for (char c : part) {
      if (c == '"') text += c;
      text += c;
    }
    text += '"';
  }
  return lineage_.project().FindRelation(text);
}

std::vector<lineage::KnownKey> ProjectKeys::KeysOf(const lineage::RelationName& name) {
  const dbt::Node* node = NodeOf(name);
  if (!node) return {};
  if (auto known = keys_.find(node->unique_id); known != keys_.end()) return known->second;
  // A cycle, which SQL cannot have, would end here.
  keys_[node->unique_id] = {};
  std::vector<lineage::KnownKey> keys = SnapshotKeys(*node);
  for (dbt::DeclaredKey& key : dbt::DeclaredKeys(lineage_.project(), *node)) {
    keys.emplace_back(std::move(key.columns));
  }
  bool built = node->resource_type == "model" && node->materialized != "incremental";
  const lineage::ModelLineage* model = built ? &lineage_.Model(node->unique_id) : nullptr;
  if (model && !model->sql.empty() && depth_ < kMaxDepth) {
    ++depth_;
    for (lineage::UniqueKey& key : Analyze(model->sql).output_keys) {
      keys.emplace_back(std::move(key));
    }
    --depth_;
  }
  keys_[node->unique_id] = keys;
  return keys;
}

const lineage::RelationSchema* ProjectKeys::SchemaOf(const lineage::RelationName& name) {
  const dbt::Node* node = NodeOf(name);
  if (!node) return nullptr;
  if (auto known = schemas_.find(node->unique_id); known != schemas_.end()) return &known->second;
  auto columns = lineage_.Columns(node->unique_id);
  if (!columns) return nullptr;
  lineage::RelationSchema schema;
  for (std::string& column : *columns) schema.columns.push_back({std::move(column), ""});
  return &schemas_.emplace(node->unique_id, std::move(schema)).first->second;
}

}  // namespace layergate::join_fanout
