// Objects that templates see as modules: `target`, `adapter`, a package of macros. Their attributes
// are looked up by a function.
#pragma once

#include <algorithm>
#include <functional>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "jinja/value.h"

namespace layergate::jinja {

class Facade final : public Object {
 public:
  using Lookup = std::function<std::optional<Var>(std::string_view)>;
  Facade(std::string name, Lookup lookup, Var::Function call = {})
      : name_(std::move(name)), lookup_(std::move(lookup)), call_(std::move(call)) {}
  std::optional<Var> Attribute(std::string_view name) const override { return lookup_(name); }
  bool IsCallable() const override { return static_cast<bool>(call_); }
  Var Call(Interpreter& interpreter, const Arguments& arguments) override {
    if (!call_) return Object::Call(interpreter, arguments);
    return call_(interpreter, arguments);
  }
  std::string ToString() const override {
    throw RenderError{"the template prints `" + name_ + "`", 0};
  }

 private:
  std::string name_;
  Lookup lookup_;
  Var::Function call_;
};

inline Var MakeFacade(std::string name, Facade::Lookup lookup, Var::Function call = {}) {
  return Var(std::shared_ptr<Object>(
      std::make_shared<Facade>(std::move(name), std::move(lookup), std::move(call))));
}

[[noreturn]] inline void NotRendered(std::string why) { throw RenderError{std::move(why), 0}; }

// A function that cannot be answered here.
inline Var Needs(const std::string& name, const std::string& what) {
  return Var::MakeFunction(name, [name, what](Interpreter&, const Arguments&) -> Var {
    NotRendered(name + "() needs " + what);
  });
}

// A function without effect on the text.
inline Var Nothing(std::string name) {
  return Var::MakeFunction(std::move(name), [](Interpreter&, const Arguments&) { return Var(""); });
}

inline bool Is(std::string_view name, std::initializer_list<std::string_view> names) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace layergate::jinja
