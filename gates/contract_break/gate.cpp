// A model that others rely on keeps what it promised: its contract, its columns and their types,
// who may read it, and the rows and columns that its table has already.
#include "gate/gate.h"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "core/text.h"
#include "dbt/catalog.h"
#include "dbt/project.h"
#include "dbt/unique_id.h"
#include "gates/contract_break/types.h"
#include "lineage/project_lineage.h"

namespace layergate {
namespace {

using contract_break::CompareTypes;
using contract_break::TypeChange;

const GateInfo kInfo{
    .id = "contract_break",
    .title = "Contract break",
    .summary = "Models keep what they promise: contract, columns, types, access, built tables",
    .subject = SubjectKind::kNode,
    .resource_types = {"model", "seed", "snapshot"},
    .needs = {Evidence::kBaseManifest, Evidence::kHeadManifest},
    .uses = {Evidence::kCompiledSql, Evidence::kCatalog},
    .rules =
        {
            {"contract_break.contract_removed", "the contract is gone or no longer enforced",
             "fail", true},
            {"contract_break.model_removed", "a promised model is gone or has another name", "fail",
             true},
            {"contract_break.model_retired", "a model is gone that had a deprecation date", "warn",
             true},
            {"contract_break.column_removed", "a promised column is gone", "fail", true},
            {"contract_break.type_narrowed", "some values no longer fit into a column's type",
             "fail", true},
            {"contract_break.type_changed", "a promised column has another type", "fail", true},
            {"contract_break.type_widened", "a promised column has a wider type", "audit", true},
            {"contract_break.constraint_removed", "a constraint of the contract is gone", "fail",
             true},
            {"contract_break.constraint_unenforced",
             "the new materialization does not enforce the contract's constraints", "fail", true},
            {"contract_break.access_narrowed", "fewer may read the model", "fail", true},
            {"contract_break.access_widened", "more may read the model: a promise is made", "warn",
             true},
            {"contract_break.latest_moved", "unpinned refs now read another version", "warn", true},
            {"contract_break.relation_lost", "the model has no table or view any more", "fail",
             true},
            {"contract_break.materialization_changed",
             "the table is built in another way, with consequences for what it holds", "warn",
             true},
            {"contract_break.unique_key_changed",
             "new rows are matched with old ones by another key", "fail", true},
            {"contract_break.strategy_changed",
             "an incremental model or snapshot decides otherwise which rows it writes", "warn",
             true},
            {"contract_break.column_missing",
             "a new column never reaches the incremental table, and something reads it", "fail",
             true},
            {"contract_break.column_not_added", "a new column never reaches the incremental table",
             "warn", true},
            {"contract_break.run_fails", "the next run fails on the table that is already there",
             "fail", true},
            {"contract_break.column_data_dropped", "a column is dropped with all its history",
             "fail", true},
            {"contract_break.column_left_null", "a column stays in the table and is never filled",
             "warn", true},
            {"contract_break.on_schema_change", "what happens to new and lost columns is changed",
             "warn", true},
        },
    .options =
        {
            {"promised", "list", "[]",
             "globs over names of models whose columns count as promised without a contract"},
        },
};

using Names = std::vector<std::string>;

bool Holds(const Names& names, const std::string& name) {
  return std::any_of(names.begin(), names.end(),
                     [&](const std::string& one) { return EqualsIgnoreCase(one, name); });
}

std::string AccessOf(const dbt::Node& node) {
  return node.access.empty() ? std::string("protected") : node.access;
}
int Openness(std::string_view access) {
  return access == "public" ? 2 : access == "private" ? 0 : 1;
}

// One column as a list or as a word, in any case, is the same key.
std::vector<std::string> KeyOf(const Value& value) {
  std::vector<std::string> columns;
  if (value.is_string()) columns.push_back(ToLower(value.AsString()));
  for (const Value& column : value.items()) columns.push_back(ToLower(column.AsString()));
  std::sort(columns.begin(), columns.end());
  return columns;
}

std::string Plain(const Value& value) {
  if (value.is_null()) return "nothing";
  return value.is_string() ? std::string(value.AsString()) : WriteJson(value);
}

std::string TypeOf(const dbt::Constraint& constraint) {
  return constraint.expression.empty()
             ? constraint.type
             : fmt::format("{} ({})", constraint.type, constraint.expression);
}

// Who reads a model from outside its own group or package, and exposures.
Names Outsiders(const dbt::Project& project, const dbt::Node& node) {
  Names outsiders;
  for (const std::string& id : project.Children(node.unique_id)) {
    const dbt::Node* reader = project.Find(id);
    if (!reader || id.starts_with("test.") || id.starts_with("unit_test.")) continue;
    if (reader->package_name != node.package_name || reader->group != node.group ||
        reader->resource_type == "exposure") {
      outsiders.push_back(id);
    }
  }
  return outsiders;
}

std::string InWords(const Names& ids) {
  Names names;
  for (const std::string& id : ids) {
    if (names.size() == 3) break;
    names.emplace_back(dbt::NameOf(id));
  }
  std::string text = Join(names, ", ");
  if (ids.size() > 3) text += fmt::format(" and {} more", ids.size() - 3);
  return text;
}

class Judge {
 public:
  Judge(GateContext& context, const dbt::Node& base, const dbt::Node& head)
      : context_(context), base_(base), head_(head), dialect_(context.dialect()) {}

