// What nobody told: a setting (a var, an environment variable, a key of the target), or what a
// query returned when dbt compiled.
//
// An Unknown has one value everywhere, and a key that says which. It can be printed and joined with
// other text, and leaves a mark there. What is made of it (an attribute, an item, what a method, a
// filter or a sum gives) is unknown as well, under a key of its own: the same steps from the same
// setting always give the same value. Nothing is computed, so nothing can be computed wrongly.
//
// Where a template must know more to go on, it asks a question:
//   truth    whether it is true, equals this or that, is a mapping ...: 0 or 1
//   length   how many items it has; each is an Unknown then
//   number   which whole number it is, where it is compared with one or counts something
// The answer may be assumed. When it is not, the error has the question as `undecided`.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "jinja/value.h"

namespace layergate::jinja {

// Answers by question.
using Assumptions = std::map<std::string, int64_t>;

class Unknown final : public Object {
 public:
  // `key` says which setting: "var shop cents", "target name", "env REGION", "query <macro> <sql>".
  // `assumed` must outlive the value, and everything that is made of it.
  Unknown(std::string key, const Assumptions* assumed) : key_(std::move(key)), assumed_(assumed) {}
  // A whole number that is `beyond` more than the one with this key; it is asked for when printed.
  Unknown(std::string key, const Assumptions* assumed, int64_t beyond)
      : key_(std::move(key)), assumed_(assumed), counts_(true), beyond_(beyond) {}

  const std::string& key() const { return key_; }
  // The value that a step gives, in the step's own words: ".name", "[0]", " | upper".
  Var Derive(const std::string& step) const;
  // The answers. They throw the question when nothing is assumed.
  bool Holds(const std::string& claim) const;  // "== 'prod'", "is none"
  std::vector<Var> Items() const;
  int64_t Number() const;
  std::optional<int64_t> AssumedNumber() const;

  std::optional<Var> Attribute(std::string_view name) const override;
  bool IsCallable() const override { return true; }
  Var Call(Interpreter& interpreter, const Arguments& arguments) override;
  std::string ToString() const override;
  std::string Repr() const override;
  std::string EqualityKey() const override;
  bool Truth() const override;
  bool IsMapping() const override { return Holds("is mapping"); }
  bool IsUnknown() const override { return true; }

 private:
  std::optional<int64_t> Assumed(const std::string& question) const;
  [[noreturn]] void Ask(const std::string& question, const std::string& what) const;

  std::string key_;
  const Assumptions* assumed_;
  bool counts_ = false;
  int64_t beyond_ = 0;
};

Var MakeUnknown(const std::string& key, const Assumptions* assumed = nullptr);
const Unknown* AsUnknown(const Var& value);  // nullptr: it is known

// A value in the words of a step; throws for what has no fixed text.
std::string StepText(const Var& value);
std::string StepText(const Arguments& arguments);

enum class QuestionKind { kTruth, kLength, kNumber };
QuestionKind KindOf(std::string_view question);
// Whether the key is of an item of a list, or of something made of one.
bool IsOfItem(std::string_view key);
// The setting that a question or a key is about: the key that all steps begin with.
std::string_view SettingOf(std::string_view question);
// That the compiled code does not prove "the text of" such a key, for people to read, and what
// would help.
std::string NotProved(std::string_view what, std::string_view key);

// Whether the value is, or the text holds the mark of, something unknown.
bool IsUnknownText(const Var& value);
bool HoldsMark(std::string_view text);

// A text cut at its marks: literals[0] keys[0] literals[1] keys[1] ... literals[n].
struct MarkedText {
  std::vector<std::string> literals, keys;
};
MarkedText CutAtMarks(std::string_view text);

}  // namespace layergate::jinja
