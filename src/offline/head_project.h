// The head project without dbt: the base manifest with the files of the head commit put into it.
//
// For a pre-push hook, where production's manifest is at hand and nobody has run dbt. Changed SQL
// is rendered by us, changed YAML is carried over entry by entry, macros, seeds and snapshots by
// their blocks, and configs from config(), YAML and dbt_project.yml. A model is rendered only when
// its base version renders to what dbt compiled. Whatever cannot be told this way is listed with
// the reason and is never guessed: it keeps a verdict from passing. Rules: docs/render.md.
#pragma once

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "core/result.h"
#include "dbt/catalog.h"
#include "dbt/project.h"
#include "git/repository.h"
#include "jinja/render.h"
#include "offline/draft.h"

namespace layergate::offline {

struct HeadRequest {
  const dbt::Project& base;
  const dbt::Catalog* base_catalog = nullptr;  // for macros that ask for columns
  const git::Repository& repository;
  std::string base_commit, head_commit;
  std::string prefix;       // folder of dbt_project.yml in the repository: "" or "dbt/"
  std::string base_prefix;  // the same at the base commit: another one when the project moved
  std::vector<git::FileChange> files;
  // target, allowed environment variables, vars of the command line. The project's own vars are
  // read from dbt_project.yml at each commit.
  jinja::RenderSettings settings;
};

struct HeadProject {
  std::unique_ptr<dbt::Project> project;
  std::vector<UnknownPart> unknown;
  std::vector<std::string> notes;
  std::set<std::string> rendered;  // nodes whose SQL this program rendered
};

// Errors: a commit or the project file cannot be read, or the base manifest is another project's.
Result<HeadProject> BuildHeadProject(const HeadRequest& request);

}  // namespace layergate::offline
