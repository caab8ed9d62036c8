// A failing test is mended by mending the model. This gate says when a test was removed, disabled
// or made to forgive instead.
#include "gate/gate.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <set>

#include <fmt/format.h>

#include "core/text.h"
#include "dbt/project.h"
#include "dbt/unique_id.h"
#include "gates/test_weakening/pairs.h"
#include "gates/test_weakening/predicates.h"
#include "lineage/project_lineage.h"

namespace layergate {
namespace {

using test_weakening::ArgumentsOf;
using test_weakening::Compared;
using test_weakening::TestPair;
using test_weakening::TitleOf;

const GateInfo kInfo{
    .id = "test_weakening",
    .title = "Test weakening",
    .summary = "Tests are not removed, disabled or loosened to make a change pass",
    .subject = SubjectKind::kNode,
    .resource_types = {"model", "seed", "snapshot", "source"},
    .needs = {Evidence::kBaseManifest, Evidence::kHeadManifest},
    .uses = {Evidence::kCompiledSql},
    .rules =
        {
            {"test_weakening.removed", "a test is gone, and what it tested is still there", "fail",
             true},
            {"test_weakening.key_unguarded",
             "a key is no longer tested to be unique and not null, or a wider key is", "fail",
             true},
            {"test_weakening.disabled", "a test is disabled", "fail", true},
            {"test_weakening.severity", "a test that failed now only warns", "fail", true},
            {"test_weakening.where", "a test looks at fewer rows", "fail", true},
            {"test_weakening.threshold", "a test forgives more failing rows, or can't fail", "fail",
             true},
            {"test_weakening.values", "a test accepts more values", "fail", true},
            {"test_weakening.values_extended",
             "a test accepts a value that the model's new SQL writes", "warn", true},
            {"test_weakening.range", "a test accepts a wider range", "fail", true},
            {"test_weakening.target", "a relationship is checked against something else", "fail",
             true},
            {"test_weakening.body", "a singular test finds fewer rows", "fail", true},
            {"test_weakening.unit_test_thinned", "a unit test expects less", "fail", true},
            {"test_weakening.unit_test_rewritten",
             "a unit test's expectation was edited, perhaps to fit the model", "warn", true},
            {"test_weakening.key_untested", "a new model declares a unique_key that nothing checks",
             "warn", true},
            {"test_weakening.untested", "a new or changed model has no test at all", "warn", true},
            {"test_weakening.project_untested",
             "the project has no test at all; told once, not for each model", "warn", true},
            {"test_weakening.changed",
             "a test checks something else; which is stricter can't be "
             "told",
             "warn", true},
        },
    .options = {},
};

std::string Plain(const Value& value) {
  return value.is_string() ? std::string(value.AsString()) : WriteJson(value);
}

bool IsWarning(const dbt::Node& test) {
  return EqualsIgnoreCase(test.Config("severity").AsString("error"), "warn");
}

// The smallest number of failing rows at which a threshold speaks: "!= 0" and "> 0" are 1, ">= 5"
// is 5. nullopt: another form.
std::optional<double> SpeaksFrom(const Value& threshold) {
  std::string_view text = Trim(threshold.AsString("!= 0"));
  bool not_equal = text.starts_with("!="), at_least = text.starts_with(">=");
  if (!not_equal && !at_least && !text.starts_with(">")) return std::nullopt;
  text = Trim(text.substr(not_equal || at_least ? 2 : 1));
  double number = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  if (not_equal) return number == 0 ? std::optional<double>(1) : std::nullopt;
  return at_least ? number : number + 1;
}

// Without null members: which of them are written depends on the version of dbt.
Value WithoutNulls(const Value& value) {
  if (value.is_array()) {
    Value list = Value::MakeArray();
    for (const Value& item : value.items()) list.Append(WithoutNulls(item));
    return list;
  }
  if (!value.is_object()) return value;
  Value object = Value::MakeObject();
  for (const auto& [key, member] : value.members()) {
    if (!member.is_null()) object.Set(key, WithoutNulls(member));
  }
  return object;
}

class Judge {
 public:
  Judge(GateContext& context, const dbt::Node& base, const dbt::Node& head)
      : context_(context), base_(base), head_(head), dialect_(context.dialect()) {}

