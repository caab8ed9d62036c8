// How names compare in each dialect, and which aliases of a SELECT list can be seen from where.
//
// Facts of the dialects, one row each; the analyser asks here and nowhere else. Sources:
// docs/dialects.md.
//
// Names have two forms. The key is what comparing uses: two names are the same when their keys are
// equal. The shown form is what lineage prints: folded to lower case where the dialect folds
// unquoted names (whichever way), as written where it does not.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "sql/dialect.h"

namespace layergate::lineage {

struct NameRules {
  enum class Compare : uint8_t {
    kFoldUnquoted,  // unquoted names fold, quoted ones are exact (upper: Snowflake; lower:
                    // Postgres)
    kInsensitive,   // case never matters
    kSensitive,     // case always matters
  };
  enum class Visibility : uint8_t { kNone, kLeftToRight, kAnywhere };

  Compare compare = Compare::kInsensitive;
  bool folds_to_upper = false;       // kFoldUnquoted only
  bool keeps_case_of_output = true;  // output names show the case that the text has

  Visibility select_alias = Visibility::kNone;  // aliases inside later items of the SELECT list
  bool alias_in_where = false;
  bool alias_in_join = false;
  bool alias_in_group_by = false;
  bool alias_in_having = false;
  bool alias_in_qualify = false;
  bool alias_wins = false;  // over a FROM column of the same name (ClickHouse)
  bool alias_wins_after_grouping =
      false;  // the same in HAVING, QUALIFY and ORDER BY only (BigQuery)
  bool having_sees_grouped_only = false;  // an alias in HAVING wins over a column not grouped by
  bool group_by_alias_first = false;      // a bare name in GROUP BY
  bool order_by_alias_in_expressions = false;
  bool unresolvable_quoted_is_string = false;  // SQLite's "x"
  bool stored_names_are_unlike = false;        // a, a of a query are a, a_1 of a relation (DuckDB)
};

const NameRules& RulesOf(sql::Dialect dialect);

// The key of a name. ASCII folding only.
std::string NameKey(const NameRules& rules, std::string_view name, bool quoted);
// What lineage prints for a base column or relation part.
std::string ShownName(const NameRules& rules, std::string_view name, bool quoted);
// What lineage prints for an output column.
std::string ShownOutput(const NameRules& rules, std::string_view name, bool quoted);

// Numbers names that occur more than once: a, a_1, a_2. "*" stays. True when one was changed.
bool MakeUnlike(const NameRules& rules, std::vector<std::string>& names);

}  // namespace layergate::lineage
