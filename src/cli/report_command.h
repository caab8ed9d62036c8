// `layergate report --from result.json`: render a saved result again, in any format.
//
// It renders and judges nothing, so it exits 0 when everything was written and 2 when not, whatever
// the record says; with `exit_code` it ends as the recorded check did (0, 1 or 2).
#pragma once

#include <string>
#include <vector>

namespace layergate::cli {

struct ReportArguments {
  std::string from = "layergate.json";  // a file that `check --output json:FILE` wrote
  std::vector<std::string> outputs;     // FORMAT:PATH, as typed; none: text on standard output
  std::string color = "auto";           // auto, always, never
  int width = 0;                        // columns of the text report; 0: the terminal's
  bool verbose = false;
  std::string repository_url;  // for links in Markdown
  std::string stop_token;      // for the github format (report/report.h)
  bool exit_code = false;      // end with the recorded exit code
};

int RunReport(const ReportArguments& arguments);

}  // namespace layergate::cli
