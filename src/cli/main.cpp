// The command line: flags become the plain arguments of each command, and nothing else happens
// here.
#include <cstdio>
#include <exception>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "cli/audit_command.h"
#include "cli/backtest_command.h"
#include "cli/changes_command.h"
#include "cli/check_command.h"
#include "cli/completions_command.h"
#include "cli/doctor_command.h"
#include "cli/examples.h"
#include "cli/hook_command.h"
#include "cli/init_command.h"
#include "cli/lineage_command.h"
#include "cli/policy_command.h"
#include "cli/render_command.h"
#include "cli/report_command.h"
#include "cli/rules_command.h"
#include "cli/terminal.h"
#include "core/text.h"
#include "core/version.h"
#include "gates/all_gates.h"

namespace layergate::cli {
namespace {

// Flags that check and the hook share.
void AddCheckOptions(CLI::App& command, CheckRequest& request) {
  command.add_option("--project-dir", request.project_dir, "Folder of dbt_project.yml")
      ->capture_default_str();
  command.add_option("--base-manifest", request.base_manifest,
                     "manifest.json of production [prod-manifest/manifest.json]");
  command.add_option("--head-manifest", request.head_manifest,
                     "manifest.json of the pull request [target/manifest.json]");
  command.add_option("--base-catalog", request.base_catalog, "catalog.json of production");
  command.add_option("--head-catalog", request.head_catalog, "catalog.json of the pull request");
  command.add_option("--policy", request.policy_path,
                     "Path of the policy in the base commit (with --no-git: a file)");
  command.add_option("--only", request.only, "Run only these gates");
}

void AddDatabaseOptions(CLI::App& command, CheckRequest& request) {
  command.add_option("--base-url", request.base_url,
                     "Database of production (or LAYERGATE_BASE_URL)");
  command.add_option("--head-url", request.head_url,
                     "Database of the pull request (or LAYERGATE_HEAD_URL)");
  command.add_option("--target-base", request.target_base, "Target of production in profiles.yml");
  command.add_option("--target-head", request.target_head,
                     "Target of the pull request in profiles.yml");
  command.add_option("--profiles-dir", request.profiles_dir,
                     "Where profiles.yml lies (never in the repository)");
  command.add_option("--profile", request.profile,
                     "Profile [that of dbt_project.yml in the base commit]");
  command.add_option("--duckdb-library", request.duckdb_library,
                     "libduckdb.so, outside the repository (or LAYERGATE_DUCKDB_LIBRARY)");
  command.add_option("--connections", request.connections, "Connections to each database")
      ->check(CLI::Range(1, 64))
      ->capture_default_str();
}

// The two sides, and the files of a run.
void AddSideOptions(CLI::App& command, CheckRequest& request) {
  command.add_option("--base", request.base,
                     "The target branch or commit; judged from its merge base with head");
  command.add_option("--head", request.head, "The pull request's commit");
  command.add_flag("--no-git", request.no_git, "Judge two manifests alone");
  command.add_option("--run-results", request.run_results, "run_results.json of the pull request");
}

void AddCheck(CLI::App& app, CheckArguments& arguments) {
  CLI::App* command =
      app.add_subcommand("check", "Judge a pull request: pass, blocked or undecided");
  CheckRequest& request = arguments.request;
  AddCheckOptions(*command, request);
  AddSideOptions(*command, request);
  command->add_option("--sources", request.sources,
                      "sources.json of the pull request (dbt source freshness)");
  command->add_option("--semantic-manifest", request.semantic_manifest,
                      "semantic_manifest.json of the pull request; must agree with its manifest");
  AddDatabaseOptions(*command, request);
  command->add_flag("--dry-run", request.dry_run,
                    "Print the statements that databases would get, send none, judge nothing");
  command->add_option("--at", request.at, "The time to judge at, RFC 3339 UTC [now]");
  command->add_option("--reviews", request.reviews,
                      "The provider's answers about approvals, JSON; may be repeated");
  command->add_option("--threads", request.threads, "Gates that run at once");
  command->add_option(
      "--output", arguments.outputs,
      "FORMAT:PATH, may be repeated; text, json, markdown, github, junit, codequality");
  command->add_option("--color", arguments.color, "auto, always or never")
      ->check(CLI::IsMember({"auto", "always", "never"}));
  command->add_flag("-q,--quiet", arguments.quiet, "No report on the terminal");
  command->add_flag("-v,--verbose", arguments.verbose, "Passed gates too");
  command->add_flag("--exit-zero", arguments.exit_zero,
                    "Report everything, exit 0 whatever was found");
}

void AddChanges(CLI::App& app, ChangesArguments& arguments) {
  CLI::App* command =
      app.add_subcommand("changes", "Which nodes changed between two manifests, and the proof");
  command->add_option("--base-manifest", arguments.base_manifest,
                      "manifest.json of production [prod-manifest/manifest.json]");
  command->add_option("--head-manifest", arguments.head_manifest,
                      "manifest.json of the pull request [target/manifest.json]");
  command->add_option("--format", arguments.format, "text or json");
  command->add_option("--explain", arguments.explain, "The whole story of one node");
  command->add_option("--project-dir", arguments.project_dir,
                      "Folder of dbt_project.yml, for the flags that decide a comparison");
  command->add_option("--policy", arguments.policy,
                      "Policy file that names the layers [.layergate.yml, else default]");
  command->add_option("--semantic-manifest", arguments.semantic_manifest,
                      "semantic_manifest.json of the head side; must agree with its manifest");
}

void AddLineage(CLI::App& app, LineageArguments& arguments) {
  CLI::App* command =
      app.add_subcommand("lineage", "Column lineage of one SQL text or of a project");
  command->add_option("query", arguments.query_path, "SQL file; - is standard input");
  command->add_option("--dialect", arguments.dialect, "snowflake, bigquery, postgres, ...");
  command->add_option("--schema", arguments.schema_path, "JSON of relations and their columns");
  command->add_option("--format", arguments.format, "json, openlineage, dot, mermaid or text")
      ->capture_default_str();
  command->add_option("--manifest", arguments.manifest, "manifest.json of a project");
  command->add_option("--catalog", arguments.catalog, "catalog.json of the project");
  command->add_option("--select", arguments.select, "Only these models");
  command->add_flag("--through", arguments.through, "Follow edges to the roots of the project");
}

void AddPolicyOption(CLI::App& command, PolicyArguments& arguments) {
  command.add_option("--policy", arguments.path,
                     "The policy file, or default, strict, starter [.layergate.yml, else default]");
}

// Options of commands that hold a policy against a saved result.
void AddSimulationOptions(CLI::App& command, PolicyArguments& arguments) {
  command.add_option("--at", arguments.at, "The time to judge at, RFC 3339 [the result's]");
  command.add_option("--labels", arguments.labels, "Labels of the pull request, comma-separated");
  command.add_option("--reviews", arguments.reviews,
                     "The provider's answers about approvals, JSON; may be repeated");
}

void AddPolicy(CLI::App& app, PolicyArguments& arguments, BacktestArguments& backtest) {
  CLI::App* command =
      app.add_subcommand("policy", "Validate, show, explain, simulate or backtest a policy");
  command->require_subcommand(1);
  auto add = [&](const char* action, const char* what) {
    CLI::App* sub = command->add_subcommand(action, what);
    sub->callback([&arguments, action] { arguments.action = action; });
    return sub;
  };
  CLI::App* validate = add("validate", "Every mistake at once, with its place");
  AddPolicyOption(*validate, arguments);
  validate->add_option("--manifest", arguments.manifest,
                       "manifest.json: warns of matches that match nothing and models in no layer");
  validate->add_option("--at", arguments.at, "The time to hold waivers against [now]");
  CLI::App* show = add("show", "The effective policy, each value with the place it comes from");
  AddPolicyOption(*show, arguments);
  CLI::App* explain = add(
      "explain", "One model: its layer, gates, people and window; with --from, what it waits for");
  AddPolicyOption(*explain, arguments);
  explain->add_option("model", arguments.model, "Model name or unique_id")->required();
  explain->add_option("--manifest", arguments.manifest, "manifest.json [target/manifest.json]");
  explain->add_option("--from", arguments.from, "A saved result (check --output json:FILE)");
  AddSimulationOptions(*explain, arguments);
  CLI::App* simulate = add("simulate", "A saved result judged again: other policy, time or people");
  AddPolicyOption(*simulate, arguments);
  simulate->add_option("--from", arguments.from, "A saved result (check --output json:FILE)")
      ->required();
  AddSimulationOptions(*simulate, arguments);
  simulate->add_option("--format", arguments.format, "text, json or markdown")
      ->check(CLI::IsMember({"text", "json", "markdown"}));
  CLI::App* baseline = add("baseline", "The findings of a saved result as a baseline file");
  baseline->add_option("--from", arguments.from, "A saved result (check --output json:FILE)")
      ->required();
  add("schema", "The JSON Schema of the format");
  CLI::App* test = command->add_subcommand("test", "What it would have blocked of what was merged");
  test->callback([&arguments] { arguments.action = "test"; });
  test->add_option("--range", backtest.range, "FROM..TO, first parents: main~50..main")->required();
  test->add_option("--policy", backtest.policy_path, "The policy file [that of the work tree]");
  test->add_option("--project-dir", backtest.project_dir, "Folder of dbt_project.yml");
  test->add_option("--manifest", backtest.manifest, "Today's manifest.json, for tags and groups");
  test->add_option("--manifests", backtest.manifests,
                   "Folder with <commit>.json or <commit>/manifest.json: runs the static gates");
  test->add_option("--limit", backtest.limit, "At most so many merged changes");
  test->add_option("--format", backtest.format, "text or json")
      ->check(CLI::IsMember({"text", "json"}));
}

void AddInit(CLI::App& app, InitArguments& arguments) {
  CLI::App* command =
      app.add_subcommand("init", "A first policy, written from what the project looks like");
  command->add_option("--project-dir", arguments.project_dir, "Folder of dbt_project.yml");
  command->add_option("--manifest", arguments.manifest, "manifest.json [target/manifest.json]");
  command->add_flag("--force", arguments.force, "Overwrite the policy that is there");
  command->add_flag("--print", arguments.print, "To standard output; writes no file");
}

void AddRender(CLI::App& app, RenderArguments& arguments) {
  CLI::App* command = app.add_subcommand("render", "Raw model code to SQL, without dbt");
  command->add_option("--manifest", arguments.manifest, "manifest.json of the project")->required();
  command->add_option("--catalog", arguments.catalog, "catalog.json, for the columns of relations");
  command->add_option("--project-dir", arguments.project_dir,
                      "Folder of dbt_project.yml, for its vars");
  command->add_option("--target", arguments.target, "Name of the target");
  command->add_option("--var", arguments.vars, "NAME=VALUE, may be repeated");
  command->add_option("--env", arguments.env, "An environment variable that templates may read");
  command->add_option("--select", arguments.select, "Only these models");
  command->add_option("--format", arguments.format, "text or json");
  command->add_flag(
      "--full-refresh", arguments.full_refresh,
      "is_incremental() is false; without it, as the compiled code shows that dbt ran");
  command->add_flag("--against-compiled", arguments.against_compiled,
                    "Compare with the manifest's compiled code");
}

struct HookCommand {
  HookArguments arguments;
  CLI::App* install = nullptr;
  CLI::App* uninstall = nullptr;
  CLI::App* pre_push = nullptr;
};

void AddHook(CLI::App& app, HookCommand& hook) {
  CLI::App* command = app.add_subcommand("hook", "The same verdict as a git pre-push hook");
  command->require_subcommand(1);
  hook.install = command->add_subcommand(
      "install", "Write the pre-push hook; one that is there is kept and runs first");
  hook.uninstall = command->add_subcommand("uninstall", "Remove it again");
  hook.pre_push = command->add_subcommand(
      "pre-push", "What the hook runs; reads git's lines from standard input");
  AddCheckOptions(*hook.install, hook.arguments.request);
  hook.uninstall->add_option("--project-dir", hook.arguments.request.project_dir,
                             "Folder in the repository");
  AddCheckOptions(*hook.pre_push, hook.arguments.request);
  hook.pre_push->add_option("remote", hook.arguments.remote_name,
                            "Name of the remote, as git gives it");
  hook.pre_push->add_option("url", hook.arguments.remote_url, "URL of the remote, as git gives it");
}

// The flags that `hook install` was given, for the hook to give to pre-push.
std::vector<std::string> ForwardedFlags(const CheckRequest& request) {
  std::vector<std::string> flags;
  auto forward = [&](const char* flag, const std::string& value) {
    if (!value.empty()) flags.insert(flags.end(), {flag, value});
  };
  forward("--project-dir", request.project_dir);
  forward("--base-manifest", request.base_manifest);
  forward("--head-manifest", request.head_manifest);
  forward("--base-catalog", request.base_catalog);
  forward("--head-catalog", request.head_catalog);
  forward("--policy", request.policy_path);
  for (const std::string& gate : request.only) forward("--only", gate);
  return flags;
}

CommandDescription Describe(const CLI::App& app) {
  CommandDescription command;
  command.name = app.get_name();
  command.help = app.get_description();
  for (const CLI::Option* option : app.get_options()) {
    const bool takes_value = option->get_expected_max() > 0;
    for (const std::string& name : option->get_lnames()) {
      command.flags.push_back({"--" + name, option->get_description(), takes_value});
    }
    for (const std::string& name : option->get_snames()) {
      command.flags.push_back({"-" + name, option->get_description(), takes_value});
    }
  }
  for (const CLI::App* sub : app.get_subcommands({})) command.commands.push_back(Describe(*sub));
  return command;
}

// The command that the words reached: `layergate policy shwo` stops at `policy`.
const CLI::App& Reached(const CLI::App& app) {
  for (const CLI::App* sub : app.get_subcommands()) return Reached(*sub);
  return app;
}

// "layergate: there is no command or flag `chek`; did you mean `check`?"
void PrintUnknownWord(const CLI::App& app, const CLI::ParseError& error) {
  const std::vector<std::string> rest = app.remaining(true);
  if (rest.empty()) {
    PrintError(MakeError(error.what(), "`" + app.get_name() + " --help` shows what there is"));
    return;
  }
  const CLI::App& reached = Reached(app);
  const CommandDescription known = Describe(reached);
  std::vector<std::string> names;
  for (const CommandDescription& command : known.commands) names.push_back(command.name);
  for (const FlagDescription& flag : known.flags) names.push_back(flag.name);
  const std::string word = rest.front().substr(0, rest.front().find('='));
  const std::string_view nearest = NearestName(word, names);
  const std::string where = &reached == &app ? "" : fmt::format("`{}` has ", reached.get_name());
  PrintError(MakeError(
      fmt::format("{}no command or flag `{}`{}", where.empty() ? "there is " : where, word,
                  nearest.empty() ? "" : fmt::format("; did you mean `{}`?", nearest)),
      fmt::format("`layergate {}--help` shows what there is",
                  where.empty() ? "" : reached.get_name() + " ")));
}

void AddExamples(CLI::App& command, const std::string& name) {
  std::string footer;
  for (const auto& [known, examples] : kExamples) {
    if (known == name) footer = fmt::format("Examples:\n{}\n", examples);
  }
  if (name.empty() || name == "check") {
    footer +=
        "Exit codes: 0 pass or nothing to judge, 1 blocked, 2 could not judge (or bad usage).";
  }
  command.footer(footer);
  for (CLI::App* sub : command.get_subcommands({})) {
    AddExamples(*sub, name.empty() ? sub->get_name() : name + " " + sub->get_name());
  }
}

struct AuditCommand {
  CLI::App *append = nullptr, *verify = nullptr, *exported = nullptr, *budget = nullptr;
  AuditArguments arguments;
  BudgetArguments budget_arguments;
};

void AddLog(CLI::App& command, std::string& log) {
  command.add_option("--log", log, "The log, JSON lines")->capture_default_str();
}

void AddAudit(CLI::App& app, AuditCommand& audit) {
  AuditArguments& arguments = audit.arguments;
  audit::Event& event = arguments.event;
  CLI::App* command =
      app.add_subcommand("audit", "The log of what was judged and what became of it");
  command->require_subcommand(1);
  audit.append = command->add_subcommand("append", "Add a record to the log, and print its hash");
  AddLog(*audit.append, arguments.log);
  audit.append->add_option("--from", arguments.from, "A saved result (check --output json:FILE)");
  audit.append
      ->add_option("--event", event.event,
                   "judged, merged, rejected, closed, reverted, hotfixed or incident")
      ->capture_default_str();
  audit.append->add_option("--at", event.at, "When, RFC 3339 [the result's, or now]");
  audit.append->add_option("--repository", event.repository, "[the CI host's]");
  audit.append->add_option("--pull-request", event.pull_request, "Its number [the CI host's]");
  audit.append->add_option("--author", event.author, "Who opened it [the CI host's]");
  audit.append->add_option("--run", event.run, "Address of the run [the CI host's]");
  audit.append->add_option("--merge-commit", event.merge_commit, "What the target branch got");
  audit.append->add_option("--reason", event.reason, "One sentence");
  audit.append->add_option("--tool", event.tools,
                           "A tool that the assistant used; may be repeated");
  audit.append->add_flag("--all", arguments.all, "Also changes without a sign of a model");
  audit.verify = command->add_subcommand("verify", "Whether the log is as it was written");
  AddLog(*audit.verify, arguments.log);
  audit.verify->add_option("--expect-head", arguments.expect_head,
                           "A hash that `append` printed and that was kept elsewhere");
  audit.verify->add_option("--expect-count", arguments.expect_count, "At least so many records");
  audit.exported = command->add_subcommand("export", "The log for those who audit it");
  AddLog(*audit.exported, arguments.log);
  audit.exported->add_option("--format", arguments.format, "csv, json or in-toto")
      ->check(CLI::IsMember({"csv", "json", "in-toto"}))
      ->capture_default_str();
  audit.exported->add_option("--since", arguments.since, "A day or a time");
  audit.exported->add_option("--until", arguments.until, "A day or a time, not part of it");
  audit.exported->add_option("--range", arguments.range,
                             "FROM..TO: names the commits of that branch that no record knows");
  audit.exported->add_option("--project-dir", arguments.project_dir, "Where the repository is");
  audit.budget = app.add_subcommand("budget", "How often LLM-assisted changes were taken back");
  AddLog(*audit.budget, audit.budget_arguments.log);
  audit.budget->add_option("--period", audit.budget_arguments.period,
                           "2026-Q4, 2026-11 or 2026 [this year]");
  audit.budget->add_option("--format", audit.budget_arguments.format, "text or json")
      ->check(CLI::IsMember({"text", "json"}));
  audit.budget->add_flag("--enforce", audit.budget_arguments.enforce,
                         "Exit 1 when a target is missed");
}

int RunAudit(const AuditCommand& audit) {
  if (audit.append->parsed()) return RunAuditAppend(audit.arguments, ProcessEnvironment());
  if (audit.verify->parsed()) return RunAuditVerify(audit.arguments);
  if (audit.exported->parsed()) return RunAuditExport(audit.arguments);
  return RunBudget(audit.budget_arguments);
}

int Run(int argc, char** argv) {
  CLI::App app(
      "Judges dbt pull requests: which models changed, which gates their layer demands, pass or "
      "blocked.",
      "layergate");
  app.require_subcommand(0, 1);
  bool version = false;
  bool list_commands = false;
  app.add_flag("--version", version, "Print the version");
  app.add_flag("--help-commands", list_commands, "The names of all commands, one a line");

  CheckArguments check;
  ChangesArguments changes;
  LineageArguments lineage;
  PolicyArguments policy;
  BacktestArguments backtest;
  InitArguments init;
  RenderArguments render;
  ReportArguments report;
  HookCommand hook;
  AuditCommand audit;
  CheckRequest doctor;
  std::string shell;
  std::string rules_format = "text";
  std::string rule;
  AddCheck(app, check);
  AddChanges(app, changes);
  AddLineage(app, lineage);
  AddPolicy(app, policy, backtest);
  AddInit(app, init);
  AddRender(app, render);
  AddHook(app, hook);
  AddAudit(app, audit);
  CLI::App* doctor_command =
      app.add_subcommand("doctor", "What `check` would find here, and what is missing");
  AddCheckOptions(*doctor_command, doctor);
  AddSideOptions(*doctor_command, doctor);
  AddDatabaseOptions(*doctor_command, doctor);
  CLI::App* report_command = app.add_subcommand("report", "Render a saved result again");
  report_command
      ->add_option("--from", report.from, "The file that --output json: wrote; - is standard input")
      ->required();
  report_command->add_option("--output", report.outputs, "FORMAT:PATH, may be repeated [text:-]");
  report_command->add_option("--color", report.color, "auto, always or never");
  CLI::App* rules_command = app.add_subcommand("rules", "Every rule there is");
  rules_command->add_option("--format", rules_format, "text or json");
  CLI::App* explain_command =
      app.add_subcommand("explain", "What a rule means and how to fix what it finds");
  explain_command
      ->add_option("rule", rule, "A rule (row_count_diff.change) or a gate (row_count_diff)")
      ->required();
  CLI::App* completions_command =
      app.add_subcommand("completions", "A script that teaches a shell the commands and flags");
  completions_command->add_option("shell", shell, "bash, zsh or fish")->required();

  AddExamples(app, "");

  try {
    app.parse(argc, argv);
  } catch (const CLI::ExtrasError& error) {
    PrintUnknownWord(app, error);
    return 2;
  } catch (const CLI::RequiredError& error) {  // also of `policy shwo`: a command that is none
    PrintUnknownWord(app, error);
    return 2;
  } catch (const CLI::ParseError& error) {
    // Usage errors are exit 2, like everything that keeps us from judging; --help is 0.
    return app.exit(error) == 0 ? 0 : 2;
  }
  if (version) {
    fmt::print("layergate {}\n", Version());
    return 0;
  }
  if (list_commands) {
    for (const CLI::App* command : app.get_subcommands({})) fmt::print("{}\n", command->get_name());
    return 0;
  }
  GateRegistry gates = AllGates();
  if (app.got_subcommand("check")) return RunCheck(std::move(check), gates);
  if (app.got_subcommand("changes")) return RunChanges(changes);
  if (app.got_subcommand("lineage")) return RunLineage(lineage);
  if (app.got_subcommand("policy")) {
    return policy.action == "test" ? RunBacktest(backtest, gates) : RunPolicy(policy, gates);
  }
  if (app.got_subcommand("init")) return RunInit(init, KnownGates(gates));
  if (app.got_subcommand("doctor")) return RunDoctor(std::move(doctor), gates);
  if (app.got_subcommand("render")) return RunRender(render);
  if (app.got_subcommand("report")) return RunReport(report);
  if (app.got_subcommand("rules")) return RunRules(gates, rules_format);
  if (app.got_subcommand("completions")) return RunCompletions(Describe(app), shell);
  if (app.got_subcommand("audit") || app.got_subcommand("budget")) return RunAudit(audit);
  if (app.got_subcommand("explain")) return RunExplain(gates, rule);
  if (hook.install->parsed()) {
    return RunHookInstall(hook.arguments.request.project_dir,
                          ForwardedFlags(hook.arguments.request));
  }
  if (hook.uninstall->parsed()) return RunHookUninstall(hook.arguments.request.project_dir);
  if (hook.pre_push->parsed()) return RunHookPrePush(std::move(hook.arguments), gates);
  std::fputs(app.help().c_str(), stdout);
  return 2;
}

}  // namespace
}  // namespace layergate::cli

int main(int argc, char** argv) {
  // Nothing that goes wrong in here may look like a verdict: whatever escapes is exit 2.
  try {
    return layergate::cli::Run(argc, argv);
  } catch (const layergate::CheckFailure&) {
    return 2;  // already printed
  } catch (const std::exception& error) {
    std::fprintf(stderr, "layergate: internal error: %s\n",
                 layergate::Printable(error.what()).c_str());
    return 2;
  }
}
