#include "gate/gate.h"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "core/text.h"
#include "dbt/project.h"

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
  std::string prefix = inputs_.pull_request ? inputs_.pull_request->project_prefix : std::string();
  return {prefix + node.original_file_path, 0, 0};
}

Location GateContext::LocationIn(const dbt::Node& node, std::string_view sql, Span span) const {
  Location location = LocationOf(node);
  std::string_view place = sql.substr(std::min<size_t>(span.begin, sql.size()));
  std::string_view line = Trim(place.substr(0, place.find('\n')));
  if (line.empty()) return location;
  size_t at = node.raw_code.find(line);
  // A line that stands twice in the file would point at the wrong one: better no line than a wrong
  // one.
  if (at == std::string::npos || node.raw_code.find(line, at + 1) != std::string::npos) {
    std::string_view words = Trim(Slice(sql, span));
    if (words.empty()) return location;
    at = node.raw_code.find(words);
    if (at == std::string::npos || node.raw_code.find(words, at + 1) != std::string::npos) {
      return location;
    }
  }
  LineColumn found = Locate(node.raw_code, at);
  location.line = found.line;
  location.column = found.column;
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
