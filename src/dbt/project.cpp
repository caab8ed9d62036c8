#include "dbt/project.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <mutex>
#include <set>
#include <unordered_map>

#include <fmt/format.h>

#include "core/digest.h"
#include "core/source_text.h"
#include "core/text.h"
#include "dbt/json_text.h"
#include "dbt/manifest_bytes.h"
#include "dbt/manifest_fields.h"
#include "dbt/manifest_index.h"
#include "dbt/relation_index.h"

namespace layergate::dbt {
namespace {

constexpr int kNewestKnownSchema = 12;
constexpr int kRustPreviewSchema = 20;  // the Rust engine's previews called their v12 "v20"

// Every package name that node ids mention, when there is exactly one: manifests before v10 do not
// name their project.
std::string OnlyPackage(const std::vector<std::string>& ids) {
  std::string only;
  for (const std::string& id : ids) {
    std::vector<std::string_view> parts = Split(id, '.');
    if (parts.size() < 2) continue;
    if (only.empty()) only = parts[1];
    if (only != parts[1]) return {};
  }
  return only;
}

// Where dbt quotes identifiers unless told otherwise: everywhere but on Snowflake.
bool QuotesByDefault(std::string_view adapter) { return adapter != "snowflake"; }

}  // namespace

struct Project::State {
  explicit State(ManifestBytes read) : bytes(std::move(read)) {}

  ManifestBytes bytes;
  ManifestIndex index;
  ProjectMetadata metadata;
  std::vector<std::string> warnings;
  std::vector<std::string> macro_ids, disabled_ids;

  struct Graph {
    std::vector<std::vector<std::string>> parents, children;  // by position in index.nodes
  };
  std::once_flag relations_once, digest_once;
  std::string digest;
  Graph graph;
  mutable RelationIndex relations;

  mutable std::mutex mutex;  // guards the two caches
  mutable std::unordered_map<std::string_view, std::unique_ptr<Node>> nodes;
  mutable std::unordered_map<std::string_view, std::unique_ptr<Macro>> macros;

