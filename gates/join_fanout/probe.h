// The count that decides: how often each key occurs in what a join puts on its right side.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lineage/fanout.h"
#include "warehouse/pool.h"

namespace layergate::join_fanout {

struct KeyCounts {
  long long keys = 0;      // different keys
  long long repeated = 0;  // of them, how many occur more than once
  long long most = 0;      // how often the most frequent one occurs
};

// What can be counted: a relation of the database, a CTE of the query itself, or a subquery.
struct RightSide {
  std::string with;                         // "with a as (...)", or empty
  std::string relation;                     // as it is written behind FROM
  std::vector<std::string> base_relations;  // names that it reads, as in the text
  // A function of the query that does more than compute: then nothing of it is sent. Else empty.
  std::string reaches_out;
};

// nullopt: the joined side is none of them (a function, brackets around other joins).
std::optional<RightSide> RightSideOf(std::string_view query, sql::Dialect dialect,
                                     const lineage::JoinFanout& join);

// Empty when a column's name cannot be written.
std::string ProbeSql(warehouse::Pool& pool, const RightSide& side, const lineage::JoinFanout& join);

std::optional<KeyCounts> ReadCounts(const warehouse::Rows& rows);

}  // namespace layergate::join_fanout