  void Run() {
    std::vector<TestPair> pairs =
        test_weakening::PairTests(context_.base(), base_.unique_id, context_.head(),
                                  head_.unique_id, [&](const std::string& column) {
                                    return HasColumn(column, head_.FindColumn(column) != nullptr);
                                  });
    CollectGuarantees(pairs);
    for (const TestPair& pair : pairs) {
      if (pair.base && pair.head) Compare(*pair.base, *pair.head);
      if (pair.base && !pair.head) Gone(*pair.base, pair.disabled);
    }
  }

 private:
  // ---- gone -----------------------------------------------------------------------------------

  void CollectGuarantees(const std::vector<TestPair>& pairs) {
    for (const TestPair& pair : pairs) {
      if (!pair.head || (IsWarning(*pair.head) && !(pair.base && IsWarning(*pair.base)))) continue;
      for (std::string& one : test_weakening::GuaranteesOf(*pair.head)) guaranteed_.insert(one);
    }
    for (std::string& one :
         test_weakening::GuaranteesOfConstraints(head_, context_.head().metadata().adapter_type)) {
      guaranteed_.insert(one);
    }
  }

  // Whether the node still has the column; `otherwise` when its columns are not known.
  bool HasColumn(const std::string& name, bool otherwise) const {
    if (name.empty() || !context_.head_lineage()) return otherwise;
    auto columns = context_.head_lineage()->Columns(head_.unique_id);
    if (!columns) return otherwise;
    return std::any_of(columns->begin(), columns->end(),
                       [&](const std::string& column) { return EqualsIgnoreCase(column, name); });
  }

  void Gone(const dbt::Node& test, bool disabled) {
    if (disabled) {
      return Report("disabled", test, test, fmt::format("{} is disabled", TitleOf(test)),
                    "enable it again, and mend the model or the data");
    }
    std::vector<std::string> guarantees = test_weakening::GuaranteesOf(test);
    bool replaced = !guarantees.empty() &&
                    std::all_of(guarantees.begin(), guarantees.end(),
                                [&](const std::string& one) { return guaranteed_.count(one) > 0; });
    if (replaced) return;
    // A test must not vanish because nobody could look: unknown columns are there.
    if (test.test_metadata && !HasColumn(test.column_name, true)) return;
    if (!guarantees.empty() && GuardsKey(test, guarantees)) return KeyGone(test);
    std::string what =
        test.resource_type == "unit_test" ? fmt::format("the unit test {} is gone", test.name)
        : test.column_name.empty()
            ? fmt::format("{} is gone", TitleOf(test))
            : fmt::format("{} is gone, and the column is still there", TitleOf(test));
    Report("removed", test, test, std::move(what), "put it back, and mend the model or the data");
  }

  // A test of uniqueness always guards a key; a not_null does when its column is one.
  bool GuardsKey(const dbt::Node& test, const std::vector<std::string>& guarantees) const {
    for (const std::string& one : guarantees) {
      if (one.starts_with("unique:")) return true;
    }
    std::vector<std::string> keys = KeysOf(head_);
    for (const dbt::Node* other : test_weakening::TestsOf(context_.base(), base_.unique_id)) {
      for (const std::string& one : test_weakening::GuaranteesOf(*other)) {
        if (one.starts_with("unique:")) keys.push_back(one.substr(7));
      }
    }
    return std::find(keys.begin(), keys.end(), ToLower(test.column_name)) != keys.end();
  }

  static std::vector<std::string> KeysOf(const dbt::Node& node) {
    std::vector<std::string> keys;
    const Value& unique_key = node.Config("unique_key");
    if (unique_key.is_string()) keys.push_back(ToLower(unique_key.AsString()));
    for (const Value& column : unique_key.items()) keys.push_back(ToLower(column.AsString()));
    for (const std::string& column : node.primary_key) keys.push_back(ToLower(column));
    return keys;
  }

