// What a model's or macro's Jinja calls, read off its text.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "dbt/node.h"

namespace layergate::compile {

// Names called in the Jinja of a text and where, with names that the text itself defines left out.
std::vector<std::pair<std::string, size_t>> CallsIn(std::string_view raw);

struct VarUse {
  std::string name;
  bool has_default = false;
};
// Every var('name') and var('name', default).
std::vector<VarUse> VarsIn(std::string_view raw);

// What a macro does, without its name, the names of its arguments and layout: equal bodies do the
// same.
std::string BodyOf(const dbt::Macro& macro);

}  // namespace layergate::compile
