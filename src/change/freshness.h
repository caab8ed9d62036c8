// Does a manifest belong to a commit?
//
// A manifest is evidence only for the commit it was made from. For every file that a judgement
// rests on, what dbt stored must be what the commit has: the text of models, tests, snapshots,
// functions and macros, the checksum of seeds, and what YAML files say of columns, tests and
// metrics as far as it is plain text. Files that disagree are named, and nothing that follows can
// be trusted. dbt strips or collapses white space in ways that differ by version, so texts are
// compared with all runs of white space made one space.
//
// Looks only at the files it is given: cost follows the change.
#pragma once

#include <string>
#include <vector>

#include "core/result.h"
#include "dbt/project.h"
#include "git/repository.h"

namespace layergate::change {

struct StaleFile {
  std::string path;  // relative to the repository root
  std::string
      unique_id;    // the node whose text disagrees; empty when the manifest has none for the file
  std::string why;  // one sentence
};

// `paths` are relative to the repository root; files outside `project_prefix` that are of no local
// package of it, files that dbt does not read, and files that do not exist at `commit` and have no
// node are passed over. `node_ids` are nodes whose files are checked too. Errors: the repository
// cannot be read.
Result<std::vector<StaleFile>> FindStaleFiles(const dbt::Project& project,
                                              const git::Repository& repository,
                                              const std::string& commit,
                                              const std::string& project_prefix,
                                              const std::vector<std::string>& paths,
                                              const std::vector<std::string>& node_ids);

}  // namespace layergate::change
