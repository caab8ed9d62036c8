// Where reports go: what `check` and `report` share about `--output FORMAT:PATH`.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "report/report.h"

namespace layergate::report {

struct Output {
  std::string format;
  std::string path;  // "-" is standard output
};

// "json:result.json", "markdown:-", or "text" alone for standard output. The error names the known
// formats.
Result<Output> ParseOutput(std::string_view specification);
// All of them; no two may write to one place.
Result<std::vector<Output>> ParseOutputs(const std::vector<std::string>& specifications);
bool WritesToStandardOutput(const std::vector<Output>& outputs);

// Renders every output first and only then writes, each file through a rename: either all of them
// can be written, or the error comes before the first. Colour goes to standard output alone, never
// into a file.
Result<void> WriteOutputs(const verdict::Verdict& verdict, const std::vector<Output>& outputs,
                          const RenderOptions& options);

}  // namespace layergate::report
