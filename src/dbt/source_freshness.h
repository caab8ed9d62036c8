// How fresh the sources' data was: sources.json of `dbt source freshness`, v1 to v3 and later
// additive ones. Owns its values; immutable.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"

namespace layergate::dbt {

struct FreshnessResult {
  std::string unique_id;
  std::string status;                 // as dbt writes it: pass, warn, error, "runtime error"
  std::string max_loaded_at;          // empty when dbt could not ask
  std::optional<double> age_seconds;  // of the newest row, when dbt asked
  std::string error;                  // of a runtime error
};

struct SourceFreshness {
  std::string path;
  std::string invocation_id, dbt_version, generated_at;
  std::vector<FreshnessResult> results;  // sorted by unique_id

  static Result<SourceFreshness> Load(const std::string& path);
  static Result<SourceFreshness> Parse(std::string_view bytes, const std::string& path);
  const FreshnessResult* Find(std::string_view unique_id) const;
};

}  // namespace layergate::dbt