  void KeyGone(const dbt::Node& test) {
    std::vector<std::string> readers;
    for (const std::string& id : context_.head().Children(head_.unique_id)) {
      if (id.starts_with("model.") || id.starts_with("snapshot.")) readers.push_back(id);
    }
    std::string message = fmt::format("{} is gone, and the key is still there", TitleOf(test));
    if (!readers.empty()) {
      bool unique = test.test_metadata->name.find("unique") != std::string::npos ||
                    test.test_metadata->name.find("key") != std::string::npos;
      message += fmt::format("; {} model{} it, and a join would {} unseen", readers.size(),
                             readers.size() == 1 ? " reads" : "s read",
                             unique ? "double rows" : "lose rows without a key");
    }
    Finding finding =
        Make("key_unguarded", test, test, std::move(message),
             "put it back: without it nobody notices a key that repeats or is missing");
    finding.impact = std::move(readers);
    context_.Report(std::move(finding));
  }

  // ---- still there ----------------------------------------------------------------------------

  void Compare(const dbt::Node& base, const dbt::Node& head) {
    if (head.resource_type == "unit_test") return CompareUnit(base, head);
    if (!IsWarning(base) && IsWarning(head)) {
      Report("severity", base, head, fmt::format("{} only warns now", TitleOf(head)),
             "keep the severity `error`, and mend the model or the data", base.Config("severity"),
             head.Config("severity"));
    }
    CompareWhere(base, head, base.Config("where"), head.Config("where"));
    CompareThresholds(base, head);
    if (head.test_metadata) {
      CompareArguments(base, head);
      CompareMacro(base, head);
    } else {
      CompareBodies(base, head);
    }
  }

  void CompareWhere(const dbt::Node& base, const dbt::Node& head, const Value& before,
                    const Value& now) {
    if (before == now) return;
    Compared compared =
        test_weakening::CompareConditions(before.AsString(), now.AsString(), dialect_);
    if (compared == Compared::kFewerRows) {
      Report("where", base, head,
             fmt::format("{} now looks only at rows where `{}`", TitleOf(head), now.AsString()),
             "test all rows, and mend the model or the data", before, now);
    } else if (compared == Compared::kOther) {
      Report("changed", base, head,
             fmt::format("{} looks at other rows: where `{}`, before `{}`", TitleOf(head),
                         now.AsString(), before.AsString()),
             "check that no row is left out that was tested", before, now);
    }
  }

  void CompareThresholds(const dbt::Node& base, const dbt::Node& head) {
    std::string_view key = IsWarning(head) ? "warn_if" : "error_if";
    auto before = SpeaksFrom(base.Config(key)), now = SpeaksFrom(head.Config(key));
    const Value& limit = head.Config("limit");
    if (now && limit.is_number() && limit.AsDouble() < *now &&
        !(base.Config("limit") == limit && before == now)) {
      Report("threshold", base, head,
             fmt::format("{} can't fail any more: it stops counting at {} (`limit`), and speaks "
                         "from {} failing rows on",
                         TitleOf(head), limit.AsInt(), *now),
             "take the limit out", base.Config("limit"), limit);
    } else if (before && now && *now > *before) {
      Report("threshold", base, head,
             fmt::format("{} forgives up to {} failing rows; it forgave {}", TitleOf(head),
                         *now - 1, *before - 1),
             "keep the threshold, and mend the model or the data", base.Config(key),
             head.Config(key));
    } else if (before != now && !(before && now)) {
      Report("changed", base, head,
             fmt::format("{} of {} is `{}`, before `{}`", key, TitleOf(head),
                         Plain(head.Config(key)), Plain(base.Config(key))),
             "check that it still fails when it should", base.Config(key), head.Config(key));
    }
    CompareFailCalc(base, head);
  }

