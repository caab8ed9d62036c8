// The FROM of one SELECT, as far as keys go: what its names stand for, and what its conditions say.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lineage/fanout_keys.h"
#include "lineage/names.h"
#include "sql/ast.h"
#include "sql/parse.h"

namespace layergate::lineage::fanout {

struct Item {
  std::string key;    // its alias, or the last part of its name, as names compare
  std::string alias;  // the same as the text has it
  RowSet rows;
};

// One conjunct of ON, WHERE or QUALIFY.
struct Condition {
  enum class Form {
    kEqual,     // a = b
    kComputed,  // a = an expression of other relations
    kFixed,     // a = constant
    kNull,      // a IS NULL
    kOther
  };
  Form form = Form::kOther;
  Ref a, b;
  bool null_safe = false;
  std::set<size_t> items;   // the relations that it speaks of
  std::set<size_t> others;  // of kComputed: those of the expression
  bool whole = true;        // false: it holds a query, or a name that was not understood
  const sql::Expr* expr = nullptr;
};

class Block {
 public:
  Block(const sql::ParsedSql& sql, const NameRules& rules, const Block* outer)
      : sql_(sql), rules_(rules), outer_(outer) {}

  std::string Key(const sql::Name& name) const { return NameKey(rules_, name.text, name.quoted); }

  std::vector<Item> items;
  Sameness same;                                     // in every row of the result
  std::map<std::string, std::optional<Ref>> merged;  // columns of USING; nullopt: of a full join

  std::set<std::string> shadowed;  // names that an alias of the SELECT list takes first

  // What a plain column stands for; nullopt: not one column of these relations for certain.
  // lower(x) = lower(y) says nothing about x, and a cast may merge values: only plain columns.
  std::optional<Ref> Resolve(const sql::Node* expr) const;
  // Whether the name may be a column of one of the relations.
  bool MayBeColumn(const std::string& key) const;
  // Whether the column is one of the query around a LATERAL: one value for each of its rows.
  bool IsOuter(const sql::Column& column) const;

  // The conjuncts of a condition, each by itself.
  std::vector<Condition> Conditions(const sql::Expr* condition) const;

 private:
  Condition Read(const sql::Expr* expr) const;
  void ReadEquality(const sql::Expr* x, const sql::Expr* y, Condition& out) const;
  // The relations that an expression speaks of; false when that is not certain.
  bool Mentions(const sql::Node* expr, std::set<size_t>& found) const;

  const sql::ParsedSql& sql_;
  const NameRules& rules_;
  const Block* outer_;
};

// row_number() over (...) and nothing else.
const sql::Call* AsRowNumber(const sql::Expr* expr);
// An aggregate that makes one row of many, outside of subqueries.
bool HasAggregate(const sql::Node* expr, sql::Dialect dialect);
// A function in a SELECT list that may give several rows for one: unnest, explode, ...
bool MayGiveRows(const sql::Node* expr, sql::Dialect dialect);
// The number 1.
bool IsOne(const sql::Expr* expr);

}  // namespace layergate::lineage::fanout
