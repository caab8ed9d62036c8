// The project on both sides, as dbt wrote it down; where there is no manifest of the head commit,
// as the base manifest and the commit's files tell it.
#pragma once

#include <memory>
#include <optional>

#include "check/commits.h"
#include "check/request.h"
#include "core/result.h"
#include "dbt/catalog.h"
#include "dbt/project.h"
#include "dbt/run_results.h"
#include "dbt/semantic_manifest.h"
#include "dbt/source_freshness.h"
#include "offline/head_project.h"
#include "policy/policy.h"
#include "sql/dialect.h"

namespace layergate::check {

struct Artifacts {
  std::unique_ptr<dbt::Project> base, head;
  std::optional<dbt::Catalog> base_catalog, head_catalog;
  std::optional<dbt::RunResults> run_results;
  std::optional<dbt::SourceFreshness> sources;
  std::optional<dbt::SemanticManifest> semantic;
  // Set when there is no manifest of the head commit: the head project is put together from the
  // base manifest and the commit's files.
  std::optional<offline::HeadProject> offline;
};

Result<Artifacts> ReadArtifacts(const CheckRequest& request, const Commits& commits,
                                const policy::Policy& policy);

// The dialect of the project's adapter.
sql::Dialect DialectOf(const dbt::Project& project);

}  // namespace layergate::check
