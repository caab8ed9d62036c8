#include "jinja/library.h"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "core/text.h"
#include "dbt/manifest_edit.h"

namespace layergate::jinja {

// An adapter plugin brings the macros of the plugins it builds on, and dispatch falls back to them.
// The manifest shows which are there: dbt-synapse stood on dbt-sqlserver, and stands on dbt-fabric.
std::vector<std::string> Library::FindPrefixes(std::string_view adapter) const {
  std::vector<std::string> prefixes = {std::string(adapter)};
  constexpr std::pair<std::string_view, std::string_view> kParents[] = {
      {"redshift", "postgres"},    {"databricks", "spark"},  {"greenplum", "postgres"},
      {"materialize", "postgres"}, {"sqlserver", "fabric"},  {"synapse", "fabric"},
      {"synapse", "sqlserver"},    {"fabricspark", "spark"}, {"risingwave", "postgres"},
      {"starrocks", "mysql"},      {"hologres", "postgres"}, {"yellowbrick", "postgres"}};
  for (const auto& [child, parent] : kParents) {
    // A manifest that was cut down to the project's own macros shows no plugins at all.
    if (adapter == child && (IsPackage(fmt::format("dbt_{}", parent)) || !IsPackage("dbt")))
      prefixes.emplace_back(parent);
  }
  prefixes.emplace_back("default");
  return prefixes;
}

Library::Library(const dbt::Project& project) : project_(project) {
  for (const std::string& id : project.macro_ids()) {  // macro.<package>.<name>
    size_t dot = id.find('.', 6);
    if (id.compare(0, 6, "macro.") != 0 || dot == std::string::npos) continue;
    std::string package = id.substr(6, dot - 6);
    packages_.insert(package);
    macros_[{std::move(package), id.substr(dot + 1)}] = id;
  }
  for (const std::string& id : project.ids()) {  // model.<package>.<name>[.v1]
    std::vector<std::string_view> parts = Split(id, '.');
    if (parts.size() < 3 || !(parts[0] == "model" || parts[0] == "seed" || parts[0] == "snapshot"))
      continue;
    referable_[std::string(parts[2])].push_back(id);
  }
  prefixes_ = FindPrefixes(project.metadata().adapter_type);
  for (const std::string& prefix : prefixes_) {
    std::string package = "dbt_" + prefix;
    if (packages_.count(package)) internal_.push_back(std::move(package));
  }
  internal_.emplace_back("dbt");
}

// A node without a schema of its own lies in the target's, and one with a custom schema in
// "<target>_<custom>": dbt's default generate_schema_name. A project whose nodes do not all fit
// that has rules of its own, and then the target's schema is not known.
void Library::InferTarget() {
  std::set<std::string> schemas, databases;
  std::vector<std::pair<std::string, std::string>> custom;  // (schema, config.schema)
  for (const std::string& id : project_.ids()) {
    if (id.compare(0, 6, "model.") != 0 && id.compare(0, 5, "seed.") != 0) continue;
    const dbt::Node* node = project_.Find(id);
    if (!node) continue;
    if (node->config["database"].empty()) databases.insert(node->database);
    if (node->config["schema"].empty()) {
      schemas.insert(node->schema);
    } else {
      custom.emplace_back(node->schema, node->config["schema"].AsString());
    }
  }
  if (databases.size() == 1) target_database_ = Value(*databases.begin());
  if (schemas.size() != 1) return;
  const std::string& target = *schemas.begin();
  bool fits = std::all_of(custom.begin(), custom.end(), [&](const auto& pair) {
    return pair.first == fmt::format("{}_{}", target, pair.second);
  });
  if (fits) target_schema_ = Value(target);
}

const Value& Library::target_schema() {
  std::call_once(inferred_, [this] { InferTarget(); });
  return target_schema_;
}

const Value& Library::target_database() {
  std::call_once(inferred_, [this] { InferTarget(); });
  return target_database_;
}

bool Library::HasMacro(std::string_view package, std::string_view name) const {
  return macros_.count({std::string(package), std::string(name)}) > 0;
}

// Published manifests may have the texts of macros cut out.
bool Library::HasText(std::string_view package, std::string_view name) const {
  auto found = macros_.find({std::string(package), std::string(name)});
  const dbt::Macro* macro = found == macros_.end() ? nullptr : project_.FindMacro(found->second);
  return macro && !Trim(macro->macro_sql).empty();
}

const Template* Library::Macro(std::string_view package, std::string_view name) {
  auto found = macros_.find({std::string(package), std::string(name)});
  if (found == macros_.end()) return nullptr;
  std::lock_guard lock(mutex_);
  std::unique_ptr<Template>& parsed = parsed_[found->second];
  if (!parsed) {
    const dbt::Macro* macro = project_.FindMacro(found->second);
    if (!macro) return nullptr;
    auto result = ParseTemplate(macro->macro_sql);
    if (!result)
      throw RenderError{fmt::format("macro {}: {}", found->second, result.error().message), 0};
    parsed = *std::move(result);
  }
  return parsed.get();
}

const std::vector<std::string>& Library::Referable(std::string_view name) const {
  static const std::vector<std::string> kNone;
  auto found = referable_.find(name);
  return found == referable_.end() ? kNone : found->second;
}

const Library::Section& Library::GraphSection(const std::string& section) {
  std::lock_guard lock(mutex_);
  auto known = graph_.find(section);
  if (known == graph_.end()) known = graph_.emplace(section, ReadGraphSection(section)).first;
  return known->second;
}

Library::Section Library::ReadGraphSection(const std::string& section) const {
  dbt::ManifestEdit manifest(project_.text());
  std::vector<std::pair<const char*, std::string>> placed;
  for (const std::string& id : project_.ids()) {
    std::string_view kind = std::string_view(id).substr(0, id.find('.'));
    std::string_view home = kind == "source"           ? "sources"
                            : kind == "exposure"       ? "exposures"
                            : kind == "metric"         ? "metrics"
                            : kind == "semantic_model" ? "semantic_models"
                            : kind == "saved_query"    ? "saved_queries"
                                                       : "nodes";
    if (kind == "unit_test" || kind == "function") continue;
    if (home == section) placed.emplace_back(project_.RawField(id, "unique_id").data(), id);
  }
  std::sort(placed.begin(), placed.end());
  Section entries;
  for (const auto& [place, id] : placed)
    entries.emplace_back(id, std::make_shared<const Value>(manifest.Get(section, id)));
  return entries;
}

// 7 for "1.7.4"; later major versions count as later than any of 1.
int MinorVersion(std::string_view version) {
  std::vector<std::string_view> parts = Split(version, '.');
  int minor = 0;
  if (parts.size() > 1) std::from_chars(parts[1].data(), parts[1].data() + parts[1].size(), minor);
  return parts[0] == "0" ? 0 : parts[0] == "1" ? minor : 99;
}

std::string CteName(const dbt::Project& project, const dbt::Node& ephemeral) {
  // Up to dbt 1.7 the CTE has the model's name, from then on its alias.
  bool use_alias = MinorVersion(project.metadata().dbt_version) >= 8 && !ephemeral.alias.empty();
  return "__dbt__cte__" + (use_alias ? ephemeral.alias : ephemeral.name);
}

std::vector<std::string> Library::referable_names() const {
  std::vector<std::string> names;
  for (const auto& [name, ids] : referable_) names.push_back(name);
  return names;
}

}  // namespace layergate::jinja