  void Run() {
    if (head_.is_model()) {
      Contract();
      Access();
      Version();
    }
    if (IsPromised()) {
      Columns();
      Constraints();
    }
    if (head_.resource_type == "seed") SeedTypes();
    Materialization();
    bool keeps = head_.materialized == "incremental" || head_.resource_type == "snapshot";
    if (!keeps || base_.materialized != head_.materialized) return;
    Keys();
    if (head_.materialized == "incremental") SchemaChanges();
  }

 private:
  bool IsPromised() const {
    if (base_.contract.enforced || AccessOf(base_) == "public") return true;
    const Value& globs = context_.Option("promised");
    return std::any_of(globs.items().begin(), globs.items().end(),
                       [&](const Value& glob) { return MatchesGlob(glob.AsString(), base_.name); });
  }

  std::string NewVersion() const {
    return "keep it, or make the change in a new version of the model and give the old one a "
           "deprecation_date";
  }

  // ---- contract, access, version --------------------------------------------------------------

  void Contract() {
    if (!base_.contract.enforced || head_.contract.enforced) return;
    Names outsiders = Outsiders(context_.head(), head_);
    Finding finding = Make(
        "contract_removed",
        fmt::format("the contract of {} is no longer enforced{}", head_.name,
                    outsiders.empty() ? std::string() : "; it is read by " + InWords(outsiders)),
        "enforce the contract, and change it where the model really changed");
    finding.impact = std::move(outsiders);
    finding.patch = fmt::format(
        "models:\n  - name: {}\n    config:\n      contract: {{enforced: true}}\n", head_.name);
    context_.Report(std::move(finding));
  }

  void Access() {
    std::string before = AccessOf(base_), now = AccessOf(head_);
    if (before == now) return;
    bool narrower = Openness(now) < Openness(before);
    Finding finding = Make(narrower ? "access_narrowed" : "access_widened",
                           fmt::format("{} is {}, before {}", head_.name, now, before), "");
    if (narrower) {
      finding.impact = Outsiders(context_.head(), head_);
      finding.message += before == "public"
                             ? "; projects that read it can't be seen from here, and lose it"
                             : "; groups and packages that read it lose it";
      if (!finding.impact.empty()) finding.message += ": " + InWords(finding.impact);
      finding.fix = "keep the access, or tell the readers first";
      finding.patch =
          fmt::format("models:\n  - name: {}\n    config:\n      access: {}\n", head_.name, before);
    } else {
      finding.message += now == "public" ? "; others may build on it from now on" : "";
      finding.fix = head_.contract.enforced
                        ? "say who answers for it"
                        : "give it an enforced contract, and say who answers for it";
    }
    finding.base.Set("access", before);
    finding.head.Set("access", now);
    context_.Report(std::move(finding));
  }

