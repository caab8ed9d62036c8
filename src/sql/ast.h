// The tree of one SQL text: one set of nodes for all dialects.
//
// Nodes are immutable, trivially destructible structs in the arena of a ParsedSql (sql/parse.h) and
// live as long as it does. Texts are slices of the parsed text (or of the arena, where an escape
// had to be undone); children are pointers, lists are spans of pointers. Every node has the span of
// the text that it was made from. What kinds there are stands in nodes.def.
//
// Pointers to a node that may be of several kinds are `const Node*`; the aliases Expr, Relation and
// so on only say what to expect. Look at `kind`, or use As<Column>(node), which gives nullptr for
// another kind (and for nullptr). Any of them may be an Opaque: syntax that was not understood.
//
// Syntax that changes what a node gives, but not which columns it is made of, is kept in `details`,
// as it was written: FINAL, AFTER MATCH SKIP, NULL ON ERROR. What changes nothing leaves no trace.
//
// Each struct lists its fields once, in Fields(); walking, dumping and comparing are made from
// that. Chains are flat: `a AND b AND c` is one Binary with three operands, `x UNION ALL y UNION
// ALL z` one SetOperation with three branches, `a JOIN b JOIN c` one Joined with two joins.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "core/source_text.h"

namespace layergate::sql {

enum class Kind : uint8_t {
#define LAYERGATE_SQL_NODE(type, name) k##type,
#include "sql/nodes.def"
#undef LAYERGATE_SQL_NODE
};

std::string_view ToString(Kind kind);  // the name in nodes.def

// No tree is higher than this (a node that would be is Opaque), so walking by recursion is safe.
inline constexpr int kMaxHeight = 2000;

struct Node {
  Kind kind;
  uint16_t height = 1;  // levels of nodes from here down; at most kMaxHeight
  Span span;

 protected:
  explicit constexpr Node(Kind k) : kind(k) {}
};

template <typename T>
const T* As(const Node* node) {
  return node != nullptr && node->kind == T::kKind ? static_cast<const T*>(node) : nullptr;
}

using Expr = Node;      // an expression
using Relation = Node;  // something in FROM: a RelationNode below (see AsRelation)
using Statement = Node;

template <typename T>
using List = std::span<const T* const>;

// A name as written, with quotes removed and escapes undone. Not folded: see sql/names of lineage.
struct Name {
  std::string_view text;
  bool quoted = false;
  Span span;

