// Join fan-out: a new or changed join that can multiply rows, before and after it does.
#include "gate/gate.h"

#include <algorithm>

#include <fmt/format.h>

#include "core/text.h"
#include "dbt/keys.h"
#include "gates/explain_plan/explain.h"
#include "gates/explain_plan/rules.h"
#include "gates/join_fanout/probe.h"
#include "gates/join_fanout/project_keys.h"
#include "sql/parse.h"

namespace layergate {
namespace join_fanout {
namespace {

using lineage::FanoutRisk;
using lineage::JoinFanout;
using warehouse::FailureKind;

struct Work {
  explicit Work(GateContext& c) : context(c) {}
  GateContext& context;
  const lineage::ModelLineage* model = nullptr;
  std::vector<std::string> statements;
  std::optional<explain_plan::Explained> plan;  // asked for once
  Value spoke = Value::MakeArray();             // one entry for each join that was looked at
};

// What was heard about one join, from the cheapest witness to the dearest.
struct Witness {
  std::string static_why;
  std::optional<double> plan_ratio;
  std::optional<KeyCounts> counts;
  std::string not_counted;  // why there is no count
};

std::string Columns(const JoinFanout& join) { return Join(join.on, ", "); }

// Where the join stands in the model's file. Its first line names a relation, which the file spells
// as a ref(); the condition behind it is the same in both.
Location PlaceOf(const Work& work, const JoinFanout& join) {
  const dbt::Node& node = *work.context.head_node();
  Location location = work.context.LocationIn(node, work.model->sql, join.span);
  std::string_view sql = work.model->sql;
  std::string lower = ToLower(sql.substr(std::min<size_t>(join.span.begin, sql.size()), 400));
  for (std::string_view word : {" on ", "\non ", " using"}) {
    size_t at = lower.find(word);
    if (location.line > 0 || at == std::string::npos) continue;
    auto begin = join.span.begin + static_cast<uint32_t>(at) + 1;
    location = work.context.LocationIn(node, sql, {begin, static_cast<uint32_t>(sql.size())});
  }
  return location;
}

bool IsOneQuery(const Work& work) {
  sql::ParsedSql parsed = sql::Parse(work.model->sql, work.context.head_lineage()->dialect());
  auto statements = parsed.statements();
  return statements.size() == 1 && statements[0]->kind == sql::Kind::kQuery;
}

// The same join before and after, wherever it stands.
bool SameJoin(const JoinFanout& a, const JoinFanout& b) {
  return a.kind == b.kind && a.relation == b.relation && a.on == b.on && a.only == b.only &&
         a.restricted == b.restricted && a.where == b.where && a.risk == b.risk;
}

// Joins of the head that base does not have, or had when they could not multiply.
std::vector<JoinFanout> NewJoins(Work& work) {
  GateContext& context = work.context;
  ProjectKeys head_keys(*context.head_lineage());
  std::vector<JoinFanout> joins = head_keys.Analyze(work.model->sql).joins;
  const dbt::Node* node = context.base_node();
  if (!node || !context.base_lineage()) return joins;
  const lineage::ModelLineage& base = context.base_lineage()->Model(node->unique_id);
  ProjectKeys base_keys(*context.base_lineage());
  for (const JoinFanout& before : base_keys.Analyze(base.sql).joins) {
    auto same = std::find_if(joins.begin(), joins.end(),
                             [&](const JoinFanout& join) { return SameJoin(join, before); });
    if (same != joins.end()) joins.erase(same);
  }
  return joins;
}

bool Has(std::string_view text, std::string_view word) {
  return text.find(word) != std::string_view::npos;
}

// A number that doubled rows change: min, max and count(distinct) do not care.
bool CountsRows(std::string_view expression) {
  std::string lower = ToLower(expression);
  if (Has(lower, "distinct")) return false;
  for (std::string_view word :
       {"sum(", "avg(", "count(", "listagg(", "array_agg(", "string_agg("}) {
    if (Has(lower, word)) return true;
  }
  return false;
}

// "sum(o.amount)" of another relation, taken after the join: the classic doubled total. Empty when
// the rows are not grouped again, or when only the many side's own columns are summed up, which is
// what such a join is for.
std::string InflatedColumn(const Work& work, const std::vector<std::string>& right) {
  for (const lineage::OutputColumn& column : work.model->statement.columns) {
    if (!CountsRows(column.expression)) continue;
    for (const lineage::Edge& edge : column.direct) {
      bool aggregated = edge.subtype == lineage::Subtype::kAggregation;
      bool own = std::find(right.begin(), right.end(), edge.relation) != right.end();
      if (aggregated && !own) return column.name;
    }
  }
  return {};
}

bool IsGroupedAgain(const Work& work, const JoinFanout& join) {
  for (const lineage::RowSetFact& fact : work.model->statement.row_set) {
    bool collapses = fact.kind == "group_by" || fact.kind == "distinct";
    if (collapses && (fact.where == join.where || fact.where.empty())) return true;
  }
  return false;
}

// Second witness: the planner's estimate for the join of that relation.
void AskPlan(Work& work, const RightSide& side, Witness& evidence) {
  warehouse::Pool* pool = work.context.head_pool();
  if (!pool || side.base_relations.empty()) return;
  if (!work.plan) {
    work.plan = explain_plan::Explain(*pool, work.model->sql, false, work.context.TimeLeft(),
                                      work.statements);
  }
  if (!work.plan->plan) return;
  explain_plan::Limits limits{0, 0, 0.1};
  for (const explain_plan::Defect& defect : explain_plan::FindDefects(
           *work.plan->plan, limits, [](const auto&) { return std::nullopt; })) {
    if (defect.rule != "explain_plan.fan_out") continue;
    for (const std::string& base : side.base_relations) {
      std::string name = ToLower(base.substr(base.rfind('.') + 1));
      for (const std::string& relation : defect.relations) {
        if (ToLower(relation) != name) continue;
        double ratio = defect.evidence["ratio"].AsDouble();
        evidence.plan_ratio = std::max(evidence.plan_ratio.value_or(0), ratio);
      }
    }
  }
}

// Third witness: the count.
void AskCount(Work& work, const JoinFanout& join, const RightSide& side, Witness& evidence) {
  warehouse::Pool* pool = work.context.head_pool();
  if (!pool || join.on.empty()) {
    evidence.not_counted =
        pool ? "no column is equated" : "no connection: " + work.context.no_connection_reason();
    return;
  }
  if (!side.reaches_out.empty()) {
    evidence.not_counted = fmt::format("the query calls {}(), which does more than compute",
                                       Printable(side.reaches_out));
    return;
  }
  std::string sql = ProbeSql(*pool, side, join);
  if (sql.empty()) {
    evidence.not_counted = "a column's name cannot be written";
    return;
  }
  work.statements.push_back(sql);
  warehouse::Answer answer = pool->Run(sql, work.context.TimeLeft());
  if (answer) evidence.counts = ReadCounts(*answer.rows);
  if (!evidence.counts) {
    evidence.not_counted = answer ? "the answer was not a count" : answer.failure.message;
    if (!answer && answer.failure.kind == FailureKind::kNotSent) evidence.not_counted = "dry_run";
  }
}

std::string_view InWords(FanoutRisk risk) {
  if (risk == FanoutRisk::kSafe) return "cannot multiply rows";
  return risk == FanoutRisk::kCanMultiply ? "can multiply rows" : "cannot tell";
}

Value ToValue(const JoinFanout& join, const Witness& evidence) {
  Value spoke = Value::FromStrings({"static"});
  Value value =
      Value::MakeObject({{"join", fmt::format("{} join {}", join.kind, join.relation)},
                         {"on", Value::FromStrings(join.on)},
                         {"static", fmt::format("{}: {}", InWords(join.risk), join.why)}});
  if (evidence.plan_ratio) {
    spoke.Append("plan");
    value.Set("plan",
              Value::MakeObject({{"ratio", *evidence.plan_ratio}, {"exactness", "estimate"}}));
  }
  if (evidence.counts) {
    spoke.Append("count");
    value.Set("count", Value::MakeObject({{"keys", evidence.counts->keys},
                                          {"repeated", evidence.counts->repeated},
                                          {"most", evidence.counts->most},
                                          {"exactness", "exact"}}));
  } else if (!evidence.not_counted.empty()) {
    value.Set("not_counted", evidence.not_counted);
  }
  value.Set("spoke", std::move(spoke));
  return value;
}

std::string Keys(long long count) { return WithThousands(count) + (count == 1 ? " key" : " keys"); }

std::string UniqueTest(const JoinFanout& join, const std::string& relation) {
  if (join.on.size() != 1) return {};
  std::string name = relation.substr(relation.rfind('.') + 1);
  return fmt::format(
      "models:\n  - name: {}\n    columns:\n      - name: {}\n        data_tests: [unique]\n", name,
      join.on[0]);
}

// A new model's joins make its grain, and nobody has said yet what that is.
bool MayBeMeant(const Work& work, const std::string& inflated) {
  const dbt::Node& node = *work.context.head_node();
  return !work.context.base_node() && inflated.empty() &&
         dbt::DeclaredKeys(work.context.head(), node).empty();
}

void Report(Work& work, const JoinFanout& join, const Witness& evidence,
            const std::string& inflated) {
  Finding finding;
  const dbt::Node* joined = work.context.head().FindRelation(join.relation);
  const std::string& name = joined ? joined->name : join.relation;
  std::string what = fmt::format("the {} join of `{}`{}", join.kind, Printable(name),
                                 join.on.empty() ? "" : fmt::format(" on ({})", Columns(join)));
  std::string total = inflated.empty() ? std::string()
                                       : fmt::format("; `{}` is summed up over the multiplied rows",
                                                     Printable(inflated));
  bool multiplies = evidence.counts && evidence.counts->repeated > 0;
  if (multiplies && join.restricted) {
    finding.rule = "join_fanout.possible";
    finding.message = fmt::format(
        "{} multiplies rows unless its other conditions choose one of them: {} of {} occur "
        "more than once, up to {} times{} [count]",
        what, WithThousands(evidence.counts->repeated), Keys(evidence.counts->keys),
        WithThousands(evidence.counts->most), total);
  } else if (multiplies && MayBeMeant(work, inflated)) {
    finding.rule = "join_fanout.new_grain";
    finding.message = fmt::format(
        "{} multiplies rows: {} of {} occur more than once, up to {} times; the model is new "
        "and declares no key, so that one row per row of the joined side may be meant [count]",
        what, WithThousands(evidence.counts->repeated), Keys(evidence.counts->keys),
        WithThousands(evidence.counts->most));
  } else if (multiplies) {
    finding.rule = "join_fanout.proved";
    finding.message =
        fmt::format("{} multiplies rows: {} of {} occur more than once, up to {} times{} [count]",
                    what, WithThousands(evidence.counts->repeated), Keys(evidence.counts->keys),
                    WithThousands(evidence.counts->most), total);
  } else if (evidence.counts) {
    finding.rule = "join_fanout.undeclared";
    finding.message = fmt::format(
        "{} gives one row per row today ({}, each once), and nothing declares that it stays so "
        "[count]",
        what, Keys(evidence.counts->keys));
    finding.patch = UniqueTest(join, name);
  } else {
    finding.rule = "join_fanout.possible";
    std::string estimate =
        evidence.plan_ratio
            ? fmt::format("is estimated to give {:.1f} times the rows of its larger side{} [plan]",
                          *evidence.plan_ratio, total)
            : fmt::format("can multiply rows{} [static]", total);
    // Without a connection the report says so once, for the run.
    std::string not_counted = work.context.head_pool() && !evidence.not_counted.empty()
                                  ? "; not counted: " + evidence.not_counted
                                  : std::string();
    finding.message = fmt::format("{} {}: {}{}", what, estimate, join.why, not_counted);
  }
  finding.evidence = ToValue(join, evidence);
  finding.evidence.Set("statements", Value::FromStrings(work.statements));
  finding.location = work.context.LocationIn(*work.context.head_node(), work.model->sql, join.span);
  finding.fix = finding.rule == "join_fanout.undeclared"
                    ? "declare the key with a unique test on the joined model"
                : finding.rule == "join_fanout.new_grain"
                    ? "declare the model's key (unique_key or a unique test), so that the grain is "
                      "no guess; or join to one row per key"
                    : "join to one row per key: aggregate or deduplicate the joined side first, or "
                      "complete the join condition; if the key is unique, declare it";
  work.context.Report(std::move(finding));
}

void Judge(Work& work, const JoinFanout& join) {
  Witness evidence{join.why, {}, {}, {}};
  std::optional<RightSide> side =
      RightSideOf(work.model->sql, work.context.head_lineage()->dialect(), join);
  if (join.risk == FanoutRisk::kSafe) {
    work.spoke.Append(ToValue(join, evidence));
    return;
  }
  std::vector<std::string> right;
  if (side) {
    for (const std::string& base : side->base_relations) {
      const dbt::Node* node = work.context.head().FindRelation(base);
      right.push_back(node ? node->unique_id : base);
    }
    AskPlan(work, *side, evidence);
    AskCount(work, join, *side, evidence);
  } else {
    evidence.not_counted = "the joined side is not a relation by itself";
  }
  work.spoke.Append(ToValue(join, evidence));
  if (evidence.not_counted == "dry_run") return;
  std::string inflated = InflatedColumn(work, right);
  if (join.reduced_after && inflated.empty()) return;
  // Grouped again, and nothing of the other side is summed up: one-to-many joins are made for that.
  if (IsGroupedAgain(work, join) && inflated.empty()) return;
  if (join.risk == FanoutRisk::kUnknown && !evidence.counts) {
    work.context.CannotTell(
        "join_not_understood",
        fmt::format("whether the {} join of `{}` multiplies rows cannot be told: {}", join.kind,
                    Printable(join.relation), join.why),
        "give the gate a connection, or write the join in plain SQL", PlaceOf(work, join));
    return;
  }
  Report(work, join, evidence, IsGroupedAgain(work, join) ? inflated : std::string());
}

class JoinFanoutGate final : public Gate {
 public:
  const GateInfo& info() const override { return info_; }

