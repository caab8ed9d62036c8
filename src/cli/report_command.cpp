#include "cli/report_command.h"

#include "cli/terminal.h"
#include "core/file.h"
#include "report/output.h"

namespace layergate::cli {
namespace {

Result<verdict::Verdict> ReadRecord(const std::string& path) {
  constexpr size_t kMostBytes = size_t{256} << 20;
  LAYERGATE_TRY(std::string bytes, ReadFile(path, kMostBytes));
  Result<verdict::Verdict> verdict = report::FromJson(bytes);
  if (!verdict) return verdict.error().WithContext(path);
  return verdict;
}

Result<verdict::Verdict> ReadAndWrite(const ReportArguments& arguments) {
  LAYERGATE_TRY(std::vector<report::Output> outputs, report::ParseOutputs(arguments.outputs));
  if (outputs.empty()) outputs.push_back({"text", "-"});
  LAYERGATE_TRY(verdict::Verdict verdict, ReadRecord(arguments.from));
  report::RenderOptions options;
  options.color = UseColor(arguments.color);
  options.width = arguments.width > 0 ? arguments.width : TerminalWidth();
  options.verbose = arguments.verbose;
  options.repository_url = arguments.repository_url;
  options.stop_token = arguments.stop_token;
  Result<void> written = report::WriteOutputs(verdict, outputs, options);
  if (!written) return written.error();
  return verdict;
}

}  // namespace

int RunReport(const ReportArguments& arguments) {
  Result<verdict::Verdict> verdict = ReadAndWrite(arguments);
  if (!verdict) {
    PrintError(verdict.error());
    return 2;
  }
  return arguments.exit_code ? verdict->exit_code : 0;
}

}  // namespace layergate::cli
