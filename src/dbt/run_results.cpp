#include "dbt/run_results.h"

#include <algorithm>

#include <fmt/format.h>

#include "core/file.h"
#include "dbt/json_text.h"

namespace layergate::dbt {
namespace {

// dbt colours what a unit test prints, and ends its lines as terminals do.
std::string WithoutColours(std::string_view message) {
  std::string plain;
  for (size_t i = 0; i < message.size(); ++i) {
    if (message.substr(i, 2) == "\x1b[") {
      size_t end = message.find_first_not_of("0123456789;", i + 2);
      if (end == std::string_view::npos) break;
      i = end;  // the letter
    } else if (message.substr(i, 2) != "\r\n") {
      plain += message[i];
    }
  }
  return plain;
}

RunResult BuildResult(const Value& json) {
  RunResult result;
  result.unique_id = json["unique_id"].AsString();
  result.status = json["status"].AsString();
  result.message = WithoutColours(json["message"].AsString());
  if (json["failures"].is_int()) result.failures = json["failures"].AsInt();
  result.compiled_code = json["compiled_code"].AsString();
  return result;
}

}  // namespace

Result<RunResults> RunResults::Load(const std::string& path) {
  LAYERGATE_TRY(std::string bytes, ReadFile(path));
  return Parse(bytes, path);
}

Result<RunResults> RunResults::Parse(std::string_view bytes, const std::string& path) {
  LAYERGATE_TRY(Value json, ParseJsonDocument(bytes, path));
  const Value& metadata = json["metadata"];
  std::string_view address_text = metadata["dbt_schema_version"].AsString();
  SchemaAddress address = ParseSchemaAddress(address_text);
  if (address.what != "run-results") {
    return WrongArtifact(path, "run-results", address, !address_text.empty());
  }
  if (!json["results"].is_array()) {
    return MakeError(fmt::format("{}: \"results\" is not a list", path),
                     "Run the dbt command again: the file is not as dbt writes it.");
  }
  RunResults run;
  run.path = path;
  run.invocation_id = metadata["invocation_id"].AsString();
  run.dbt_version = metadata["dbt_version"].AsString();
  run.generated_at = metadata["generated_at"].AsString();
  run.which = json["args"]["which"].AsString();
  run.empty = json["args"]["empty"].AsBool();
  const Value& sample = json["args"]["sample"];
  if (sample.is_string()) run.sample = sample.AsString();
  if (sample.is_object()) run.sample = WriteJson(sample);
  for (const Value& result : json["results"].items()) {
    run.results.push_back(BuildResult(result));
    if (run.results.back().unique_id.empty() || run.results.back().status.empty()) {
      return MakeError(
          fmt::format("{}: result {} has no unique_id or no status", path, run.results.size()),
          "Run the dbt command again: the file is not as dbt writes it.");
    }
  }
  std::stable_sort(
      run.results.begin(), run.results.end(),
      [](const RunResult& a, const RunResult& b) { return a.unique_id < b.unique_id; });
  return run;
}

const RunResult* RunResults::Find(std::string_view unique_id) const {
  auto found = std::lower_bound(
      results.begin(), results.end(), unique_id,
      [](const RunResult& result, std::string_view id) { return result.unique_id < id; });
  return found == results.end() || found->unique_id != unique_id ? nullptr : &*found;
}

}  // namespace layergate::dbt
