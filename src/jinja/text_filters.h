// Jinja's filters for text that is laid out or marked up. What they give for text beyond what is
// computed here is refused.
#pragma once

#include "jinja/builtins.h"

namespace layergate::jinja {

Var FileSizeFormat(Interpreter& interpreter, const Var& value, const Arguments& arguments);
Var PrettyPrint(Interpreter& interpreter, const Var& value, const Arguments& arguments);
Var StripTags(Interpreter& interpreter, const Var& value, const Arguments& arguments);
Var WordWrap(Interpreter& interpreter, const Var& value, const Arguments& arguments);
Var XmlAttributes(Interpreter& interpreter, const Var& value, const Arguments& arguments);

std::string EscapedForHtml(std::string_view text);
// yaml.safe_dump, for values whose texts need no quotes.
std::string DumpYaml(const Var& value, bool sort_keys);

}  // namespace layergate::jinja
