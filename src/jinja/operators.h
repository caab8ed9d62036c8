// Python's operators over the values of a template.
#pragma once

#include <string_view>

#include "jinja/value.h"

namespace layergate::jinja {

// + - * / // % ** of numbers, texts, lists and sets. Throws RenderError for what Python refuses and
// for whole numbers beyond 64 bits.
Var Arithmetic(std::string_view op, const Var& a, const Var& b);
Var Negated(const Var& number);
// == != < <= > >= in, not in
bool Compare(std::string_view op, const Var& a, const Var& b);
bool Contains(const Var& container, const Var& item);
// Whether an if would take it.
bool IsTrue(const Var& value);
// An unknown text may be printed and joined; whoever looks at it needs the value.
void RefuseUnknown(const Var& value);

}  // namespace layergate::jinja
