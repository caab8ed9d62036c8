// Personal data keeps its mark on its way through the models. The gate follows each column of a
// changed node back to where its value comes from, and forward to who reads it, and compares with
// the base: what was wrong before is recorded, what this change makes wrong is reported.
//
// A column counts as marked upstream when either side marks it, so a pull request can't make data
// harmless by taking the mark off; the subject's own columns need the mark on the head side.
#include "gate/gate.h"

#include <algorithm>
#include <map>
#include <set>

#include <fmt/format.h>

#include "core/text.h"
#include "dbt/project.h"
#include "gates/pii_carry_over/marks.h"
#include "gates/pii_carry_over/names.h"
#include "gates/pii_carry_over/subject.h"
#include "gates/pii_carry_over/tracer.h"
#include "lineage/project_lineage.h"

namespace layergate {
namespace {

using lineage::ColumnId;
using lineage::OutputColumn;
using lineage::ProjectLineage;
using pii::Carried;
using pii::Listed;
using pii::Mark;
using pii::Names;
using pii::ShortName;
using pii::Subject;
using pii::SubjectColumn;
using pii::Ticked;
using pii::Tracer;

const GateInfo kInfo{
    .id = "pii_carry_over",
    .title = "PII carry-over",
    .summary = "Personal data keeps its mark wherever its value goes",
    .subject = SubjectKind::kNode,
    .resource_types = {"model", "snapshot", "seed", "source"},
    .needs = {Evidence::kBaseManifest, Evidence::kHeadManifest, Evidence::kCompiledSql},
    .uses = {Evidence::kCatalog},
    .rules =
        {
            {"pii_carry_over.lost_mark",
             "a column takes its value from a marked column and has no mark itself", "fail", true},
            {"pii_carry_over.mark_weakened",
             "a column's mark is of a lower level than that of the data it carries", "fail", true},
            {"pii_carry_over.mark_removed",
             "the mark was taken off although the data is still there", "fail", true},
            {"pii_carry_over.downstream",
             "marked data now flows, unmarked, into a model that this change does not touch",
             "fail", true},
            {"pii_carry_over.leak",
             "marked data is newly exposed in a layer that others read from, with its mark", "warn",
             true},
            {"pii_carry_over.unmarked_readers",
             "a column was newly marked, and columns that carry its data have no mark", "warn",
             true},
            {"pii_carry_over.indirect",
             "a marked column newly decides which rows or values there are", "audit", true},
            {"pii_carry_over.existing",
             "a column that lacked its mark before this change still lacks it", "audit", true},
            {"pii_carry_over.name_hint",
             "a new column without a mark has a name or description that sounds like personal data",
             "audit", true},
        },
    .options =
        {
            {"exposed_layers", "list", "[marts, metrics]",
             "layers in which newly exposed marked data is reported"},
            {"name_hints", "boolean", "false",
             "whether names and descriptions that sound like personal data are reported"},
            {"classifiers", "list", "[\"*\"]", "globs over classifiers that are marks"},
            {"levels", "list", "[internal, confidential, restricted]",
             "how strict a mark is, the weakest first: words in its values or tags"},
        },
};

class Judge {
 public:
  explicit Judge(GateContext& context)
      : context_(context),
        marks_(context.pii(), context.Option("classifiers"), context.Option("levels")),
        base_lineage_(context.base_lineage()),
        head_lineage_(context.head_lineage()) {}

  void Run() {
    const dbt::Node* head_node = context_.head_node();
    if (!head_node) return context_.NotApplicable("the node is removed");
    if (!head_lineage_ || !base_lineage_) {
      return context_.CannotTell("no_lineage", "there is no lineage", "compile the project");
    }
    Tracer head_tracer(context_, marks_, *head_lineage_);
    Tracer base_tracer(context_, marks_, *base_lineage_);
    head_ = Look(*head_node, marks_, *head_lineage_, head_tracer);
    if (context_.base_node()) {
      base_ = Look(*context_.base_node(), marks_, *base_lineage_, base_tracer);
    }

    if (!head_.opaque.empty() && head_tracer.MarkedAbove(head_node->unique_id)) {
      context_.CannotTell(
          "unknown_lineage",
          fmt::format("{} reads marked columns, and where they go is not known: {}",
                      head_node->name, head_.opaque),
          "compile the project at the head commit, or have a person check the columns");
    }
    for (const SubjectColumn& column : head_.columns) JudgeColumn(column);
    ReportUnsure();
    JudgeWholeNode();
    JudgeRemovedMarks();
    if (head_.has_sql && head_.opaque.empty()) JudgeIndirect(head_tracer, base_tracer);
    ReportWholeNodeOrigins();
    ReportExisting();
  }