  void Version() {
    if (base_.latest_version == head_.latest_version || head_.version.empty()) return;
    if (head_.version != head_.latest_version) return;  // told once, at the version that is latest
    Names readers;
    for (const std::string& id : context_.head().Children(head_.unique_id)) {
      const dbt::Node* reader = context_.head().Find(id);
      if (!reader) continue;
      bool unpinned = std::any_of(reader->refs.begin(), reader->refs.end(), [&](const dbt::Ref& r) {
        return r.name == head_.name && r.version.empty();
      });
      if (unpinned) readers.push_back(id);
    }
    Finding finding =
        Make("latest_moved",
             fmt::format("version {} of {} is the latest now, before {}: refs without a version "
                         "read it{}",
                         head_.latest_version, head_.name,
                         base_.latest_version.empty() ? "none" : base_.latest_version,
                         readers.empty() ? "" : ", as in " + InWords(readers)),
             "pin the readers that are not ready: ref('name', v=...)");
    finding.base.Set("latest_version", base_.latest_version);
    finding.head.Set("latest_version", head_.latest_version);
    finding.impact = std::move(readers);
    context_.Report(std::move(finding));
  }

  // ---- columns and types ----------------------------------------------------------------------

  // What the table gives: under an enforced contract what is declared, else what the SQL gives.
  std::optional<Names> ColumnsOf(const dbt::Node& node,
                                 const lineage::ProjectLineage* lineage) const {
    Names names;
    for (const dbt::Column& column : node.columns) names.push_back(column.name);
    if (node.contract.enforced) return names;
    if (lineage) return lineage->Columns(node.unique_id);
    return std::nullopt;
  }

  void Columns() {
    auto before = ColumnsOf(base_, context_.base_lineage());
    auto now = ColumnsOf(head_, context_.head_lineage());
    if (!before || !now) return TellUnknownColumns("whether all promised ones are there");
    for (const std::string& name : *before) {
      if (!Holds(*now, name)) ColumnRemoved(name);
    }
    for (const std::string& name : *before) {
      if (Holds(*now, name)) CompareColumnTypes(name);
    }
  }

  // Of a model whose SQL is the same the columns are, too.
  void TellUnknownColumns(std::string_view so) {
    if (base_.raw_code == head_.raw_code || told_unknown_) return;
    told_unknown_ = true;
    context_.CannotTell(
        "columns_unknown",
        fmt::format("which columns {} has can't be told from its SQL, and so not {}", head_.name,
                    so),
        "compile the project on both sides, and give the catalogs when the SQL selects `*` from a "
        "source");
  }

  void ColumnRemoved(const std::string& name) {
    Finding finding =
        Make("column_removed",
             fmt::format("`{}` is gone from {}, which {}", name, head_.name,
                         base_.contract.enforced       ? "promised it by contract"
                         : AccessOf(base_) == "public" ? "is public"
                                                       : "the policy counts as promised"),
             NewVersion());
    finding.column = name;
    finding.impact = Outsiders(context_.head(), head_);
    if (!finding.impact.empty()) finding.message += "; it is read by " + InWords(finding.impact);
    context_.Report(std::move(finding));
  }

  std::string TypeIn(const dbt::Node& node, const dbt::Catalog* catalog,
                     const std::string& name) const {
    const dbt::Column* column = node.FindColumn(name);
    if (column && !column->data_type.empty()) return column->data_type;
    const dbt::CatalogTable* table = catalog ? catalog->Find(node.unique_id) : nullptr;
    if (!table) return {};
    for (const dbt::CatalogColumn& one : table->columns) {
      if (EqualsIgnoreCase(one.name, name)) return one.type;
    }
    return {};
  }

  void CompareColumnTypes(const std::string& name) {
    CompareTwoTypes(name, TypeIn(base_, context_.base_catalog(), name),
                    TypeIn(head_, context_.head_catalog(), name));
  }

