// What a dbt invocation did: run_results.json, v1 to v6 and later additive ones. Owns its values;
// immutable.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"

namespace layergate::dbt {

struct RunResult {
  std::string unique_id;
  std::string status;  // as dbt writes it: success, error, fail, warn, skipped, "partial success",
                       // pass, "runtime error", no-op, reused
  std::string message;
  std::optional<long long> failures;
  std::string compiled_code;
};

struct RunResults {
  std::string path;
  std::string invocation_id, dbt_version, generated_at;
  std::string which;   // the dbt command: "build", "run", "test", "compile", "generate"...
  bool empty = false;  // built with --empty: no rows, by request
  std::string sample;  // built with --sample: what was asked for; else empty
  std::vector<RunResult> results;  // sorted by unique_id

  static Result<RunResults> Load(const std::string& path);
  static Result<RunResults> Parse(std::string_view bytes, const std::string& path);
  const RunResult* Find(std::string_view unique_id) const;
};

}  // namespace layergate::dbt