 private:
  // --- columns ---------------------------------------------------------------------------------

  void JudgeColumn(const SubjectColumn& column) {
    const SubjectColumn* before = base_.Find(column.name);
    bool covered = column.mark.has_value() || head_.mark.has_value();
    bool said = false;
    for (const Carried& carried : column.carried) {
      if (carried.whole_node) {
        if (!covered) whole_node_[carried.origin.node].push_back({column.name, &carried});
        continue;
      }
      bool carried_before = before && Carries(*before, carried.origin);
      if (covered) {
        if (IsWeaker(column, carried, before)) ReportWeakened(column, carried);
        if (!carried_before && !said) ReportLeak(column, carried);
        said = true;
        continue;
      }
      if (!carried.certain) {
        ReportUnsure(column, carried);
        said = true;
        continue;
      }
      if (before && before->mark) continue;  // mark_removed says it
      if (carried_before && !before->mark && !base_.mark) {
        if (MarkedInBase(carried.origin)) {
          existing_.push_back(column.name);
          continue;
        }
      }
      if (!said) ReportLost(column, carried);
      said = true;
    }
    if (column.unsure && !covered && !said) unsure_.push_back(&column);
    if (!said && !covered && !before) Hint(column);
    if (head_.has_sql) JudgeReaders(column, before);
    // A model's new column is judged as such; a source's column was there before it was described.
    bool newly_marked = column.mark && (before ? !before->mark : !head_.has_sql && base_.node);
    if (newly_marked) JudgeNewMark(column);
  }

  static bool Carries(const SubjectColumn& column, const ColumnId& origin) {
    return std::any_of(column.carried.begin(), column.carried.end(),
                       [&](const Carried& carried) { return carried.origin == origin; });
  }

  bool MarkedInBase(const ColumnId& column) const {
    const dbt::Node* node = context_.base().Find(column.node);
    const dbt::Column* entry = node ? node->FindColumn(column.column) : nullptr;
    return entry && pii::MarkOf(*entry, marks_);
  }

  // The base column that the head column is, under another name: it carried the same marked column
  // and is gone.
  const SubjectColumn* OldNameOf(const SubjectColumn& column, const ColumnId& origin) const {
    if (base_.Find(column.name)) return nullptr;
    for (const SubjectColumn& old : base_.columns) {
      if (!head_.Find(old.name) && Carries(old, origin)) return &old;
    }
    return nullptr;
  }

  Location PlaceOf(std::string_view column) const {
    const OutputColumn* output = head_lineage_->Model(head_.node->unique_id).statement.Find(column);
    if (!output) return context_.LocationOf(*head_.node);
    return context_.LocationIn(*head_.node, head_lineage_->Model(head_.node->unique_id).sql,
                               output->span);
  }

  std::string PropertiesFile() const {
    return head_.node->patch_path.empty() ? std::string("a properties file of the model")
                                          : head_.node->patch_path;
  }

  Finding About(std::string_view rule, const SubjectColumn& column, const Carried& carried) const {
    Finding finding;
    finding.rule = std::string(rule);
    finding.column = column.name;
    finding.location = PlaceOf(column.name);
    finding.path = carried.path;
    finding.evidence.Set("origin", ShortName(carried.origin));
    finding.evidence.Set("mark", carried.mark.Describe());
    finding.patch = pii::YamlPatch(*head_.node, column.name, carried.mark,
                                   context_.head().metadata().dbt_version);
    finding.fix = fmt::format("mark {} in {}, or leave the column out", Ticked(column.name),
                              PropertiesFile());
    return finding;
  }

