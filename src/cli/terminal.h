// What commands need to know of the terminal they talk to.
#pragma once

#include <string>

#include "core/result.h"

namespace layergate::cli {

// `mode` is auto, always or never. Auto: colours when standard output is a terminal, with NO_COLOR,
// FORCE_COLOR and CLICOLOR_FORCE heeded.
bool UseColor(const std::string& mode);
int TerminalWidth();  // columns; 100 when standard output is not a terminal

// "layergate: message", and the remedy on a line of its own, to standard error. Control characters
// are made visible: messages quote texts from outside.
void PrintError(const Error& error);

}  // namespace layergate::cli
