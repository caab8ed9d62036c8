#include "jinja/unknown_text.h"

#include <fmt/format.h>

namespace layergate::jinja {
namespace {

// Control characters that no template text holds.
constexpr char kOpen = '\x01', kClose = '\x02';

class UnknownText final : public Object {
 public:
  explicit UnknownText(std::string key) : key_(std::move(key)) {}
  std::optional<Var> Attribute(std::string_view) const override { Refuse(); }
  std::string ToString() const override { return kOpen + key_ + kClose; }
  std::string Repr() const override { Refuse(); }
  std::string EqualityKey() const override { Refuse(); }
  bool Truth() const override { Refuse(); }
  bool IsMapping() const override { Refuse(); }
  bool IsUnknown() const override { return true; }

 private:
  [[noreturn]] void Refuse() const {
    throw RenderError{
        fmt::format("{} is not known, and the template does more than print it", key_), 0};
  }
  std::string key_;
};

}  // namespace

Var MakeUnknownText(const std::string& key) {
  return Var(std::shared_ptr<Object>(std::make_shared<UnknownText>(key)));
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
