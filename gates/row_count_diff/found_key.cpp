#include "gates/row_count_diff/found_key.h"

#include <algorithm>
#include <array>

#include "core/text.h"
#include "dbt/catalog.h"
#include "lineage/project_lineage.h"

namespace layergate::row_count_diff {
namespace {

// Fewer rows may be unique by chance.
constexpr long long kEnoughRows = 100;
// Each costs a count(distinct) on both sides.
constexpr size_t kMostCandidates = 4;

// 0: no key by its name; the higher, the more like one.
int LikeKey(const std::string& lower, const std::string& model) {
  constexpr std::array<std::string_view, 8> kEndings = {"_id",   "_key",  "_sk",  "_pk",
                                                        "_uuid", "_guid", "_uid", "_hash"};
  if (lower == "id" || lower == "key" || lower == "uuid" || lower == "guid") return 3;
  for (std::string_view ending : kEndings) {
    if (lower.size() <= ending.size()) continue;
    std::string stem = lower.substr(0, lower.size() - ending.size());
    if (stem + std::string(ending) != lower) continue;
    // order_id in fct_orders, rather than customer_id.
    return model.find(stem) != std::string::npos ? 2 : 1;
  }
  return 0;
}

std::vector<std::string> ColumnsOf(const lineage::ProjectLineage* lineage, const Side& side) {
  if (side.catalog) {
    if (const dbt::CatalogTable* table = side.catalog->Find(side.node->unique_id)) {
      std::vector<std::string> names;
      for (const dbt::CatalogColumn& column : table->columns) names.push_back(column.name);
      return names;
    }
  }
  if (!lineage) return {};
  return lineage->Columns(side.node->unique_id).value_or(std::vector<std::string>());
}

// Columns of both sides that are named like keys, the likeliest first.
std::vector<std::string> Candidates(const Work& work) {
  std::vector<std::string> base = ColumnsOf(work.context.base_lineage(), work.base);
  std::vector<std::string> head = ColumnsOf(work.context.head_lineage(), work.head);
  std::string model = ToLower(work.head.node->name);
  std::vector<std::pair<int, std::string>> found;
  for (const std::string& name : head) {
    bool on_both = std::any_of(base.begin(), base.end(), [&](const std::string& other) {
      return EqualsIgnoreCase(name, other);
    });
    int likeness = on_both ? LikeKey(ToLower(name), model) : 0;
    if (likeness > 0) found.emplace_back(-likeness, name);
  }
  std::stable_sort(found.begin(), found.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<std::string> names;
  for (auto& [unused, name] : found) {
    if (names.size() < kMostCandidates) names.push_back(std::move(name));
  }
  return names;
}

// Whether the SQL of both sides makes rows otherwise; true when it cannot be told.
bool RowSetChanged(const Work& work) {
  const auto* before = work.context.base_lineage();
  const auto* after = work.context.head_lineage();
  if (!before || !after) return true;
  const lineage::ModelLineage& base = before->Model(work.base.node->unique_id);
  const lineage::ModelLineage& head = after->Model(work.head.node->unique_id);
  if (!base.unavailable.empty() || !head.unavailable.empty()) return true;
  return base.statement.row_set != head.statement.row_set ||
         base.statement.relations != head.statement.relations;
}

bool IsAsked(const Work& work, bool new_join) {
  if (!work.has_base() || work.base.counts->rows < kEnoughRows || work.head.counts->rows == 0) {
    return false;
  }
  if (new_join) return true;
  return work.head.counts->rows > work.base.counts->rows && RowSetChanged(work);
}

// A side that counts nothing but rows with a value and different values of the candidates.
Side Probe(const Side& side, const std::vector<std::string>& names) {
  Side probe = side;
  probe.keys.clear();
  probe.measures.clear();
  probe.counts.reset();
  for (const std::string& name : names) {
    probe.measures.push_back({name, ColumnMeasure::Kind::kNulls});
    probe.measures.push_back({name, ColumnMeasure::Kind::kDistinct});
  }
  return probe;
}

// Rows with a value, and different values, of candidate i.
struct Uniqueness {
  long long keyed = 0, distinct = 0;
};
Uniqueness Of(const Side& probe, size_t i) {
  const auto& numbers = probe.counts->measures;
  return {static_cast<long long>(numbers[2 * i].value_or(0)),
          static_cast<long long>(numbers[2 * i + 1].value_or(0))};
}

}  // namespace

void FindKeyByCount(Work& work, bool new_join) {
  if (!IsAsked(work, new_join)) return;
  std::vector<std::string> names = Candidates(work);
  if (names.empty()) return;
  Side base = Probe(work.base, names);
  Side head = Probe(work.head, names);
  Count({&base, &head}, work.context, work.statements);
  if (!base.counts || !head.counts) return;
  std::optional<size_t> repeated;
  for (size_t i = 0; i < names.size(); ++i) {
    Uniqueness before = Of(base, i);
    bool unique = before.keyed == base.counts->rows && before.distinct == base.counts->rows;
    if (!unique) continue;
    Uniqueness after = Of(head, i);
    if (after.keyed == after.distinct) return;
    if (!repeated) repeated = i;
  }
  if (!repeated) return;
  const std::string& name = names[*repeated];
  work.key = Key{{name}, "base's rows", true};
  for (auto& [side, probe] : {std::pair(&work.base, &base), {&work.head, &head}}) {
    side->keys = {ColumnSql(*side, name)};
    Uniqueness counted = Of(*probe, *repeated);
    side->counts->keyed = counted.keyed;
    side->counts->distinct_keys = counted.distinct;
  }
}

}  // namespace layergate::row_count_diff
