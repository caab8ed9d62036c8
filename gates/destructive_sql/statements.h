// Which statements of a SQL text destroy, expose or overwrite something: read from the parsed
// tree, never by searching for words.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/source_text.h"
#include "sql/dialect.h"

namespace layergate::destructive_sql {

enum class Effect : uint8_t {
  kDrop,       // DROP of anything that holds rows or code
  kDropIndex,  // DROP of an index, constraint, default: no rows are lost
  kTruncate,
  kDelete,  // DELETE, and ClickHouse's ALTER TABLE ... DELETE
  kUpdate,
  kMergeDelete,  // MERGE with a THEN DELETE
  kAlterDrop,    // ALTER ... DROP COLUMN, PARTITION, ...
  kOverwrite,    // CREATE OR REPLACE TABLE, INSERT OVERWRITE
  kGrantPublic,
  kRevoke,
  kUnprotect,  // a masking or row access policy is dropped or taken off
  kCall,       // CALL, EXEC: a procedure whose body is not here
  kCopyOut,    // COPY ... TO, COPY INTO @stage, UNLOAD, EXPORT DATA, INTO OUTFILE
};

struct Destructive {
  Effect effect = Effect::kDrop;
  std::string target;     // what it acts on, as written; empty when it could not be seen
  std::string key;        // the statement without layout and comments: equal keys are one statement
  std::string text;       // the statement as written
  bool all_rows = false;  // DELETE or UPDATE without a condition
};

struct Statements {
  std::vector<Destructive> found;  // in text order
  // A destructive word stood where a statement begins, in syntax that is not understood.
  std::string unknown_word, unknown_text;
};

Statements ReadStatements(std::string_view sql, sql::Dialect dialect);

// Whether `word` is one that a destructive statement begins with, in any case.
bool IsDestructiveWord(std::string_view word);

}  // namespace layergate::destructive_sql