  void ReportLost(const SubjectColumn& column, const Carried& carried) {
    Finding finding = About("pii_carry_over.lost_mark", column, carried);
    if (const SubjectColumn* old = OldNameOf(column, carried.origin)) {
      finding.base = Value::MakeObject(
          {{"column", old->name}, {"mark", old->mark ? Value(old->mark->Describe()) : Value()}});
      finding.message = fmt::format(
          "{} is what was {}: it still carries {} ({}), and the mark did not come along",
          Ticked(column.name), Ticked(old->name), ShortName(carried.origin),
          carried.mark.Describe());
    } else {
      finding.message =
          fmt::format("{} takes its value from {} ({}) and has no mark", Ticked(column.name),
                      ShortName(carried.origin), carried.mark.Describe());
    }
    finding.head = Value::MakeObject({{"column", column.name}, {"mark", nullptr}});
    for (const ProjectLineage::Reader& reader :
         head_lineage_->Readers({head_.node->unique_id, column.name})) {
      AddImpact(finding, reader.column.node);
    }
    context_.Report(std::move(finding));
  }

  static void AddImpact(Finding& finding, const std::string& id) {
    if (std::find(finding.impact.begin(), finding.impact.end(), id) == finding.impact.end()) {
      finding.impact.push_back(id);
    }
  }

  // The strictest mark on the way wins. What was as weak before is not of this change.
  bool IsWeaker(const SubjectColumn& column, const Carried& carried,
                const SubjectColumn* before) const {
    const auto level = [](const std::optional<Mark>& own, const std::optional<Mark>& node) {
      return std::max(own ? own->level : -1, node ? node->level : -1);
    };
    const int now = level(column.mark, head_.mark);
    if (now < 0 || now >= carried.mark.level) return false;
    if (!before || !Carries(*before, carried.origin)) return true;
    const int was = level(before->mark, base_.mark);
    return was > now || was < 0 || !MarkedInBase(carried.origin);
  }

  void ReportWeakened(const SubjectColumn& column, const Carried& carried) {
    Finding finding = About("pii_carry_over.mark_weakened", column, carried);
    const std::string& now = marks_.levels[static_cast<size_t>(
        std::max(column.mark ? column.mark->level : -1, head_.mark ? head_.mark->level : -1))];
    const std::string& carries = marks_.levels[static_cast<size_t>(carried.mark.level)];
    finding.message = fmt::format("{} carries {}, which is {}, and is marked {} itself",
                                  Ticked(column.name), ShortName(carried.origin), carries, now);
    finding.base = Value::MakeObject({{"level", carries}});
    finding.head = Value::MakeObject({{"level", now}});
    finding.fix = fmt::format("mark {} as strictly as what it carries, in {}", Ticked(column.name),
                              PropertiesFile());
    context_.Report(std::move(finding));
  }

  void ReportLeak(const SubjectColumn& column, const Carried& carried) {
    if (!IsExposed() || OldNameOf(column, carried.origin)) return;
    Finding finding = About("pii_carry_over.leak", column, carried);
    finding.patch.clear();
    finding.message =
        fmt::format("{} newly exposes {} ({}) in layer {}; it is marked", Ticked(column.name),
                    ShortName(carried.origin), carried.mark.Describe(), context_.layer());
    finding.fix = "have a reviewer confirm that readers of this layer may see it";
    context_.Report(std::move(finding));
  }

  bool IsExposed() const {
    const Value& layers = context_.Option("exposed_layers");
    if (layers.is_null()) return context_.layer() == "marts" || context_.layer() == "metrics";
    for (const Value& layer : layers.items()) {
      if (layer.AsString() == context_.layer()) return true;
    }
    return false;
  }

  std::string RemedyFor(std::string_view columns) const {
    return fmt::format(
        "mark {} in {} if personal data may be in it, or give a catalog so that stars and names "
        "can "
        "be resolved",
        columns, PropertiesFile());
  }

  void ReportUnsure(const SubjectColumn& column, const Carried& carried) {
    context_.CannotTell(
        "unknown_lineage",
        fmt::format("{} may carry {} ({}): a step between them is not understood",
                    Ticked(column.name), ShortName(carried.origin), carried.mark.Describe()),
        RemedyFor(Ticked(column.name)), PlaceOf(column.name));
  }

  // Columns of which nothing is known, told at once.
  void ReportUnsure() {
    if (unsure_.empty()) return;
    std::vector<std::string> names;
    for (const SubjectColumn* column : unsure_) names.push_back(Ticked(column->name));
    const bool one = names.size() == 1;
    context_.CannotTell(
        "unknown_lineage",
        fmt::format("where {} {} from is not known, and marked columns lie upstream", Listed(names),
                    one ? "comes" : "come"),
        RemedyFor(one ? names[0] : "the columns"), PlaceOf(unsure_.front()->name));
  }

