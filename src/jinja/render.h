// SQL without dbt: renders the raw code of a model as dbt would compile it, from the manifest
// alone.
//
// Never a guess. What dbt would have to ask a database, the clock, the environment or Python for is
// "not rendered", with the reason and the place; so is everything that exceeds the budget. ref,
// source, config, var, this, target, is_incremental, adapter.dispatch and the macros of the
// project, of its packages and of dbt itself (all of them are in the manifest) are answered as dbt
// answers them; columns of relations come from the catalog or from the caller. Ephemeral parents
// are put in front as CTEs, as dbt does. Rules: docs/render.md.
//
// A Renderer references the Project and Catalog, which must outlive it; Render may be called from
// several threads.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "core/value.h"
#include "dbt/catalog.h"
#include "dbt/project.h"
#include "jinja/unknown.h"

namespace layergate::jinja {

class CompiledEvidence;

struct RenderSettings {
  // Keys of `target`: name, schema, database, type, ... What is missing here is taken from the
  // manifest where it can be told (type, schema, database); a template that asks for anything else
  // is not rendered.
  Value target;
  // `vars:` of dbt_project.yml. When they are not known at all, a var is answered only if it is set
  // here: its default may not be what the project says.
  Value vars;
  // --vars of the command line: they win over everything.
  Value given_vars;
  bool vars_known = false;
  // `vars:` of each installed package's own dbt_project.yml, by the package's name. A model of a
  // package that is not among them gets no default of a var: the package may set another value.
  std::map<std::string, Value, std::less<>> package_vars;
  // `dispatch:` of dbt_project.yml: [{macro_namespace, search_order}]. Read with the vars.
  Value dispatch;
  // Environment variables that templates may read, with their values; nullopt: known to be unset.
  std::map<std::string, std::optional<std::string>, std::less<>> environment;
  // What is_incremental() says for incremental models.
  bool incremental = false;
  // --full-refresh; is_incremental() is false then, too.
  bool full_refresh = false;
  // Column names and types of a node, for adapter.get_columns_in_relation, when the catalog has
  // none. May be empty.
  std::function<std::optional<std::vector<dbt::CatalogColumn>>(std::string_view unique_id)> columns;
  // Whether the catalog no longer says which columns that node has. May be empty.
  std::function<bool(std::string_view unique_id)> catalog_is_stale;

  // Vars whose values above are not believed: they count as not known.
  std::set<std::string, std::less<>> open_vars;

  // Where vars, the target's name and environment variables that are not given above are learnt
  // from; null: nowhere. See compiled_evidence.h.
  std::shared_ptr<CompiledEvidence> evidence;
  // A model's own compiled code is no evidence for its own text: for measuring.
  bool ignore_own_evidence = false;
  // What is not given leaves marks in the text instead of stopping it: for the evidence.
  bool leave_open = false;
  // What is assumed of it, by the question: see unknown.h.
  Assumptions assumed;
  // No relation is there and none has columns, as when dbt compiles before anything was built.
  bool empty_database = false;
};

struct Rendered {
  bool ok = false;
  std::string sql;
  std::string why;              // not rendered: the reason
  int line = 0, column = 0;     // where in the model's raw code; 0 when it is not in one place
  std::string undecided;        // not rendered: what was asked of a setting that was left open
  int64_t beyond = 0;           // for a number: how much what the text shows is more
  std::string beginning;        // not rendered: the text until then
  bool raised = false;          // not rendered: the template itself raised an error
  bool depends_on_run = false;  // asked whether its table is there, or for --full-refresh
  // What the text asked for until it ended or failed: the arguments of config(), later calls on
  // top; ids of the nodes that ref() and source() gave; of the macros that it called itself.
  Value config;
  std::vector<std::string> parents, macros;
  // What ref() and source() asked for and the manifest does not have: {"orders"}, {"raw",
  // "orders"}.
  std::vector<dbt::Ref> missing_refs;
  std::vector<std::vector<std::string>> missing_sources;
};

// The ways by which dbt may have compiled a model: its table was there, it was not, or
// --full-refresh was given, which comes first where the settings have it.
std::vector<RenderSettings> RunsOf(const RenderSettings& settings);

class Renderer {
 public:
  Renderer(const dbt::Project& project, const dbt::Catalog* catalog, RenderSettings settings);
  ~Renderer();
  Renderer(const Renderer&) = delete;
  Renderer& operator=(const Renderer&) = delete;

  Rendered Render(const dbt::Node& node) const;
  // The same for another text of that node: the file as it is in a commit.
  Rendered RenderText(const dbt::Node& node, const std::string& raw_code) const;
  // The same with other settings, and without evidence.
  Rendered RenderWith(const RenderSettings& settings, const dbt::Node& node,
                      const std::string& raw_code) const;
  const std::string& project_name() const;

 private:
  Rendered FillIn(Rendered result, const dbt::Node& node) const;
  Rendered Decide(RenderSettings open, const dbt::Node& node, const std::string& raw_code,
                  int& tries) const;
  Rendered BothWays(RenderSettings open, const dbt::Node& node, const std::string& raw_code,
                    Rendered undecided, int& tries) const;

  struct State;
  class Rendering;
  std::unique_ptr<State> state_;
};

}  // namespace layergate::jinja