  void CompareTwoTypes(const std::string& name, const std::string& before, const std::string& now) {
    if (before.empty() || now.empty()) return;
    TypeChange change = CompareTypes(before, now, dialect_);
    if (change == TypeChange::kSame) return;
    bool narrower = change == TypeChange::kNarrower, wider = change == TypeChange::kWider;
    Finding finding =
        Make(narrower ? "type_narrowed"
             : wider  ? "type_widened"
                      : "type_changed",
             fmt::format("`{}` of {} is {}, before {}{}", name, head_.name, now, before,
                         narrower ? ": some values no longer fit" : ""),
             wider ? "tell readers that copy the column into a type of their own" : NewVersion());
    finding.column = name;
    finding.base.Set("type", before);
    finding.head.Set("type", now);
    if (!wider) {
      finding.patch = fmt::format("columns:\n  - name: {}\n    data_type: {}\n", name, before);
    }
    context_.Report(std::move(finding));
  }

  void SeedTypes() {
    const Value& before = base_.Config("column_types");
    const Value& now = head_.Config("column_types");
    for (const auto& [name, type] : before.members()) {
      CompareTwoTypes(name, std::string(type.AsString()), std::string(now[name].AsString()));
    }
  }

  // ---- constraints ----------------------------------------------------------------------------

  void Constraints() {
    if (!base_.contract.enforced) return;
    for (const dbt::Column& column : base_.columns) {
      const dbt::Column* now = head_.FindColumn(column.name);
      if (now) CompareConstraints(column.constraints, now->constraints, column.name);
    }
    CompareConstraints(base_.constraints, head_.constraints, "");
    bool enforces = base_.materialized == "table" || base_.materialized == "incremental";
    bool still = head_.materialized == "table" || head_.materialized == "incremental";
    bool any = !base_.constraints.empty();
    for (const dbt::Column& column : base_.columns) any = any || !column.constraints.empty();
    if (!any || !enforces || still) return;
    context_.Report(Make("constraint_unenforced",
                         fmt::format("{} is a {} now: its constraints are no longer enforced",
                                     head_.name, head_.materialized),
                         "keep the table, or test what the constraints ensured"));
  }

  void CompareConstraints(const std::vector<dbt::Constraint>& before,
                          const std::vector<dbt::Constraint>& now, const std::string& column) {
    for (const dbt::Constraint& constraint : before) {
      bool kept = std::any_of(now.begin(), now.end(), [&](const dbt::Constraint& other) {
        return other.type == constraint.type && other.expression == constraint.expression &&
               other.columns == constraint.columns;
      });
      if (kept) continue;
      Finding finding = Make(
          "constraint_removed",
          fmt::format("the constraint {} of {} is gone", TypeOf(constraint),
                      column.empty()
                          ? constraint.columns.empty() ? head_.name : Join(constraint.columns, ", ")
                          : fmt::format("`{}`", column)),
          "put it back, or test what it ensured");
      finding.column = column;
      context_.Report(std::move(finding));
    }
  }

  // ---- how the table is built -----------------------------------------------------------------

  void Materialization() {
    const std::string& before = base_.materialized;
    const std::string& now = head_.materialized;
    if (before == now || before.empty() || now.empty()) return;
    if (now == "ephemeral") {
      Finding finding =
          Make("relation_lost",
               fmt::format("{} is ephemeral now: there is no {} any more for who reads it outside "
                           "dbt, and the old one stays behind unfilled",
                           head_.name, before),
               "keep a table or a view, or see that nobody outside dbt reads it");
      finding.impact = Outsiders(context_.head(), head_);
      return context_.Report(std::move(finding));
    }
    bool plain = (before == "table" || before == "view" || before == "ephemeral") &&
                 (now == "table" || now == "view");
    if (plain) return;
    std::string_view then =
        before == "incremental"
            ? "every run rebuilds it: rows that its sources no longer have are lost"
        : now == "incremental"
            ? "only new rows are computed from now on: a later change of the SQL does not reach "
              "old ones"
            : "dbt replaces the relation";
    Finding finding = Make("materialization_changed",
                           fmt::format("{} is {}, before {}: {}", head_.name, now, before, then),
                           "say in the pull request that this is meant, and when it is rebuilt");
    finding.base.Set("materialized", before);
    finding.head.Set("materialized", now);
    context_.Report(std::move(finding));
  }

