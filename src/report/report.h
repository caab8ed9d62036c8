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
  bool color = false;    // text only
  int width = 100;       // text only, in columns
  bool verbose = false;  // text: passed gates, audit findings and waivers too
  // For links in Markdown, "https://github.com/org/repo"; empty: no links.
  std::string repository_url;
  // github only: when set, the text report follows the annotations, between
  // ::stop-commands::<token> and ::<token>::, where the runner obeys nothing. The caller makes it
  // up, at random: a report is a pure function of its arguments, and a token that can be guessed
  // protects nothing. Letters, digits and '-', 16 or more.
  std::string stop_token;
};

// Known names: text, json, markdown, github (workflow annotations), junit, codequality.
std::vector<std::string_view> FormatNames();
Result<std::string> Render(const verdict::Verdict& verdict, std::string_view format,
                           const RenderOptions& options = {});

// The record as a value, in the order of docs/result.md; `timings` last.
Value ToValue(const verdict::Verdict& verdict);
Result<verdict::Verdict> FromJson(std::string_view json);
// SHA-256 of the record without `timings`: the same for the same inputs, whenever and wherever.
std::string Digest(const verdict::Verdict& verdict);

}  // namespace layergate::report