  void CompareFailCalc(const dbt::Node& base, const dbt::Node& head) {
    const Value& before = base.Config("fail_calc");
    const Value& now = head.Config("fail_calc");
    if (EqualsIgnoreCase(before.AsString("count(*)"), now.AsString("count(*)"))) return;
    bool constant = test_weakening::IsConstant(now.AsString(), dialect_);
    Report(constant ? "threshold" : "changed", base, head,
           constant ? fmt::format("{} can't fail any more: it counts `{}`", TitleOf(head),
                                  now.AsString())
                    : fmt::format("{} counts `{}`, before `{}`", TitleOf(head), now.AsString(),
                                  before.AsString("count(*)")),
           "count failing rows", before, now);
  }

  // A generic test of the project itself, whose macro was edited.
  void CompareMacro(const dbt::Node& base, const dbt::Node& head) {
    std::string id = fmt::format("macro.{}.test_{}", context_.head().metadata().project_name,
                                 head.test_metadata->name);
    if (context_.base().MacroFingerprint(id) == context_.head().MacroFingerprint(id)) return;
    const dbt::Macro* before = context_.base().FindMacro(id);
    const dbt::Macro* now = context_.head().FindMacro(id);
    if (!before || !now || Trim(before->macro_sql) == Trim(now->macro_sql)) return;
    if (!told_macros_.insert(id).second) return;
    Report(
        "changed", base, head,
        fmt::format("the macro of {} was edited: every test of that kind may find something else",
                    TitleOf(head)),
        "read both versions: does it still find what it found?");
  }

  // ---- arguments ------------------------------------------------------------------------------

  void CompareArguments(const dbt::Node& base, const dbt::Node& head) {
    Value before = ArgumentsOf(base), now = ArgumentsOf(head);
    std::set<std::string> keys;
    for (const auto& [key, value] : before.members()) keys.insert(key);
    for (const auto& [key, value] : now.members()) keys.insert(key);
    if (keys.count("to") || keys.count("field")) CompareTarget(base, head, before, now);
    for (const std::string& key : keys) {
      if (!(before[key] == now[key])) CompareArgument(base, head, key, before[key], now[key]);
    }
  }

  void CompareArgument(const dbt::Node& base, const dbt::Node& head, const std::string& key,
                       const Value& before, const Value& now) {
    constexpr std::array kRows = {"row_condition", "from_condition"};
    constexpr std::array kWords = {"to", "field", "quote", "quote_values"};
    auto among = [&](const auto& list) {
      return std::find(list.begin(), list.end(), key) != list.end();
    };
    if (among(kWords)) return;
    if (among(kRows)) return CompareWhere(base, head, before, now);
    if (key == "values" || key == "value_set") return CompareValues(base, head, before, now);
    if (key == "combination_of_columns" || key == "column_list") {
      return CompareColumns(base, head, before, now);
    }
    if (CompareNumber(base, head, key, before, now)) return;
    Report("changed", base, head,
           fmt::format("{} of {} is {}, before {}", key, TitleOf(head),
                       now.is_null() ? "not set" : fmt::format("`{}`", Plain(now)),
                       before.is_null() ? "not set" : fmt::format("`{}`", Plain(before))),
           "check that it still fails when it should", before, now);
  }

  static bool Holds(const Value& list, const Value& item) {
    return std::any_of(list.items().begin(), list.items().end(),
                       [&](const Value& one) { return Plain(one) == Plain(item); });
  }

  void CompareValues(const dbt::Node& base, const dbt::Node& head, const Value& before,
                     const Value& now) {
    bool forbids = head.test_metadata->name.starts_with("not_accepted") ||
                   head.test_metadata->name.find("not_be_in_set") != std::string::npos;
    const Value& from = forbids ? now : before;
    const Value& to = forbids ? before : now;
    std::vector<std::string> more;
    bool all_written = !forbids;
    for (const Value& value : to.items()) {
      if (Holds(from, value)) continue;
      more.push_back(fmt::format("`{}`", Plain(value)));
      all_written = all_written && IsNewlyWritten(Plain(value));
    }
    if (!to.is_array() || !from.is_array()) {
      more.emplace_back("anything");
      all_written = false;
    }
    if (more.empty()) return;  // stricter, or in another order
    bool extended = all_written;
    Report(extended ? "values_extended" : "values", base, head,
           fmt::format("{} now accepts {} as well{}", TitleOf(head), Join(more, ", "),
                       extended ? ", which the model's new SQL writes" : ""),
           extended ? "check that who reads the column knows the new value"
                    : "find out where the value comes from, and mend that",
           before, now);
  }

