#include "cli/terminal.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include <sys/ioctl.h>
#include <unistd.h>

#include "core/text.h"

namespace layergate::cli {
namespace {

bool IsSet(const char* variable) {
  const char* value = std::getenv(variable);
  return value && *value;
}

}  // namespace

bool UseColor(const std::string& mode) {
  if (mode == "always") return true;
  if (mode == "never" || IsSet("NO_COLOR")) return false;
  if (IsSet("FORCE_COLOR") || IsSet("CLICOLOR_FORCE")) return true;
  const char* terminal = std::getenv("TERM");
  bool dumb = terminal && std::string_view(terminal) == "dumb";
  return isatty(STDOUT_FILENO) == 1 && !dumb;
}

int TerminalWidth() {
  winsize size{};
  if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) {
    return std::clamp<int>(size.ws_col, 60, 160);
  }
  return 100;
}

void PrintError(const Error& error) {
  std::string text = Printable(error.ToString(), true);
  std::fprintf(stderr, "layergate: %s\n", text.c_str());
}

}  // namespace layergate::cli
