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
#include "lineage/functions.h"
#include "lineage/project_lineage.h"

namespace layergate {
namespace {

using lineage::ColumnId;
using lineage::ModelLineage;
using lineage::OutputColumn;
using lineage::ProjectLineage;
using pii::Mark;

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
             "a new column without a mark has a name that sounds like personal data", "audit",
             true},
        },
    .options =
        {
            {"exposed_layers", "list", "[marts, metrics]",
             "layers in which newly exposed marked data is reported"},
            {"name_hints", "boolean", "false",
             "whether names that sound like personal data are reported"},
        },
};

std::string Ticked(std::string_view text) { return fmt::format("`{}`", text); }

// "model.shop.stg_customers" -> "stg_customers"; "source.shop.raw.customers" -> "raw.customers".
std::string ShortName(std::string_view id) {
  std::vector<std::string_view> parts = Split(id, '.');
  if (parts.size() < 3) return std::string(id);
  if (parts[0] == "source" && parts.size() >= 4) {
    return fmt::format("{}.{}", parts[2], parts[3]);
  }
  return std::string(parts[2]);
}
std::string ShortName(const ColumnId& column) {
  return fmt::format("{}.{}", ShortName(column.node), column.column);
}

std::string OneLine(std::string_view text) {
  std::string line;
  for (char c : text) {
    bool blank = c == '\n' || c == '\t' || c == '\r' || c == ' ';
    if (!blank) line += c;
    if (blank && !line.empty() && line.back() != ' ') line += ' ';
  }
  return line.size() <= 120 ? line : line.substr(0, 117) + "...";
}

// Functions that are called in a text, in lower case.
std::vector<std::string> CallsIn(std::string_view text) {
  std::vector<std::string> calls;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '(') continue;
    size_t end = i;
    while (end > 0 && text[end - 1] == ' ') --end;
    size_t begin = end;
    while (begin > 0 && (std::isalnum(static_cast<unsigned char>(text[begin - 1])) ||
                         text[begin - 1] == '_' || text[begin - 1] == '.')) {
      --begin;
    }
    if (begin < end) calls.push_back(ToLower(text.substr(begin, end - begin)));
  }
  return calls;
}

// The function whose call is the whole text: "sum" for "sum(x.amount)"; empty when there is none.
std::string OutermostCall(std::string_view text) {
  text = Trim(text);
  size_t open = text.find('(');
  if (open == std::string_view::npos || text.back() != ')') return {};
  int depth = 0;
  for (size_t i = open; i < text.size(); ++i) {
    if (text[i] == '\'' || text[i] == '"') {  // a parenthesis in quotes is none
      size_t close = text.find(text[i], i + 1);
      if (close == std::string_view::npos) return {};
      i = close;
      continue;
    }
    if (text[i] == '(') ++depth;
    if (text[i] == ')' && --depth == 0 && i + 1 < text.size()) return {};
  }
  std::vector<std::string> calls = CallsIn(text.substr(0, open + 1));
  return calls.size() == 1 && Trim(text.substr(0, open)) == text.substr(0, open) ? calls[0]
                                                                                 : std::string();
}

// Where marked data enters the subject's column.
struct Carried {
  ColumnId origin;          // the nearest marked column on the way
  bool whole_node = false;  // the mark is on the node, not on the column
  Mark mark;
  std::vector<PathStep> path;  // from the origin to the column
  bool certain = true;
};

// One side of the comparison, asked about columns.
class Tracer {
 public:
  Tracer(const GateContext& context, const ProjectLineage& side) : context_(context), side_(side) {}

  // The nearest marked column on each way by which data reaches `column`, one per marked column.
  // `unsure` is set when a way can't be followed and marked data may lie beyond.
  std::vector<Carried> Into(const ColumnId& column, bool& unsure) const {
    std::map<ColumnId, Carried> found;
    for (const ProjectLineage::Origin& origin : side_.Origins(column)) {
      Follow(origin, found, unsure);
    }
    std::vector<Carried> carried;
    for (auto& [id, entry] : found) carried.push_back(std::move(entry));
    return carried;
  }