  // A text that the model's new SQL holds as a literal and the old one did not.
  bool IsNewlyWritten(const std::string& value) const {
    std::string literal = "'" + value + "'";
    const std::string& before = base_.compiled_code ? *base_.compiled_code : base_.raw_code;
    const std::string& now = head_.compiled_code ? *head_.compiled_code : head_.raw_code;
    return now.find(literal) != std::string::npos && before.find(literal) == std::string::npos;
  }

  void CompareColumns(const dbt::Node& base, const dbt::Node& head, const Value& before,
                      const Value& now) {
    std::vector<std::string> more;
    bool fewer = false;
    for (const Value& column : now.items()) {
      if (!Holds(before, column)) more.push_back(Plain(column));
    }
    for (const Value& column : before.items()) fewer = fewer || !Holds(now, column);
    if (more.empty()) return;  // fewer columns: a stricter key
    Report(fewer ? "changed" : "key_unguarded", base, head,
           fewer ? fmt::format("{} is over other columns: {}", TitleOf(head), Plain(now))
                 : fmt::format("{} has {} in it as well: the old key may repeat now", TitleOf(head),
                               Join(more, ", ")),
           "check which columns say what one row is", before, now);
  }

  // Arguments whose direction is known. False: not one of them.
  bool CompareNumber(const dbt::Node& base, const dbt::Node& head, const std::string& key,
                     const Value& before, const Value& now) {
    constexpr std::array kLower = {"min_value", "mostly", "at_least"};  // less of it is weaker
    constexpr std::array kUpper = {"max_value", "interval", "tolerance", "sigma_threshold"};
    bool lower = std::find(kLower.begin(), kLower.end(), key) != kLower.end();
    bool upper = std::find(kUpper.begin(), kUpper.end(), key) != kUpper.end();
    if (!lower && !upper) return false;
    if (before.is_null() && key != "mostly") return true;  // a bound more is stricter
    bool bound_gone = now.is_null() && key != "mostly";
    double from = before.AsDouble(1), to = now.AsDouble(1);
    bool numbers = (before.is_number() || before.is_null()) && (now.is_number() || now.is_null());
    bool comparable = bound_gone || numbers;
    if (!comparable) return false;
    if (!bound_gone && (lower ? to >= from : to <= from)) return true;
    Report(
        "range", base, head,
        bound_gone
            ? fmt::format("{} has no {} any more; it was {}", TitleOf(head), key, Plain(before))
            : fmt::format("{} has {} {}, before {}", TitleOf(head), key, Plain(now), Plain(before)),
        "keep the bound, and mend the model or the data", before, now);
    return true;
  }

  void CompareTarget(const dbt::Node& base, const dbt::Node& head, const Value& before,
                     const Value& now) {
    std::string from = TargetOf(base, base_.unique_id), to = TargetOf(head, head_.unique_id);
    for (const change::NodeChange& change : context_.changes().nodes) {
      if (change.old_unique_id == from && change.unique_id != from) from = change.unique_id;
    }
    std::string old_field = ToLower(before["field"].AsString());
    std::string new_field = ToLower(now["field"].AsString());
    bool same_place = from == to || (from.empty() && Plain(before["to"]) == Plain(now["to"]));
    if (same_place && old_field == new_field) return;
    Value was = Value::MakeObject({{"to", before["to"]}, {"field", before["field"]}});
    Value is = Value::MakeObject({{"to", now["to"]}, {"field", now["field"]}});
    Report("target", base, head,
           fmt::format("{} is checked against {}.{}, before {}.{}", TitleOf(head), Short(to),
                       new_field, Short(from), old_field),
           "check against what it was checked before", was, is);
  }

