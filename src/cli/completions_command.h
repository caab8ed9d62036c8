// `layergate completions SHELL`: a script that teaches a shell the commands and flags, on standard
// output:
//
//   layergate completions bash > /etc/bash_completion.d/layergate
//   layergate completions zsh > "${fpath[1]}/_layergate"
//   layergate completions fish > ~/.config/fish/completions/layergate.fish
#pragma once

#include <string>
#include <vector>

namespace layergate::cli {

struct FlagDescription {
  std::string name;  // with its dashes: "--base", "-q"
  std::string help;
  bool takes_value = false;
};

struct CommandDescription {
  std::string name, help;
  std::vector<FlagDescription> flags;
  std::vector<CommandDescription> commands;
};

// 0, or 2 for a shell that is not known.
int RunCompletions(const CommandDescription& program, const std::string& shell);

}  // namespace layergate::cli