  bool empty() const { return text.empty() && !quoted; }
};
using Names = std::span<const Name>;

#define LAYERGATE_SQL_KIND(type)               \
  static constexpr Kind kKind = Kind::k##type; \
  constexpr type() : Node(kKind) {}

struct Query;
struct Select;
struct WindowSpec;
struct SelectItem;
struct OrderItem;
struct With;
struct Type;
struct Struct;
struct ColumnDef;
struct Table;
struct Assignment;

// ---- expressions --------------------------------------------------------------------------------

// `a`, `t.a`, `schema.t.a`, `t.a.field`: dotted names only; which part is what is for the resolver.
struct Column : Node {
  LAYERGATE_SQL_KIND(Column)
  Names parts;
  bool outer_join_mark = false;  // Oracle-style `a(+)`
  template <typename V>
  void Fields(V& v) const {
    v("parts", parts);
    v("outer_join_mark", outer_join_mark);
  }
};

// `$1`, `t.$1` (Snowflake), `#1` (DuckDB): a column by its place in FROM, from 1.
struct PositionalColumn : Node {
  LAYERGATE_SQL_KIND(PositionalColumn)
  Names qualifier;
  uint32_t ordinal = 0;
  template <typename V>
  void Fields(V& v) const {
    v("qualifier", qualifier);
    v("ordinal", ordinal);
  }
};

// `*`, `t.*`, `(expr).*`, with its modifiers, which apply in the order: ilike, except, replace,
// rename. In `count(*)` it is the only argument of the call.
struct Star : Node {
  LAYERGATE_SQL_KIND(Star)
  Names qualifier;               // of `t.*`
  const Expr* base = nullptr;    // of `(expr).*`, `f(x)[0].*`
  Names except;                  // EXCEPT / EXCLUDE
  Names except_of;               // the relation of each, where EXCLUDE (t.a) names any; else empty
  List<SelectItem> replace;      // REPLACE (expr AS name)
  List<SelectItem> rename;       // RENAME a AS b: expr is a Column, alias the new name
  const Expr* ilike = nullptr;   // pattern of the names that it stands for
  std::string_view match;        // how: "LIKE", "SIMILAR TO", "GLOB"; empty: ILIKE
  const Expr* escape = nullptr;  // LIKE 'a!_b' ESCAPE '!'
  bool not_matching = false;     // NOT LIKE and its kin
  List<Expr> apply;              // ClickHouse APPLY(f): each column is given to these, in order
  template <typename V>
  void Fields(V& v) const {
    v("qualifier", qualifier);
    v("base", base);
    v("except", except);
    v("except_of", except_of);
    v("replace", replace);
    v("rename", rename);
    v("ilike", ilike);
    v("match", match);
    v("not_matching", not_matching);
    v("escape", escape);
    v("apply", apply);
  }
};

// COLUMNS('regex'), COLUMNS(c -> test), COLUMNS(* EXCLUDE (a)), COLUMNS([a, b]), *COLUMNS(...): the
// expression around it is repeated for each column that it selects.
struct ColumnsMacro : Node {
  LAYERGATE_SQL_KIND(ColumnsMacro)
  Names qualifier;
  List<Expr> arguments;
  bool unpacked = false;  // *COLUMNS(...): all columns become arguments of the enclosing call
  Names except;
  List<SelectItem> replace;
  List<Expr> apply;
  template <typename V>
  void Fields(V& v) const {
    v("qualifier", qualifier);
    v("arguments", arguments);
    v("unpacked", unpacked);
    v("except", except);
    v("replace", replace);
    v("apply", apply);
  }
};

struct Literal : Node {
  enum class Form : uint8_t {
    kNumber,
    kString,
    kBytes,  // b'..', x'..', 0xff where it is bytes
    kBoolean,
    kNull,
    kTyped,    // DATE '2024-01-01': `type` is set
    kKeyword,  // a word that is no column: DAY in datediff(DAY, a, b), DEFAULT, CURRENT_DATE is a
               // Call
  };
  LAYERGATE_SQL_KIND(Literal)
  Form form = Form::kNumber;
  std::string_view text;  // strings: content with escapes undone; others: as written
  // kTyped: the type's name as written. kString: "N" where T-SQL's prefix changes what it holds.
  std::string_view type;
  template <typename V>
  void Fields(V& v) const {
    v("form", form);
    v("type", type);
    v("text", text);
  }
};

// `?`, `:name`, `@name`, `$1` where it is a parameter, `%(name)s`, `{name:Type}`, and `{{ ... }}`
// left by a template.
struct Parameter : Node {
  LAYERGATE_SQL_KIND(Parameter)
  std::string_view text;  // as written
  template <typename V>
  void Fields(V& v) const {
    v("text", text);
  }
};

enum class OpClass : uint8_t {
  kAnd,
  kOr,
  kCompare,     // = <> < <= > >= <=>
  kArithmetic,  // + - * / % DIV MOD ^ **
  kConcat,      // ||
  kBitwise,
  kJson,     // -> ->> #> #>> @> ...
  kMatch,    // ~ ~* !~ REGEXP-like operators
  kLogical,  // NOT, XOR
  kAssign,   // := and T-SQL's @v = expr
  kOther,
};

struct Unary : Node {
  LAYERGATE_SQL_KIND(Unary)
  OpClass op_class = OpClass::kOther;
  std::string_view op;  // canonical, upper case: "NOT", "-", "+", "~", "PRIOR", "CONNECT_BY_ROOT"
  const Expr* operand = nullptr;
  template <typename V>
  void Fields(V& v) const {
    v("op", op);
    v("operand", operand);
  }
};

// Two or more operands, left-associative: a - b - c has three.
struct Binary : Node {
  LAYERGATE_SQL_KIND(Binary)
  OpClass op_class = OpClass::kOther;
  std::string_view op;  // canonical, upper case: "AND", "=", "<>" (also for !=), "||"
  List<Expr> operands;
  template <typename V>
  void Fields(V& v) const {
    v("op", op);
    v("operands", operands);
  }
};

// x IS [NOT] NULL / TRUE / FALSE / UNKNOWN / JSON / DISTINCT FROM y; also ISNULL, NOTNULL and
// SQLite's `x IS y`.
struct IsTest : Node {
  LAYERGATE_SQL_KIND(IsTest)
  const Expr* operand = nullptr;
  std::string_view test;  // canonical: "NULL", "TRUE", "DISTINCT FROM", "OF", "" for SQLite's IS y
  const Expr* other = nullptr;
  bool negated = false;
  template <typename V>
  void Fields(V& v) const {
    v("negated", negated);
    v("test", test);
    v("operand", operand);
    v("other", other);
  }
};

struct Between : Node {
  LAYERGATE_SQL_KIND(Between)
  const Expr* operand = nullptr;
  const Expr* low = nullptr;
  const Expr* high = nullptr;
  bool negated = false;
  bool symmetric = false;
  template <typename V>
  void Fields(V& v) const {
    v("negated", negated);
    v("symmetric", symmetric);
    v("operand", operand);
    v("low", low);
    v("high", high);
  }
};

// x IN (1, 2), x IN (SELECT ...), x IN UNNEST(a), x IN list_column, x IN table (ClickHouse).
struct In : Node {
  LAYERGATE_SQL_KIND(In)
  const Expr* operand = nullptr;
  List<Expr> list;               // of the parenthesised form
  const Node* query = nullptr;   // Query
  const Expr* source = nullptr;  // of the bare form: Call unnest(...), Column, ...
  bool negated = false;
  template <typename V>
  void Fields(V& v) const {
    v("negated", negated);
    v("operand", operand);
    v("list", list);
    v("query", query);
    v("source", source);
  }
};

struct Like : Node {
  LAYERGATE_SQL_KIND(Like)
  std::string_view op;  // "LIKE", "ILIKE", "RLIKE", "REGEXP", "SIMILAR TO", "GLOB", "MATCH"
  const Expr* operand = nullptr;
  std::string_view quantifier;  // "ANY", "ALL" or empty; then pattern is a Row, Subquery or array
  const Expr* pattern = nullptr;
  const Expr* escape = nullptr;
  bool negated = false;
  template <typename V>
  void Fields(V& v) const {
    v("op", op);
    v("negated", negated);
    v("quantifier", quantifier);
    v("operand", operand);
    v("pattern", pattern);
    v("escape", escape);
  }
};

// x = ANY (SELECT ...), x > ALL (array).
struct Quantified : Node {
  LAYERGATE_SQL_KIND(Quantified)
  std::string_view op;
  std::string_view quantifier;  // "ANY" (also for SOME), "ALL"
  const Expr* operand = nullptr;
  const Node* query = nullptr;  // Query, or
  const Expr* array = nullptr;
  template <typename V>
  void Fields(V& v) const {
    v("op", op);
    v("quantifier", quantifier);
    v("operand", operand);
    v("query", query);
    v("array", array);
  }
};

struct Exists : Node {
  LAYERGATE_SQL_KIND(Exists)
  const Node* query = nullptr;
  template <typename V>
  void Fields(V& v) const {
    v("query", query);
  }
};

struct Subquery : Node {
  enum class Form : uint8_t { kScalar, kArray, kMultiset };  // (q), ARRAY(q), MULTISET(q)
  LAYERGATE_SQL_KIND(Subquery)
  Form form = Form::kScalar;
  const Node* query = nullptr;
  template <typename V>
  void Fields(V& v) const {
    v("form", form);
    v("query", query);
  }
};

struct When : Node {
  LAYERGATE_SQL_KIND(When)
  const Expr* test = nullptr;
  const Expr* result = nullptr;
  template <typename V>
  void Fields(V& v) const {
    v("test", test);
    v("result", result);
  }
};

struct Case : Node {
  LAYERGATE_SQL_KIND(Case)
  const Expr* operand = nullptr;  // of CASE x WHEN ...
  List<When> whens;
  const Expr* otherwise = nullptr;
  template <typename V>
  void Fields(V& v) const {
    v("operand", operand);
    v("whens", whens);
    v("otherwise", otherwise);
  }
};

// A type: `numeric(10, 2)`, `array<struct<a int, b string>>`, `int[]`, `Nullable(String)`.
struct Type : Node {
  LAYERGATE_SQL_KIND(Type)
  std::string_view name;      // as written, words joined as in the text ("double precision")
  List<Expr> parameters;      // numbers, enum values
  List<Type> elements;        // of array<t>, map<k, v>, Nullable(t)
  List<ColumnDef> fields;     // of struct<a int>, row(a int)
  uint32_t array_levels = 0;  // int[][] has 2
  template <typename V>
  void Fields(V& v) const {
    v("name", name);
    v("parameters", parameters);
    v("elements", elements);
    v("fields", fields);
    v("array_levels", array_levels);
  }
};

// CAST, TRY_CAST, SAFE_CAST, x::type, CONVERT(type, x).
struct Cast : Node {
  LAYERGATE_SQL_KIND(Cast)
  const Expr* operand = nullptr;
  const Type* type = nullptr;
  bool is_try = false;
  const Expr* format = nullptr;  // FORMAT '...', CONVERT's style
  std::string_view details;      // RENAME FIELDS, ON CONVERSION ERROR
  template <typename V>
  void Fields(V& v) const {
    v("try", is_try);
    v("operand", operand);
    v("type", type);
    v("format", format);
    v("details", details);
  }
};

// A function call, with everything that may stand in or behind its parentheses. Functions without
// parentheses (CURRENT_DATE) are calls too. Syntax such as TRIM(BOTH a FROM b), POSITION(a IN b),
// SUBSTRING(a FROM 1 FOR 2) is a call whose arguments are the values in the text's order.
struct Call : Node {
  enum class Nulls : uint8_t { kDefault, kIgnore, kRespect };
  LAYERGATE_SQL_KIND(Call)
  Names name;
  List<Expr> parameters;  // ClickHouse: quantile(0.9)(x): the 0.9
  List<Expr> arguments;   // may hold Star, NamedArgument, Lambda, Subquery, Table (T-SQL)
  bool no_parentheses = false;
  bool distinct = false;
  Nulls nulls = Nulls::kDefault;
  List<OrderItem> order_by;            // inside the parentheses
  const Expr* limit = nullptr;         // BigQuery array_agg(x LIMIT 1)
  const Expr* having_bound = nullptr;  // BigQuery any_value(x HAVING MAX y): the y
  const Expr* separator = nullptr;     // MySQL GROUP_CONCAT(... SEPARATOR ','), ON OVERFLOW ...
  List<OrderItem> within_group;        // WITHIN GROUP (ORDER BY ...)
  const Expr* filter = nullptr;        // FILTER (WHERE ...)
  const WindowSpec* over = nullptr;    // OVER (...) or OVER w
  std::string_view details;            // RETURNING int NULL ON ERROR, IN BOOLEAN MODE
  template <typename V>
  void Fields(V& v) const {
    v("name", name);
    v("parameters", parameters);
    v("distinct", distinct);
    v("arguments", arguments);
    v("nulls", nulls);
    v("order_by", order_by);
    v("limit", limit);
    v("having_bound", having_bound);
    v("separator", separator);
    v("within_group", within_group);
    v("filter", filter);
    v("over", over);
    v("details", details);
  }
};

// f(name => value), f(name := value), and `key: value`, `KEY k VALUE v` of JSON_OBJECT (then
// `key`).
struct NamedArgument : Node {
  LAYERGATE_SQL_KIND(NamedArgument)
  Name name;
  const Expr* key = nullptr;
  const Expr* value = nullptr;
  template <typename V>
  void Fields(V& v) const {
    v("name", name);
    v("key", key);
    v("value", value);
  }
};

struct Lambda : Node {
  LAYERGATE_SQL_KIND(Lambda)
  Names parameters;  // they hide columns inside the body
  const Expr* body = nullptr;
  template <typename V>
  void Fields(V& v) const {
    v("parameters", parameters);
    v("body", body);
  }
};

// (a, b), ROW(a, b), TUPLE. Never a redundant parenthesis: those leave no node.
struct Row : Node {
  LAYERGATE_SQL_KIND(Row)
  List<Expr> items;
  template <typename V>
  void Fields(V& v) const {
    v("items", items);
  }
};

// [a, b], ARRAY[a, b], ARRAY<t>[...]. The function forms array(a, b) and list_value(a) are calls.
struct Array : Node {
  LAYERGATE_SQL_KIND(Array)
  const Type* type = nullptr;
  List<Expr> items;
  template <typename V>
  void Fields(V& v) const {
    v("type", type);
    v("items", items);
  }
};

struct StructField : Node {
  LAYERGATE_SQL_KIND(StructField)
  Name name;  // empty: taken from the expression where it is a column
  const Expr* value = nullptr;
  template <typename V>
  void Fields(V& v) const {
    v("name", name);
    v("value", value);
  }
};

// STRUCT(a AS x, b), {'x': a} (DuckDB, Snowflake), named by STRUCT<x int>(...) too.
struct Struct : Node {
  LAYERGATE_SQL_KIND(Struct)
  const Type* type = nullptr;
  List<StructField> fields;
  template <typename V>
  void Fields(V& v) const {
    v("type", type);
    v("fields", fields);
  }
};

// MAP {k: v}: keys[i] with values[i]. The function forms of map() are calls.
struct Map : Node {
  LAYERGATE_SQL_KIND(Map)
  List<Expr> keys, values;
  template <typename V>
  void Fields(V& v) const {
    v("keys", keys);
    v("values", values);
  }
};

// base.name where base is no plain name, and each step of a JSON path base:name.
struct Field : Node {
  LAYERGATE_SQL_KIND(Field)
  const Expr* base = nullptr;
  Name name;
  bool json = false;  // reached by ':' (and dots after it): a path into a document
  template <typename V>
  void Fields(V& v) const {
    v("json", json);
    v("base", base);
    v("name", name);
  }
};

// base[index], base[low:high(:step)], base[OFFSET(0)] (the index is then a Call).
struct Subscript : Node {
  LAYERGATE_SQL_KIND(Subscript)
  const Expr* base = nullptr;
  const Expr* index = nullptr;  // or the lower bound; may be nullptr in a slice
  bool slice = false;
  const Expr* upper = nullptr;
  const Expr* step = nullptr;
  template <typename V>
  void Fields(V& v) const {
    v("slice", slice);
    v("base", base);
    v("index", index);
    v("upper", upper);
    v("step", step);
  }
};

struct Interval : Node {
  LAYERGATE_SQL_KIND(Interval)
  const Expr* value = nullptr;
  std::string_view unit;  // as written: "day", "year to month", "" when it is in the value
  template <typename V>
  void Fields(V& v) const {
    v("unit", unit);
    v("value", value);
  }
};

struct AtTimeZone : Node {
  LAYERGATE_SQL_KIND(AtTimeZone)
  const Expr* operand = nullptr;
  const Expr* zone = nullptr;  // nullptr: AT LOCAL
  template <typename V>
  void Fields(V& v) const {
    v("operand", operand);
    v("zone", zone);
  }
};

struct Collate : Node {
  LAYERGATE_SQL_KIND(Collate)
  const Expr* operand = nullptr;
  std::string_view collation;
  template <typename V>
  void Fields(V& v) const {
    v("operand", operand);
    v("collation", collation);
  }
};

struct Extract : Node {
  LAYERGATE_SQL_KIND(Extract)
  std::string_view part;  // as written: "year", "week(monday)"
  const Expr* operand = nullptr;
  template <typename V>
  void Fields(V& v) const {
    v("part", part);
    v("operand", operand);
  }
};

// DuckDB: [body FOR x, i IN source IF condition].
struct Comprehension : Node {
  LAYERGATE_SQL_KIND(Comprehension)
  const Expr* body = nullptr;
  Names variables;
  const Expr* source = nullptr;
  const Expr* condition = nullptr;
  template <typename V>
  void Fields(V& v) const {
    v("body", body);
    v("variables", variables);
    v("source", source);
    v("condition", condition);
  }
};

// ---- parts of queries ---------------------------------------------------------------------------

// One item of a SELECT list, and whatever else is "expression AS name".
struct SelectItem : Node {
  LAYERGATE_SQL_KIND(SelectItem)
  const Expr* expr = nullptr;
  Name alias;                 // also of T-SQL `alias = expr`, DuckDB `alias: expr`
  Names aliases;              // Spark: explode(m) AS (k, v)
  std::string_view variable;  // T-SQL `@v = expr`: an assignment, not an output
  template <typename V>
  void Fields(V& v) const {
    v("expr", expr);
    v("alias", alias);
    v("aliases", aliases);
    v("variable", variable);
  }
};

struct OrderItem : Node {
  enum class Direction : uint8_t { kDefault, kAscending, kDescending };
  enum class Nulls : uint8_t { kDefault, kFirst, kLast };
  LAYERGATE_SQL_KIND(OrderItem)
  const Expr* expr = nullptr;
  Direction direction = Direction::kDefault;
  Nulls nulls = Nulls::kDefault;
  List<Expr> fill;           // ClickHouse WITH FILL FROM a TO b STEP c: the values
  std::string_view details;  // the same as it was written
  template <typename V>
  void Fields(V& v) const {
    v("expr", expr);
    v("direction", direction);
    v("nulls", nulls);
    v("fill", fill);
    v("details", details);
  }
};

struct WindowFrame : Node {
  enum class Unit : uint8_t { kRows, kRange, kGroups };
  enum class Bound : uint8_t {
    kUnboundedPreceding,
    kPreceding,
    kCurrentRow,
    kFollowing,
    kUnboundedFollowing
  };
  LAYERGATE_SQL_KIND(WindowFrame)
  Unit unit = Unit::kRows;
  Bound start = Bound::kUnboundedPreceding;
  const Expr* start_value = nullptr;
  Bound end = Bound::kCurrentRow;
  const Expr* end_value = nullptr;
  std::string_view exclude;  // "CURRENT ROW", "GROUP", "TIES", "NO OTHERS" or empty
  template <typename V>
  void Fields(V& v) const {
    v("unit", unit);
    v("start", start);
    v("start_value", start_value);
    v("end", end);
    v("end_value", end_value);
    v("exclude", exclude);
  }
};

struct WindowSpec : Node {
  LAYERGATE_SQL_KIND(WindowSpec)
  Name base;               // the named window that this one is, or extends
  bool reference = false;  // OVER w: nothing but the name
  List<Expr> partition_by;
  List<OrderItem> order_by;
  const WindowFrame* frame = nullptr;
  template <typename V>
  void Fields(V& v) const {
    v("base", base);
    v("reference", reference);
    v("partition_by", partition_by);
    v("order_by", order_by);
    v("frame", frame);
  }
};

struct NamedWindow : Node {
  LAYERGATE_SQL_KIND(NamedWindow)
  Name name;
  const WindowSpec* spec = nullptr;
  template <typename V>
  void Fields(V& v) const {
    v("name", name);
    v("spec", spec);
  }
};

// ROLLUP(...), CUBE(...), GROUPING SETS (...), and each parenthesised set inside the last.
struct GroupingSet : Node {
  enum class Form : uint8_t { kRollup, kCube, kSets, kSet };
  LAYERGATE_SQL_KIND(GroupingSet)
  Form form = Form::kSet;
  List<Node> items;  // expressions or GroupingSets; Row for a composite element (a, b)
  template <typename V>
  void Fields(V& v) const {
    v("form", form);
    v("items", items);
  }
};

struct GroupBy : Node {
  LAYERGATE_SQL_KIND(GroupBy)
  bool all = false;        // GROUP BY ALL
  bool distinct = false;   // GROUP BY DISTINCT
  std::string_view with_;  // "ROLLUP", "CUBE", "TOTALS", "ROLLUP TOTALS" of GROUP BY ... WITH
  List<Node> items;  // expressions (SelectItem where pipe syntax gives an alias), GroupingSets
  template <typename V>
  void Fields(V& v) const {
    v("all", all);
    v("distinct", distinct);
    v("with", with_);
    v("items", items);
  }
};

// LIMIT n OFFSET m, LIMIT m, n, FETCH FIRST n ROWS, TOP n.
struct Limit : Node {
  LAYERGATE_SQL_KIND(Limit)
  const Expr* count = nullptr;  // nullptr: only an offset, or LIMIT ALL
  const Expr* offset = nullptr;
  bool percent = false;
  bool with_ties = false;
  List<Expr> by;  // ClickHouse LIMIT n BY a, b
  template <typename V>
  void Fields(V& v) const {
    v("count", count);
    v("offset", offset);
    v("percent", percent);
    v("with_ties", with_ties);
    v("by", by);
  }
};

struct Sample : Node {
  LAYERGATE_SQL_KIND(Sample)
  std::string_view method;     // as written: "bernoulli", "system", "" ...
  const Expr* size = nullptr;  // may be nullptr (FINAL-like forms)
  std::string_view unit;       // "PERCENT", "ROWS" or empty
  const Expr* seed = nullptr;
  std::string_view details;  // OUT OF y ON c, OFFSET 1/2
  template <typename V>
  void Fields(V& v) const {
    v("method", method);
    v("size", size);
    v("unit", unit);
    v("seed", seed);
    v("details", details);
  }
};

struct Cte : Node {
  LAYERGATE_SQL_KIND(Cte)
  Name name;
  Names columns;
  const Node* query = nullptr;   // Query; in PostgreSQL also Insert, Update, Delete, Merge
  const Expr* scalar = nullptr;  // ClickHouse WITH expr AS name: then query is nullptr
  Names key;                     // DuckDB USING KEY (a, b)
  Names added;                   // columns added by SEARCH ... SET s / CYCLE ... SET c USING p
  std::string_view details;      // SEARCH and CYCLE
  template <typename V>
  void Fields(V& v) const {
    v("name", name);
    v("columns", columns);
    v("query", query);
    v("scalar", scalar);
    v("key", key);
    v("added", added);
    v("details", details);
  }
};

struct With : Node {
  LAYERGATE_SQL_KIND(With)
  bool recursive = false;  // the word is there; T-SQL and Oracle-like dialects don't need it
  List<Cte> ctes;
  std::string_view details;  // Trino's WITH SESSION a = b, WITH FUNCTION f(...) ...
  template <typename V>
  void Fields(V& v) const {
    v("recursive", recursive);
    v("ctes", ctes);
    v("details", details);
  }
};

struct ConnectBy : Node {
  LAYERGATE_SQL_KIND(ConnectBy)
  const Expr* start_with = nullptr;
  const Expr* condition = nullptr;  // PRIOR x is Unary "PRIOR"
  bool no_cycle = false;
  template <typename V>
  void Fields(V& v) const {
    v("start_with", start_with);
    v("condition", condition);
    v("no_cycle", no_cycle);
  }
};

// ---- queries ------------------------------------------------------------------------------------

// A query: a body with what stands around it. Every place where a query can stand holds a Query.
struct Query : Node {
  LAYERGATE_SQL_KIND(Query)
  const With* with = nullptr;
  const Node* body = nullptr;  // Select, SetOperation, Values, PipeQuery, Query (in parentheses,
                               // with clauses of its own), or Opaque
  bool order_by_all = false;   // DuckDB ORDER BY ALL: order_by then holds nothing
  List<OrderItem> order_by;
  std::string_view order_kind;  // "SORT BY", "CLUSTER BY", "DISTRIBUTE BY" (Spark); else empty
  const Limit* limit = nullptr;
  const Limit* limit_by = nullptr;  // ClickHouse LIMIT n BY a, which comes before LIMIT
  const Sample* sample = nullptr;   // DuckDB USING SAMPLE
  List<SelectItem> interpolate;  // ClickHouse INTERPOLATE (column AS expr): what filled rows hold
  std::string_view details;      // SETTINGS ...
  List<Node> unknown;            // Opaque clauses: which rows there are can't be told
  template <typename V>
  void Fields(V& v) const {
    v("with", with);
    v("body", body);
    v("order_by_all", order_by_all);
    v("order_kind", order_kind);
    v("order_by", order_by);
    v("limit_by", limit_by);
    v("limit", limit);
    v("sample", sample);
    v("interpolate", interpolate);
    v("details", details);
    v("unknown", unknown);
  }
};

struct Select : Node {
  enum class Distinct : uint8_t { kNone, kDistinct, kOn };
  enum class As : uint8_t { kColumns, kStruct, kValue };  // BigQuery SELECT AS STRUCT / AS VALUE
  LAYERGATE_SQL_KIND(Select)
  Distinct distinct = Distinct::kNone;
  List<Expr> distinct_on;
  As as = As::kColumns;
  const Limit* top = nullptr;
  bool implicit_star = false;  // DuckDB `FROM t`, TABLE t, the start of a pipe: items is [*]
  List<SelectItem> items;
  const Table* into = nullptr;  // SELECT ... INTO t (T-SQL, PostgreSQL, Redshift)
  List<Relation> from;          // comma-separated; each sees its left siblings where it is lateral
  const Expr* prewhere = nullptr;  // ClickHouse
  const Expr* where = nullptr;
  const ConnectBy* connect_by = nullptr;
  const GroupBy* group_by = nullptr;
  const Expr* having = nullptr;
  List<NamedWindow> windows;
  const Expr* qualify = nullptr;
  std::string_view details;  // WITH DIFFERENTIAL_PRIVACY OPTIONS (...)
  List<Node> unknown;        // Opaque clauses: which rows there are can't be told
  template <typename V>
  void Fields(V& v) const {
    v("distinct", distinct);
    v("distinct_on", distinct_on);
    v("as", as);
    v("top", top);
    v("implicit_star", implicit_star);
    v("items", items);
    v("into", into);
    v("from", from);
    v("prewhere", prewhere);
    v("where", where);
    v("connect_by", connect_by);
    v("group_by", group_by);
    v("having", having);
    v("windows", windows);
    v("qualify", qualify);
    v("details", details);
    v("unknown", unknown);
  }
};

// Two or more branches under one operator, left-associative.
struct SetOperation : Node {
  enum class Op : uint8_t { kUnion, kIntersect, kExcept };  // MINUS is kExcept
  LAYERGATE_SQL_KIND(SetOperation)
  Op op = Op::kUnion;
  bool all = false;       // else rows are made distinct
  bool by_name = false;   // BY NAME, CORRESPONDING
  bool outer = false;     // BigQuery FULL OUTER / LEFT ... UNION BY NAME
  std::string_view mode;  // "INNER", "LEFT", "FULL" of BigQuery's mode prefix; else empty
  Names by;               // BY NAME ON (a, b), CORRESPONDING BY (a, b)
  List<Node> branches;    // Select, Values, SetOperation, Query, PipeQuery or Opaque
  template <typename V>
  void Fields(V& v) const {
    v("op", op);
    v("all", all);
    v("by_name", by_name);
    v("mode", mode);
    v("by", by);
    v("branches", branches);
  }
};

struct Values : Node {
  LAYERGATE_SQL_KIND(Values)
  List<Row> rows;
  template <typename V>
  void Fields(V& v) const {
    v("rows", rows);
  }
};

// ---- relations ----------------------------------------------------------------------------------

// What every relation can bear. Opaque is one too, since it can stand in FROM with an alias.
struct RelationNode : Node {
  Name alias;
  Names column_aliases;            // AS t (a, b)
  const Sample* sample = nullptr;  // TABLESAMPLE and the like
  bool lateral = false;            // the word LATERAL, or APPLY: sees its left siblings
  std::string_view details;        // ONLY, FINAL, PARTITION (p0)