  // The other node of a relationships test.
  static std::string TargetOf(const dbt::Node& test, const std::string& owner) {
    for (const std::string& id : test.depends_on_nodes) {
      if (id != owner && !id.starts_with("macro.")) return id;
    }
    return owner;
  }
  static std::string Short(const std::string& id) { return std::string(dbt::NameOf(id)); }

  // ---- singular and unit tests ----------------------------------------------------------------

  void CompareBodies(const dbt::Node& base, const dbt::Node& head) {
    // The template's own text where it is SQL with names in {{ }}: compiled SQL differs between
    // environments.
    bool plain = base.raw_code.find("{%") == std::string::npos &&
                 head.raw_code.find("{%") == std::string::npos;
    bool compiled = !plain && base.compiled_code && head.compiled_code;
    if (base.raw_code == head.raw_code) return;
    std::string why;
    Compared compared = test_weakening::CompareQueries(
        compiled ? *base.compiled_code : base.raw_code,
        compiled ? *head.compiled_code : head.raw_code, dialect_, why);
    if (compared == Compared::kSame) return;
    bool fewer = compared == Compared::kFewerRows;
    Report(
        fewer ? "body" : "changed", base, head,
        fewer ? fmt::format("{} finds fewer rows: {}", head.name, why)
              : fmt::format("{} asks another question{}", head.name, why.empty() ? "" : ": " + why),
        fewer ? "take the new condition out, and mend the model or the data"
              : "read both versions: does it still find what it found?");
  }

  void CompareUnit(const dbt::Node& base, const dbt::Node& head) {
    Value before = WithoutNulls(base.definition["expect"]);
    Value now = WithoutNulls(head.definition["expect"]);
    auto same = [&](std::string_view key) {
      return WithoutNulls(base.definition[key]) == WithoutNulls(head.definition[key]);
    };
    bool inputs = !same("given") || !same("overrides");
    if (before == now && !inputs) return;
    size_t rows_before = RowsOf(before), rows_now = RowsOf(now);
    size_t columns_before = ColumnsOf(before), columns_now = ColumnsOf(now);
    if (rows_now < rows_before || columns_now < columns_before) {
      return Report(
          "unit_test_thinned", base, head,
          rows_now < rows_before
              ? fmt::format("{} expects {} of {} rows", head.name, rows_now, rows_before)
              : fmt::format("{} looks at {} of {} columns", head.name, columns_now, columns_before),
          "expect the whole result", before, now);
    }
    bool model_too = !(base_.raw_code == head_.raw_code);
    Report("unit_test_rewritten", base, head,
           before == now ? fmt::format("the inputs of {} were edited", head.name)
           : model_too   ? fmt::format("the expectation of {} was edited together with the model: "
                                         "it may have been fitted to it",
                                       head.name)
                         : fmt::format("the expectation of {} was edited", head.name),
           "have somebody who knows the rule say which expectation is right", before, now);
  }

  static size_t RowsOf(const Value& expect) {
    const Value& rows = expect["rows"];
    if (rows.is_array()) return rows.items().size();
    size_t lines = 0;
    for (std::string_view line : Split(rows.AsString(), '\n')) lines += Trim(line).empty() ? 0 : 1;
    return lines;
  }
  static size_t ColumnsOf(const Value& expect) {
    const Value& rows = expect["rows"];
    std::set<std::string> columns;
    for (const Value& row : rows.items()) {
      for (const auto& [column, value] : row.members()) columns.insert(column);
    }
    if (!rows.is_string()) return columns.size();
    std::string_view header = Trim(rows.AsString());
    return Split(header.substr(0, header.find('\n')), ',').size();
  }

  // ---- reporting ------------------------------------------------------------------------------