  void Hint(const SubjectColumn& column) {
    if (!context_.OptionBool("name_hints")) return;
    constexpr std::string_view kHints[] = {
        "email",     "e_mail", "e-mail",      "phone",      "first_name",  "last_name",
        "full_name", "birth",  "dob",         "ssn",        "passport",    "street",
        "iban",      "tax_id", "postal_code", "ip_address", "national_id", "surname"};
    const dbt::Column* entry = head_.node->FindColumn(column.name);
    const std::string name = ToLower(column.name);
    const std::string description = entry ? ToLower(entry->description) : std::string();
    for (std::string_view hint : kHints) {
      const bool named = name.find(hint) != std::string::npos;
      const std::string spaced = Spaced(hint);
      if (!named && description.find(hint) == std::string::npos &&
          description.find(spaced) == std::string::npos) {
        continue;
      }
      Finding finding;
      finding.rule = "pii_carry_over.name_hint";
      finding.column = column.name;
      finding.message =
          named ? fmt::format("{} is new, sounds like personal data (`{}`) and has no mark",
                              Ticked(column.name), hint)
                : fmt::format(
                      "{} is new, its description speaks of personal data (`{}`), and it "
                      "has no mark",
                      Ticked(column.name), spaced);
      finding.location = PlaceOf(column.name);
      finding.fix = fmt::format("mark it in {} if it is personal data", PropertiesFile());
      return context_.Report(std::move(finding));
    }
  }
  static std::string Spaced(std::string_view hint) {
    std::string text(hint);
    std::replace(text.begin(), text.end(), '_', ' ');
    return text;
  }

  // --- who reads it ----------------------------------------------------------------------------

  // Readers of `column` that carry its value, have no mark, and are not subjects of their own.
  std::vector<ColumnId> UnmarkedReaders(std::string_view column) const {
    std::vector<ColumnId> readers;
    for (const ProjectLineage::Reader& reader :
         head_lineage_->Readers({head_.node->unique_id, std::string(column)})) {
      if (!reader.direct || !reader.certain || reader.column.column.empty()) continue;
      const dbt::Node* node = context_.head().Find(reader.column.node);
      if (!node || pii::MarkOf(*node, marks_)) continue;
      const dbt::Column* entry = node->FindColumn(reader.column.column);
      if (entry && pii::MarkOf(*entry, marks_)) continue;
      if (!StillCarries(reader.column)) continue;
      readers.push_back(reader.column);
    }
    return readers;
  }

  // Whether the marked data really arrives, and was not declassified on the way.
  bool StillCarries(const ColumnId& reader) const {
    bool unsure = false;
    return !Tracer(context_, marks_, *head_lineage_).Into(reader, unsure).empty();
  }

  // Marked data that this column did not carry before flows on into models that are not part of
  // the change, through `select *` or because the column's source moved under them.
  void JudgeReaders(const SubjectColumn& column, const SubjectColumn* before) {
    const Carried* fresh = nullptr;
    for (const Carried& carried : column.carried) {
      if (!carried.whole_node && carried.certain && !(before && Carries(*before, carried.origin))) {
        fresh = &carried;
      }
    }
    if (!fresh) return;
    std::vector<ColumnId> readers;
    for (ColumnId& reader : UnmarkedReaders(column.name)) {
      const change::NodeChange* own = context_.changes().Find(reader.node);
      if (!own || own->dbt_state.empty()) readers.push_back(std::move(reader));
    }
    if (readers.empty()) return;
    Finding finding = About("pii_carry_over.downstream", column, *fresh);
    const dbt::Node* first = context_.head().Find(readers.front().node);
    finding.message = fmt::format("{} now brings {} ({}), unmarked, into {}", Ticked(column.name),
                                  ShortName(fresh->origin), fresh->mark.Describe(), Names(readers));
    for (const ColumnId& reader : readers) AddImpact(finding, reader.node);
    finding.fix = "mark the columns that receive it, or keep it out of them";
    if (first) {
      finding.patch = pii::YamlPatch(*first, readers.front().column, fresh->mark,
                                     context_.head().metadata().dbt_version);
    }
    context_.Report(std::move(finding));
  }

