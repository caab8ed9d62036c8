// A very small dbt for tests: turns the files of a case into the manifest that dbt would write.
//
// It is a test aid, not the product: it knows models, sources, seeds, tests, metrics, semantic
// models, exposures, saved queries, unit tests, macros, hooks and on-run operations, in the shapes
// of manifest v12, and only as much Jinja as support/mini_jinja.h names. What it does not know is
// an error, so that a case cannot silently mean something else. Real manifests, made by dbt, are
// tested elsewhere.
#pragma once

#include <map>
#include <string>

#include "core/result.h"
#include "core/value.h"

namespace layergate::minidbt {

struct Options {
  std::string adapter = "postgres";  // metadata.adapter_type
  std::string database = "shop";     // empty: relations have no database part (SQLite)
  std::string schema = "analytics";
};

// `files` by path: dbt_project.yml, models/**.sql, models/**.yml, seeds/*.csv, macros/*.sql,
// tests/*.sql. A ref or source that does not exist leaves its model without compiled SQL, which is
// how a manifest looks that was written without compiling.
Result<Value> MakeManifest(const std::map<std::string, std::string>& files, const Options& options);

// RFC 7396: objects merge, null removes, everything else replaces.
Value MergePatch(const Value& target, const Value& patch);

}  // namespace layergate::minidbt