  void Keys() {
    const Value& before = base_.Config("unique_key");
    const Value& now = head_.Config("unique_key");
    if (KeyOf(before) != KeyOf(now) && !before.empty()) {
      Finding finding = Make(
          "unique_key_changed",
          now.empty()
              ? fmt::format("{} has no unique_key any more: rows that come again are appended",
                            head_.name)
              : fmt::format("the unique_key of {} is {}, before {}: rows that are there already "
                            "are not recognised and come again",
                            head_.name, Plain(now), Plain(before)),
          "keep the key, or plan a full refresh together with the merge");
      finding.base.Set("unique_key", before);
      finding.head.Set("unique_key", now);
      context_.Report(std::move(finding));
    }
    for (std::string_view key : {"incremental_strategy", "incremental_predicates", "partition_by",
                                 "strategy", "check_cols", "updated_at", "target_schema"}) {
      const Value& was = base_.Config(key);
      const Value& is = head_.Config(key);
      if (was == is || (was.empty() && is.empty())) continue;
      Finding finding =
          Make("strategy_changed",
               fmt::format("{} of {} is {}, before {}", key, head_.name, Plain(is), Plain(was)),
               "check what it means for rows that the table holds already; most such "
               "changes need a full refresh");
      finding.base.Set(key, was);
      finding.head.Set(key, is);
      context_.Report(std::move(finding));
    }
  }

  // ---- on_schema_change -----------------------------------------------------------------------

  static std::string OnSchemaChange(const dbt::Node& node) {
    return ToLower(node.Config("on_schema_change").AsString("ignore"));
  }

  void SchemaChanges() {
    std::string mode = OnSchemaChange(head_), before_mode = OnSchemaChange(base_);
    if (mode != before_mode && (mode == "sync_all_columns" || mode == "ignore")) {
      Finding finding = Make(
          "on_schema_change",
          mode == "ignore"
              ? fmt::format("{} ignores new columns now (on_schema_change), before {}", head_.name,
                            before_mode)
              : fmt::format("{} now drops columns that its SQL no longer has (on_schema_change: "
                            "sync_all_columns), before {}",
                            head_.name, before_mode),
          mode == "ignore" ? "use append_new_columns or fail" : "use append_new_columns");
      finding.base.Set("on_schema_change", before_mode);
      finding.head.Set("on_schema_change", mode);
      context_.Report(std::move(finding));
    }
    auto before =
        context_.base_lineage() ? context_.base_lineage()->Columns(base_.unique_id) : std::nullopt;
    auto now =
        context_.head_lineage() ? context_.head_lineage()->Columns(head_.unique_id) : std::nullopt;
    if (!before || !now) return TellUnknownColumns("what the next run does to the table");
    for (const std::string& name : *now) {
      if (!Holds(*before, name)) ColumnAdded(name, mode);
    }
    for (const std::string& name : *before) {
      if (!Holds(*now, name)) ColumnLost(name, mode);
    }
  }

  Finding MakeColumn(std::string_view rule, const std::string& name, std::string message,
                     std::string fix, const std::string& mode) const {
    Finding finding = Make(rule, std::move(message), std::move(fix));
    finding.column = name;
    finding.head.Set("on_schema_change", mode);
    return finding;
  }

  void ColumnAdded(const std::string& name, const std::string& mode) {
    if (mode == "fail") {
      return context_.Report(MakeColumn(
          "run_fails", name,
          fmt::format("the next run of {} fails: `{}` is new, and on_schema_change is `fail`",
                      head_.name, name),
          "plan a full refresh, or use append_new_columns", mode));
    }
    if (mode != "ignore") return;
    Names readers;
    for (const auto& reader : context_.head_lineage()->Readers({head_.unique_id, ToLower(name)})) {
      if (reader.distance == 1 && !Holds(readers, reader.column.node)) {
        readers.push_back(reader.column.node);
      }
    }
    Finding finding = MakeColumn(
        readers.empty() ? "column_not_added" : "column_missing", name,
        fmt::format("`{}` is new and will be missing in the table of {}: on_schema_change is "
                    "`ignore`{}",
                    name, head_.name,
                    readers.empty() ? "" : ", and " + InWords(readers) + " read it and break"),
        "set on_schema_change: append_new_columns, or plan a full refresh", mode);
    if (readers.size() == 1) {
      size_t at = finding.message.find(" read it and break");
      if (at != std::string::npos) finding.message.replace(at, 18, " reads it and breaks");
    }
    finding.impact = std::move(readers);
    finding.patch = fmt::format(
        "models:\n  - name: {}\n    config:\n      on_schema_change: append_new_columns\n",
        head_.name);
    context_.Report(std::move(finding));
  }