  void JudgeNewMark(const SubjectColumn& column) {
    std::vector<ColumnId> readers = UnmarkedReaders(column.name);
    if (readers.empty()) return;
    Finding finding;
    finding.rule = "pii_carry_over.unmarked_readers";
    finding.column = column.name;
    finding.message = fmt::format("{} is now marked ({}); {} carry its data without a mark",
                                  Ticked(column.name), column.mark->Describe(), Names(readers));
    for (const ColumnId& reader : readers) AddImpact(finding, reader.node);
    finding.fix = "mark the readers too";
    if (const dbt::Node* first = context_.head().Find(readers.front().node)) {
      finding.patch = pii::YamlPatch(*first, readers.front().column, *column.mark,
                                     context_.head().metadata().dbt_version);
    }
    context_.Report(std::move(finding));
  }

  // --- marks on whole nodes --------------------------------------------------------------------

  struct FromNode {
    std::string column;
    const Carried* carried;
  };

  // A tag on a whole model or source is answered by a tag on the reader, or by marks on the
  // columns.
  void ReportWholeNodeOrigins() {
    for (const auto& [node, columns] : whole_node_) {
      std::vector<std::string> names;
      bool before = base_.node != nullptr && !base_.mark;
      for (const FromNode& from : columns) {
        names.push_back(Ticked(from.column));
        const SubjectColumn* old = base_.Find(from.column);
        before = before && old && Carries(*old, from.carried->origin);
      }
      if (before) {
        for (const FromNode& from : columns) existing_.push_back(from.column);
        continue;
      }
      const Carried& first = *columns.front().carried;
      Finding finding;
      finding.rule = "pii_carry_over.lost_mark";
      finding.message =
          fmt::format("{} takes {} from {}, which is marked as a whole ({}), and has no mark",
                      head_.node->name, Listed(names), ShortName(node), first.mark.Describe());
      finding.path = first.path;
      finding.evidence.Set("origin", ShortName(node));
      finding.evidence.Set("mark", first.mark.Describe());
      finding.patch =
          pii::YamlPatch(*head_.node, "", first.mark, context_.head().metadata().dbt_version);
      finding.fix =
          fmt::format("mark the model, or the columns that are personal, in {}", PropertiesFile());
      context_.Report(std::move(finding));
    }
  }

  void JudgeWholeNode() {
    if (!base_.mark || head_.mark) return;
    for (const SubjectColumn& column : head_.columns) {
      const SubjectColumn* before = base_.Find(column.name);
      if (column.mark && !(before && before->mark)) return;  // moved onto the columns
    }
    Finding finding;
    finding.rule = "pii_carry_over.mark_removed";
    finding.message = fmt::format("{} was marked as a whole ({}) and is not any more",
                                  head_.node->name, base_.mark->Describe());
    finding.base = Value::MakeObject({{"mark", base_.mark->Describe()}});
    finding.head = Value::MakeObject({{"mark", nullptr}});
    finding.fix = "put the mark back, or mark the columns that are personal";
    finding.patch =
        pii::YamlPatch(*head_.node, "", *base_.mark, context_.head().metadata().dbt_version);
    context_.Report(std::move(finding));
  }

  // --- marks taken off -------------------------------------------------------------------------

  void JudgeRemovedMarks() {
    if (head_.mark) return;
    for (const SubjectColumn& before : base_.columns) {
      if (before.mark) JudgeRemovedMark(before);
    }
    // Columns that only the properties file knows: declared and marked, but not seen in the SQL.
    if (!base_.node || !base_.has_sql || base_.opaque.empty()) return;
    for (const dbt::Column& entry : base_.node->columns) {
      std::optional<Mark> mark = pii::MarkOf(entry, marks_);
      const dbt::Column* now = head_.node->FindColumn(entry.name);
      if (mark && !(now && pii::MarkOf(*now, marks_))) {
        ReportRemoved(entry.name, *mark, nullptr);
      }
    }
  }

  void JudgeRemovedMark(const SubjectColumn& before) {
    const SubjectColumn* now = head_.Find(before.name);
    if (!head_.has_sql) {
      // A source's columns are what they are: no longer describing one does not change the data.
      if (!now || !now->mark) ReportRemoved(before.name, *before.mark, nullptr);
      return;
    }
    if (!now || now->mark) return;
    if (!now->carried.empty()) return ReportRemoved(now->name, *before.mark, &now->carried[0]);
    if (now->unsure) return;  // said already
    if (SameSources(before.name)) ReportRemoved(now->name, *before.mark, nullptr);
  }

