// What counts as "marked as personal data" on a column or a whole node, wherever dbt, a warehouse
// or a catalogue puts such a mark: meta keys (nested, listed, under `config` too), tags, BigQuery
// policy tags, Databricks tags, classifiers, masking policies. Which meta keys and tags mean it is
// the base policy's to say; the places that exist for nothing else always do.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/value.h"
#include "dbt/node.h"
#include "policy/policy.h"

namespace layergate::pii {

// Which words are marks: the base policy's, and what the gate's options add.
struct Matchers : policy::PiiMarks {
  // Globs over dbt's classifiers; by default any classifier is a mark.
  std::vector<std::string> classifiers = {"*"};
  // How strict a mark is, the weakest first: words in its values or tags.
  std::vector<std::string> levels = {"internal", "confidential", "restricted"};

  Matchers(const policy::PiiMarks& marks) : policy::PiiMarks(marks) {}  // NOLINT: these are marks
  // With the options as the policy has them; null leaves the default.
  Matchers(const policy::PiiMarks& marks, const Value& classifiers, const Value& levels);
};

struct Mark {
  int level = -1;                 // index into Matchers::levels; -1: none is named
  std::vector<std::string> what;  // "meta.governance.pii", "tag pii", "policy_tags", for messages
  // What to write beside another column so that it bears the same mark: {"meta": ..., "tags": ...,
  // "policy_tags": ...}.
  Value yaml = Value::MakeObject();

  std::string Describe() const;
};

std::optional<Mark> MarkOf(const dbt::Column& column, const Matchers& marks);
// The node as a whole: its own meta and tags, which is also where folder and source tags arrive.
std::optional<Mark> MarkOf(const dbt::Node& node, const Matchers& marks);

// A properties file's entry that gives `column` of `node` the mark (the node itself when `column`
// is empty). dbt 1.10 and later want meta and tags under `config`.
std::string YamlPatch(const dbt::Node& node, std::string_view column, const Mark& mark,
                      std::string_view dbt_version);

}  // namespace layergate::pii