  // The mark of a column of another node: of either side, so that taking it off hides nothing.
  std::optional<Mark> ColumnMark(const ColumnId& column) const {
    for (const dbt::Project* project : {&context_.head(), &context_.base()}) {
      const dbt::Node* node = project->Find(column.node);
      const dbt::Column* entry = node ? node->FindColumn(column.column) : nullptr;
      if (!entry) continue;
      if (std::optional<Mark> mark = pii::MarkOf(*entry, context_.pii())) return mark;
    }
    return std::nullopt;
  }
  std::optional<Mark> NodeMark(std::string_view id) const {
    for (const dbt::Project* project : {&context_.head(), &context_.base()}) {
      const dbt::Node* node = project->Find(id);
      if (!node) continue;
      if (std::optional<Mark> mark = pii::MarkOf(*node, context_.pii())) return mark;
    }
    return std::nullopt;
  }

  // Whether anything that `id` reads, near or far, is marked at all. Only then can a way that is
  // not understood hide something.
  bool MarkedAbove(std::string_view id, bool itself = false) const {
    std::set<std::string> seen;
    std::vector<std::string> waiting =
        itself ? std::vector<std::string>{std::string(id)} : side_.project().Parents(id);
    while (!waiting.empty()) {
      std::string node_id = std::move(waiting.back());
      waiting.pop_back();
      if (!seen.insert(node_id).second) continue;
      if (HasMarks(node_id)) return true;
      for (const std::string& parent : side_.project().Parents(node_id)) waiting.push_back(parent);
    }
    return false;
  }

  const OutputColumn* Output(const ColumnId& column) const {
    const dbt::Node* node = side_.project().Find(column.node);
    if (!node || node->resource_type == "source" || node->resource_type == "seed") return nullptr;
    return side_.Model(column.node).statement.Find(column.column);
  }

 private:
  bool HasMarks(std::string_view id) const {
    if (NodeMark(id)) return true;
    for (const dbt::Project* project : {&context_.head(), &context_.base()}) {
      const dbt::Node* node = project->Find(id);
      if (!node) continue;
      for (const dbt::Column& column : node->columns) {
        if (pii::MarkOf(column, context_.pii())) return true;
      }
    }
    return false;
  }

  void Follow(const ProjectLineage::Origin& origin, std::map<ColumnId, Carried>& found,
              bool& unsure) const {
    if (origin.path.size() < 2) return;
    // From the asked column upstream, as long as nothing on the way takes the personal part away.
    for (size_t i = origin.path.size() - 1; i-- > 0;) {
      const ColumnId& at = origin.path[i];
      if (Declassifies(origin.path[i + 1], origin.how[i])) return;
      std::optional<Mark> mark = ColumnMark(at);
      bool whole_node = false;
      if (!mark) {
        mark = NodeMark(at.node);
        whole_node = mark.has_value();
      }
      if (!mark) continue;
      Carried carried{at, whole_node, *mark, Steps(origin, i), origin.certain};
      auto [place, added] = found.try_emplace(at, std::move(carried));
      // A certain way beats an uncertain one, a short one a long one.
      if (!added && ((origin.certain && !place->second.certain) ||
                     (origin.certain == place->second.certain &&
                      origin.path.size() - i < place->second.path.size()))) {
        place->second = {at, whole_node, *mark, Steps(origin, i), origin.certain};
      }
      return;
    }
    // The way ends in something that can't be followed, or in a node that we know only in part.
    if (!origin.certain && MarkedAbove(origin.path.front().node, true)) unsure = true;
  }

  // Whether the step into `reader` leaves nothing personal behind, by the base policy's list: every
  // function on the way that hides the value must be named there. An unkeyed md5 is not.
  bool Declassifies(const ColumnId& reader, lineage::Subtype how) const {
    const OutputColumn* output = Output(reader);
    if (!output || how == lineage::Subtype::kIdentity) return false;
    if (IsNamed(OutermostCall(output->expression))) return true;
    bool masked = !output->direct.empty() &&
                  std::all_of(output->direct.begin(), output->direct.end(),
                              [](const lineage::Edge& edge) { return edge.masking; });
    if (!masked) return false;
    std::vector<std::string> hiding = Hiding(output->expression);
    if (hiding.empty()) hiding = Hiding(side_.Model(reader.node).sql);
    return !hiding.empty() && std::all_of(hiding.begin(), hiding.end(),
                                          [&](const std::string& call) { return IsNamed(call); });
  }

  bool IsNamed(std::string_view call) const {
    return !call.empty() &&
           std::any_of(context_.pii().declassify.begin(), context_.pii().declassify.end(),
                       [&](const std::string& name) { return MatchesGlob(ToLower(name), call); });
  }

