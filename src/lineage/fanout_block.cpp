#include "lineage/fanout_block.h"

#include <algorithm>
#include <array>

#include "core/text.h"
#include "lineage/functions.h"
#include "sql/walk.h"

namespace layergate::lineage::fanout {

using sql::Dialect;
using sql::Kind;

namespace {

bool IsOneOf(std::string_view name, std::initializer_list<std::string_view> names) {
  return std::any_of(names.begin(), names.end(),
                     [&](std::string_view each) { return EqualsIgnoreCase(name, each); });
}

// A column in the place of a condition is a boolean; elsewhere it may be any number but zero.
bool ConditionsAreBooleans(Dialect dialect) {
  return dialect == Dialect::kPostgres || dialect == Dialect::kRedshift ||
         dialect == Dialect::kBigQuery || dialect == Dialect::kTrino ||
         dialect == Dialect::kDatabricks || dialect == Dialect::kSpark;
}

// Gives another value each time it is asked.
bool IsVolatile(std::string_view name) {
  return IsOneOf(name, {"random",        "rand",           "randn",   "rand32",
                        "rand64",        "randcanonical",  "uniform", "normal",
                        "uuid",          "uuid_string",    "newid",   "gen_random_uuid",
                        "generate_uuid", "generateuuidv4", "seq1",    "seq2",
                        "seq4",          "seq8",           "nextval", "monotonically_increasing_id",
                        "row_number"});
}

bool HoldsVolatile(const sql::Node* expr) {
  bool found = false;
  sql::Walk(expr, [&](const sql::Node* node) {
    const auto* call = sql::As<sql::Call>(node);
    found = found || (call != nullptr && !call->name.empty() && IsVolatile(call->name.back().text));
    return !found;
  });
  return found;
}

}  // namespace

bool IsOne(const sql::Expr* expr) {
  const auto* literal = sql::As<sql::Literal>(expr);
  return literal != nullptr && literal->form == sql::Literal::Form::kNumber && literal->text == "1";
}

const sql::Call* AsRowNumber(const sql::Expr* expr) {
  const auto* call = sql::As<sql::Call>(expr);
  const bool rank = call != nullptr && call->over != nullptr && call->name.size() == 1 &&
                    EqualsIgnoreCase(call->name[0].text, "row_number") && call->over->base.empty();
  return rank ? call : nullptr;
}

bool HasAggregate(const sql::Node* expr, Dialect dialect) {
  bool found = false;
  sql::Walk(expr, [&](const sql::Node* node) {
    const auto* call = sql::As<sql::Call>(node);
    if (call != nullptr && call->over == nullptr && !call->name.empty()) {
      const std::string_view name = call->name.back().text;
      // SQLite's min(a, b) is a plain function, and so is Spark's aggregate(array, ...).
      const bool plain = (IsOneOf(name, {"min", "max"}) && call->arguments.size() > 1) ||
                         EqualsIgnoreCase(name, "aggregate");
      found = found || (!plain && IsAggregate(ClassOf(name, dialect)));
    }
    return node->kind != Kind::kQuery;
  });
  return found;
}

bool MayGiveRows(const sql::Node* expr, Dialect dialect) {
  // PostgreSQL's functions that return sets may stand in a SELECT list, and anybody can write one.
  constexpr std::array<std::string_view, 14> kSets = {"unnest",
                                                      "explode",
                                                      "explode_outer",
                                                      "posexplode",
                                                      "posexplode_outer",
                                                      "inline",
                                                      "inline_outer",
                                                      "stack",
                                                      "arrayjoin",
                                                      "generate_series",
                                                      "json_tuple",
                                                      "flatten",
                                                      "generate_subscripts",
                                                      "variant_explode"};
  constexpr std::array<std::string_view, 12> kParts = {
      "_array_elements",     "_array_elements_text", "_object_keys",    "_to_table",
      "regexp_matches",      "jsonb_each",           "json_each",       "_path_query",
      "_populate_recordset", "_to_recordset",        "string_to_table", "aclexplode"};
  bool found = expr != nullptr && expr->kind == Kind::kUnnest;
  sql::Walk(expr, [&](const sql::Node* node) {
    const auto* call = sql::As<sql::Call>(node);
    if (call != nullptr && !call->name.empty()) {
      const std::string name = ToLower(call->name.back().text);
      const bool array_function = dialect == Dialect::kDuckDb && name == "generate_series";
      found =
          found || (!array_function && std::find(kSets.begin(), kSets.end(), name) != kSets.end());
      if (dialect == Dialect::kPostgres || dialect == Dialect::kRedshift) {
        for (std::string_view part : kParts) found = found || name.find(part) != std::string::npos;
        found = found || call->name.size() > 1;
      }
    }
    return !found && node->kind != Kind::kQuery;
  });
  return found;
}

bool Block::IsOuter(const sql::Column& column) const {
  if (outer_ == nullptr || column.parts.size() < 2) return false;
  const std::string qualifier = Key(column.parts[column.parts.size() - 2]);
  const bool own = std::any_of(items.begin(), items.end(),
                               [&](const Item& item) { return item.key == qualifier; });
  if (own) return false;
  const bool around = std::any_of(outer_->items.begin(), outer_->items.end(),
                                  [&](const Item& item) { return item.key == qualifier; });
  return around || outer_->IsOuter(column);
}

std::optional<Ref> Block::Resolve(const sql::Node* expr) const {
  const auto* column = sql::As<sql::Column>(expr);
  if (column == nullptr) return std::nullopt;
  const std::string name = Key(column->parts.back());
  if (column->parts.size() >= 2) {
    const std::string qualifier = Key(column->parts[column->parts.size() - 2]);
    std::optional<Ref> found;
    for (size_t i = 0; i < items.size(); ++i) {
      if (items[i].key != qualifier) continue;
      if (found) return std::nullopt;
      found = Ref{i, name};
    }
    return found;
  }
  if (shadowed.count(name) > 0) return std::nullopt;
  const auto shared = merged.find(name);
  if (shared != merged.end()) return shared->second;
  std::optional<Ref> found;
  size_t open = 0, open_item = 0;
  for (size_t i = 0; i < items.size(); ++i) {
    if (items[i].rows.Has(name)) {
      if (found) return std::nullopt;
      found = Ref{i, name};
    } else if (items[i].rows.IsOpen()) {
      ++open;
      open_item = i;
    }
  }
  if (found) return found;
  if (open == 1) return Ref{open_item, name};
  return std::nullopt;
}

bool Block::MayBeColumn(const std::string& key) const {
  return merged.count(key) > 0 || std::any_of(items.begin(), items.end(), [&](const Item& item) {
           return item.rows.Has(key) || item.rows.IsOpen();
         });
}

bool Block::Mentions(const sql::Node* expr, std::set<size_t>& found) const {
  bool certain = true;
  sql::Walk(expr, [&](const sql::Node* node) {
    switch (node->kind) {
      case Kind::kQuery:
        certain = false;
        return false;
      case Kind::kOpaque:
      case Kind::kStar:
      case Kind::kPositionalColumn:
      case Kind::kColumnsMacro:
        certain = false;
        return true;
      case Kind::kColumn: {
        const auto& column = static_cast<const sql::Column&>(*node);
        if (const std::optional<Ref> ref = Resolve(node)) {
          found.insert(ref->item);
        } else if (!IsOuter(column)) {
          certain = false;
        }
        return true;
      }
      default:
        return true;
    }
  });
  return certain;
}

void Block::ReadEquality(const sql::Expr* x, const sql::Expr* y, Condition& out) const {
  const std::optional<Ref> left = Resolve(x), right = Resolve(y);
  if (left && right) {
    if (*left == *right) return;
    out.form = Condition::Form::kEqual;
    out.a = *left;
    out.b = *right;
    return;
  }
  for (const auto& [ref, other] : {std::pair(left, y), {right, x}}) {
    if (!ref) continue;
    std::set<size_t> mentioned;
    if (!Mentions(other, mentioned) || HoldsVolatile(other) || mentioned.count(ref->item) > 0)
      continue;
    out.a = *ref;
    out.form = mentioned.empty() ? Condition::Form::kFixed : Condition::Form::kComputed;
    out.others = std::move(mentioned);
    return;
  }
}

Condition Block::Read(const sql::Expr* expr) const {
  Condition out;
  out.expr = expr;
  out.whole = Mentions(expr, out.items);
  if (const auto* binary = sql::As<sql::Binary>(expr); binary && binary->operands.size() == 2) {
    const sql::Expr *x = binary->operands[0], *y = binary->operands[1];
    const auto* number = sql::As<sql::Literal>(y);
    const std::optional<Ref> rank = Resolve(x);
    const bool ranked = rank && items[rank->item].rows.ranked.count(rank->column) > 0;
    if (binary->op == "=" || binary->op == "==" || binary->op == "<=>") {
      out.null_safe = binary->op == "<=>";
      ReadEquality(x, y, out);
    } else if (ranked && number != nullptr &&
               ((binary->op == "<=" && number->text == "1") ||
                (binary->op == "<" && number->text == "2"))) {
      // A number of a row is never less than one.
      out.form = Condition::Form::kFixed;
      out.a = *rank;
    }
  } else if (const auto* test = sql::As<sql::IsTest>(expr)) {
    const std::optional<Ref> ref = Resolve(test->operand);
    const bool distinct = test->test == "DISTINCT FROM" && test->negated;
    const bool is = test->test.empty() && !test->negated;
    if ((distinct || is) && test->other != nullptr) {
      out.null_safe = true;
      ReadEquality(test->operand, test->other, out);
    } else if (ref && !test->negated && test->test == "NULL") {
      out.form = Condition::Form::kNull;
      out.a = *ref;
    } else if (ref && !test->negated &&
               (test->test == "FALSE" ||
                (test->test == "TRUE" && ConditionsAreBooleans(sql_.dialect())))) {
      out.form = Condition::Form::kFixed;
      out.a = *ref;
    }
  } else if (const auto* in = sql::As<sql::In>(expr)) {
    if (!in->negated && in->query == nullptr && in->source == nullptr && in->list.size() == 1) {
      ReadEquality(in->operand, in->list[0], out);
    }
  } else if (const auto* call = sql::As<sql::Call>(expr)) {
    if (call->name.size() == 1 && EqualsIgnoreCase(call->name[0].text, "equal_null") &&
        call->arguments.size() == 2) {
      out.null_safe = true;
      ReadEquality(call->arguments[0], call->arguments[1], out);
    }
  } else {
    // is_current, NOT is_deleted
    const auto* negation = sql::As<sql::Unary>(expr);
    const sql::Expr* flag = negation != nullptr && negation->op == "NOT" ? negation->operand : expr;
    const std::optional<Ref> ref = Resolve(flag);
    if (ref && (flag != expr || ConditionsAreBooleans(sql_.dialect()))) {
      out.form = Condition::Form::kFixed;
      out.a = *ref;
    }
  }
  // A null that is equal to a constant null.
  const bool null = out.form == Condition::Form::kFixed && out.null_safe;
  if (null) out.form = Condition::Form::kOther;
  return out;
}

std::vector<Condition> Block::Conditions(const sql::Expr* condition) const {
  std::vector<Condition> out;
  std::vector<const sql::Expr*> todo;
  if (condition != nullptr) todo.push_back(condition);
  while (!todo.empty()) {
    const sql::Expr* expr = todo.back();
    todo.pop_back();
    const auto* binary = sql::As<sql::Binary>(expr);
    if (binary != nullptr && binary->op_class == sql::OpClass::kAnd) {
      for (size_t i = binary->operands.size(); i > 0; --i) todo.push_back(binary->operands[i - 1]);
      continue;
    }
    out.push_back(Read(expr));
  }
  return out;
}

}  // namespace layergate::lineage::fanout
