// Where everything lies in a manifest: one pass over the bytes, no values read.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "dbt/manifest_fields.h"

namespace layergate::dbt {

// The sections whose entries are nodes, then macros and disabled.
enum class Section : uint8_t {
  kNodes,
  kSources,
  kExposures,
  kMetrics,
  kSemanticModels,
  kSavedQueries,
  kUnitTests,
  kFunctions,
  kMacros,
  kDisabled,
  kMetadata,
  kOther,    // known, and not needed: docs, parent_map, selectors...
  kUnknown,  // not known to this program
};
std::string_view SectionName(Section section);

struct ManifestIndex {
  struct Entry {
    std::string id;
    uint32_t key_begin = 0;  // where the id stands, for messages
    uint32_t first_field = 0, field_count = 0;
    Section section = Section::kOther;
  };

  std::vector<std::string> keys;          // names that fields have
  std::vector<FieldSlice> fields;         // of all entries, entry by entry
  std::vector<Entry> nodes, macros;       // sorted by id
  std::vector<std::string> node_ids;      // of nodes, same order
  std::vector<std::string> disabled_ids;  // sorted
  std::string_view metadata;  // text of the member "metadata"; a view of the manifest's text
  std::vector<std::string> unknown_sections;
  bool has_project_configuration = false;  // a mark of semantic_manifest.json
  bool walked = false;                     // the text is JSON from end to end

  const Entry* FindNode(std::string_view id) const;
  const Entry* FindMacro(std::string_view id) const;
};

// Fills `index`. Errors begin with "path:line:column: "; on an error with index.walked the text is
// JSON, and metadata has been found if there is any.
Result<void> IndexManifest(std::string_view text, const std::string& path, ManifestIndex& index);

}  // namespace layergate::dbt