  std::vector<std::string> Hiding(std::string_view text) const {
    std::vector<std::string> calls;
    for (std::string& call : CallsIn(text)) {
      lineage::FunctionClass kind = lineage::ClassOf(call, side_.dialect());
      if (kind == lineage::FunctionClass::kHash || kind == lineage::FunctionClass::kCountLike ||
          kind == lineage::FunctionClass::kConditionalCount) {
        calls.push_back(std::move(call));
      }
    }
    return calls;
  }

  std::vector<PathStep> Steps(const ProjectLineage::Origin& origin, size_t from) const {
    std::vector<PathStep> steps;
    for (size_t i = from; i < origin.path.size(); ++i) {
      PathStep step{origin.path[i].node, origin.path[i].column, "", ""};
      if (i > from) step.how = std::string(ToString(origin.how[i - 1]));
      const OutputColumn* output = i > from ? Output(origin.path[i]) : nullptr;
      if (output) step.expression = OneLine(output->expression);
      steps.push_back(std::move(step));
    }
    return steps;
  }

  const GateContext& context_;
  const ProjectLineage& side_;
};

// A column of the subject on one side.
struct SubjectColumn {
  std::string name;
  std::optional<Mark> mark;  // of the column itself
  std::vector<Carried> carried;
  bool unsure = false;
};

struct Subject {
  const dbt::Node* node = nullptr;
  std::optional<Mark> mark;  // of the node
  std::vector<SubjectColumn> columns;
  std::string opaque;  // why nothing is known of its columns
  bool has_sql = false;

  const SubjectColumn* Find(std::string_view name) const {
    for (const SubjectColumn& column : columns) {
      if (EqualsIgnoreCase(column.name, name)) return &column;
    }
    return nullptr;
  }
};

class Judge {
 public:
  explicit Judge(GateContext& context)
      : context_(context),
        base_lineage_(context.base_lineage()),
        head_lineage_(context.head_lineage()) {}

  void Run() {
    const dbt::Node* head_node = context_.head_node();
    if (!head_node) return context_.NotApplicable("the node is removed");
    if (!head_lineage_ || !base_lineage_) {
      return context_.CannotTell("no_lineage", "there is no lineage", "compile the project");
    }
    Tracer head_tracer(context_, *head_lineage_);
    Tracer base_tracer(context_, *base_lineage_);
    head_ = Look(head_node, *head_lineage_, head_tracer);
    if (context_.base_node()) base_ = Look(context_.base_node(), *base_lineage_, base_tracer);

    if (!head_.opaque.empty() && head_tracer.MarkedAbove(head_node->unique_id)) {
      context_.CannotTell(
          "unknown_lineage",
          fmt::format("{} reads marked columns, and where they go is not known: {}",
                      head_node->name, head_.opaque),
          "compile the project at the head commit, or have a person check the columns");
    }
    for (const SubjectColumn& column : head_.columns) JudgeColumn(column);
    JudgeWholeNode();
    JudgeRemovedMarks();
    if (head_.has_sql && head_.opaque.empty()) JudgeIndirect(head_tracer, base_tracer);
    ReportWholeNodeOrigins();
    ReportExisting();
  }

