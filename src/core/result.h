// What a step gives back when the world may not let it finish: a value, or an `Error` that a user
// can act on.
//
// `Result<T>` is for the world's failures only (no file, no server, bad YAML). What the pull
// request does wrong is a `Finding` (core/finding.h); what this program cannot judge is reported
// through the gate API as "cannot tell"; a broken invariant of our own aborts through
// LAYERGATE_CHECK. The spelling follows std::expected, so that an alias can replace it when every
// supported compiler has that type.
//
// An Error is a sentence for a person: what failed, where (a path, and line and column where there
// is one), and what to do about it. Each step that passes one on may put its own context in front:
// the message then reads as the way the data took ("read base manifest: target/manifest.json:
// unexpected end of file").
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace layergate {

struct Error {
  std::string message;
  std::string remedy;  // what the user can do, one sentence; may be empty

  // The same error, with the step that met it in front of the message.
  Error WithContext(std::string_view context) const;
  // Message and remedy as one text of one or two lines, as the terminal shows it.
  std::string ToString() const;
};

inline Error MakeError(std::string message, std::string remedy = {}) {
  return Error{std::move(message), std::move(remedy)};
}

template <typename T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::move(value)) {}      // NOLINT: a value is a result
  Result(Error error) : state_(std::move(error)) {}  // NOLINT: so is an error

  bool has_value() const { return state_.index() == 0; }
  explicit operator bool() const { return has_value(); }

  T& value() & { return std::get<0>(state_); }
  const T& value() const& { return std::get<0>(state_); }
  T&& value() && { return std::get<0>(std::move(state_)); }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(*this).value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }

  const Error& error() const { return std::get<1>(state_); }

 private:
  std::variant<T, Error> state_;
};

template <>
class [[nodiscard]] Result<void> {
 public:
  Result() = default;
  Result(Error error) : error_(std::move(error)) {}  // NOLINT

  bool has_value() const { return !error_; }
  explicit operator bool() const { return has_value(); }
  const Error& error() const { return *error_; }

 private:
  std::optional<Error> error_;
};

// Prints the condition and its place to standard error and throws CheckFailure, which the gate
// runner turns into "unknown" for the gate that broke, and main() into exit 2. Never a pass.
struct CheckFailure {
  std::string what;
};
[[noreturn]] void FailCheck(const char* condition, const char* file, int line);

}  // namespace layergate

#define LAYERGATE_CHECK(condition)                                            \
  do {                                                                        \
    if (!(condition)) ::layergate::FailCheck(#condition, __FILE__, __LINE__); \
  } while (false)

#define LAYERGATE_CONCAT_(a, b) a##b
#define LAYERGATE_CONCAT(a, b) LAYERGATE_CONCAT_(a, b)
// LAYERGATE_TRY(auto bytes, ReadFile(path)): declares `bytes`, or returns the error from this
// function.
#define LAYERGATE_TRY(declaration, expression) \
  LAYERGATE_TRY_(LAYERGATE_CONCAT(lg_result_, __LINE__), declaration, expression)
#define LAYERGATE_TRY_(result, declaration, expression) \
  auto result = (expression);                           \
  if (!result) return result.error();                   \
  declaration = *std::move(result)
