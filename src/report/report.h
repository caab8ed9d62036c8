// One verdict, many formats: each a file in this folder and a line in formats.def.
//
// A format is a pure function of the record (docs/result.md); text from outside is escaped for its
// medium here and nowhere else. `json` is the complete record; `FromJson` reads it back, so that
// every format can be rendered later (`layergate report --from`).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "verdict/verdict.h"

namespace layergate::report {

struct RenderOptions {
  bool color = false;          // text only
  int width = 100;             // text only
  bool verbose = false;        // text: passed gates too, one line each
  std::string repository_url;  // for links in Markdown; may be empty
};

// Known names: text, json, markdown, github (workflow annotations), junit, codequality.
std::vector<std::string_view> FormatNames();
Result<std::string> Render(const verdict::Verdict& verdict, std::string_view format,
                           const RenderOptions& options = {});

// The record as a value, in the order of docs/result.md; `timings` last.
Value ToValue(const verdict::Verdict& verdict);
Result<verdict::Verdict> FromJson(std::string_view json);

}  // namespace layergate::report
