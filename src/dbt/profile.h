// Connection settings from dbt's profiles.yml, found the way dbt finds it.
//
// Security: the file must lie outside the repository under test (a pull request could change it
// otherwise); `Load` refuses one inside. Values are rendered with env_var(name[, default]) and its
// as_number/as_bool filters only; a missing variable without a default is an error that names it.
// Values read from variables named DBT_ENV_SECRET_*, and every password, token and key, are marked
// secret: they are never printed. Source of the rules: dbt's documentation of profiles.yml,
// docs/databases.md.
#pragma once

#include <string>
#include <vector>

#include "core/result.h"
#include "core/value.h"

namespace layergate::dbt {

struct Profile {
  std::string path;
  std::string name;                  // the profile: `profile:` of dbt_project.yml
  std::string target;                // the chosen output
  std::string type;                  // adapter: postgres, snowflake, duckdb, sqlite...
  Value settings;                    // the chosen output, rendered
  std::vector<std::string> secrets;  // values that must never be printed
};

struct ProfileRequest {
  std::string profiles_dir;  // empty: DBT_PROFILES_DIR, then the working directory, then ~/.dbt
  std::string profile_name;  // empty: DBT_PROFILE, else required
  std::string target;        // empty: DBT_TARGET, else the file's `target:`, else "default"
  std::string
      repository_root;  // a profiles.yml below it is refused; empty when there is no repository
};

Result<Profile> LoadProfile(const ProfileRequest& request);

}  // namespace layergate::dbt
