// From settings that users give (URL, environment, dbt profile) to a Target.
//
// URLs: postgres://user:password@host:port/dbname?schema=x&sslmode=require, redshift:// the same ·
// duckdb:///abs/path.duckdb · sqlite:///abs/path.db or sqlite:rel.db · mariadb://... ·
// odbc:KEY=value;... (keys from an allow-list per driver; Driver must be a path on the machine or a
// registered name, never below the repository under test). `schema=` and `database=` parameters
// override where models are looked for. The environment: LAYERGATE_BASE_URL and
// LAYERGATE_HEAD_URL, or LAYERGATE_URL for both.
//
// Errors never repeat a URL or a value that could be a secret: only names of parameters.
#pragma once

#include <string>
#include <string_view>

#include "core/result.h"
#include "dbt/profile.h"
#include "warehouse/connection.h"

namespace layergate::warehouse {

// Which libraries may be loaded to reach a database.
struct LoadRules {
  std::string repository_root;  // nothing below it; empty when there is no repository
  std::string duckdb_library;   // libduckdb.so; empty: where the system keeps its libraries
};

Result<Target> TargetFromUrl(std::string_view url, const std::string& name, const LoadRules& rules);
// Every adapter whose database can be reached: by its own protocol, or by an ODBC driver that is
// registered on the machine.
Result<Target> TargetFromProfile(const dbt::Profile& profile, const LoadRules& rules);

}  // namespace layergate::warehouse
