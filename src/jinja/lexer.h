// Cuts a template into text and the tokens of its {{ }} and {% %} parts; comments are dropped,
// whitespace control
// (-, +) is applied, {% raw %} is text. Jinja's defaults as dbt uses them: no trim_blocks, no
// lstrip_blocks, one trailing newline of the template dropped.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"

namespace layergate::jinja {

struct Token {
  enum class Kind {
    kText,
    kPrintBegin,
    kPrintEnd,
    kBlockBegin,
    kBlockEnd,
    kName,
    kInteger,
    kFloat,
    kString,
    kOperator,
    kEnd,
  };
  Kind kind = Kind::kEnd;
  std::string text;  // strings without quotes, escapes applied
  uint32_t offset = 0;
};

Result<std::vector<Token>> Tokenize(std::string_view source);

}  // namespace layergate::jinja
