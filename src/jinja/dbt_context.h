// What dbt offers to a template: ref, source, config, var, this, target, adapter, api, exceptions,
// macros.
//
// One context serves one rendering of one node. Shared parts (the macro index, parsed macros)
// belong to the Library, which is thread-safe.
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
#include "jinja/relation.h"
#include "jinja/render.h"

namespace layergate::jinja {

// The macros of a manifest by package and name, parsed when first used; and nodes by name, for ref.
class Library {
 public:
  explicit Library(const dbt::Project& project);

  // nullptr: no such macro. Throws RenderError when its text does not parse.
  const Template* Macro(std::string_view package, std::string_view name);
  bool HasMacro(std::string_view package, std::string_view name) const;
  bool HasText(std::string_view package, std::string_view name) const;
  bool IsPackage(std::string_view name) const { return packages_.count(std::string(name)) > 0; }
  // dbt's own packages, the most specific adapter first: dbt_redshift, dbt_postgres, dbt.
  const std::vector<std::string>& internal_packages() const { return internal_; }
  const std::set<std::string>& packages() const { return packages_; }
  // What adapter.dispatch puts in front of a name: {"redshift", "postgres", "default"}.
  const std::vector<std::string>& dispatch_prefixes() const { return prefixes_; }
  // Ids of models, seeds and snapshots of that name.
  const std::vector<std::string>& Referable(std::string_view name) const;
  // The target's schema and database as far as the manifest tells them; null when it does not.
  const Value& target_schema();
  const Value& target_database();

 private:
  void InferTarget();
  std::vector<std::string> FindPrefixes(std::string_view adapter) const;

  const dbt::Project& project_;
  std::set<std::string> packages_;
  std::map<std::pair<std::string, std::string>, std::string> macros_;  // (package, name) -> id
  std::map<std::string, std::vector<std::string>, std::less<>> referable_;
  std::vector<std::string> internal_, prefixes_;
  std::once_flag inferred_;
  Value target_schema_, target_database_;
  std::mutex mutex_;  // guards parsed_
  std::map<std::string, std::unique_ptr<Template>> parsed_;
};

// 7 for "1.7.4".
int MinorVersion(std::string_view version);
// The name of the CTE that an ephemeral model becomes.
std::string CteName(const dbt::Project& project, const dbt::Node& ephemeral);

class DbtContext {
 public:
  DbtContext(Library& library, const dbt::Project& project, const dbt::Catalog* catalog,
             const RenderSettings& settings, const dbt::Node& node);

  // The value of a name, or nullopt: the Interpreter's host.
  std::optional<Var> Lookup(Interpreter& interpreter, std::string_view name);
  const Value& config() const { return config_; }
  const std::vector<std::string>& parents() const { return parents_; }
  const std::vector<std::string>& macros() const { return macros_; }
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
  Var Dispatch(const Arguments& arguments);
  std::vector<std::string> SearchPackages(const std::string& space) const;
  std::optional<Var> MacroFrom(const std::string& package, const std::string& name);
  void RefuseOtherPackages(const std::string& name, const std::vector<std::string>& searched,
                           const std::vector<std::string>& variants) const;
  bool VarsAreKnown() const;
  Var ColumnsIn(const Arguments& arguments);
  Var GetRelation(const Arguments& arguments);
  Var MakeRelation(const dbt::Node& node);
  Var Adapter();
  Var Api();
  Var Config();
  Var Target();
  Var Exceptions();
  Var Model();
  const Value* FindVar(std::string_view name) const;
  Value TargetValue(std::string_view key) const;

  Library& library_;
  const dbt::Project& project_;
  const dbt::Catalog* catalog_;
  const RenderSettings& settings_;
  const dbt::Node& node_;
  QuotePolicy quoting_;
  Value config_;
  std::vector<std::string> parents_, macros_;
  std::vector<const dbt::Node*> ephemeral_;
};

}  // namespace layergate::jinja