 protected:
  using Node::Node;
  template <typename V>
  void RelationFields(V& v) const {
    v("lateral", lateral);
    v("alias", alias);
    v("column_aliases", column_aliases);
    v("sample", sample);
    v("details", details);
  }
};

#define LAYERGATE_SQL_RELATION(type)           \
  static constexpr Kind kKind = Kind::k##type; \
  constexpr type() : RelationNode(kKind) {}

// A relation by its name: `db.schema.t`; for BigQuery's `p.d.t` in one pair of backticks the parts
// are taken apart. Also a file ('data.csv'), a stage (@s/path), a temporary table (#t).
struct Table : RelationNode {
  LAYERGATE_SQL_RELATION(Table)
  enum class Form : uint8_t { kName, kFile, kStage, kVariable };
  Form form = Form::kName;
  Names name;
  const Expr* version = nullptr;  // AT(...), FOR SYSTEM_TIME AS OF x, VERSION AS OF x
  List<ColumnDef> columns;        // T-SQL WITH (a int ...) of external readers
  template <typename V>
  void Fields(V& v) const {
    v("form", form);
    v("name", name);
    v("version", version);
    v("columns", columns);
    RelationFields(v);
  }
};

struct Derived : RelationNode {
  LAYERGATE_SQL_RELATION(Derived)
  const Node* query = nullptr;  // Query; also Insert, Update, Delete, Merge with an output clause
  template <typename V>
  void Fields(V& v) const {
    v("query", query);
    RelationFields(v);
  }
};

// A function in FROM: generate_series(1, 9), TABLE(f(x)), LATERAL FLATTEN(input => v), LATERAL VIEW
// explode(a), OPENJSON(j) WITH (...), JSON_TABLE(j, '$' COLUMNS (...)), ROWS FROM (f(), g()).
struct TableFunction : RelationNode {
  LAYERGATE_SQL_RELATION(TableFunction)
  List<Expr> calls;    // Call or Opaque; more than one for ROWS FROM only
  bool view = false;   // LATERAL VIEW: columns are column_aliases, alias the table's
  bool outer = false;  // LATERAL VIEW OUTER
  bool with_ordinality = false;
  List<ColumnDef> columns;  // declared output columns, nested ones in place; may be empty
  template <typename V>
  void Fields(V& v) const {
    v("calls", calls);
    v("view", view);
    v("outer", outer);
    v("with_ordinality", with_ordinality);
    v("columns", columns);
    RelationFields(v);
  }
};

// UNNEST(a, b) [WITH ORDINALITY | WITH OFFSET [AS o]] and ClickHouse's ARRAY JOIN (then `items`
// carry aliases, and `array_join` is set).
struct Unnest : RelationNode {
  LAYERGATE_SQL_RELATION(Unnest)
  List<SelectItem> items;
  bool array_join = false;
  bool with_ordinality = false;
  bool with_offset = false;
  Name offset_alias;  // empty: the column is called `offset`
  template <typename V>
  void Fields(V& v) const {
    v("items", items);
    v("array_join", array_join);
    v("with_ordinality", with_ordinality);
    v("with_offset", with_offset);
    v("offset_alias", offset_alias);
    RelationFields(v);
  }
};

enum class JoinKind : uint8_t {
  kInner,
  kLeft,
  kRight,
  kFull,
  kCross,
  kSemi,  // LEFT SEMI: only the left side's columns
  kAnti,
  kRightSemi,
  kRightAnti,
  kCrossApply,
  kOuterApply,
  kPositional,   // DuckDB; ClickHouse PASTE
  kLateralView,  // the right side is a LATERAL VIEW
  kArrayJoin,    // ClickHouse ARRAY JOIN
  kLeftArrayJoin,
};
std::string_view ToString(JoinKind kind);  // "inner", "left", "left semi", ...

// One step of a Joined: everything left of it is joined with `right`.
struct Join : Node {
  LAYERGATE_SQL_KIND(Join)
  JoinKind join = JoinKind::kInner;
  bool natural = false;
  bool asof = false;
  bool any = false;     // ClickHouse ANY: at most one match
  bool global = false;  // ClickHouse
  const Relation* right = nullptr;
  const Expr* on = nullptr;
  Names using_columns;
  Name using_alias;  // PostgreSQL: USING (a) AS u, a name for the merged columns
  const Expr* match_condition = nullptr;  // Snowflake ASOF JOIN ... MATCH_CONDITION (...)
  template <typename V>
  void Fields(V& v) const {
    v("kind", join);
    v("natural", natural);
    v("asof", asof);
    v("any", any);
    v("global", global);
    v("right", right);
    v("on", on);
    v("using", using_columns);
    v("using_alias", using_alias);
    v("match_condition", match_condition);
  }
};

// A chain of joins, left-associative. It has an alias only when it stood in parentheses.
struct Joined : RelationNode {
  LAYERGATE_SQL_RELATION(Joined)
  const Relation* first = nullptr;
  List<Join> joins;
  template <typename V>
  void Fields(V& v) const {
    v("first", first);
    v("joins", joins);
    RelationFields(v);
  }
};

// FOR column IN (values): one of them per pivoted column.
struct PivotColumn : Node {
  LAYERGATE_SQL_KIND(PivotColumn)
  const Expr* column = nullptr;  // Column, or Row of several; DuckDB: any expression
  List<SelectItem> values;       // with aliases where given
  List<OrderItem> order_by;      // of ANY ORDER BY x
  bool any = false;              // IN (ANY ...), or DuckDB's ON without IN: shape is dynamic
  const Node* query = nullptr;   // IN (SELECT ...): shape is dynamic
  template <typename V>
  void Fields(V& v) const {
    v("column", column);
    v("values", values);
    v("order_by", order_by);
    v("any", any);
    v("query", query);
  }
};

struct Pivot : RelationNode {
  LAYERGATE_SQL_RELATION(Pivot)
  const Relation* input = nullptr;  // nullptr in a pipe step
  List<SelectItem> aggregates;
  List<PivotColumn> columns;
  List<Expr> group_by;                  // DuckDB only; elsewhere: all other columns
  const Expr* default_value = nullptr;  // Snowflake DEFAULT ON NULL (x)
  template <typename V>
  void Fields(V& v) const {
    v("input", input);
    v("aggregates", aggregates);
    v("columns", columns);
    v("group_by", group_by);
    v("default_value", default_value);
    RelationFields(v);
  }
};

struct UnpivotItem : Node {
  LAYERGATE_SQL_KIND(UnpivotItem)
  List<Expr> columns;           // one per value column
  const Expr* label = nullptr;  // AS 'label' or AS name: a Literal or Column; nullptr: the names
  template <typename V>
  void Fields(V& v) const {
    v("columns", columns);
    v("label", label);
  }
};

struct Unpivot : RelationNode {
  LAYERGATE_SQL_RELATION(Unpivot)
  const Relation* input = nullptr;
  bool include_nulls = false;
  Names value_columns;
  Name name_column;
  List<UnpivotItem> items;  // DuckDB: may hold Star or ColumnsMacro
  template <typename V>
  void Fields(V& v) const {
    v("input", input);
    v("include_nulls", include_nulls);
    v("value_columns", value_columns);
    v("name_column", name_column);
    v("items", items);
    RelationFields(v);
  }
};

struct MatchRecognize : RelationNode {
  LAYERGATE_SQL_RELATION(MatchRecognize)
  const Relation* input = nullptr;
  List<Expr> partition_by;
  List<OrderItem> order_by;
  List<SelectItem> measures;
  bool all_rows = false;     // ALL ROWS PER MATCH
  std::string_view pattern;  // as written
  List<SelectItem> define;   // alias is the pattern variable
  template <typename V>
  void Fields(V& v) const {
    v("input", input);
    v("partition_by", partition_by);
    v("order_by", order_by);
    v("measures", measures);
    v("all_rows", all_rows);
    v("pattern", pattern);
    v("define", define);
    RelationFields(v);
  }
};

// Syntax that was not understood, wherever it stood. `parts` are what could be seen in it: Columns
// for name-like words, and queries that could be parsed. Whatever it touches is not exact.
struct Opaque : RelationNode {
  LAYERGATE_SQL_RELATION(Opaque)
  std::string_view text;
  List<Node> parts;
  template <typename V>
  void Fields(V& v) const {
    v("text", text);
    v("parts", parts);
    RelationFields(v);
  }
};

// The relation behind a node of FROM; nullptr for what is none.
inline const RelationNode* AsRelation(const Node* node) {
  if (node == nullptr) return nullptr;
  switch (node->kind) {
    case Kind::kTable:
    case Kind::kDerived:
    case Kind::kTableFunction:
    case Kind::kUnnest:
    case Kind::kJoined:
    case Kind::kPivot:
    case Kind::kUnpivot:
    case Kind::kMatchRecognize:
    case Kind::kOpaque:
      return static_cast<const RelationNode*>(node);
    default:
      return nullptr;
  }
}

// ---- pipe syntax --------------------------------------------------------------------------------

// One `|> ...` of BigQuery or Databricks; only the fields of its operator are set.
struct PipeStep : Node {
  enum class Op : uint8_t {
    kSelect,     // items, distinct
    kExtend,     // items
    kSet,        // items: alias is the column, expr its new value
    kDrop,       // names
    kRename,     // items: expr is a Column, alias the new name
    kAs,         // names[0]
    kWhere,      // condition
    kLimit,      // limit
    kAggregate,  // items, group_by; order_by
    kDistinct,
    kOrderBy,         // order_by
    kSetOperation,    // set_operation: its branches are the right sides only
    kJoin,            // join
    kCall,            // expr
    kWindow,          // items
    kSample,          // sample
    kPivot,           // relation
    kUnpivot,         // relation
    kMatchRecognize,  // relation
    kWith,            // with
    kAssert,          // condition, items: what is said when it does not hold
    kOther,           // opaque
  };
  LAYERGATE_SQL_KIND(PipeStep)
  Op op = Op::kOther;
  bool distinct = false;
  List<SelectItem> items;
  Names names;
  const Expr* condition = nullptr;
  const Limit* limit = nullptr;
  const GroupBy* group_by = nullptr;
  bool group_and_order_by = false;
  List<OrderItem> order_by;
  List<NamedWindow> windows;
  const SetOperation* set_operation = nullptr;
  const Join* join = nullptr;
  const Expr* expr = nullptr;
  const Sample* sample = nullptr;
  const Relation* relation = nullptr;
  const With* with = nullptr;
  const Node* opaque = nullptr;
  template <typename V>
  void Fields(V& v) const {
    v("op", op);
    v("distinct", distinct);
    v("items", items);
    v("names", names);
    v("condition", condition);
    v("limit", limit);
    v("group_by", group_by);
    v("group_and_order_by", group_and_order_by);
    v("order_by", order_by);
    v("windows", windows);
    v("set_operation", set_operation);
    v("join", join);
    v("expr", expr);
    v("sample", sample);
    v("relation", relation);
    v("with", with);
    v("opaque", opaque);
  }
};

struct PipeQuery : Node {
  LAYERGATE_SQL_KIND(PipeQuery)
  const Node* source = nullptr;  // any query body; a bare FROM is a Select with implicit_star
  List<PipeStep> steps;
  template <typename V>
  void Fields(V& v) const {
    v("source", source);
    v("steps", steps);
  }
};

// ---- statements ---------------------------------------------------------------------------------

struct ColumnDef : Node {
  LAYERGATE_SQL_KIND(ColumnDef)
  Name name;  // empty for an unnamed element or a table constraint
  const Type* type = nullptr;
  const Expr* path = nullptr;    // JSON_TABLE PATH '$.a', OPENJSON WITH (a int '$.a')
  bool ordinality = false;       // FOR ORDINALITY
  const Expr* value = nullptr;   // DEFAULT, GENERATED ALWAYS AS
  std::string_view constraints;  // the rest, as written
  template <typename V>
  void Fields(V& v) const {
    v("name", name);
    v("type", type);
    v("path", path);
    v("ordinality", ordinality);
    v("value", value);
    v("constraints", constraints);
  }
};

// CREATE TABLE / VIEW / MATERIALIZED VIEW ..., with or without a query.
struct Create : Node {
  LAYERGATE_SQL_KIND(Create)
  std::string_view
      object;  // canonical: "TABLE", "VIEW", "MATERIALIZED VIEW", "DYNAMIC TABLE", "SCHEMA"
  bool or_replace = false;
  bool if_not_exists = false;
  bool temporary = false;
  const Table* target = nullptr;  // nullptr when no name could be seen
  List<ColumnDef> columns;        // view column lists have names only
  const Node* query = nullptr;    // AS query, or EXECUTE-like; nullptr when there is none
  const Table* source = nullptr;  // LIKE t, CLONE t, COPY t
  const Table* to = nullptr;      // ClickHouse MATERIALIZED VIEW v TO t: where the rows go
  template <typename V>
  void Fields(V& v) const {
    v("object", object);
    v("or_replace", or_replace);
    v("if_not_exists", if_not_exists);
    v("temporary", temporary);
    v("target", target);
    v("columns", columns);
    v("query", query);
    v("source", source);
    v("to", to);
  }
};

struct Assignment : Node {
  LAYERGATE_SQL_KIND(Assignment)
  const Expr* target = nullptr;  // Column; Row of Columns for (a, b) = (...); Subscript, Field
  const Expr* value = nullptr;   // Literal DEFAULT; Subquery for (a, b) = (SELECT ...)
  template <typename V>
  void Fields(V& v) const {
    v("target", target);
    v("value", value);
  }
};

struct Insert : Node {
  LAYERGATE_SQL_KIND(Insert)
  const With* with = nullptr;  // WITH in front of INSERT
  const Table* target = nullptr;
  bool overwrite = false;               // INSERT OVERWRITE, REPLACE INTO
  bool by_name = false;                 // BY NAME: columns pair by name
  Names columns;                        // INSERT INTO t (a, b)
  List<Assignment> partition;           // Spark PARTITION (d = '1', h)
  const Expr* replace_where = nullptr;  // Databricks REPLACE WHERE
  const Node* query = nullptr;          // Query; nullptr: DEFAULT VALUES or SET
  List<Assignment> set;                 // MySQL INSERT ... SET
  List<Assignment> on_conflict;         // ON CONFLICT DO UPDATE SET, ON DUPLICATE KEY UPDATE
  List<Expr> conflict_keys;             // ON CONFLICT (a, b)
  const Expr* conflict_where = nullptr;
  std::string_view details;    // OVERRIDING SYSTEM VALUE, ON CONSTRAINT c
  List<SelectItem> returning;  // RETURNING, OUTPUT
  template <typename V>
  void Fields(V& v) const {
    v("with", with);
    v("overwrite", overwrite);
    v("target", target);
    v("by_name", by_name);
    v("columns", columns);
    v("partition", partition);
    v("replace_where", replace_where);
    v("query", query);
    v("set", set);
    v("conflict_keys", conflict_keys);
    v("on_conflict", on_conflict);
    v("conflict_where", conflict_where);
    v("details", details);
    v("returning", returning);
  }
};

struct MergeClause : Node {
  enum class When : uint8_t { kMatched, kNotMatched, kNotMatchedBySource };
  enum class Action : uint8_t { kUpdate, kInsert, kDelete, kNothing };
  LAYERGATE_SQL_KIND(MergeClause)
  When when = When::kMatched;
  const Expr* condition = nullptr;
  Action action = Action::kNothing;
  bool star = false;     // UPDATE SET *, INSERT *, INSERT ROW, UPDATE BY NAME: all by name
  Names except;          // UPDATE SET * EXCEPT (a): all but these
  List<Assignment> set;  // UPDATE SET
  Names columns;         // INSERT (a, b)
  List<Expr> values;     // VALUES (x, y)
  template <typename V>
  void Fields(V& v) const {
    v("when", when);
    v("condition", condition);
    v("action", action);
    v("star", star);
    v("except", except);
    v("set", set);
    v("columns", columns);
    v("values", values);
  }
};

struct Merge : Node {
  LAYERGATE_SQL_KIND(Merge)
  const With* with = nullptr;
  const Relation* target = nullptr;
  const Relation* source = nullptr;
  const Expr* on = nullptr;
  Names using_columns;  // DuckDB: USING (a) for ON
  List<MergeClause> clauses;
  List<SelectItem> returning;
  template <typename V>
  void Fields(V& v) const {
    v("with", with);
    v("target", target);
    v("source", source);
    v("on", on);
    v("using", using_columns);
    v("clauses", clauses);
    v("returning", returning);
  }
};

struct Update : Node {
  LAYERGATE_SQL_KIND(Update)
  const With* with = nullptr;
  const Relation* target = nullptr;  // Table; Joined in MySQL; T-SQL: may be an alias of FROM
  List<Assignment> set;
  List<Relation> from;
  const Expr* where = nullptr;
  List<OrderItem> order_by;
  const Limit* limit = nullptr;
  List<SelectItem> returning;
  template <typename V>
  void Fields(V& v) const {
    v("with", with);
    v("target", target);
    v("set", set);
    v("from", from);
    v("where", where);
    v("order_by", order_by);
    v("limit", limit);
    v("returning", returning);
  }
};

struct Delete : Node {
  LAYERGATE_SQL_KIND(Delete)
  const With* with = nullptr;
  const Relation* target = nullptr;
  List<Relation> from;  // USING, or the second FROM of T-SQL and MySQL
  const Expr* where = nullptr;
  List<OrderItem> order_by;
  const Limit* limit = nullptr;
  List<SelectItem> returning;
  template <typename V>
  void Fields(V& v) const {
    v("with", with);
    v("target", target);
    v("from", from);
    v("where", where);
    v("order_by", order_by);
    v("limit", limit);
    v("returning", returning);
  }
};

// Every other statement: TRUNCATE, DROP, ALTER, GRANT, REVOKE, COPY, UNLOAD, CALL, SET, USE, BEGIN,
// COMMIT, ROLLBACK, VACUUM, ANALYZE, OPTIMIZE, EXPLAIN, DECLARE, IF ... with the names it acts on.
struct Command : Node {
  LAYERGATE_SQL_KIND(Command)
  std::string_view verb;    // first word, canonical: "DROP"
  std::string_view object;  // canonical where known: "TABLE", "SCHEMA"; for ALTER as for DROP
  std::string_view action;  // ALTER: the first words of what is done: "DROP COLUMN"; else empty
  bool if_exists = false;
  bool cascade = false;
  List<Table> targets;    // what is dropped, altered, granted on, copied into, called
  List<Node> statements;  // inner queries and statements: EXPLAIN q, COPY (q) TO, IF ... THEN ...
  std::string_view text;  // the whole statement as written
  template <typename V>
  void Fields(V& v) const {
    v("verb", verb);
    v("object", object);
    v("action", action);
    v("if_exists", if_exists);
    v("cascade", cascade);
    v("targets", targets);
    v("statements", statements);
    v("text", text);
  }
};

#undef LAYERGATE_SQL_KIND
#undef LAYERGATE_SQL_RELATION

}  // namespace layergate::sql
