#include "cli/completions_command.h"

#include <cstdio>

#include <fmt/format.h>

#include "cli/terminal.h"
#include "core/result.h"
#include "core/text.h"

namespace layergate::cli {
namespace {

// Calls `visit(path, command)` for the program and every command below it: "layergate",
// "layergate policy", "layergate policy show".
template <typename F>
void ForEachCommand(const CommandDescription& command, const std::string& path, const F& visit) {
  visit(path, command);
  for (const CommandDescription& sub : command.commands) {
    ForEachCommand(sub, path + " " + sub.name, visit);
  }
}

std::string Words(const CommandDescription& command) {
  std::vector<std::string> words;
  for (const CommandDescription& sub : command.commands) words.push_back(sub.name);
  for (const FlagDescription& flag : command.flags) words.push_back(flag.name);
  return Join(words, " ");
}

// A text between single quotes, as all three shells read it.
std::string Quoted(std::string_view text) {
  std::string out = "'";
  for (const char c : text) {
    if (c == '\'') {
      out += "'\\''";
    } else {
      out += c;
    }
  }
  return out + "'";
}

// The words typed so far that are commands give the path; what may follow it is a table.
std::string Bash(const CommandDescription& program) {
  std::string out =
      "_layergate() {\n"
      "  local current=${COMP_WORDS[COMP_CWORD]} path=layergate word\n"
      "  for word in \"${COMP_WORDS[@]:1:COMP_CWORD-1}\"; do\n"
      "    case \"$path $word\" in\n";
  std::string table;
  ForEachCommand(program, program.name, [&](const std::string& path, const CommandDescription& c) {
    if (path != program.name)
      out += fmt::format("      {}) path={} ;;\n", Quoted(path), Quoted(path));
    table += fmt::format("    {}) COMPREPLY=($(compgen -W {} -- \"$current\")) ;;\n", Quoted(path),
                         Quoted(Words(c)));
  });
  out += "    esac\n  done\n  case $path in\n" + table +
         "  esac\n"
         "  [[ $current == -* || ${#COMPREPLY[@]} -gt 0 ]] || COMPREPLY=($(compgen -f -- "
         "\"$current\"))\n"
         "}\ncomplete -o filenames -F _layergate layergate\n";
  return out;
}

std::string Zsh(const CommandDescription& program) {
  std::string out =
      "#compdef layergate\n_layergate() {\n  local path=layergate word\n"
      "  for word in ${words[2,CURRENT-1]}; do\n    case \"$path $word\" in\n";
  std::string table;
  ForEachCommand(program, program.name, [&](const std::string& path, const CommandDescription& c) {
    if (path != program.name)
      out += fmt::format("      {}) path={} ;;\n", Quoted(path), Quoted(path));
    table += fmt::format("    {})\n      local -a entries=(\n", Quoted(path));
    const auto add = [&](std::string_view name, std::string_view help) {
      table += fmt::format("        {}\n", Quoted(fmt::format("{}:{}", name, help)));
    };
    for (const CommandDescription& sub : c.commands) add(sub.name, sub.help);
    for (const FlagDescription& flag : c.flags) add(flag.name, flag.help);
    table += "      )\n      _describe layergate entries || _files\n      ;;\n";
  });
  return out + "    esac\n  done\n  case $path in\n" + table + "  esac\n}\n_layergate \"$@\"\n";
}

std::string Fish(const CommandDescription& program) {
  std::string out;
  ForEachCommand(program, program.name, [&](const std::string& path, const CommandDescription& c) {
    std::vector<std::string> names;
    for (const CommandDescription& sub : c.commands) names.push_back(sub.name);
    // Words after "layergate" that must have been typed, and none of the commands that may follow.
    std::string condition = "true";
    for (const std::string_view word :
         Split(std::string_view(path).substr(program.name.size()), ' ')) {
      if (!word.empty()) condition += fmt::format("; and __fish_seen_subcommand_from {}", word);
    }
    if (!names.empty()) {
      condition += "; and not __fish_seen_subcommand_from " + Join(names, " ");
    }
    for (const CommandDescription& sub : c.commands) {
      out += fmt::format("complete -c layergate -f -n {} -a {} -d {}\n", Quoted(condition),
                         sub.name, Quoted(sub.help));
    }
    for (const FlagDescription& flag : c.flags) {
      const bool is_long = flag.name.substr(0, 2) == "--";
      out += fmt::format("complete -c layergate -n {} {} {}{} -d {}\n", Quoted(condition),
                         is_long ? "-l" : "-s", flag.name.substr(is_long ? 2 : 1),
                         flag.takes_value ? " -r" : "", Quoted(flag.help));
    }
  });
  return out;
}

}  // namespace

int RunCompletions(const CommandDescription& program, const std::string& shell) {
  std::string script;
  if (shell == "bash") {
    script = Bash(program);
  } else if (shell == "zsh") {
    script = Zsh(program);
  } else if (shell == "fish") {
    script = Fish(program);
  } else {
    PrintError(MakeError(fmt::format("there are no completions for \"{}\"", shell),
                         "choose bash, zsh or fish"));
    return 2;
  }
  std::fputs(script.c_str(), stdout);
  return 0;
}

}  // namespace layergate::cli
