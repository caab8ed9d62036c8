// Which joins of a statement can multiply rows, judged from the text and from known unique keys.
//
// A join cannot multiply the rows of its left side when the right side holds at most one row for
// each combination of the columns it is joined by: they cover a unique key of that relation, or the
// right side is grouped by (or distinct over, or reduced by row_number() = 1 to) a subset of them,
// or it is a semi or anti join, or a single row. Everything else can multiply, and the reason says
// what is missing. What cannot be judged (opaque syntax, an unknown right side) is `kUnknown`,
// never `kSafe`.
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
// The unique keys of a relation (name parts as in SchemaLookup); empty when none is known.
using KeyLookup = std::function<std::vector<UniqueKey>(const RelationName&)>;

enum class FanoutRisk : uint8_t { kSafe, kCanMultiply, kUnknown };
std::string_view ToString(FanoutRisk risk);

struct JoinFanout {
  FanoutRisk risk = FanoutRisk::kUnknown;
  std::string where;            // the block, as in RowSetFact
  std::string kind;             // "left", "inner", "cross", ...
  std::string relation;         // the joined (right) side: base relation, CTE or alias
  std::vector<std::string> on;  // columns of the right side that are equated, folded
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