  NodeFields FieldsOf(const ManifestIndex::Entry& entry) const {
    return {
        bytes.text(), index.keys,
        std::span<const FieldSlice>(index.fields).subspan(entry.first_field, entry.field_count)};
  }
  const ManifestIndex::Entry* FindEntry(std::string_view id) const {
    const ManifestIndex::Entry* entry = index.FindNode(id);
    return entry ? entry : index.FindMacro(id);
  }
  void BuildGraph();
  // The parents' way from a node back to itself, as ids; empty when there is none.
  std::vector<std::string> FindCycle() const;
  void BuildRelations() const;
  Result<void> ReadMetadata(const std::string& path);
};

Result<void> Project::State::ReadMetadata(const std::string& path) {
  Value json = index.metadata.empty() ? Value() : ReadChecked(index.metadata);
  std::string_view address_text = json["dbt_schema_version"].AsString();
  SchemaAddress address = ParseSchemaAddress(address_text);
  if (address.what.empty() && index.has_project_configuration) address.what = "semantic_manifest";
  if (address.what != "manifest") {
    return WrongArtifact(path, "manifest", address, !address_text.empty());
  }
  if (address.version < 1) {
    return MakeError(fmt::format("{}: manifest schema v{} is older than any that is read", path,
                                 address.version),
                     "Write the manifest with dbt 0.19 or later.");
  }
  metadata.path = path;
  metadata.schema_version = address.version;
  metadata.dbt_version = json["dbt_version"].AsString();
  int major = 0;
  std::from_chars(metadata.dbt_version.data(),
                  metadata.dbt_version.data() + metadata.dbt_version.size(), major);
  metadata.rust_engine = major >= 2;
  metadata.generated_at = json["generated_at"].AsString();
  metadata.invocation_id = json["invocation_id"].AsString();
  metadata.project_name = json["project_name"].AsString();
  metadata.adapter_type = json["adapter_type"].AsString();
  bool quotes = QuotesByDefault(metadata.adapter_type);
  const Value& quoting = json["quoting"];
  metadata.quote_database = quoting["database"].AsBool(quotes);
  metadata.quote_schema = quoting["schema"].AsBool(quotes);
  metadata.quote_identifier = quoting["identifier"].AsBool(quotes);
  if (address.version > kNewestKnownSchema && address.version != kRustPreviewSchema) {
    warnings.push_back(
        fmt::format("{}: manifest schema v{} is newer than v{}, the newest that this program "
                    "knows; fields that "
                    "it doesn't know are compared as plain values",
                    path, address.version, kNewestKnownSchema));
  }
  for (const std::string& section : index.unknown_sections) {
    warnings.push_back(fmt::format("{}: the section \"{}\" is not known and was not read", path,
                                   Printable(section)));
  }
  return {};
}

void Project::State::BuildGraph() {
  size_t count = index.nodes.size();
  graph.parents.resize(count);
  graph.children.resize(count);
  size_t dangling = 0;
  std::string first_dangling;
  for (size_t i = 0; i < count; ++i) {
    Value depends_on = FieldsOf(index.nodes[i]).Get("depends_on");
    std::vector<std::string>& parents = graph.parents[i];
    for (const Value& item : depends_on["nodes"].items()) {
      if (item.is_string()) parents.emplace_back(item.AsString());
    }
    std::sort(parents.begin(), parents.end());
    parents.erase(std::unique(parents.begin(), parents.end()), parents.end());
    std::erase_if(parents, [&](const std::string& parent) {
      const ManifestIndex::Entry* entry = index.FindNode(parent);
      if (entry) {
        graph.children[static_cast<size_t>(entry - index.nodes.data())].push_back(
            index.node_ids[i]);
        return false;
      }
      if (dangling++ == 0) {
        first_dangling = fmt::format("{} of {}", Printable(parent), Printable(index.node_ids[i]));
      }
      return true;
    });
  }
  // Children are appended in the order of ids, so they are sorted already.
  if (dangling > 0) {
    warnings.push_back(
        fmt::format("{}: {} parent{} named by depends_on {} not in the manifest and {} left out; "
                    "the first is {}",
                    metadata.path, dangling, dangling == 1 ? "" : "s", dangling == 1 ? "is" : "are",
                    dangling == 1 ? "is" : "are", first_dangling));
  }
}

std::vector<std::string> Project::State::FindCycle() const {
  enum class Mark : uint8_t { kNew, kOnWay, kDone };
  std::vector<Mark> marks(index.nodes.size(), Mark::kNew);
  struct Step {
    size_t node, next_parent;
  };
  std::vector<Step> way;
  for (size_t start = 0; start < marks.size(); ++start) {
    if (marks[start] != Mark::kNew) continue;
    marks[start] = Mark::kOnWay;
    way.push_back({start, 0});
    while (!way.empty()) {
      auto& [node, next_parent] = way.back();
      if (next_parent == graph.parents[node].size()) {
        marks[node] = Mark::kDone;
        way.pop_back();
        continue;
      }
      const ManifestIndex::Entry* entry = index.FindNode(graph.parents[node][next_parent++]);
      auto parent = static_cast<size_t>(entry - index.nodes.data());
      if (marks[parent] == Mark::kNew) {
        marks[parent] = Mark::kOnWay;
        way.push_back({parent, 0});
      } else if (marks[parent] == Mark::kOnWay) {
        std::vector<std::string> cycle;
        auto first = std::find_if(way.begin(), way.end(),
                                  [&](const Step& step) { return step.node == parent; });
        for (; first != way.end(); ++first) cycle.push_back(index.node_ids[first->node]);
        cycle.push_back(index.node_ids[parent]);
        return cycle;
      }
    }
  }
  return {};
}

void Project::State::BuildRelations() const {
  for (size_t i = 0; i < index.nodes.size(); ++i) {
    const ManifestIndex::Entry& entry = index.nodes[i];
    NodeFields fields = FieldsOf(entry);
    std::string type = fields.Text("resource_type");
    bool source = type == "source";
    if (!source && type != "model" && type != "seed" && type != "snapshot") continue;
    const std::string name = fields.Text("relation_name");
    Relation relation = ParseRelation(name);
    if (size_t quote = name.find('\''); source && quote != std::string::npos) {
      // A source of dbt-duckdb that lies in files: 'data/{name}.csv', or
      // read_csv('data/{name}.csv').
      relation = {ToLower(name.substr(quote + 1, name.find('\'', quote + 1) - quote - 1))};
    } else if (relation.empty()) {
      if (!source && fields.Get("config")["materialized"].AsString() == "ephemeral") continue;
      relation = {ToLower(fields.Text("database")), ToLower(fields.Text("schema")),
                  ToLower(fields.Text(source ? "identifier" : "alias"))};
    } else if (relation.size() == 2 && !fields.Text("database").empty()) {
      relation.insert(relation.begin(), ToLower(fields.Text("database")));
    }
    relations.Add(std::move(relation), i, source);
  }
}

Project::Project(std::unique_ptr<State> state) : state_(std::move(state)) {}
Project::~Project() = default;

Result<std::unique_ptr<Project>> Project::Load(const std::string& path) {
  LAYERGATE_TRY(ManifestBytes bytes, ManifestBytes::Load(path));
  return Read(std::make_unique<State>(std::move(bytes)), path);
}

Result<std::unique_ptr<Project>> Project::Parse(std::string bytes, const std::string& path) {
  return Read(std::make_unique<State>(ManifestBytes(std::move(bytes))), path);
}

Result<std::unique_ptr<Project>> Project::Read(std::unique_ptr<State> owned,
                                               const std::string& path) {
  std::unique_ptr<Project> project(new Project(std::move(owned)));
  State& state = *project->state_;
  auto read = IndexManifest(state.bytes.text(), path, state.index);
  // A document of another kind is better called by its name than by its first odd section.
  if (!read && !state.index.walked) return read.error();
  if (auto ok = state.ReadMetadata(path); !ok) return ok.error();
  if (!read) return read.error();
  state.BuildGraph();
  if (std::vector<std::string> cycle = state.FindCycle(); !cycle.empty()) {
    LineColumn place = Locate(state.bytes.text(), state.index.FindNode(cycle[0])->key_begin);
    constexpr size_t kShown = 6;
    if (cycle.size() > kShown) {
      cycle.resize(kShown);
      cycle.emplace_back("...");
    }
    return MakeError(fmt::format("{}:{}:{}: depends_on leads from a node back to itself: {}", path,
                                 place.line, place.column, Printable(Join(cycle, " -> "))),
                     "Take the circle out of the project's ref() calls: dbt cannot run it either.");
  }
  for (const ManifestIndex::Entry& macro : state.index.macros) {
    state.macro_ids.push_back(macro.id);
  }
  state.disabled_ids = std::move(state.index.disabled_ids);
  if (state.metadata.project_name.empty()) {
    state.metadata.project_name = OnlyPackage(state.index.node_ids);
  }
  return project;
}

std::string_view Project::text() const { return state_->bytes.text(); }

const ProjectMetadata& Project::metadata() const { return state_->metadata; }

const std::string& Project::Digest() const {
  std::call_once(state_->digest_once, [this] { state_->digest = Sha256Hex(state_->bytes.text()); });
  return state_->digest;
}

const std::vector<std::string>& Project::warnings() const { return state_->warnings; }

const std::vector<std::string>& Project::ids() const { return state_->index.node_ids; }

bool Project::Contains(std::string_view id) const { return state_->index.FindNode(id) != nullptr; }

const Node* Project::Find(std::string_view id) const {
  const ManifestIndex::Entry* entry = state_->index.FindNode(id);
  if (!entry) return nullptr;
  std::lock_guard lock(state_->mutex);
  std::unique_ptr<Node>& node = state_->nodes[entry->id];
  if (!node) {
    node =
        std::make_unique<Node>(BuildNode(entry->id, SectionName(entry->section),
                                         state_->FieldsOf(*entry), state_->metadata.rust_engine));
  }
  return node.get();
}

uint64_t Project::Fingerprint(std::string_view id) const {
  const ManifestIndex::Entry* entry = state_->FindEntry(id);
  if (!entry) return 0;
  NodeFields fields = state_->FieldsOf(*entry);
  std::string text;
  for (size_t i = 0; i < fields.size(); ++i) {
    if (IsRunField(fields.Name(i))) continue;
    text.append(fields.Name(i)).append(1, '\0').append(fields.Raw(i)).append(1, '\0');
  }
  // A digest that cannot be forged: the head manifest may come from the pull request's author.
  std::string hex = Sha256Hex(text).substr(0, 16);
  uint64_t fingerprint = 0;
  std::from_chars(hex.data(), hex.data() + hex.size(), fingerprint, 16);
  return std::max<uint64_t>(fingerprint, 1);
}

uint64_t Project::MacroFingerprint(std::string_view id) const { return Fingerprint(id); }

const std::vector<std::string>& Project::Parents(std::string_view id) const {
  static const std::vector<std::string> kNone;
  const ManifestIndex::Entry* entry = state_->index.FindNode(id);
  if (!entry) return kNone;
  return state_->graph.parents[static_cast<size_t>(entry - state_->index.nodes.data())];
}

const std::vector<std::string>& Project::Children(std::string_view id) const {
  static const std::vector<std::string> kNone;
  const ManifestIndex::Entry* entry = state_->index.FindNode(id);
  if (!entry) return kNone;
  return state_->graph.children[static_cast<size_t>(entry - state_->index.nodes.data())];
}

std::vector<std::string> Project::Downstream(std::string_view id) const {
  std::vector<std::string> reached;
  std::set<std::string, std::less<>> seen{std::string(id)};
  std::vector<std::string> distance{std::string(id)};
  while (!distance.empty()) {
    std::vector<std::string> next;
    for (const std::string& node : distance) {
      for (const std::string& child : Children(node)) {
        if (seen.insert(child).second) next.push_back(child);
      }
    }
    std::sort(next.begin(), next.end());
    reached.insert(reached.end(), next.begin(), next.end());
    distance = std::move(next);
  }
  return reached;
}

const Node* Project::FindRelation(std::string_view relation) const {
  std::call_once(state_->relations_once, [this] { state_->BuildRelations(); });
  std::optional<size_t> found = state_->relations.Find(ParseRelation(relation));
  return found ? Find(state_->index.node_ids[*found]) : nullptr;
}

std::vector<std::string> Project::macro_ids() const { return state_->macro_ids; }

const Macro* Project::FindMacro(std::string_view id) const {
  const ManifestIndex::Entry* entry = state_->index.FindMacro(id);
  if (!entry) return nullptr;
  std::lock_guard lock(state_->mutex);
  std::unique_ptr<Macro>& macro = state_->macros[entry->id];
  if (!macro) macro = std::make_unique<Macro>(BuildMacro(entry->id, state_->FieldsOf(*entry)));
  return macro.get();
}

std::string_view Project::RawField(std::string_view id, std::string_view field) const {
  const ManifestIndex::Entry* entry = state_->FindEntry(id);
  return entry ? state_->FieldsOf(*entry).Raw(field) : std::string_view{};
}

std::vector<std::string> Project::DifferingFields(const Project& a, std::string_view id_a,
                                                  const Project& b, std::string_view id_b) {
  const ManifestIndex::Entry* entry_a = a.state_->FindEntry(id_a);
  const ManifestIndex::Entry* entry_b = b.state_->FindEntry(id_b);
  std::vector<std::string> names;
  if (!entry_a || !entry_b) return names;
  NodeFields fields_a = a.state_->FieldsOf(*entry_a);
  NodeFields fields_b = b.state_->FieldsOf(*entry_b);
  auto differ = [&](std::string_view name) {
    if (!IsRunField(name)) names.emplace_back(name);
  };
  // Both sides list their fields in the same order when the same dbt wrote them.
  bool aligned = fields_a.size() == fields_b.size();
  for (size_t i = 0; aligned && i < fields_a.size(); ++i) {
    aligned = fields_a.Name(i) == fields_b.Name(i);
  }
  if (aligned) {
    for (size_t i = 0; i < fields_a.size(); ++i) {
      if (fields_a.Raw(i) != fields_b.Raw(i)) differ(fields_a.Name(i));
    }
  } else {
    for (size_t i = 0; i < fields_a.size(); ++i) {
      if (fields_a.Raw(i) != fields_b.Raw(fields_a.Name(i))) differ(fields_a.Name(i));
    }
    for (size_t i = 0; i < fields_b.size(); ++i) {
      if (fields_a.Raw(fields_b.Name(i)).empty()) differ(fields_b.Name(i));
    }
  }
  std::sort(names.begin(), names.end());
  return names;
}

const std::vector<std::string>& Project::disabled_ids() const { return state_->disabled_ids; }

}  // namespace layergate::dbt
