// What a changed schema YAML does to the manifest: columns, descriptions, configs, tests, sources,
// and the definitions of metrics, semantic models, exposures and the like.
//
// Columns are the YAML's alone and are written anew. Of everything else only what differs between
// the two versions of an entry is carried over, to the place where the manifest has the old value;
// where that place cannot be found, the entry is one that cannot be told.
#pragma once

#include <string>
#include <vector>

#include "core/value.h"
#include "offline/draft.h"
#include "offline/project_file.h"

namespace layergate::offline {

// One entry of a schema file. Sources are one entry a table.
struct SchemaEntry {
  std::string kind;  // "models", "sources", "metrics", ...
  std::string name;  // of sources "source.table"
  std::string path;  // of the file, relative to the project's folder
  Value value;
};

// The entries of a file, appended to `entries`.
void ReadSchemaEntries(const Value& yaml, const std::string& path,
                       std::vector<SchemaEntry>& entries);

// The id of what an entry of that package describes; of a unit test "".
std::string IdOf(const SchemaEntry& entry, const std::string& package);

// What an entry says as configs, under config: and beside it.
Value ConfigsIn(const Value& entry);

// `base` and `head` are the entries of all changed files on either side; an entry that moved from
// one file to another is in both.
void PatchSchemas(Draft& draft, const ProjectFile& project, const std::vector<SchemaEntry>& base,
                  const std::vector<SchemaEntry>& head);

}  // namespace layergate::offline