  Finding Make(std::string_view rule, const dbt::Node& base, const dbt::Node& head,
               std::string message, std::string fix) const {
    Finding finding;
    finding.rule = fmt::format("test_weakening.{}", rule);
    finding.column = head.column_name;
    finding.message = std::move(message);
    finding.location = context_.LocationOf(head);
    finding.evidence.Set("test", head.unique_id);
    finding.fix = std::move(fix);
    finding.patch = PatchOf(base);
    return finding;
  }

  void Report(std::string_view rule, const dbt::Node& base, const dbt::Node& head,
              std::string message, std::string fix, Value before = {}, Value now = {}) {
    Finding finding = Make(rule, base, head, std::move(message), std::move(fix));
    if (!before.is_null()) finding.base.Set("value", std::move(before));
    if (!now.is_null()) finding.head.Set("value", std::move(now));
    context_.Report(std::move(finding));
  }

  // The test as it was, to paste into the node's YAML. JSON is YAML.
  std::string PatchOf(const dbt::Node& test) const {
    if (!test.test_metadata) return {};
    Value arguments = ArgumentsOf(test);
    Value config = Value::MakeObject();
    for (std::string_view key : {"where", "error_if", "warn_if", "severity"}) {
      const Value& value = test.Config(key);
      bool usual = value.empty() || value.AsString() == "!= 0" ||
                   EqualsIgnoreCase(value.AsString(), "error");
      if (!usual) config.Set(key, value);
    }
    if (!config.empty()) arguments.Set("config", std::move(config));
    const dbt::TestMetadata& metadata = *test.test_metadata;
    std::string name =
        metadata.package.empty() ? metadata.name : metadata.package + "." + metadata.name;
    std::string entry =
        arguments.empty() ? name : fmt::format("{}: {}", name, WriteJson(arguments));
    std::string head = fmt::format("{}s:\n  - name: {}\n", head_.resource_type, head_.name);
    if (head_.resource_type == "source") {
      head = fmt::format("sources:\n  - name: {}\n    tables:\n      - name: {}\n",
                         head_.source_name, head_.name);
    }
    std::string indent = head_.resource_type == "source" ? "        " : "    ";
    if (test.column_name.empty())
      return head + fmt::format("{}data_tests:\n{}  - {}\n", indent, indent, entry);
    return head + fmt::format("{0}columns:\n{0}  - name: {1}\n{0}    data_tests:\n{0}      - {2}\n",
                              indent, test.column_name, entry);
  }

