// Which joins of a statement can multiply rows, judged from the text and from known unique keys.
//
// A join cannot multiply the rows of its left side when the right side holds at most one row for
// each combination of the columns it is joined by. That is so when they cover a unique key of it,
// and keys are followed through the text: a declared key, GROUP BY and DISTINCT, row_number() = 1,
// a constant for the rest of a composite key, columns that earlier joins have made equal, the
// branches of a UNION ALL that a constant tells apart. Semi and anti joins, single rows, and an
// outer join of which only the unmatched rows are kept do not multiply either. Of a right join the
// left side is the one that may. Everything else can multiply, and the reason says what is missing.
// What cannot be judged (opaque syntax, an unknown right side) is `kUnknown`, never `kSafe`.
//
// Not followed, hence "can multiply": keys through casts, hashes and other expressions.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "core/source_text.h"
#include "lineage/analyze.h"
#include "sql/dialect.h"

namespace layergate::lineage {

using UniqueKey = std::vector<std::string>;  // column names; compared case-insensitively
struct KnownKey {
  KnownKey(UniqueKey names, bool one_null = false)  // NOLINT: a key is its columns
      : columns(std::move(names)), null_is_a_value(one_null) {}
  UniqueKey columns;
  // Unique tests and constraints let null keys repeat. True for keys of which they do not.
  bool null_is_a_value = false;
};
// The unique keys of a relation (name parts as in SchemaLookup); empty when none is known.
using KeyLookup = std::function<std::vector<KnownKey>(const RelationName&)>;

enum class FanoutRisk : uint8_t { kSafe, kCanMultiply, kUnknown };
std::string_view ToString(FanoutRisk risk);

struct JoinFanout {
  FanoutRisk risk = FanoutRisk::kUnknown;
  std::string where;            // the block, as in RowSetFact
  std::string kind;             // "left", "inner", "cross", ...
  std::string relation;         // the joined (right) side: base relation, CTE or alias
  std::string alias;            // as the text calls it in conditions
  std::vector<std::string> on;  // its columns that the other side determines, folded
  // Conditions on its columns alone, as written: "c.is_current", "p.line = 1".
  std::vector<std::string> only;
  // Other conditions decide too which of its rows match (a range of dates): that its keys repeat
  // does not prove that rows are multiplied.
  bool restricted = false;
  // The rows that it multiplies are reduced again by a row number or DISTINCT ON.
  bool reduced_after = false;
  std::vector<UniqueKey> keys;  // the keys that were considered
  std::string why;              // one sentence
  Span span;                    // the join in the text
};

struct Fanout {
  std::vector<JoinFanout> joins;  // in text order
  // The statement's own keys that follow: names of output columns that are unique together.
  std::vector<UniqueKey> output_keys;
};

// Judges the first query of the text. `schemas` may be empty.
Fanout AnalyzeFanout(std::string_view text, sql::Dialect dialect, const SchemaLookup& schemas,
                     const KeyLookup& keys);

}  // namespace layergate::lineage