  void ColumnLost(const std::string& name, const std::string& mode) {
    if (mode == "sync_all_columns") {
      context_.Report(MakeColumn(
          "column_data_dropped", name,
          fmt::format("the next run drops `{}` from the table of {}, with all its history "
                      "(on_schema_change: sync_all_columns)",
                      name, head_.name),
          "keep the column, or use append_new_columns", mode));
    } else if (mode == "append_new_columns") {
      context_.Report(MakeColumn(
          "column_left_null", name,
          fmt::format("`{}` stays in the table of {} and is null in new rows", name, head_.name),
          "keep the column until its readers are gone", mode));
    } else {
      context_.Report(MakeColumn(
          "run_fails", name,
          fmt::format("the next run of {} fails: the table has `{}`, the SQL no longer gives it, "
                      "and on_schema_change is `{}`",
                      head_.name, name, mode),
          "keep the column, or plan a full refresh", mode));
    }
  }

  Finding Make(std::string_view rule, std::string message, std::string fix) const {
    Finding finding;
    finding.rule = fmt::format("contract_break.{}", rule);
    finding.message = std::move(message);
    finding.fix = std::move(fix);
    return finding;
  }

  GateContext& context_;
  const dbt::Node& base_;
  const dbt::Node& head_;
  sql::Dialect dialect_;
  bool told_unknown_ = false;
};

// A model that is gone, or that has another name: for who reads it from outside that is the same.
void JudgeGone(GateContext& context, const dbt::Node& base, const dbt::Node* now) {
  bool promised = base.contract.enforced || AccessOf(base) == "public" || !base.version.empty();
  if (!base.is_model() || !promised) return;
  bool retired = !base.deprecation_date.empty();
  Finding finding;
  finding.rule = retired ? "contract_break.model_retired" : "contract_break.model_removed";
  std::string_view why = base.contract.enforced       ? "has a contract"
                         : AccessOf(base) == "public" ? "is public"
                                                      : "has versions";
  std::string name = base.version.empty() ? base.name : base.name + ".v" + base.version;
  std::string what = now ? fmt::format("is called {} now", now->name) : std::string("is gone");
  finding.message = retired ? fmt::format("{} {}; it was to go on {}", name, what,
                                          base.deprecation_date.substr(0, 10))
                            : fmt::format("{} {}, and it {}", name, what, why);
  finding.impact = Outsiders(context.base(), base);
  if (!finding.impact.empty()) finding.message += "; it was read by " + InWords(finding.impact);
  finding.fix = retired ? "check that the date has come, and that nobody reads it"
                        : "give it a deprecation_date first, and tell its readers";
  if (!retired) {
    finding.patch = fmt::format(
        "models:\n  - name: {}\n    deprecation_date: <the day when it may go>\n", base.name);
  }
  context.Report(std::move(finding));
}

class ContractBreak final : public Gate {
 public:
  const GateInfo& info() const override { return kInfo; }

  void Run(GateContext& context) const override {
    const dbt::Node* base = context.base_node();
    const dbt::Node* head = context.head_node();
    if (!base) return context.NotApplicable("a new node has promised nothing yet");
    bool renamed = head && (base->name != head->name || base->version != head->version);
    if (!head || renamed) JudgeGone(context, *base, head);
    if (head) Judge(context, *base, *head).Run();
  }
};

}  // namespace

std::unique_ptr<Gate> Make_contract_break() { return std::make_unique<ContractBreak>(); }

}  // namespace layergate