  GateContext& context_;
  const dbt::Node& base_;
  const dbt::Node& head_;
  sql::Dialect dialect_;
  std::set<std::string> guaranteed_, told_macros_;
};

// A new model that says what its key is should have it tested: everything downstream joins on it.
void JudgeNew(GateContext& context, const dbt::Node& head) {
  if (head.resource_type == "snapshot") return;  // its key repeats, once for each version of a row
  const Value& unique_key = head.Config("unique_key");
  std::vector<std::string> columns;
  if (unique_key.is_string()) columns.emplace_back(ToLower(unique_key.AsString()));
  for (const Value& column : unique_key.items()) columns.push_back(ToLower(column.AsString()));
  if (columns.empty()) return;
  std::vector<std::string> tests;
  for (const dbt::Node* test : test_weakening::TestsOf(context.head(), head.unique_id)) {
    for (std::string& one : test_weakening::GuaranteesOf(*test)) tests.push_back(std::move(one));
  }
  for (std::string& one :
       test_weakening::GuaranteesOfConstraints(head, context.head().metadata().adapter_type)) {
    tests.push_back(std::move(one));
  }
  std::sort(columns.begin(), columns.end());
  std::string wanted = "unique:" + Join(columns, ",");
  if (std::find(tests.begin(), tests.end(), wanted) != tests.end()) return;
  // An expression as key, as in "a || '-' || b", has no column that a test could name.
  for (const std::string& column : columns) {
    if (column.find_first_of(" |(") != std::string::npos) return;
  }
  Finding finding;
  finding.rule = "test_weakening.key_untested";
  finding.message = fmt::format("{} is new and has the unique_key {}, which no test checks",
                                head.name, Join(columns, ", "));
  finding.fix = "test that the key is unique and not null";
  finding.patch =
      columns.size() == 1
          ? fmt::format(
                "{}s:\n  - name: {}\n    columns:\n      - name: {}\n        data_tests: "
                "[unique, not_null]\n",
                head.resource_type, head.name, columns[0])
          : fmt::format(
                "{}s:\n  - name: {}\n    data_tests:\n      - "
                "dbt_utils.unique_combination_of_columns: {{\"combination_of_columns\": "
                "[\"{}\"]}}\n",
                head.resource_type, head.name, Join(columns, "\", \""));
  context.Report(std::move(finding));
}

// Whether the model computes something else, not just its description.
bool IsNewOrComputesOther(GateContext& context) {
  const dbt::Node* base = context.base_node();
  const dbt::Node* head = context.head_node();
  if (!base || context.change().Has("compiled")) return true;
  if (context.change().cosmetic) return false;
  if (base->compiled_code && head->compiled_code) return base->compiled_code != head->compiled_code;
  return base->raw_code != head->raw_code;
}

bool HasTests(const dbt::Project& project) {
  return std::any_of(project.ids().begin(), project.ids().end(), [](const std::string& id) {
    return id.starts_with("test.") || id.starts_with("unit_test.");
  });
}

// Once, at the first of the changed models.
void ReportUntestedProject(GateContext& context, const dbt::Node& head) {
  const std::string* first = nullptr;
  size_t models = 0;
  for (const change::NodeChange& change : context.changes().nodes) {
    const dbt::Node* node = context.head().Find(change.unique_id);
    if (!node || !node->is_model()) continue;
    ++models;
    if (!first || change.unique_id < *first) first = &change.unique_id;
  }
  if (!first || *first != head.unique_id) return;
  Finding finding;
  finding.rule = "test_weakening.project_untested";
  finding.message = fmt::format("the project has no test at all, and {} of its models {}", models,
                                models == 1 ? "changes" : "change");
  finding.fix = "begin with the keys: test that they are unique and not null";
  finding.patch = fmt::format(
      "{}s:\n  - name: {}\n    columns:\n      - name: <key>\n        data_tests: [unique, "
      "not_null]\n",
      head.resource_type, head.name);
  context.Report(std::move(finding));
}

void JudgeUntested(GateContext& context, const dbt::Node& head) {
  // A seed's rows lie in the repository, for everybody to see.
  bool tested = head.resource_type == "source" || head.resource_type == "seed" ||
                !IsNewOrComputesOther(context);
  for (const std::string& id : context.head().Children(head.unique_id)) {
    tested = tested || id.starts_with("test.") || id.starts_with("unit_test.");
  }
  if (tested) return;
  if (!HasTests(context.head())) return ReportUntestedProject(context, head);
  Finding finding;
  finding.rule = "test_weakening.untested";
  finding.message = fmt::format("{} has no test", head.name);
  finding.fix = "test at least that its key is unique and not null";
  finding.patch = fmt::format(
      "{}s:\n  - name: {}\n    columns:\n      - name: <key>\n        data_tests: [unique, "
      "not_null]\n",
      head.resource_type, head.name);
  context.Report(std::move(finding));
}

class TestWeakening final : public Gate {
 public:
  const GateInfo& info() const override { return kInfo; }

  void Run(GateContext& context) const override {
    const dbt::Node* base = context.base_node();
    const dbt::Node* head = context.head_node();
    if (!head) return context.NotApplicable("the node was removed, and its tests with it");
    // What a package tests is its author's business.
    bool own = head->package_name == context.head().metadata().project_name;
    if (own) JudgeUntested(context, *head);
    if (own && !base) JudgeNew(context, *head);
    if (!base) return;
    Judge(context, *base, *head).Run();
  }
};

}  // namespace

std::unique_ptr<Gate> Make_test_weakening() { return std::make_unique<TestWeakening>(); }

}  // namespace layergate
