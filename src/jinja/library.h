// What all renderings of one manifest share: its macros by package and name, parsed when first
// used, its nodes by name, and what it tells about the target. Thread-safe.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "dbt/project.h"
#include "jinja/ast.h"

namespace layergate::jinja {

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
  std::vector<std::string> referable_names() const;
  // The nodes of one section of the manifest, in its order, as they stand there.
  using Section = std::vector<std::pair<std::string, std::shared_ptr<const Value>>>;
  const Section& GraphSection(const std::string& section);
  // The target's schema and database as far as the manifest tells them; null when it does not.
  const Value& target_schema();
  const Value& target_database();

 private:
  void InferTarget();
  Section ReadGraphSection(const std::string& section) const;
  std::vector<std::string> FindPrefixes(std::string_view adapter) const;

  const dbt::Project& project_;
  std::set<std::string> packages_;
  std::map<std::pair<std::string, std::string>, std::string> macros_;  // (package, name) -> id
  std::map<std::string, std::vector<std::string>, std::less<>> referable_;
  std::vector<std::string> internal_, prefixes_;
  std::once_flag inferred_;
  Value target_schema_, target_database_;
  std::mutex mutex_;  // guards parsed_ and graph_
  std::map<std::string, Section> graph_;
  std::map<std::string, std::unique_ptr<Template>> parsed_;
};

// 7 for "1.7.4".
int MinorVersion(std::string_view version);
// The name of the CTE that an ephemeral model becomes.
std::string CteName(const dbt::Project& project, const dbt::Node& ephemeral);

}  // namespace layergate::jinja
