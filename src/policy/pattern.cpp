#include "policy/pattern.h"

#include <fmt/format.h>
#include <re2/re2.h>

#include "core/text.h"

namespace layergate::policy {

struct Pattern::State {
  std::unique_ptr<RE2> expression;
};

Pattern::Pattern() : state_(std::make_unique<State>()) {}
Pattern::~Pattern() = default;

Result<std::shared_ptr<const Pattern>> Pattern::Compile(std::string_view text) {
  constexpr size_t kLongest = 1000;
  if (text.size() > kLongest) {
    return MakeError(
        fmt::format("a regular expression of {} bytes; {} are read", text.size(), kLongest));
  }
  RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(int64_t{1} << 20);
  auto pattern = std::make_shared<Pattern>();
  pattern->state_->expression =
      std::make_unique<RE2>(re2::StringPiece(text.data(), text.size()), options);
  if (!pattern->state_->expression->ok()) {
    return MakeError(fmt::format("'{}' is no regular expression of RE2: {}", Printable(text),
                                 Printable(pattern->state_->expression->error())));
  }
  return std::shared_ptr<const Pattern>(std::move(pattern));
}

bool Pattern::Matches(std::string_view text) const {
  return RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), *state_->expression);
}

}  // namespace layergate::policy
