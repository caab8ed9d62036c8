#include "gates/lineage_diff/impact.h"

#include <algorithm>
#include <set>

#include "core/text.h"
#include "dbt/project.h"
#include "gates/metric_definition_review/semantic.h"

namespace layergate::lineage_diff {
namespace {

using lineage::ColumnId;
using lineage::OutputColumn;
using lineage::ProjectLineage;

void AddOnce(std::vector<std::string>& list, const std::string& id) {
  if (std::find(list.begin(), list.end(), id) == list.end()) list.push_back(id);
}

bool SameCode(const dbt::Node& base, const dbt::Node& head) {
  if (base.raw_code != head.raw_code) return false;
  return !base.compiled_code || !head.compiled_code || *base.compiled_code == *head.compiled_code;
}

// The removed column's way through the base's readers.
class Loss {
 public:
  explicit Loss(const GateContext& context) : context_(context) {}

  // `node` and `column` as the base names them; `head_id` is the node's id at the head.
  void Follow(const ColumnId& column, const std::string& head_id) {
    if (!seen_.insert(column).second) return;
    TestsAndMetrics(column, head_id);
    for (const ProjectLineage::Reader& reader : context_.base_lineage()->Readers(column)) {
      if (reader.distance != 1) continue;
      const dbt::Node* before = context_.base().Find(reader.column.node);
      const dbt::Node* now = context_.head().Find(reader.column.node);
      if (!before || !now || now->unique_id == head_id) continue;
      if (!SameCode(*before, *now)) {
        if (StillNames(*now, head_id, column.column)) AddOnce(impact_.breaks, now->unique_id);
      } else if (ByStar(reader.column)) {
        AddOnce(impact_.values, now->unique_id);
        Follow(reader.column, now->unique_id);
      } else {
        AddOnce(impact_.breaks, now->unique_id);
      }
    }
  }
  Impact Take() { return std::move(impact_); }

 private:
  // Came along with `select *`: nobody wrote the name there.
  bool ByStar(const ColumnId& reader) const {
    if (reader.column.empty()) return false;
    const OutputColumn* output =
        context_.base_lineage()->Model(reader.node).statement.Find(reader.column);
    return output && output->expression.empty();
  }

  // A reader that this pull request changes too: does its new SQL still use the name?
  bool StillNames(const dbt::Node& reader, const std::string& id, const std::string& column) const {
    const lineage::ModelLineage& lineage = context_.head_lineage()->Model(reader.unique_id);
    auto is_it = [&](const lineage::Edge& edge) {
      return edge.relation == id && EqualsIgnoreCase(edge.column, column);
    };
    const lineage::StatementLineage& statement = lineage.statement;
    if (std::any_of(statement.dataset.begin(), statement.dataset.end(), is_it)) return true;
    for (const OutputColumn& output : statement.columns) {
      if (std::any_of(output.direct.begin(), output.direct.end(), is_it) ||
          std::any_of(output.indirect.begin(), output.indirect.end(), is_it)) {
        return true;
      }
    }
    return std::any_of(statement.diagnostics.begin(), statement.diagnostics.end(),
                       [&](const lineage::Diagnostic& diagnostic) {
                         return diagnostic.code == "unresolved_column" &&
                                semantic::Mentions(Slice(lineage.sql, diagnostic.span), column);
                       });
  }

  void TestsAndMetrics(const ColumnId& column, const std::string& head_id) {
    for (const std::string& id : context_.head().Children(head_id)) {
      const dbt::Node* child = context_.head().Find(id);
      if (!child) continue;
      bool tests = child->resource_type == "test" && child->attached_node == head_id &&
                   EqualsIgnoreCase(child->column_name, column.column);
      if (tests || !semantic::ReadersIn(*child, column.column).empty()) {
        AddOnce(impact_.breaks, id);
      }
    }
  }

  const GateContext& context_;
  std::set<ColumnId> seen_;
  Impact impact_;
};

// Exposures, semantic models and metrics read no columns that lineage sees; they hang on nodes.
void AddConsumers(const GateContext& context, const std::string& node, std::string_view column,
                  Impact& impact) {
  const dbt::Project& head = context.head();
  for (const std::string& id : head.Children(node)) {
    const dbt::Node* child = head.Find(id);
    if (!child) continue;
    if (child->resource_type == "exposure") AddOnce(impact.values, id);
    if (child->resource_type != "metric" && child->resource_type != "semantic_model") continue;
    for (const semantic::Part& part : semantic::ReadersIn(*child, column)) {
      AddOnce(impact.values, id);
      for (const std::string& metric : semantic::MetricsReading(head, *child, part)) {
        AddOnce(impact.values, metric);
        for (const std::string& above : head.Downstream(metric)) AddOnce(impact.values, above);
      }
    }
  }
}

void Without(std::vector<std::string>& list, const std::vector<std::string>& others) {
  list.erase(std::remove_if(list.begin(), list.end(),
                            [&](const std::string& id) {
                              return std::find(others.begin(), others.end(), id) != others.end();
                            }),
             list.end());
}

}  // namespace

std::vector<std::string> Impact::All() const {
  std::vector<std::string> all = breaks;
  for (const std::string& id : values) AddOnce(all, id);
  for (const std::string& id : rows) AddOnce(all, id);
  return all;
}

Impact OfRemovedColumn(const GateContext& context, std::string_view column) {
  Loss loss(context);
  loss.Follow(
      {context.base_node()->unique_id, std::string(column)},
      context.head_node() ? context.head_node()->unique_id : context.base_node()->unique_id);
  return loss.Take();
}

Impact OfChangedColumn(const GateContext& context, std::string_view column) {
  Impact impact;
  const std::string& subject = context.head_node()->unique_id;
  AddConsumers(context, subject, column, impact);
  for (const ProjectLineage::Reader& reader :
       context.head_lineage()->Readers({subject, std::string(column)})) {
    bool value = reader.direct && !reader.column.column.empty();
    AddOnce(value ? impact.values : impact.rows, reader.column.node);
    if (value) AddConsumers(context, reader.column.node, reader.column.column, impact);
  }
  Without(impact.rows, impact.values);
  return impact;
}

Impact OfChangedRows(const GateContext& context) {
  Impact impact;
  for (const std::string& id : context.head().Downstream(context.head_node()->unique_id)) {
    // By the id alone: a hub has thousands of readers, and none of them needs to be read for this.
    if (id.rfind("test.", 0) == 0 || id.rfind("unit_test.", 0) == 0) continue;
    impact.rows.push_back(id);
  }
  return impact;
}

}  // namespace layergate::lineage_diff
