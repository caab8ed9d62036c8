#include "cli/backtest_command.h"

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>

#include <fmt/format.h>

#include "check.h"
#include "cli/policy_files.h"
#include "cli/terminal.h"
#include "core/file.h"
#include "core/text.h"
#include "core/yaml.h"
#include "dbt/project.h"
#include "gate/runner.h"
#include "git/provenance.h"
#include "git/repository.h"
#include "policy/clock.h"
#include "verdict/verdict.h"

namespace layergate::cli {
namespace {

namespace fs = std::filesystem;

struct Replayed {
  git::Commit commit;
  bool by_manifests = false;
  size_t nodes = 0;
  verdict::Verdict verdict;
};

// What all replays share.
struct History {
  git::Repository repository;
  std::string prefix;  // "" or "dbt/"
  std::string package;
  std::map<std::string, std::string> folders;  // "models" -> "model", as dbt_project.yml says
  std::unique_ptr<dbt::Project> today;         // or null
};

std::string FirstLine(const std::string& message) {
  return Printable(message.substr(0, message.find('\n')));
}

Result<std::pair<std::string, std::string>> EndsOf(const std::string& range) {
  size_t dots = range.find("..");
  bool three = dots != std::string::npos && range.substr(dots, 3) == "...";
  if (dots == std::string::npos || three || dots == 0) {
    return MakeError(fmt::format("--range: '{}' is no range", Printable(range)),
                     "write it as FROM..TO, such as main~50..main");
  }
  std::string to = range.substr(dots + 2);
  return std::pair{range.substr(0, dots), to.empty() ? std::string("HEAD") : to};
}

// The first-parent line from `to` back to `from`, oldest first.
Result<std::vector<git::Commit>> Merged(const git::Repository& repository,
                                        const BacktestArguments& arguments) {
  LAYERGATE_TRY(auto ends, EndsOf(arguments.range));
  LAYERGATE_TRY(git::Commit from, repository.Resolve(ends.first));
  LAYERGATE_TRY(git::Commit at, repository.Resolve(ends.second));
  std::vector<git::Commit> line;
  while (at.id != from.id && line.size() < arguments.limit) {
    if (at.parents.empty()) {
      return MakeError(
          fmt::format("{} is not on the first-parent line of {}", ends.first, ends.second),
          "name a commit that the branch has gone through");
    }
    std::string parent = at.parents.front();
    line.push_back(std::move(at));
    LAYERGATE_TRY(at, repository.ReadCommit(parent));
  }
  std::reverse(line.begin(), line.end());
  return line;
}

void AddFolders(const YamlNode& project, std::string_view key, const std::string& otherwise,
                const std::string& type, std::map<std::string, std::string>& folders) {
  const YamlNode* paths = project.Find(key);
  if (!paths || !paths->is_list()) {
    folders[otherwise] = type;
    return;
  }
  for (const YamlNode& path : paths->items) {
    if (path.is_scalar()) folders[path.scalar] = type;
  }
}

Result<History> Open(const BacktestArguments& arguments) {
  LAYERGATE_TRY(git::Repository repository, git::Repository::Open(arguments.project_dir));
  History history{std::move(repository), {}, {}, {}, nullptr};
  std::error_code error;
  std::string relative = fs::relative(fs::canonical(arguments.project_dir, error),
                                      fs::canonical(history.repository.root(), error), error)
                             .generic_string();
  history.prefix = relative == "." || relative.empty() ? "" : relative + "/";
  std::string file = arguments.project_dir + "/dbt_project.yml";
  YamlNode project;
  if (FileExists(file)) {
    LAYERGATE_TRY(std::string text, ReadFile(file));
    LAYERGATE_TRY(project, ReadYaml(text, file));
  }
  if (const YamlNode* name = project.Find("name")) history.package = name->scalar;
  AddFolders(project, "model-paths", "models", "model", history.folders);
  AddFolders(project, "seed-paths", "seeds", "seed", history.folders);
  AddFolders(project, "snapshot-paths", "snapshots", "snapshot", history.folders);
  if (!arguments.manifest.empty()) {
    LAYERGATE_TRY(history.today, dbt::Project::Load(arguments.manifest));
  }
  return history;
}

// The node that a file of the project holds; what only dbt could tell comes from today's manifest.
std::optional<dbt::Node> NodeOf(const History& history, const std::string& path) {
  if (path.substr(0, history.prefix.size()) != history.prefix) return std::nullopt;
  std::string inside = path.substr(history.prefix.size());
  fs::path file(inside);
  std::string extension = file.extension().string();
  if (extension != ".sql" && extension != ".py" && extension != ".csv") return std::nullopt;
  for (const auto& [folder, type] : history.folders) {
    if (inside.substr(0, folder.size() + 1) != folder + "/") continue;
    dbt::Node node;
    node.resource_type = type;
    node.name = file.stem().string();
    node.package_name = history.package;
    node.original_file_path = inside;
    node.unique_id = fmt::format("{}.{}.{}", type, history.package, node.name);
    if (history.today) {
      if (const dbt::Node* known = history.today->Find(node.unique_id)) {
        node.tags = known->tags;
        node.group = known->group;
      }
    }
    node.fqn.push_back(history.package);
    std::string folders = file.parent_path().generic_string();
    for (std::string_view part : Split(folders, '/')) {
      if (part != folder) node.fqn.emplace_back(part);
    }
    node.fqn.push_back(node.name);
    return node;
  }
  return std::nullopt;
}

change::ChangeKind KindOf(git::FileChange::Kind kind) {
  if (kind == git::FileChange::Kind::kAdded) return change::ChangeKind::kAdded;
  if (kind == git::FileChange::Kind::kDeleted) return change::ChangeKind::kRemoved;
  return change::ChangeKind::kModified;
}

// Judges a change by its paths: where models fall, who and when, and what guards the repository.
Result<Replayed> ReplayPaths(const History& history, const policy::Policy& policy,
                             const GateRegistry& gates, const git::Commit& commit,
                             const std::string& parent) {
  LAYERGATE_TRY(std::vector<git::FileChange> files, history.repository.Diff(parent, commit.id));
  change::ChangeSet changes;
  std::vector<dbt::Node> nodes;
  PullRequestFacts facts{parent, commit.id, {}, history.prefix};
  for (const git::FileChange& file : files) {
    facts.changed_paths.push_back(file.path);
    if (file.old_path != file.path) facts.changed_paths.push_back(file.old_path);
    std::optional<dbt::Node> node = NodeOf(history, file.path);
    if (!node) continue;
    change::NodeChange change;
    change.unique_id = change.old_unique_id = node->unique_id;
    change.resource_type = node->resource_type;
    change.kind = KindOf(file.kind);
    changes.nodes.push_back(std::move(change));
    nodes.push_back(std::move(*node));
  }
  std::sort(facts.changed_paths.begin(), facts.changed_paths.end());
  plan::Plan plan;
  for (size_t i = 0; i < nodes.size(); ++i) {
    policy::Policy::Placement placement = policy.Place(nodes[i]);
    plan::PlacedChange placed;
    placed.change = &changes.nodes[i];
    placed.layer = placement.layer;
    if (placement.layer) placed.layer_name = placement.layer->name;
    plan.placed.push_back(placed);
    if (!placement.matched) plan.unmatched.push_back(nodes[i].unique_id);
  }
  std::vector<RunnerTask> tasks;
  for (const policy::GateRule& rule : policy.pull_request_gates) {
    const Gate* gate = gates.Find(rule.gate);
    if (!gate || gate->info().id != "policy_integrity")
      continue;  // the one that paths are enough for
    RunnerTask task;
    task.gate = gate;
    task.inputs.changes = &changes;
    task.inputs.pull_request = &facts;
    task.inputs.options = rule.options;
    tasks.push_back(std::move(task));
    plan.tasks.push_back({gate, &rule, nullptr, "pull request", ""});
  }
  std::vector<RunnerResult> ran = RunGates(std::move(tasks), {});
  verdict::JudgeInput input;
  input.plan = &plan;
  for (size_t i = 0; i < ran.size(); ++i) {
    input.raw.push_back(verdict::RawResult(plan.tasks[i], std::move(ran[i].outcome)));
  }
  input.policy = &policy;
  input.changes = &changes;
  LAYERGATE_TRY(std::vector<git::Commit> log, history.repository.Log(parent, commit.id));
  LAYERGATE_TRY(input.provenance, git::ReadProvenance(history.repository, log, {}));
  input.at = policy::InstantText(commit.time);
  input.changed_paths = facts.changed_paths;
  Replayed replayed;
  replayed.commit = commit;
  replayed.nodes = nodes.size();
  replayed.verdict = verdict::Judge(std::move(input));
  return replayed;
}

std::optional<std::string> ManifestOf(const std::string& folder, const std::string& commit) {
  if (folder.empty()) return std::nullopt;
  for (const std::string& name : {commit, commit.substr(0, 12)}) {
    for (const std::string& path : {fmt::format("{}/{}.json", folder, name),
                                    fmt::format("{}/{}/manifest.json", folder, name)}) {
      if (FileExists(path)) return path;
    }
  }
  return std::nullopt;
}

Result<Replayed> Replay(const BacktestArguments& arguments, const History& history,
                        const policy::Policy& policy, const GateRegistry& gates,
                        const git::Commit& commit) {
  const std::string& parent = commit.parents.front();
  std::optional<std::string> base = ManifestOf(arguments.manifests, parent);
  std::optional<std::string> head = ManifestOf(arguments.manifests, commit.id);
  if (!base || !head) return ReplayPaths(history, policy, gates, commit, parent);
  CheckRequest request;
  request.project_dir = arguments.project_dir;
  request.base = parent;
  request.head = commit.id;
  request.base_manifest = *base;
  request.head_manifest = *head;
  request.policy = &policy;
  request.at = policy::InstantText(commit.time);
  Replayed replayed;
  replayed.commit = commit;
  replayed.by_manifests = true;
  LAYERGATE_TRY(replayed.verdict, Check(request, gates));
  replayed.nodes = replayed.verdict.changes["nodes"].items().size();
  return replayed;
}

bool IsClosed(const Replayed& replayed) { return replayed.verdict.merge_window_state == "closed"; }

std::vector<std::string> RolesOf(const Replayed& replayed) {
  std::vector<std::string> roles;
  for (const verdict::RequiredReviewer& need : replayed.verdict.required_reviewers) {
    if (need.role != "any-peer") roles.push_back(need.role);
  }
  return roles;
}

void PrintOne(const Replayed& replayed) {
  const verdict::Verdict& verdict = replayed.verdict;
  fmt::print("{} {} {}\n", replayed.commit.id.substr(0, 12), verdict.at.substr(0, 10),
             FirstLine(replayed.commit.message));
  fmt::print("  {}{}\n", verdict::ToString(verdict.decision),
             replayed.by_manifests ? "" : " (by its paths)");
  for (const verdict::GateResult& gate : verdict.gates) {
    for (const verdict::JudgedFinding& judged : gate.findings) {
      if (judged.severity != "fail" || !judged.waived_by.empty()) continue;
      fmt::print("  fail {}: {}\n", judged.finding.rule, Printable(judged.finding.message));
    }
    if (!gate.unknown.empty() && gate.unknown_blocks && gate.gate != "merge") {
      fmt::print("  unknown {} on {}: {}\n", gate.gate, Printable(gate.subject),
                 Printable(gate.unknown.front().reason));
    }
  }
  if (IsClosed(replayed)) fmt::print("  merged outside {}\n", verdict.merge_window_text);
  if (std::vector<std::string> roles = RolesOf(replayed); !roles.empty()) {
    fmt::print("  needs {}\n", Join(roles, ", "));
  }
}

void PrintSummary(const std::vector<Replayed>& all) {
  size_t blocked = 0, undecided = 0, closed = 0, by_manifests = 0, touched = 0;
  std::map<std::string, size_t> roles, rules;
  for (const Replayed& replayed : all) {
    const verdict::Verdict& verdict = replayed.verdict;
    blocked += verdict.decision == verdict::Decision::kBlocked ? 1 : 0;
    undecided += verdict.decision == verdict::Decision::kUndecided ? 1 : 0;
    closed += IsClosed(replayed) ? 1 : 0;
    by_manifests += replayed.by_manifests ? 1 : 0;
    touched += replayed.nodes > 0 ? 1 : 0;
    for (const std::string& role : RolesOf(replayed)) ++roles[role];
    std::map<std::string, size_t> here;
    for (const verdict::GateResult& gate : verdict.gates) {
      for (const verdict::JudgedFinding& judged : gate.findings) {
        if (judged.severity == "fail" && judged.waived_by.empty()) here[judged.finding.rule] = 1;
      }
    }
    for (const auto& [rule, one] : here) rules[rule] += one;
  }
  fmt::print(
      "\n{} merged changes, {} of them to models: {} would have been blocked, {} undecided\n",
      all.size(), touched, blocked, undecided);
  fmt::print("  judged with both manifests: {}, by paths alone: {}\n", by_manifests,
             all.size() - by_manifests);
  fmt::print("  merged while the window was closed: {}\n", closed);
  for (const auto& [role, count] : roles) fmt::print("  needed {}: {}\n", role, count);
  for (const auto& [rule, count] : rules) fmt::print("  blocked by {}: {}\n", rule, count);
  if (by_manifests < all.size()) {
    fmt::print(
        "  By paths alone no gate sees SQL: give --manifests a folder with <commit>.json of "
        "each commit for the rest.\n");
  }
}

Value ToValue(const Replayed& replayed) {
  Value rules = Value::MakeArray();
  for (const verdict::GateResult& gate : replayed.verdict.gates) {
    for (const verdict::JudgedFinding& judged : gate.findings) {
      if (judged.severity == "fail" && judged.waived_by.empty()) rules.Append(judged.finding.rule);
    }
  }
  return Value::MakeObject({{"commit", replayed.commit.id},
                            {"at", replayed.verdict.at},
                            {"title", FirstLine(replayed.commit.message)},
                            {"judged_by", replayed.by_manifests ? "manifests" : "paths"},
                            {"nodes", static_cast<int64_t>(replayed.nodes)},
                            {"verdict", verdict::ToString(replayed.verdict.decision)},
                            {"blocked_by", std::move(rules)},
                            {"merge_window", replayed.verdict.merge_window_state},
                            {"needs", Value::FromStrings(RolesOf(replayed))}});
}

Result<void> Run(const BacktestArguments& arguments, const GateRegistry& gates) {
  LAYERGATE_TRY(policy::Policy policy,
                ReadPolicyFile(arguments.policy_path, KnownGates(gates), arguments.project_dir));
  policy.source += " (the work tree's, replayed)";
  policy.pending_blocks = false;  // who approved in the past is not known here
  LAYERGATE_TRY(History history, Open(arguments));
  LAYERGATE_TRY(std::vector<git::Commit> line, Merged(history.repository, arguments));
  std::vector<Replayed> all;
  for (const git::Commit& commit : line) {
    LAYERGATE_TRY(Replayed replayed, Replay(arguments, history, policy, gates, commit));
    all.push_back(std::move(replayed));
  }
  if (arguments.format == "json") {
    Value list = Value::MakeArray();
    for (const Replayed& replayed : all) list.Append(ToValue(replayed));
    fmt::print("{}\n", WriteJson(Value::MakeObject({{"schema_version", 1}, {"changes", list}}), 2));
    return {};
  }
  for (const Replayed& replayed : all) PrintOne(replayed);
  PrintSummary(all);
  return {};
}

}  // namespace

int RunBacktest(const BacktestArguments& arguments, const GateRegistry& gates) {
  Result<void> done = Run(arguments, gates);
  if (done) return 0;
  PrintError(done.error());
  return 2;
}

}  // namespace layergate::cli
