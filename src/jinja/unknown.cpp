#include "jinja/unknown.h"

#include <algorithm>

#include <fmt/format.h>

namespace layergate::jinja {
namespace {

// Control characters that no template text holds.
constexpr char kOpen = '\x01', kClose = '\x02';
constexpr char kAsks = '\x03';  // between a key and a question about it
constexpr char kStep = '\x04';  // before each step from a setting
constexpr std::string_view kLength = "length", kNumber = "number";
constexpr size_t kLongestKey = 4000;

// What would change the setting for everybody who holds it.
bool Changes(std::string_view method) {
  constexpr std::string_view kChanging[] = {"append", "extend",  "insert",  "pop",    "remove",
                                            "sort",   "reverse", "clear",   "update", "setdefault",
                                            "add",    "discard", "popitem", "write"};
  return std::find(std::begin(kChanging), std::end(kChanging), method) != std::end(kChanging);
}

// A text with marks inside a key: marks do not nest.
std::string WithoutControls(std::string text) {
  for (char& c : text) {
    if (c == kOpen) c = '<';
    if (c == kClose) c = '>';
    if (c == kStep || c == kAsks) c = ' ';
  }
  return text;
}

// A key for people to read.
std::string Spoken(std::string_view question) {
  std::string text;
  for (char c : question) {
    if (c == kAsks) {
      text += ' ';
    } else if (c != kStep) {
      text += c;
    }
  }
  constexpr size_t kLongest = 160;
  if (text.size() > kLongest) text = text.substr(0, kLongest) + "...";
  return text;
}

}  // namespace

Var Unknown::Derive(const std::string& step) const {
  if (counts_) throw RenderError{"this is made of a number of days that is not known", 0};
  if (key_.size() + step.size() > kLongestKey)
    throw RenderError{"too much is made of a setting that is not known", 0};
  return MakeUnknown(key_ + kStep + step, assumed_);
}

std::optional<int64_t> Unknown::Assumed(const std::string& question) const {
  if (!assumed_) return std::nullopt;
  auto found = assumed_->find(question);
  return found == assumed_->end() ? std::nullopt : std::optional(found->second);
}

void Unknown::Ask(const std::string& question, const std::string& what) const {
  throw RenderError{NotProved(what, key_), 0, question};
}

bool Unknown::Holds(const std::string& claim) const {
  std::string question = claim.empty() ? key_ : key_ + kAsks + claim;
  if (std::optional<int64_t> truth = Assumed(question)) return *truth != 0;
  throw RenderError{
      NotProved(fmt::format("whether `{}` holds of", claim.empty() ? "is true" : claim), key_), 0,
      question};
}

std::vector<Var> Unknown::Items() const {
  std::string question = fmt::format("{}{}{}", key_, kAsks, kLength);
  std::optional<int64_t> length = Assumed(question);
  if (!length) Ask(question, "how many items there are in");
  std::vector<Var> items;
  for (int64_t i = 0; i < *length; ++i) items.push_back(Derive(fmt::format("#{}", i)));
  return items;
}

std::optional<int64_t> Unknown::AssumedNumber() const {
  std::optional<int64_t> number = Assumed(fmt::format("{}{}{}", key_, kAsks, kNumber));
  return number ? std::optional(*number + beyond_) : std::nullopt;
}

int64_t Unknown::Number() const {
  std::string question = fmt::format("{}{}{}", key_, kAsks, kNumber);
  std::optional<int64_t> number = Assumed(question);
  if (number) return *number + beyond_;
  RenderError error{NotProved("which number is", key_), 0, question};
  error.beyond = beyond_;
  throw error;
}

std::optional<Var> Unknown::Attribute(std::string_view name) const {
  if (Changes(name))
    throw RenderError{fmt::format("{} is not known, and the template changes it", Spoken(key_)), 0};
  return Derive(fmt::format(".{}", name));
}

Var Unknown::Call(Interpreter&, const Arguments& arguments) {
  return Derive(fmt::format("({})", StepText(arguments)));
}

std::string Unknown::ToString() const {
  if (counts_) return std::to_string(Number());
  if (auto number = AssumedNumber()) return std::to_string(*number);
  return kOpen + key_ + kClose;
}

std::string Unknown::Repr() const {
  if (counts_) return std::to_string(Number());
  return Derive(" in a list").ToString();
}

std::string Unknown::EqualityKey() const {
  throw RenderError{
      fmt::format("{} is not known, and the template does more than print it", Spoken(key_)), 0};
}

bool Unknown::Truth() const {
  if (counts_) return Number() != 0;
  if (auto number = AssumedNumber()) return *number != 0;
  if (auto length = Assumed(fmt::format("{}{}{}", key_, kAsks, kLength))) return *length != 0;
  return Holds("");
}

Var MakeUnknown(const std::string& key, const Assumptions* assumed) {
  return Var(std::shared_ptr<Object>(std::make_shared<Unknown>(key, assumed)));
}

const Unknown* AsUnknown(const Var& value) {
  if (!value.is_object() || !value.object()->IsUnknown()) return nullptr;
  return dynamic_cast<const Unknown*>(value.object().get());
}

std::string StepText(const Var& value) {
  if (const Unknown* unknown = AsUnknown(value)) return WithoutControls(unknown->ToString());
  if (value.is_string()) {
    if (!HoldsMark(value.as_string())) return value.Repr();
    return fmt::format("'{}'", WithoutControls(value.as_string()));
  }
  if (value.is_none() || value.is_number()) return value.Repr();
  if (value.is_list() && value.list()->has_index()) {
    std::string text;
    for (const Var& item : value.list()->items) text += (text.empty() ? "" : ", ") + StepText(item);
    return value.list()->kind == List::Kind::kTuple ? "(" + text + ")" : "[" + text + "]";
  }
  if (value.is_dict()) {
    std::string text;
    for (const auto& [key, item] : value.dict()->items)
      text += fmt::format("{}{}: {}", text.empty() ? "" : ", ", StepText(key), StepText(item));
    return "{" + text + "}";
  }
  throw RenderError{"the template does more than print a setting that is not known", 0};
}

std::string StepText(const Arguments& arguments) {
  std::string text;
  for (const Var& value : arguments.positional)
    text += (text.empty() ? "" : ", ") + StepText(value);
  for (const auto& [name, value] : arguments.named)
    text += fmt::format("{}{}={}", text.empty() ? "" : ", ", name, StepText(value));
  return text;
}

QuestionKind KindOf(std::string_view question) {
  size_t asks = question.find(kAsks);
  if (asks == std::string_view::npos) return QuestionKind::kTruth;
  std::string_view what = question.substr(asks + 1);
  return what == kLength   ? QuestionKind::kLength
         : what == kNumber ? QuestionKind::kNumber
                           : QuestionKind::kTruth;
}

bool IsOfItem(std::string_view key) {
  constexpr char kItem[] = {kStep, '#'};
  return key.find(std::string_view(kItem, sizeof kItem)) != std::string_view::npos;
}

std::string_view SettingOf(std::string_view question) {
  constexpr char kEnds[] = {kAsks, kStep};
  return question.substr(0, question.find_first_of(std::string_view(kEnds, sizeof kEnds)));
}

std::string NotProved(std::string_view what, std::string_view key) {
  constexpr std::pair<std::string_view, std::string_view> kRemedies[] = {
      {"var ", " (give --project-dir or --var)"},
      {"target ", " (give --target)"},
      {"env ", " (give --env)"}};
  std::string_view remedy;
  for (const auto& [kind, help] : kRemedies) {
    if (key.substr(0, kind.size()) == kind) remedy = help;
  }
  if (key.substr(0, 6) == "query ")
    return fmt::format("{} {} needs a database, or compiled code that proves it", what,
                       Spoken(key));
  return fmt::format("{} {} is neither given nor proved by the compiled code{}", what, Spoken(key),
                     remedy);
}

bool HoldsMark(std::string_view text) { return text.find(kOpen) != std::string_view::npos; }

bool IsUnknownText(const Var& value) {
  if (value.is_string()) return HoldsMark(value.as_string());
  return value.is_object() && value.object()->IsUnknown();
}

MarkedText CutAtMarks(std::string_view text) {
  MarkedText cut;
  while (true) {
    size_t open = text.find(kOpen);
    size_t close = open == std::string_view::npos ? open : text.find(kClose, open);
    if (close == std::string_view::npos) break;
    cut.literals.emplace_back(text.substr(0, open));
    cut.keys.emplace_back(text.substr(open + 1, close - open - 1));
    text.remove_prefix(close + 1);
  }
  cut.literals.emplace_back(text);
  return cut;
}

}  // namespace layergate::jinja