  void Run(GateContext& context) const override {
    const dbt::Node* node = context.head_node();
    if (!node) return context.NotApplicable("the model is removed");
    Work work(context);
    work.model = context.head_lineage() ? &context.head_lineage()->Model(node->unique_id) : nullptr;
    if (!work.model || work.model->sql.empty()) {
      std::string why = work.model ? work.model->unavailable : std::string();
      return context.CannotTell("no_sql", why.empty() ? "no compiled SQL" : why,
                                "run dbt compile for the pull request");
    }
    if (!IsOneQuery(work)) {
      return context.CannotTell("not_a_query",
                                "the compiled SQL is not a single query that was understood",
                                "only the joins of a query are judged; see the gate `parse`");
    }
    for (const JoinFanout& join : NewJoins(work)) Judge(work, join);
    bool dry = context.head_pool() && !work.statements.empty() &&
               std::any_of(work.spoke.items().begin(), work.spoke.items().end(),
                           [](const Value& v) { return v["not_counted"].AsString() == "dry_run"; });
    if (dry) {
      context.CannotTell("dry_run", "a dry run sends nothing", "run it without --dry-run", {},
                         Value::MakeObject({{"statements", Value::FromStrings(work.statements)}}));
    }
    if (!work.spoke.empty()) context.Measured(Value::MakeObject({{"joins", work.spoke}}));
  }

 private:
  GateInfo info_ = {
      .id = "join_fanout",
      .title = "Join fan-out",
      .summary =
          "Finds new joins that can multiply rows: from the keys and the SQL, from the plan, "
          "and by counting",
      .resource_types = {"model", "snapshot"},
      .needs = {Evidence::kHeadManifest, Evidence::kCompiledSql},
      .uses = {Evidence::kBaseManifest, Evidence::kCatalog, Evidence::kWarehouse},
      .rules = {{"join_fanout.proved", "a new join multiplies rows: the joined keys repeat"},
                {"join_fanout.possible", "a new join can multiply rows, and was not counted",
                 "warn"},
                {"join_fanout.new_grain",
                 "a join of a new model multiplies rows, and no key says which rows are meant",
                 "warn"},
                {"join_fanout.undeclared",
                 "a new join relies on a key that is unique today and declared nowhere", "audit"}},
      .options = {}};
};

}  // namespace
}  // namespace join_fanout

std::unique_ptr<Gate> Make_join_fanout() { return std::make_unique<join_fanout::JoinFanoutGate>(); }

}  // namespace layergate
