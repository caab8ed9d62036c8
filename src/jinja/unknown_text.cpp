#include "jinja/unknown_text.h"

#include <fmt/format.h>

namespace layergate::jinja {
namespace {

// Control characters that no template text holds.
constexpr char kOpen = '\x01', kClose = '\x02';
constexpr char kAsks = '\x03';  // between a key and a question about it

class UnknownText final : public Object {
 public:
  UnknownText(std::string key, const std::map<std::string, bool>* assumed)
      : key_(std::move(key)), assumed_(assumed) {}
  std::optional<Var> Attribute(std::string_view) const override { Refuse(); }
  std::string ToString() const override { return kOpen + key_ + kClose; }
  std::string Repr() const override { Refuse(); }
  std::string EqualityKey() const override { Refuse(); }
  bool Truth() const override { return Assumed(""); }
  bool Assumed(const std::string& question) const override {
    std::string whole = question.empty() ? key_ : key_ + kAsks + question;
    auto found = assumed_ ? assumed_->find(whole) : std::map<std::string, bool>::const_iterator();
    if (assumed_ && found != assumed_->end()) return found->second;
    throw RenderError{
        fmt::format("whether {} is {} is not known", key_, question.empty() ? "true" : question), 0,
        whole};
  }
  bool IsMapping() const override { Refuse(); }
  bool IsUnknown() const override { return true; }

 private:
  [[noreturn]] void Refuse() const {
    throw RenderError{
        fmt::format("{} is not known, and the template does more than print it", key_), 0};
  }
  std::string key_;
  const std::map<std::string, bool>* assumed_;
};

}  // namespace

Var MakeUnknownText(const std::string& key, const std::map<std::string, bool>* assumed) {
  return Var(std::shared_ptr<Object>(std::make_shared<UnknownText>(key, assumed)));
}

std::string_view SettingOf(std::string_view question) {
  return question.substr(0, question.find(kAsks));
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
