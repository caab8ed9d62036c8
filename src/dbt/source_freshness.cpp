#include "dbt/source_freshness.h"

#include <algorithm>

#include <fmt/format.h>

#include "core/file.h"
#include "dbt/json_text.h"

namespace layergate::dbt {
namespace {

constexpr std::string_view kRemedy =
    "Run `dbt source freshness` again: the file is not as dbt writes it.";

FreshnessResult BuildResult(const Value& json) {
  FreshnessResult result;
  result.unique_id = json["unique_id"].AsString();
  result.status = json["status"].AsString();
  result.max_loaded_at = json["max_loaded_at"].AsString();
  const Value& age = json["max_loaded_at_time_ago_in_s"];
  if (age.is_number()) result.age_seconds = age.AsDouble();
  const Value& error = json["error"];
  result.error = error.is_number() ? WriteJson(error) : std::string(error.AsString());
  return result;
}

}  // namespace

Result<SourceFreshness> SourceFreshness::Load(const std::string& path) {
  LAYERGATE_TRY(std::string bytes, ReadFile(path));
  return Parse(bytes, path);
}

Result<SourceFreshness> SourceFreshness::Parse(std::string_view bytes, const std::string& path) {
  LAYERGATE_TRY(Value json, ParseJsonDocument(bytes, path));
  const Value& metadata = json["metadata"];
  std::string_view address_text = metadata["dbt_schema_version"].AsString();
  SchemaAddress address = ParseSchemaAddress(address_text);
  if (address.what != "sources") {
    return WrongArtifact(path, "sources", address, !address_text.empty());
  }
  if (!json["results"].is_array()) {
    return MakeError(fmt::format("{}: \"results\" is not a list", path), std::string(kRemedy));
  }
  SourceFreshness freshness;
  freshness.path = path;
  freshness.invocation_id = metadata["invocation_id"].AsString();
  freshness.dbt_version = metadata["dbt_version"].AsString();
  freshness.generated_at = metadata["generated_at"].AsString();
  for (const Value& item : json["results"].items()) {
    freshness.results.push_back(BuildResult(item));
    if (freshness.results.back().unique_id.empty() || freshness.results.back().status.empty()) {
      return MakeError(fmt::format("{}: result {} has no unique_id or no status", path,
                                   freshness.results.size()),
                       std::string(kRemedy));
    }
  }
  auto by_id = [](const FreshnessResult& a, const FreshnessResult& b) {
    return a.unique_id < b.unique_id;
  };
  std::sort(freshness.results.begin(), freshness.results.end(), by_id);
  return freshness;
}

const FreshnessResult* SourceFreshness::Find(std::string_view unique_id) const {
  auto found = std::lower_bound(
      results.begin(), results.end(), unique_id,
      [](const FreshnessResult& result, std::string_view id) { return result.unique_id < id; });
  return found == results.end() || found->unique_id != unique_id ? nullptr : &*found;
}

}  // namespace layergate::dbt
