// From settings that users give (URL, environment, dbt profile) to a Target.
//
// URLs: postgres://user:password@host:port/dbname?schema=x&sslmode=require · sqlite:///abs/path.db
// or sqlite:rel.db · odbc:KEY=value;... (keys from an allow-list per driver; Driver must be a path
// on the machine or a registered name, never below the repository under test). `schema=` and
// `database=` parameters override where models are looked for. The environment: LAYERGATE_BASE_URL
// and LAYERGATE_HEAD_URL, or LAYERGATE_URL for both.
#pragma once

#include <string>
#include <string_view>

#include "core/result.h"
#include "dbt/profile.h"
#include "warehouse/connection.h"

namespace layergate::warehouse {

Result<Target> TargetFromUrl(std::string_view url, const std::string& name,
                             const std::string& repository_root);
Result<Target> TargetFromProfile(const dbt::Profile& profile, const std::string& repository_root);

}  // namespace layergate::warehouse
