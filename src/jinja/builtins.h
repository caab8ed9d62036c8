// What Jinja and Python bring to every template: filters, tests, global functions, and the methods
// of texts, lists, sets and dictionaries. Each name is one line in a table that also says which
// arguments it takes; a name or an argument that is not there is refused, never ignored.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "jinja/interpreter.h"
#include "jinja/value.h"

namespace layergate::jinja {

// The arguments of one builtin, by Python's names.
std::string TextOf(const Arguments& arguments, size_t index, std::string_view name,
                   std::string_view otherwise);
int64_t NumberOf(const Arguments& arguments, size_t index, std::string_view name,
                 int64_t otherwise);
bool FlagOf(const Arguments& arguments, size_t index, std::string_view name, bool otherwise);
const Var& Needed(const Arguments& arguments, size_t index, std::string_view name);

// filters.cpp
Var BuiltinFilter(Interpreter& interpreter, std::string_view name, const Var& operand,
                  const Arguments& arguments);
// methods.cpp
std::optional<Var> BuiltinMethod(const Var& object, std::string_view name);
// builtins.cpp
bool BuiltinTest(Interpreter& interpreter, std::string_view name, const Var& operand,
                 const Arguments& arguments);
// range, dict, namespace, ... nullopt when there is none of that name.
std::optional<Var> BuiltinGlobal(std::string_view name);
bool IsFilterName(std::string_view name);

// Python's json.dumps. Throws for what JSON cannot hold.
std::string DumpJson(const Var& value, bool sort_keys);

std::string ReplaceAll(std::string text, const std::string& from, const std::string& to,
                       int64_t limit = -1);

}  // namespace layergate::jinja
