// What dbt offers to a template: ref, source, config, var, this, target, adapter, api, exceptions,
// macros.
//
// One context serves one rendering of one node; what several share belongs to the Library.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "dbt/catalog.h"
#include "dbt/project.h"
#include "jinja/ast.h"
#include "jinja/interpreter.h"
#include "jinja/library.h"
#include "jinja/relation.h"
#include "jinja/render.h"

namespace layergate::jinja {

class DbtContext {
 public:
  DbtContext(Library& library, const dbt::Project& project, const dbt::Catalog* catalog,
             const RenderSettings& settings, const dbt::Node& node);

  // The value of a name, or nullopt: the Interpreter's host.
  std::optional<Var> Lookup(Interpreter& interpreter, std::string_view name);
  const Value& config() const { return config_; }
  const std::vector<std::string>& parents() const { return parents_; }
  const std::vector<std::string>& macros() const { return macros_; }
  const std::vector<dbt::Ref>& missing_refs() const { return missing_refs_; }
  const std::vector<std::vector<std::string>>& missing_sources() const { return missing_sources_; }
  // Whether the text asked how dbt was run.
  bool depends_on_run() const { return depends_on_run_; }
  // Ephemeral models that ref() met, in the order met.
  const std::vector<const dbt::Node*>& ephemeral() const { return ephemeral_; }

 private:
  std::optional<Var> Builtin(std::string_view name);
  std::optional<Var> MacroByName(std::string_view name);
  std::optional<Var> MacroIn(std::string_view package, std::string_view name);
  Var Package(std::string_view package);
  Var Ref(const Arguments& arguments);
  Var Source(const Arguments& arguments);
  const dbt::Node* FindSource(const std::string& source, const std::string& table) const;
  Var VarOf(Interpreter& interpreter, const Arguments& arguments);
  Var EnvVar(const Arguments& arguments);
  Var UnknownSetting(std::string key, const Var* otherwise) const;
  Var UnknownQuery(const std::string& sql) const;
  Var HasVar(const Arguments& arguments);
  Var RunQuery(const Arguments& arguments);
  Var RunStatement(Interpreter& interpreter, const Arguments& arguments);
  Var LoadResult(const Arguments& arguments);
  Var Dispatch(const Arguments& arguments);
  std::vector<std::string> SearchPackages(const std::string& space) const;
  std::vector<std::string> DispatchPackages(const Arguments& arguments) const;
  std::optional<Var> MacroFrom(const std::string& package, const std::string& name);
  void RefuseOtherPackages(const std::string& name, const std::vector<std::string>& searched,
                           const std::vector<std::string>& variants) const;
  bool IsVarKnown(std::string_view name) const;
  Var ColumnsIn(const Arguments& arguments);
  Var GetRelation(const Arguments& arguments);
  Var MakeRelation(const dbt::Node& node);
  Var Adapter();
  Var Api();
  Var Config();
  Var Target();
  Var Exceptions();
  Var Model();
  Var Graph();
  Var GraphSection(const std::string& section) const;
  const Value* FindVar(std::string_view name) const;
  Value TargetValue(std::string_view key) const;

  Library& library_;
  const dbt::Project& project_;
  const dbt::Catalog* catalog_;
  const RenderSettings& settings_;
  const dbt::Node& node_;
  QuotePolicy quoting_;
  Value config_;
  std::map<std::string, Var> graph_;  // sections of `graph` that were asked for
  std::vector<std::string> parents_, macros_;
  std::vector<dbt::Ref> missing_refs_;
  std::vector<std::vector<std::string>> missing_sources_;
  bool depends_on_run_ = false;
  std::vector<std::string> running_;            // macros, one inside the other
  std::map<std::string, std::string> queries_;  // the SQL of each statement, by its name
  std::vector<const dbt::Node*> ephemeral_;
};

}  // namespace layergate::jinja
