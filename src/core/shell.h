// Words for commands that a message tells the user to run.
#pragma once

#include <string>
#include <string_view>

namespace layergate {

// `word` as a shell reads it back: as it is when it is plain, else in single quotes, else (control
// characters and the like, which a terminal would obey) in $'...' with \x escapes. Branch names and
// paths come from outside: "a;rm -rf b" is a legal branch.
std::string ShellWord(std::string_view word);

// In single quotes, whatever it holds: for scripts of /bin/sh, which need not know $'...'.
std::string ShellQuote(std::string_view word);

}  // namespace layergate
