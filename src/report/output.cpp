#include "report/output.h"

#include <algorithm>

#include <fmt/format.h>

#include "core/file.h"
#include "core/text.h"

namespace layergate::report {

Result<Output> ParseOutput(std::string_view specification) {
  size_t colon = specification.find(':');
  Output output{std::string(specification.substr(0, colon)), "-"};
  if (colon != std::string_view::npos) output.path = specification.substr(colon + 1);
  std::vector<std::string> known;
  for (std::string_view name : FormatNames()) known.emplace_back(name);
  if (std::find(known.begin(), known.end(), output.format) == known.end()) {
    std::string_view near = NearestName(output.format, known);
    std::string hint = near.empty() ? "" : fmt::format("; did you mean {}?", near);
    return MakeError(fmt::format("--output {}: unknown report format \"{}\"{}",
                                 Printable(specification), Printable(output.format), hint),
                     "write FORMAT:PATH, where FORMAT is " + Join(known, ", "));
  }
  if (output.path.empty()) {
    return MakeError(fmt::format("--output {}: no path after the colon", Printable(specification)),
                     "write FORMAT:PATH, or FORMAT alone for standard output");
  }
  return output;
}

Result<std::vector<Output>> ParseOutputs(const std::vector<std::string>& specifications) {
  std::vector<Output> outputs;
  for (const std::string& specification : specifications) {
    LAYERGATE_TRY(Output output, ParseOutput(specification));
    for (const Output& other : outputs) {
      if (other.path != output.path) continue;
      std::string place = output.path == "-" ? "standard output" : Printable(output.path);
      return MakeError(fmt::format("--output {}: {} is taken by the {} report already",
                                   Printable(specification), place, other.format),
                       "give each report a path of its own");
    }
    outputs.push_back(std::move(output));
  }
  return outputs;
}

bool WritesToStandardOutput(const std::vector<Output>& outputs) {
  return std::any_of(outputs.begin(), outputs.end(),
                     [](const Output& output) { return output.path == "-"; });
}

Result<void> WriteOutputs(const verdict::Verdict& verdict, const std::vector<Output>& outputs,
                          const RenderOptions& options) {
  std::vector<std::string> texts;
  for (const Output& output : outputs) {
    RenderOptions here = options;
    here.color = options.color && output.path == "-";
    LAYERGATE_TRY(std::string text, Render(verdict, output.format, here));
    texts.push_back(std::move(text));
  }
  for (size_t i = 0; i < outputs.size(); ++i) {
    Result<void> written = WriteFileAtomically(outputs[i].path, texts[i]);
    if (!written) return written.error().WithContext("write " + outputs[i].format + " report");
  }
  return {};
}

}  // namespace layergate::report