  // Whether the column still takes its value from where it did, at least in part.
  bool SameSources(std::string_view column) const {
    const OutputColumn* old = base_lineage_->Model(base_.node->unique_id).statement.Find(column);
    const OutputColumn* now = head_lineage_->Model(head_.node->unique_id).statement.Find(column);
    if (!old || !now) return true;
    if (old->direct.empty() && now->direct.empty()) return old->expression == now->expression;
    for (const lineage::Edge& edge : now->direct) {
      for (const lineage::Edge& other : old->direct) {
        if (edge.relation == other.relation && edge.column == other.column) return true;
      }
    }
    return false;
  }

  void ReportRemoved(const std::string& column, const Mark& mark, const Carried* carried) {
    Finding finding;
    finding.rule = "pii_carry_over.mark_removed";
    finding.column = column;
    finding.message = fmt::format("{} lost its mark ({}) and still holds the data", Ticked(column),
                                  mark.Describe());
    if (carried) {
      finding.path = carried->path;
      finding.message += fmt::format(" of {}", ShortName(carried->origin));
    }
    finding.base = Value::MakeObject({{"mark", mark.Describe()}});
    finding.head = Value::MakeObject({{"mark", nullptr}});
    finding.fix =
        "put the mark back, or have the owner of the data agree with a waiver in the base";
    finding.patch =
        pii::YamlPatch(*head_.node, column, mark, context_.head().metadata().dbt_version);
    context_.Report(std::move(finding));
  }

  // --- joins and filters -----------------------------------------------------------------------

  // Marked columns that decide about rows or values without being one, newly so.
  void JudgeIndirect(const Tracer& head_tracer, const Tracer& base_tracer) {
    std::set<ColumnId> before;
    if (base_.node && base_.opaque.empty())
      before = IndirectlyRead(*base_.node, *base_lineage_, base_tracer);
    std::vector<std::string> names;
    for (const ColumnId& column : IndirectlyRead(*head_.node, *head_lineage_, head_tracer)) {
      if (!before.count(column)) names.push_back(ShortName(column));
    }
    if (names.empty()) return;
    Finding finding;
    finding.rule = "pii_carry_over.indirect";
    finding.message =
        fmt::format("{} newly decides about rows or values by marked {} {}", head_.node->name,
                    names.size() == 1 ? "column" : "columns", Listed(names));
    finding.fix = "check that what can be inferred from the result may be known";
    context_.Report(std::move(finding));
  }

  std::set<ColumnId> IndirectlyRead(const dbt::Node& node, const ProjectLineage& side,
                                    const Tracer& tracer) const {
    std::set<ColumnId> read;
    const lineage::StatementLineage& statement = side.Model(node.unique_id).statement;
    auto take = [&](const lineage::Edge& edge) {
      ColumnId id{edge.relation, edge.column};
      if (tracer.ColumnMark(id)) read.insert(id);
    };
    for (const lineage::Edge& edge : statement.dataset) take(edge);
    for (const OutputColumn& output : statement.columns) {
      for (const lineage::Edge& edge : output.indirect) take(edge);
    }
    return read;
  }

  void ReportExisting() {
    if (existing_.empty()) return;
    std::sort(existing_.begin(), existing_.end());
    existing_.erase(std::unique(existing_.begin(), existing_.end()), existing_.end());
    std::vector<std::string> names;
    for (const std::string& name : existing_) names.push_back(Ticked(name));
    Finding finding;
    finding.rule = "pii_carry_over.existing";
    finding.message = fmt::format("{} lacked {} before this change too", Listed(names),
                                  names.size() == 1 ? "its mark" : "their marks");
    finding.fix = "not of this change; mark them when you next work on the model";
    context_.Report(std::move(finding));
  }

  GateContext& context_;
  const pii::Matchers marks_;
  const ProjectLineage* base_lineage_;
  const ProjectLineage* head_lineage_;
  Subject base_, head_;
  std::map<std::string, std::vector<FromNode>> whole_node_;
  std::vector<std::string> existing_;
  std::vector<const SubjectColumn*> unsure_;
};

class PiiCarryOver final : public Gate {
 public:
  const GateInfo& info() const override { return kInfo; }
  void Run(GateContext& context) const override { Judge(context).Run(); }
};

}  // namespace

std::unique_ptr<Gate> Make_pii_carry_over() { return std::make_unique<PiiCarryOver>(); }

}  // namespace layergate