 private:
  Subject Look(const dbt::Node* node, const ProjectLineage& side, const Tracer& tracer) const {
    Subject subject;
    subject.node = node;
    subject.mark = pii::MarkOf(*node, context_.pii());
    auto add = [&](const std::string& name) {
      const dbt::Column* entry = node->FindColumn(name);
      SubjectColumn column{name, std::nullopt, {}, false};
      if (entry) column.mark = pii::MarkOf(*entry, context_.pii());
      return column;
    };
    subject.has_sql = node->resource_type == "model" || node->resource_type == "snapshot";
    if (!subject.has_sql) {
      for (const dbt::Column& column : node->columns) subject.columns.push_back(add(column.name));
      return subject;
    }
    const ModelLineage& lineage = side.Model(node->unique_id);
    if (!lineage.unavailable.empty()) {
      subject.opaque = lineage.unavailable;
      return subject;
    }
    if (lineage.statement.columns.empty()) {
      subject.opaque = lineage.statement.diagnostics.empty()
                           ? "its SQL gives no columns that can be told"
                           : lineage.statement.diagnostics[0].message;
    }
    for (const OutputColumn& output : lineage.statement.columns) {
      SubjectColumn column = add(output.name);
      ColumnId id{node->unique_id, output.name};
      column.carried = tracer.Into(id, column.unsure);
      if (output.status != lineage::Status::kExact && tracer.MarkedAbove(node->unique_id)) {
        column.unsure = true;
      }
      subject.columns.push_back(std::move(column));
    }
    return subject;
  }

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
        if (!carried_before && !said) ReportLeak(column, carried);
        said = true;
        continue;
      }
      if (!carried.certain) {
        ReportUnsure(column, &carried);
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
    if (column.unsure && !covered && !said) ReportUnsure(column, nullptr);
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
    return entry && pii::MarkOf(*entry, context_.pii());
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

  void ReportUnsure(const SubjectColumn& column, const Carried* carried) {
    context_.CannotTell(
        "unknown_lineage",
        carried
            ? fmt::format("{} may carry {} ({}): a step between them is not understood",
                          Ticked(column.name), ShortName(carried->origin), carried->mark.Describe())
            : fmt::format("where {} comes from is not known, and marked columns lie upstream",
                          Ticked(column.name)),
        fmt::format("mark {} in {} if it holds personal data, or give a catalog so that stars and "
                    "names can be resolved",
                    Ticked(column.name), PropertiesFile()),
        PlaceOf(column.name));
  }

  void Hint(const SubjectColumn& column) {
    if (!context_.OptionBool("name_hints")) return;
    constexpr std::string_view kHints[] = {
        "email", "e_mail",   "phone",  "first_name", "last_name", "full_name", "birth",      "dob",
        "ssn",   "passport", "street", "ip_address", "iban",      "tax_id",    "national_id"};
    std::string name = ToLower(column.name);
    for (std::string_view hint : kHints) {
      if (name.find(hint) == std::string::npos) continue;
      Finding finding;
      finding.rule = "pii_carry_over.name_hint";
      finding.column = column.name;
      finding.message = fmt::format("{} is new, sounds like personal data (`{}`) and has no mark",
                                    Ticked(column.name), hint);
      finding.fix = fmt::format("mark it in {} if it is personal data", PropertiesFile());
      return context_.Report(std::move(finding));
    }
  }

  // --- who reads it ----------------------------------------------------------------------------

  // Readers of `column` that carry its value, have no mark, and are not subjects of their own.
  std::vector<ColumnId> UnmarkedReaders(std::string_view column) const {
    std::vector<ColumnId> readers;
    for (const ProjectLineage::Reader& reader :
         head_lineage_->Readers({head_.node->unique_id, std::string(column)})) {
      if (!reader.direct || !reader.certain || reader.column.column.empty()) continue;
      const dbt::Node* node = context_.head().Find(reader.column.node);
      if (!node || pii::MarkOf(*node, context_.pii())) continue;
      const dbt::Column* entry = node->FindColumn(reader.column.column);
      if (entry && pii::MarkOf(*entry, context_.pii())) continue;
      if (!StillCarries(reader.column)) continue;
      readers.push_back(reader.column);
    }
    return readers;
  }

  // Whether the marked data really arrives, and was not declassified on the way.
  bool StillCarries(const ColumnId& reader) const {
    bool unsure = false;
    return !Tracer(context_, *head_lineage_).Into(reader, unsure).empty();
  }

  static std::string Names(const std::vector<ColumnId>& columns) {
    std::vector<std::string> names;
    for (const ColumnId& column : columns) {
      if (names.size() == 3) break;
      names.push_back(ShortName(column));
    }
    std::string text = Join(names, ", ");
    if (columns.size() > 3) text += fmt::format(" and {} more", columns.size() - 3);
    return text;
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

  static std::string Listed(const std::vector<std::string>& names) {
    std::vector<std::string> first(
        names.begin(),
        names.begin() + std::min<std::ptrdiff_t>(3, static_cast<std::ptrdiff_t>(names.size())));
    std::string text = Join(first, ", ");
    if (names.size() > 3) text += fmt::format(" and {} more columns", names.size() - 3);
    return text;
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
      std::optional<Mark> mark = pii::MarkOf(entry, context_.pii());
      const dbt::Column* now = head_.node->FindColumn(entry.name);
      if (mark && !(now && pii::MarkOf(*now, context_.pii()))) {
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
  const ProjectLineage* base_lineage_;
  const ProjectLineage* head_lineage_;
  Subject base_, head_;
  std::map<std::string, std::vector<FromNode>> whole_node_;
  std::vector<std::string> existing_;
};

class PiiCarryOver final : public Gate {
 public:
  const GateInfo& info() const override { return kInfo; }
  void Run(GateContext& context) const override { Judge(context).Run(); }
};

}  // namespace

std::unique_ptr<Gate> Make_pii_carry_over() { return std::make_unique<PiiCarryOver>(); }

}  // namespace layergate
