#include "gates/explain_plan/explain.h"

#include <fmt/format.h>

#include "core/text.h"
#include "sql/parse.h"

namespace layergate::explain_plan {
namespace {

using warehouse::FailureKind;

Explained No(std::string code, std::string why, std::string remedy) {
  return {std::nullopt, std::move(code), std::move(why), std::move(remedy)};
}

std::string RemedyFor(FailureKind kind, const std::string& target) {
  switch (kind) {
    case FailureKind::kMissing:
      return "build the pull request's models before this gate, so that what they read exists";
    case FailureKind::kPermission:
      return fmt::format("let the role of {} read what the model reads", target);
    case FailureKind::kConnect:
      return "check that this target can be reached: its server and port or its file, and its "
             "login";
    case FailureKind::kTimeout:
      return "raise the gate's timeout_seconds in the policy";
    case FailureKind::kNotSent:
      return "run it without --dry-run";
    default:
      return "run the statement by hand to see what the database says";
  }
}

// As this gate's plans are read: one cell is the plan itself; of several rows and cells, lines.
std::string TextOf(const warehouse::Rows& rows) {
  std::string text;
  for (const warehouse::Row& row : rows.rows) {
    if (!text.empty()) text += '\n';
    for (size_t i = 0; i < row.cells.size(); ++i) {
      if (i > 0) text += '|';
      text += row.cells[i].value_or("");
    }
  }
  return text;
}

bool IsOneQuery(std::string_view query, sql::Dialect dialect) {
  sql::ParsedSql parsed = sql::Parse(query, dialect);
  auto statements = parsed.statements();
  return statements.size() == 1 && statements[0]->kind == sql::Kind::kQuery;
}

}  // namespace

Explained Explain(warehouse::Pool& pool, std::string_view query, bool executes_allowed,
                  std::chrono::milliseconds timeout, std::vector<std::string>& statements) {
  sql::Dialect dialect = pool.dialect();
  // SQL Server gives plans in a mode of the session.
  bool by_mode = dialect == sql::Dialect::kTsql;
  std::string sql = by_mode ? std::string(query) : ExplainSql(dialect, query);
  if (sql.empty()) {
    return No("unsupported_engine",
              fmt::format("{} is not asked for plans: it has no EXPLAIN that can be sent here",
                          sql::ToString(dialect)),
              "take the gate out of the layer's policy");
  }
  bool executes = dialect == sql::Dialect::kMariaDb || dialect == sql::Dialect::kMySql;
  if (executes && !executes_allowed) {
    return No("not_allowed",
              "MariaDB runs derived tables in order to explain a query, and that is not allowed",
              "set the option `mariadb: true` where that is cheap enough, or take the gate out of "
              "the layer's policy");
  }
  if (!IsOneQuery(query, dialect)) {
    return No("not_a_query", "the compiled SQL is not a single query that was understood",
              "only queries are explained; see the gate `parse`");
  }
  if (by_mode) statements.emplace_back("set showplan_xml on");
  statements.push_back(sql);
  if (by_mode) statements.emplace_back("set showplan_xml off");
  warehouse::Answer answer = by_mode ? pool.Plan(query, timeout) : pool.Run(sql, timeout);
  if (!answer) {
    FailureKind kind = answer.failure.kind;
    std::string code =
        kind == FailureKind::kCancelled ? "interrupted" : std::string(warehouse::ToString(kind));
    return No(code, answer.failure.message, RemedyFor(kind, pool.target().name));
  }
  Result<Plan> plan = ReadPlan(dialect, TextOf(*answer.rows));
  if (!plan) {
    return No("plan_not_read", fmt::format("the plan was not understood: {}", plan.error().message),
              "please report it with the plan: the database may print a newer form");
  }
  return {std::move(*plan), "", "", ""};
}

}  // namespace layergate::explain_plan
