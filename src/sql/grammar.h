// What one dialect's grammar does differently, as plain switches that the lexer and the parser ask.
//
// The parser takes the union of all dialects wherever that is unambiguous, so a switch stands here
// only where one text means two things: quoting, comments, what a symbol is, and which words end a
// clause. The default is the common ground.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "sql/dialect.h"
#include "sql/keyword.h"

namespace layergate::sql {

enum class NameFolding : uint8_t {
  kLower,        // unquoted names fold to lower case, quoted ones are exact
  kUpper,        // to upper case
  kInsensitive,  // case never matters
  kExact,        // case always matters
};

// A function with an argument that is a date part or another bare word, not a column.
struct WordArgument {
  std::string_view function;  // lower case; the list is sorted by it
  uint8_t argument;           // from 0
};

// How strongly operators bind, from the loosest on.
enum Power : uint8_t {
  kAnyPower,
  kLoosePower,  // looser than OR: a ? b : c, DuckDB's arrows
  kOrPower,
  kXorPower,
  kAndPower,
  kNotPower,
  kIsPower,
  kBetweenPower,
  kComparePower,
  kLikePower,
  kOtherPower,  // an operator without a place of its own: PostgreSQL's @>
  kBitOrPower,
  kBitXorPower,
  kBitAndPower,
  kShiftPower,
  kConcatPower,
  kSumPower,
  kProductPower,
  kExponentPower,
  kUnaryPower,
  kPathPower,
};

// Which power the operators have whose place differs between dialects. All are left-associative.
struct Powers {
  Power is = kIsPower;
  Power between = kLikePower;
  Power like = kLikePower;     // LIKE and its kin, IN
  Power less = kComparePower;  // < <= > >=
  Power match = kOtherPower;   // a ~ b
  Power concat = kSumPower;
  Power bit_or = kBitOrPower;
  Power bit_xor = kBitXorPower;
  Power bit_and = kBitAndPower;
  Power shift = kShiftPower;
  Power arrow = kPathPower;    // -> and ->>
  Power prefix = kUnaryPower;  // the operand of ~a, @a
  Power bang = kUnaryPower;    // the operand of !a
};

struct Grammar {
  Dialect dialect = Dialect::kAnsi;
  NameFolding folding = NameFolding::kLower;

  // Lexer.
  bool double_quoted_strings = false;  // "x" is a string
  bool backtick_names = false;
  bool bracket_names = false;      // [x] is a name
  bool backslash_escapes = false;  // in every string
  bool triple_quotes = false;
  bool prefixed_raw = false;    // r'..', and b'..' as bytes with escapes
  bool escape_strings = false;  // E'..'
  bool dollar_strings = false;  // $$..$$, $tag$..$tag$
  bool dollar_tags = false;     // the second form
  bool hash_comments = false;
  bool slash_comments = false;  // // ...
  bool nested_comments = false;
  bool dash_needs_space = false;     // -- begins a comment only before white space
  bool executable_comments = false;  // /*! ... */ is code
  bool dollar_in_names = true;
  bool hash_names = false;        // #temp
  bool at_names = false;          // @x and @@x are variables; else @ is an operator
  bool at_stages = false;         // @stage/path in FROM
  bool digit_names = false;       // 1a is a name
  bool free_operators = false;    // any run of operator characters is one operator
  bool brace_parameters = false;  // {name:Type}

  // Expressions.
  bool dollar_columns = false;     // $1 is a column by place
  bool hash_columns = false;       // #1
  bool lambdas = false;            // x -> ...
  bool arrow_is_json_too = false;  // ... but `a -> 'key'` is a look-up
  bool colon_paths = false;        // a:b.c
  bool pipes_are_or = false;       // || is OR
  bool ampersands_are_and = false;
  bool brace_structs = false;      // {'a': 1}
  bool bracket_arrays = true;      // [1, 2]
  bool bang_is_not = false;        // !x
  bool question_operator = false;  // ? ?| ?& are operators
  bool ternary = false;            // a ? b : c
  bool caret_is_power = false;
  bool match_against = false;
  bool adjacent_strings = false;    // 'a' 'b' is one string
  bool typed_strings = false;       // any name may stand before a string: point '(1,2)'
  bool parametric_calls = false;    // f(1)(x)
  bool convert_type_first = false;  // CONVERT(type, x)
  bool struct_constructor = false;  // STRUCT(a AS b) builds named fields
  bool tuple_index = false;         // t.1

  // Queries.
  bool qualify = false;
  bool minus = false;           // MINUS is EXCEPT
  bool top = false;             // SELECT TOP n
  bool from_first = false;      // FROM t SELECT a
  bool alias_equals = false;    // SELECT a = expr
  bool alias_colon = false;     // SELECT a: expr
  bool string_aliases = false;  // SELECT 1 'x', SELECT 1 AS "x" where "" is a string
  bool array_join = false;
  bool lateral_view = false;
  bool super_paths = false;      // FROM t, t.items AS item AT i; UNPIVOT t.object AS value AT name
  bool tail_per_branch = false;  // ORDER BY and LIMIT behind a branch of UNION are that branch's
  bool flat_set_operations = false;   // INTERSECT binds no more strongly than UNION
  bool exclude_clause = false;        // SELECT *, a EXCLUDE (b): behind the whole list
  bool macro_variables = false;       // ${name}
  bool cte_without_as = false;        // WITH t (SELECT 1)
  bool pipes = false;                 // |>
  bool dashed_tables = false;         // FROM my-project.d.t
  bool dotted_quoted_tables = false;  // FROM `p.d.t`
  bool string_tables = false;         // FROM 'file.csv'
  bool sample_clause = false;         // SAMPLE without TABLE
  bool final_modifier = false;        // FROM t FINAL
  bool prewhere = false;
  bool settings = false;  // SETTINGS a = 1, FORMAT x
  bool connect_by = false;
  bool scalar_with = false;  // WITH expr AS name
  bool sort_by = false;      // SORT BY, CLUSTER BY, DISTRIBUTE BY
  bool table_hints = false;  // FROM t WITH (NOLOCK)
  bool for_xml = false;      // FOR XML, FOR JSON, OPTION (...)
  bool index_hints = false;  // USE INDEX (...)
  bool limit_by = false;
  bool global_joins = false;        // GLOBAL ANY LEFT JOIN
  bool newline_statements = false;  // statements need no ';' between them
  bool pivot_statement = false;

  Powers powers;
  std::span<const WordArgument> word_arguments;
};

const Grammar& GrammarOf(Dialect dialect);

// Whether argument `index` of a function of that name is a bare word.
bool IsWordArgument(const Grammar& grammar, std::string_view function, size_t index);

#define LAYERGATE_SQL_DIALECT(name, text) Grammar name##Grammar();
#include "sql/dialects.def"
#undef LAYERGATE_SQL_DIALECT

}  // namespace layergate::sql
