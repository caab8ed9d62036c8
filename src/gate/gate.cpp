#include "gate/gate.h"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "core/text.h"
#include "dbt/project.h"
#include "lineage/project_lineage.h"

namespace layergate {
namespace {

// "10%" is 0.1, and so is 0.1 itself.
std::optional<double> PercentOf(const Value& value) {
  if (value.is_number()) return value.AsDouble();
  std::string_view text = Trim(value.AsString());
  bool percent = !text.empty() && text.back() == '%';
  if (percent) text = Trim(text.substr(0, text.size() - 1));
  double number = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return percent ? number / 100 : number;
}

}  // namespace

std::string_view ToString(Evidence evidence) {
  switch (evidence) {
    case Evidence::kBaseManifest:
      return "base manifest";
    case Evidence::kHeadManifest:
      return "head manifest";
    case Evidence::kCompiledSql:
      return "compiled SQL";
    case Evidence::kCatalog:
      return "catalog";
    case Evidence::kRunResults:
      return "run results";
    case Evidence::kWarehouse:
      return "warehouse";
    case Evidence::kGit:
      return "git";
  }
  return "";
}

GateContext::GateContext(const GateInfo& info, Inputs inputs)
    : info_(info), inputs_(std::move(inputs)) {}

const change::NodeChange& GateContext::change() const {
  LAYERGATE_CHECK(inputs_.change != nullptr);
  return *inputs_.change;
}

const dbt::Node* GateContext::base_node() const {
  if (!inputs_.base || change().kind == change::ChangeKind::kAdded) return nullptr;
  const std::string& id = change().old_unique_id;
  return inputs_.base->Find(id.empty() ? change().unique_id : id);
}

const dbt::Node* GateContext::head_node() const {
  if (!inputs_.head || change().kind == change::ChangeKind::kRemoved) return nullptr;
  return inputs_.head->Find(change().unique_id);
}

sql::Dialect GateContext::dialect() const {
  return inputs_.head_lineage ? inputs_.head_lineage->dialect() : sql::Dialect::kAnsi;
}

const Value& GateContext::Option(std::string_view name) const {
  LAYERGATE_CHECK(std::any_of(info_.options.begin(), info_.options.end(),
                              [&](const OptionInfo& option) { return option.name == name; }));
  return inputs_.options[name];
}

// The default of an option is written in its OptionInfo as in YAML, so one table serves the code
// and the docs.
static std::string_view DefaultOf(const GateInfo& info, std::string_view name) {
  for (const OptionInfo& option : info.options) {
    if (option.name == name) return option.default_value;
  }
  return {};
}

std::string GateContext::OptionString(std::string_view name) const {
  const Value& value = Option(name);
  if (value.is_string()) return std::string(value.AsString());
  return value.is_null() ? std::string(DefaultOf(info_, name)) : WriteJson(value);
}

int64_t GateContext::OptionInt(std::string_view name) const {
  const Value& value = Option(name);
  if (value.is_int()) return value.AsInt();
  std::string_view text = DefaultOf(info_, name);
  int64_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

bool GateContext::OptionBool(std::string_view name) const {
  return Option(name).AsBool(DefaultOf(info_, name) == "true");
}

double GateContext::OptionPercent(std::string_view name) const {
  if (std::optional<double> written = PercentOf(Option(name))) return *written;
  return PercentOf(Value(DefaultOf(info_, name))).value_or(0);
}

std::chrono::milliseconds GateContext::TimeLeft() const {
  using std::chrono::milliseconds;
  if (inputs_.stop.stop_requested()) return milliseconds(0);
  auto now = std::chrono::steady_clock::now();
  if (now >= inputs_.deadline) return milliseconds(0);
  // "No deadline" must not overflow what databases take as a time-out.
  return std::min(std::chrono::duration_cast<milliseconds>(inputs_.deadline - now),
                  milliseconds(std::chrono::hours(24)));
}

Location GateContext::LocationOf(const dbt::Node& node) const {
  return {PathOf(node.package_name, node.original_file_path), 0, 0};
}

std::string GateContext::PathOf(std::string_view package, std::string_view path) const {
  if (!inputs_.pull_request) return std::string(path);
  const auto& folders = inputs_.pull_request->package_folders;
  auto local = folders.find(package);
  return (local == folders.end() ? inputs_.pull_request->project_prefix : local->second) +
         std::string(path);
}

namespace {

// A line of the model's file can be the template of a line of compiled SQL: what stands around its
// `{{ }}` and `{% %}` stands in the SQL too, in that order.
bool IsTemplateOf(std::string_view raw, std::string_view compiled) {
  raw = Trim(raw);
  compiled = Trim(compiled);
  bool first = true, any = false;
  while (!raw.empty()) {
    const size_t open = std::min(raw.find("{{"), raw.find("{%"));
    const std::string_view words = Trim(raw.substr(0, open));
    const bool last = open == std::string_view::npos;
    if (!words.empty()) {
      any = true;
      // The last words stand at the end; "o" after a ref is in every name before it too.
      const size_t at = last && !first ? compiled.rfind(words) : compiled.find(words);
      if (at == std::string_view::npos || (first && at != 0)) return false;
      compiled = compiled.substr(at + words.size());
      if (last && !Trim(compiled).empty()) return false;
    }
    if (last) break;
    const size_t close = std::min(raw.find("}}", open), raw.find("%}", open));
    if (close == std::string_view::npos) return false;
    raw = raw.substr(close + 2);
    first = false;
  }
  return any;
}

// Numbers of the lines that `fits` accepts, from 1.
template <typename Fits>
std::vector<int> LinesThat(std::string_view text, const Fits& fits) {
  std::vector<int> numbers;
  int number = 0;
  for (const std::string_view line : Split(text, '\n')) {
    ++number;
    if (fits(line)) numbers.push_back(number);
  }
  return numbers;
}

std::string_view LineOf(std::string_view text, int number) {
  return Split(text, '\n')[static_cast<size_t>(number) - 1];
}

}  // namespace

Location GateContext::LocationIn(const dbt::Node& node, std::string_view sql, Span span) const {
  Location location = LocationOf(node);
  const LineColumn place = Locate(sql, span.begin);
  if (place.line == 0) return location;
  const std::string_view line = LineOf(sql, place.line);
  if (Trim(line).empty()) return location;
  const std::vector<int> raw =
      LinesThat(node.raw_code, [&](std::string_view each) { return IsTemplateOf(each, line); });
  if (raw.empty()) return location;
  const std::string_view found = LineOf(node.raw_code, raw[0]);
  // Lines that stand there more than once: the same one of as many. Better no line than a wrong
  // one.
  const std::vector<int> compiled =
      LinesThat(sql, [&](std::string_view each) { return IsTemplateOf(found, each); });
  size_t which = 0;
  if (raw.size() > 1) {
    if (raw.size() != compiled.size()) return location;
    const auto at = std::find(compiled.begin(), compiled.end(), place.line);
    if (at == compiled.end()) return location;
    which = static_cast<size_t>(at - compiled.begin());
  }
  location.line = raw[which];
  const std::string_view text = LineOf(node.raw_code, raw[which]);
  std::string_view words = Slice(sql, span);
  words = words.substr(0, words.find('\n'));
  size_t column = words.empty() ? std::string_view::npos : text.find(words);
  if (column == std::string_view::npos) column = text.find_first_not_of(" \t");
  location.column = static_cast<int>(column) + 1;
  return location;
}

void GateContext::Report(Finding finding) {
  LAYERGATE_CHECK(std::any_of(info_.rules.begin(), info_.rules.end(),
                              [&](const RuleInfo& rule) { return rule.code == finding.rule; }));
  if (inputs_.change) {
    if (finding.subject.empty()) finding.subject = inputs_.change->unique_id;
    if (!finding.location) {
      const dbt::Node* node = head_node() ? head_node() : base_node();
      if (node) finding.location = LocationOf(*node);
    }
  }
  outcome_.findings.push_back(std::move(finding));
}

void GateContext::CannotTell(std::string code, std::string reason, std::string remedy,
                             std::optional<Location> location, Value evidence) {
  outcome_.unknown.push_back({std::move(reason), std::move(remedy), std::move(location),
                              std::move(code), std::move(evidence)});
}

void GateContext::NotApplicable(std::string reason) { outcome_.not_applicable = std::move(reason); }

void GateContext::Measured(Value numbers) { outcome_.measured = std::move(numbers); }

}  // namespace layergate
