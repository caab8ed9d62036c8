// Column lineage of a dbt project: each model's compiled SQL, analysed with the columns that its
// parents really have, in the order of the graph.
//
// Columns of models, snapshots and ephemeral models come from our own analysis of their SQL;
// columns of sources and seeds from the catalog, then from declared columns (complete only under an
// enforced contract). Relations in the SQL are mapped back to unique_ids. Work is on demand and
// kept: asking about one model analyses that model and its ancestors, once.
//
// References the Project and Catalog, which must outlive it. All const members may be called from
// several threads at once.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "dbt/catalog.h"
#include "dbt/project.h"
#include "lineage/column_graph.h"
#include "sql/dialect.h"

namespace layergate::lineage {

// A column of a node of the project.
struct ColumnId {
  std::string node;    // unique_id; or the relation's name when no node stands for it
  std::string column;  // lower case where the dialect folds
  friend auto operator<=>(const ColumnId&, const ColumnId&) = default;
};

// `column` of `node` depends on `source`.
struct Dependency {
  ColumnId source;
  Subtype subtype = Subtype::kIdentity;
  bool masking = false;
  Span span;  // in the SQL of the reading node
};

struct ModelLineage {
  std::string unique_id;
  std::string sql;  // the text that was analysed; spans point into it
  // Why there is no lineage at all: "no compiled SQL", "python model", ...; empty when there is.
  std::string unavailable;
  StatementLineage statement;  // relations are unique_ids where the project has a node for them
};

class ProjectLineage {
 public:
  // Gives the SQL of a node when the manifest has none compiled (the Jinja renderer, in check.cpp).
  // nullopt: not rendered. May be empty. Called from several threads.
  using SqlSource = std::function<std::optional<std::string>(const dbt::Node&)>;

  ProjectLineage(const dbt::Project& project, const dbt::Catalog* catalog, sql::Dialect dialect,
                 SqlSource sql = {});
  ~ProjectLineage();
  ProjectLineage(const ProjectLineage&) = delete;
  ProjectLineage& operator=(const ProjectLineage&) = delete;

  const dbt::Project& project() const;
  sql::Dialect dialect() const;

  // The lineage of a model, snapshot or analysis. Sources and seeds have columns but no statement.
  const ModelLineage& Model(std::string_view unique_id) const;
  // The same as if `models` (unique_ids) were not models of their own but CTEs of what reads them;
  // nullopt when none of them is read or it cannot be told.
  std::optional<ModelLineage> ModelThrough(std::string_view unique_id,
                                           const std::set<std::string>& models) const;
  // The column names of any node, in order; nullopt when they cannot be told.
  std::optional<std::vector<std::string>> Columns(std::string_view unique_id) const;

  // Every column of the project's nodes that `column` of `node` takes its value from, direct edges
  // only, through to the roots (sources, seeds), with the path (upstream first). A path that meets
  // something unknown ends there and is marked.
  struct Origin {
    std::vector<ColumnId> path;  // from the origin to the asked column
    std::vector<Subtype> how;    // how[i]: from path[i] to path[i+1]
    bool masked = false;         // some step on the way masks
    bool certain = true;         // false: a step on the way is not exact
  };
  std::vector<Origin> Origins(const ColumnId& column) const;

  // The columns and nodes that read `column`, transitively, nearest first. `row_set` readers use it
  // only to decide which rows there are.
  struct Reader {
    ColumnId column;     // column empty: the row set of that node
    bool direct = true;  // value impact; false: row-set or conditional impact
    int distance = 1;
    bool certain = true;
  };
  std::vector<Reader> Readers(const ColumnId& column) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace layergate::lineage
