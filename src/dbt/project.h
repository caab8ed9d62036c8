// A dbt project as one manifest.json tells it.
//
// Reading is on demand: opening a manifest makes one pass over its bytes that records, per node,
// its id and where it lies, its direct parents and a fingerprint of its text; a `Node` is built
// when somebody asks for it. Cost and memory follow what is asked, not the size of the project.
//
// A Project owns its bytes and every Node it gives out; pointers live as long as it does. All const
// member functions may be called from several threads at once.
//
// Errors: a manifest that is truncated, not JSON, not a dbt manifest, older than v1, that holds the
// same key twice or whose nodes depend on themselves is refused as a whole, with the path, and line
// and column where the reader can tell. Unknown fields and unknown later schema versions are
// accepted, and `warnings()` says so.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "dbt/node.h"

namespace layergate::dbt {

struct ProjectMetadata {
  std::string path;        // the manifest's path as given, for messages
  int schema_version = 0;  // 12 for ".../manifest/v12.json"
  std::string dbt_version;
  bool rust_engine = false;  // dbt 2 and later
  std::string generated_at;
  std::string invocation_id;
  std::string project_name;
  std::string adapter_type;  // "postgres", "snowflake", ...
  bool quote_database = true, quote_schema = true, quote_identifier = true;
};

class Project {
 public:
  // Reads the manifest at `path`.
  static Result<std::unique_ptr<Project>> Load(const std::string& path);
  // The same from bytes that the caller has; `path` is for messages only.
  static Result<std::unique_ptr<Project>> Parse(std::string bytes, const std::string& path);
  ~Project();
  Project(const Project&) = delete;
  Project& operator=(const Project&) = delete;

  const ProjectMetadata& metadata() const;
  // SHA-256 of the manifest's bytes, in hexadecimal; computed at the first call.
  const std::string& Digest() const;
  // The manifest's text.
  std::string_view text() const;
  // What was odd but accepted; sorted by importance as found.
  const std::vector<std::string>& warnings() const;

  // Ids of every node of every kind (nodes, sources, exposures, metrics, semantic models, saved
  // queries, unit tests, functions), sorted. Macros and disabled nodes are not among them.
  const std::vector<std::string>& ids() const;
  bool Contains(std::string_view id) const;
  // The node, or nullptr. Built at the first call, then kept.
  const Node* Find(std::string_view id) const;
  // A fingerprint of the node's JSON text without the fields that change at every dbt run
  // (created_at and the like): equal fingerprints mean equal nodes. 0 when there is no such node.
  uint64_t Fingerprint(std::string_view id) const;

  // Direct parents and children by depends_on (never by ref text); sorted, without duplicates.
  // Empty when the id is unknown.
  const std::vector<std::string>& Parents(std::string_view id) const;
  const std::vector<std::string>& Children(std::string_view id) const;
  // Everything that reads `id`, nearest first (breadth first, ids sorted within a distance). Cycles
  // end.
  std::vector<std::string> Downstream(std::string_view id) const;

  // The node whose relation is `relation` ("database"."schema"."identifier" in any quoting, or
  // fewer parts when that is unambiguous), or nullptr. Compared case-insensitively.
  const Node* FindRelation(std::string_view relation) const;

  std::vector<std::string> macro_ids() const;
  const Macro* FindMacro(std::string_view id) const;
  uint64_t MacroFingerprint(std::string_view id) const;
  // The JSON text of one field of a node or a macro, as the manifest has it; empty when there is
  // none. For readers that compare many nodes and want to build few.
  std::string_view RawField(std::string_view id, std::string_view field) const;
  // Names of the fields whose JSON text differs between a node (or macro) of `a` and one of `b`,
  // fields that only one of them has included; sorted. Fields that say how or when dbt ran are left
  // out.
  static std::vector<std::string> DifferingFields(const Project& a, std::string_view id_a,
                                                  const Project& b, std::string_view id_b);
  // Ids under "disabled", sorted.
  const std::vector<std::string>& disabled_ids() const;

 private:
  struct State;
  explicit Project(std::unique_ptr<State> state);
  static Result<std::unique_ptr<Project>> Read(std::unique_ptr<State> state,
                                               const std::string& path);
  std::unique_ptr<State> state_;
};

}  // namespace layergate::dbt
