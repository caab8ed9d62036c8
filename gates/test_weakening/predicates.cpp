#include "gates/test_weakening/predicates.h"

#include <algorithm>
#include <vector>

#include <fmt/format.h>

#include "core/text.h"
#include "sql/compare.h"
#include "sql/parse.h"
#include "sql/walk.h"

namespace layergate::test_weakening {
namespace {

using sql::As;

struct Conjunct {
  const sql::Node* node = nullptr;
  std::string text;
};

void AddConjuncts(const sql::ParsedSql& parsed, const sql::Node* condition,
                  std::vector<Conjunct>& out) {
  if (!condition) return;
  const auto* binary = As<sql::Binary>(condition);
  if (binary && binary->op_class == sql::OpClass::kAnd) {
    for (const sql::Node* operand : binary->operands) AddConjuncts(parsed, operand, out);
    return;
  }
  out.push_back({condition, std::string(Trim(parsed.Text(*condition)))});
}

// What stands on one side only.
std::vector<std::string> Missing(const std::vector<Conjunct>& from, const std::vector<Conjunct>& in,
                                 sql::Dialect dialect) {
  std::vector<std::string> missing;
  for (const Conjunct& one : from) {
    bool there = std::any_of(in.begin(), in.end(), [&](const Conjunct& other) {
      return sql::SameNode(one.node, other.node, dialect);
    });
    if (!there) missing.push_back(one.text);
  }
  return missing;
}

Compared Judge(const std::vector<std::string>& gone, const std::vector<std::string>& added) {
  if (gone.empty() && added.empty()) return Compared::kSame;
  if (gone.empty()) return Compared::kFewerRows;
  if (added.empty()) return Compared::kMoreRows;
  return Compared::kOther;
}

struct Shape {
  std::vector<Conjunct> conjuncts;
  size_t limits = 0, nodes = 0, selects = 0;
};

Shape ShapeOf(const sql::ParsedSql& parsed) {
  Shape shape;
  for (const sql::Node* statement : parsed.statements()) {
    sql::Walk(statement, [&](const sql::Node* node) {
      ++shape.nodes;
      if (const auto* select = As<sql::Select>(node)) {
        ++shape.selects;
        AddConjuncts(parsed, select->where, shape.conjuncts);
        AddConjuncts(parsed, select->having, shape.conjuncts);
      }
      if (node->kind == sql::Kind::kLimit) ++shape.limits;
      return true;
    });
  }
  return shape;
}

}  // namespace

Compared CompareConditions(std::string_view base, std::string_view head, sql::Dialect dialect) {
  if (Trim(base).empty() && Trim(head).empty()) return Compared::kSame;
  auto query = [](std::string_view condition) {
    return Trim(condition).empty() ? std::string("select 1 from t")
                                   : fmt::format("select 1 from t where {}", condition);
  };
  sql::ParsedSql before = sql::Parse(query(base), dialect), now = sql::Parse(query(head), dialect);
  if (!before.understood() || !now.understood()) {
    if (Trim(base).empty()) return Compared::kFewerRows;
    if (Trim(head).empty()) return Compared::kMoreRows;
    return Trim(base) == Trim(head) ? Compared::kSame : Compared::kOther;
  }
  Shape old_shape = ShapeOf(before), new_shape = ShapeOf(now);
  return Judge(Missing(old_shape.conjuncts, new_shape.conjuncts, dialect),
               Missing(new_shape.conjuncts, old_shape.conjuncts, dialect));
}

Compared CompareQueries(std::string_view base, std::string_view head, sql::Dialect dialect,
                        std::string& why) {
  sql::ParsedSql before = sql::Parse(base, dialect), now = sql::Parse(head, dialect);
  if (sql::SameTree(before, now)) return Compared::kSame;
  if (!before.understood() || !now.understood()) return Compared::kOther;
  Shape old_shape = ShapeOf(before), new_shape = ShapeOf(now);
  std::vector<std::string> gone = Missing(old_shape.conjuncts, new_shape.conjuncts, dialect);
  std::vector<std::string> added = Missing(new_shape.conjuncts, old_shape.conjuncts, dialect);
  if (new_shape.limits > old_shape.limits && gone.empty()) {
    why = "there is a LIMIT now";
    return Compared::kFewerRows;
  }
  if (old_shape.selects != new_shape.selects) return Compared::kOther;
  Compared compared = Judge(gone, added);
  if (compared == Compared::kFewerRows) why = fmt::format("`{}` was added", Join(added, " and "));
  if (compared == Compared::kMoreRows) why = fmt::format("`{}` is gone", Join(gone, " and "));
  return compared == Compared::kSame ? Compared::kOther : compared;
}

bool IsConstant(std::string_view expression, sql::Dialect dialect) {
  sql::ParsedSql parsed = sql::Parse(fmt::format("select {} from t", expression), dialect);
  if (!parsed.understood()) return false;
  bool reads = false;
  for (const sql::Node* statement : parsed.statements()) {
    sql::Walk(statement, [&](const sql::Node* node) {
      reads = reads || node->kind == sql::Kind::kColumn || node->kind == sql::Kind::kCall ||
              node->kind == sql::Kind::kStar || node->kind == sql::Kind::kParameter;
      return true;
    });
  }
  return !reads;
}

}  // namespace layergate::test_weakening
