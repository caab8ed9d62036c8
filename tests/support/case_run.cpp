#include "support/case_run.h"

#include <cstdlib>
#include <filesystem>

#include <fmt/format.h>

#include "check.h"
#include "core/file.h"
#include "core/text.h"
#include "policy/policy.h"
#include "report/report.h"
#include "support/mini_dbt.h"
#include "support/sqlite_file.h"

namespace layergate::cases {
namespace {

namespace fs = std::filesystem;

// A finding of a Markdown report that a reviewer would have to scroll for: more than ten lines
// before its fold. Empty when there is none.
std::string TallestFinding(std::string_view report) {
  constexpr size_t kMost = 10;
  std::vector<std::string_view> block;
  for (std::string_view line : Split(report, '\n')) {
    const bool begins = line.rfind("❌", 0) == 0 || line.rfind("⚠️", 0) == 0;
    if (begins) block = {line};
    if (begins || block.empty()) continue;
    if (line.empty() || line.rfind("<details>", 0) == 0) {
      block.clear();
      continue;
    }
    block.push_back(line);
    if (block.size() > kMost) return std::string(block.front());
  }
  return {};
}

// A folder of its own for one case.
class Workspace {
 public:
  Workspace() {
    std::string pattern = (fs::temp_directory_path() / "layergate-case-XXXXXX").string();
    if (mkdtemp(pattern.data())) path_ = pattern;
  }
  ~Workspace() {
    std::error_code ignored;
    if (path_.empty()) return;
    if (std::getenv("LAYERGATE_KEEP")) {
      fmt::print("kept {}\n", path_);
    } else {
      fs::remove_all(path_, ignored);
    }
  }
  Workspace(const Workspace&) = delete;
  Workspace& operator=(const Workspace&) = delete;

  const std::string& path() const { return path_; }
  std::string Path(std::string_view name) const { return fmt::format("{}/{}", path_, name); }
  Result<void> Write(std::string_view name, std::string_view text) const {
    return WriteFileAtomically(Path(name), text);
  }

 private:
  std::string path_;
};

class Run {
 public:
  Run(const CaseFile& test_case, const std::string& gate, const GateRegistry& gates)
      : case_(test_case), gate_(gate), gates_(gates) {}

  Result<std::string> Lines() {
    request_.only = {gate_};
    for (const Value& gate : case_.settings["with"].items()) {
      request_.only.emplace_back(gate.AsString());
    }
    request_.at = std::string(case_.settings["at"].AsString("2026-01-14T10:00:00Z"));
    request_.pull_request_description = std::string(case_.settings["description"].AsString());
    for (const Value& label : case_.settings["labels"].items()) {
      request_.pull_request_labels.emplace_back(label.AsString());
    }
    if (const Value* reviews = case_.settings.Find("reviews")) {
      request_.reviews = {workspace_.Path("reviews.json")};
      auto written = workspace_.Write("reviews.json", WriteJson(*reviews));
      if (!written) return written.error();
    }
    LAYERGATE_TRY(bool base, WriteSide(case_.base, "base", request_.base_manifest,
                                       request_.base_catalog, request_.base_url));
    LAYERGATE_TRY(bool head, WriteSide(case_.head, "head", request_.head_manifest,
                                       request_.head_catalog, request_.head_url));
    LAYERGATE_TRY(bool results, WriteRunResults());
    LAYERGATE_TRY(bool sources, WriteSources());
    LAYERGATE_TRY(bool project, case_.settings["git"].AsBool() ? WriteRepository() : WriteFolder());
    (void)(base && head && results && sources && project);
    auto verdict = Check(request_, gates_);
    if (!verdict) return Clean("error: " + verdict.error().ToString() + "\n");
    LAYERGATE_TRY(std::string report, report::Render(*verdict, "markdown", {}));
    const std::string tall = TallestFinding(report);
    if (!tall.empty()) {
      return MakeError(case_.path + ": a finding of the Markdown report has more than ten lines",
                       tall);
    }
    return Clean(Describe(*verdict));
  }

 private:
  bool HasDatabase() const { return !case_.base.tables.empty() || !case_.head.tables.empty(); }

  Result<bool> WriteSide(const Side& side, const std::string& name, std::string& manifest_path,
                         std::string& catalog_path, std::string& url) {
    minidbt::Options options;
    if (HasDatabase()) options = {"sqlite", "", "main"};
    options.adapter = std::string(case_.settings["adapter"].AsString(options.adapter));
    auto manifest = minidbt::MakeManifest(side.files, options);
    if (!manifest) return manifest.error().WithContext(case_.path + ": " + name);
    Value patched = minidbt::MergePatch(*manifest, side.manifest_patch);
    manifest_path = workspace_.Path(name + "/manifest.json");
    auto written = workspace_.Write(name + "/manifest.json", WriteJson(patched, 1));
    if (!written) return written.error();
    (name == "head" ? head_manifest_ : base_manifest_) = std::move(patched);
    if (!side.catalog.is_null()) {
      catalog_path = workspace_.Path(name + "/catalog.json");
      written = workspace_.Write(name + "/catalog.json", WriteJson(CatalogOf(side.catalog)));
      if (!written) return written.error();
    }
    if (!HasDatabase()) return true;
    std::string database = workspace_.Path(name + "/warehouse.db");
    std::vector<std::string> statements;
    for (const Table& table : side.tables) {
      LAYERGATE_TRY(std::vector<std::string> more,
                    testing::TableFromCsv(table.name, table.csv, table.repeat));
      statements.insert(statements.end(), more.begin(), more.end());
    }
    url = "sqlite://" + database;
    written = testing::WriteSqlite(database, statements);
    if (!written) return written.error();
    return true;
  }

  static Value CatalogOf(const Value& tables) {
    Value nodes = Value::MakeObject(), sources = Value::MakeObject();
    for (const auto& [id, columns] : tables.members()) {
      Value entries = Value::MakeObject();
      int index = 0;
      for (const auto& [name, type] : columns.members()) {
        entries.Set(
            name, Value::MakeObject(
                      {{"name", name}, {"type", type}, {"index", ++index}, {"comment", nullptr}}));
      }
      Value metadata = Value::MakeObject({{"type", "BASE TABLE"},
                                          {"schema", "analytics"},
                                          {"name", id.substr(id.rfind('.') + 1)},
                                          {"database", "shop"},
                                          {"comment", nullptr},
                                          {"owner", nullptr}});
      Value entry = Value::MakeObject({{"unique_id", id},
                                       {"metadata", std::move(metadata)},
                                       {"columns", std::move(entries)},
                                       {"stats", Value::MakeObject()}});
      (id.rfind("source.", 0) == 0 ? sources : nodes).Set(id, std::move(entry));
    }
    return Value::MakeObject(
        {{"metadata", Value::MakeObject(
                          {{"dbt_schema_version", "https://schemas.getdbt.com/dbt/catalog/v1.json"},
                           {"dbt_version", "1.10.0"},
                           {"generated_at", "2026-01-01T00:00:00.000000Z"},
                           {"invocation_id", "00000000-0000-4000-8000-000000000000"}})},
         {"nodes", std::move(nodes)},
         {"sources", std::move(sources)},
         {"errors", nullptr}});
  }

  // The ids of tests end in a hash that nobody wants to write: the beginning is enough.
  std::string WholeId(const std::string& id) const {
    for (const auto& [known, node] : head_manifest_["nodes"].members()) {
      if (known == id || known.rfind(id + ".", 0) == 0) return known;
    }
    return id;
  }

  Result<bool> WriteRunResults() {
    if (case_.run_results.is_null()) return true;
    Value results = Value::MakeArray();
    std::string which = "build";
    Value arguments;
    for (const auto& [id, given] : case_.run_results.members()) {
      if (id == "which") {
        which = std::string(given.AsString());
        continue;
      }
      if (id == "args") {
        arguments = given;
        continue;
      }
      Value result = Value::MakeObject({{"status", given},
                                        {"message", nullptr},
                                        {"failures", nullptr},
                                        {"timing", Value::MakeArray()},
                                        {"thread_id", "Thread-1"},
                                        {"execution_time", 0.1},
                                        {"adapter_response", Value::MakeObject()}});
      for (const auto& [key, value] : given.members()) result.Set(key, value);
      result.Set("unique_id", WholeId(id));
      results.Append(std::move(result));
    }
    Value metadata = head_manifest_["metadata"];
    metadata.Set("dbt_schema_version", "https://schemas.getdbt.com/dbt/run-results/v6.json");
    Value document = Value::MakeObject({{"metadata", std::move(metadata)},
                                        {"results", std::move(results)},
                                        {"elapsed_time", 1.0},
                                        {"args", Value()}});
    arguments.Set("which", which);
    document.Set("args", std::move(arguments));
    request_.run_results = workspace_.Path("head/run_results.json");
    auto written = workspace_.Write("head/run_results.json", WriteJson(document));
    if (!written) return written.error();
    return true;
  }

  Result<bool> WriteSources() {
    if (case_.sources.is_null()) return true;
    Value results = Value::MakeArray();
    for (const auto& [id, given] : case_.sources.members()) {
      Value result = Value::MakeObject({{"unique_id", id}, {"status", given["status"]}});
      if (given["age_hours"].is_number()) {
        result.Set("max_loaded_at", "2026-01-01T00:00:00Z");
        result.Set("max_loaded_at_time_ago_in_s", given["age_hours"].AsDouble() * 3600);
      }
      if (!given["error"].is_null()) result.Set("error", given["error"]);
      results.Append(std::move(result));
    }
    Value metadata = head_manifest_["metadata"];
    metadata.Set("dbt_schema_version", "https://schemas.getdbt.com/dbt/sources/v3.json");
    request_.sources = workspace_.Path("head/sources.json");
    auto written = workspace_.Write("head/sources.json",
                                    WriteJson(Value::MakeObject({{"metadata", std::move(metadata)},
                                                                 {"results", std::move(results)},
                                                                 {"elapsed_time", 1.0}})));
    if (!written) return written.error();
    return true;
  }

  // The case's policy; none means the shipped default. A gate that the default does not ask for is
  // put into every layer of it.
  std::optional<std::string> PolicyText() const {
    const Gate* gate = gates_.Find(gate_);
    std::string_view shipped = policy::ShippedPolicy("default").value_or("");
    if (case_.policy || !gate || shipped.find(gate_) != std::string_view::npos) {
      return case_.policy;
    }
    bool whole = gate->info().subject == SubjectKind::kPullRequest;
    return fmt::format("version: 1\nextends: default\n{}:\n  gates: [{}]\n",
                       whole ? "pull_request" : "defaults", gate_);
  }

  // Without git: two manifests alone.
  Result<bool> WriteFolder() {
    request_.no_git = true;
    request_.project_dir = workspace_.path();
    std::optional<std::string> policy = PolicyText();
    if (!policy) return true;
    request_.policy_path = workspace_.Path("policy.yml");
    auto written = workspace_.Write("policy.yml", *policy);
    if (!written) return written.error();
    return true;
  }

  // With git: a repository of two commits. The policy lies where users put it.
  Result<bool> WriteRepository() {
    Side base = case_.base, head = case_.head;
    for (Side* side : {&base, &head}) side->files.try_emplace("dbt_project.yml", "name: shop\n");
    if (std::optional<std::string> policy = PolicyText()) {
      base.files[".layergate.yml"] = *policy;
      head.files.try_emplace(".layergate.yml", *policy);
    }
    fs::create_directories(workspace_.Path("repository"));
    LAYERGATE_TRY(bool created, Git("init -q -b main"));
    LAYERGATE_TRY(bool first, Commit(base, "Base"));
    LAYERGATE_TRY(bool marked, Git("tag base"));
    LAYERGATE_TRY(bool removed, Git("rm -q -r ."));
    LAYERGATE_TRY(bool second,
                  Commit(head, std::string(case_.settings["commit_message"].AsString("Change"))));
    (void)(created && first && marked && removed && second);
    request_.project_dir = workspace_.Path("repository");
    request_.base = "base";
    request_.head = "HEAD";
    return true;
  }

  Result<bool> Commit(const Side& side, const std::string& message) {
    for (const auto& [path, text] : side.files) {
      auto written = workspace_.Write("repository/" + path, text);
      if (!written) return written.error();
    }
    auto written = workspace_.Write("message", message);
    if (!written) return written.error();
    LAYERGATE_TRY(bool added, Git("add -A"));
    (void)added;
    return Git(fmt::format("commit -q --allow-empty -F '{}'", workspace_.Path("message")));
  }

  Result<bool> Git(const std::string& arguments) {
    std::string command = fmt::format(
        "GIT_CONFIG_NOSYSTEM=1 GIT_CONFIG_GLOBAL=/dev/null GIT_AUTHOR_DATE=2026-01-14T09:00:00Z "
        "GIT_COMMITTER_DATE=2026-01-14T09:00:00Z git -c user.name='Ada Analyst' "
        "-c user.email=ada@example.com -c commit.gpgsign=false -c core.autocrlf=false "
        "-C '{}' {} >/dev/null 2>&1",
        workspace_.Path("repository"), arguments);
    if (std::system(command.c_str()) == 0) return true;
    return MakeError(fmt::format("git {} failed", arguments), "install git");
  }

  // --- what came out -------------------------------------------------------------------------

  std::string Describe(const verdict::Verdict& verdict) const {
    std::string out;
    for (const verdict::GateResult& result : verdict.gates) {
      for (const verdict::JudgedFinding& judged : result.findings) out += Describe(judged);
      for (const Unknown& unknown : result.unknown) {
        out += fmt::format("unknown {} {}: {}\n", unknown.code, result.subject, unknown.reason);
        if (case_.full && !unknown.remedy.empty()) out += fmt::format("  fix {}\n", unknown.remedy);
      }
      if (!result.findings.empty() || !result.unknown.empty()) continue;
      bool passed = result.status == verdict::GateStatus::kPass;
      out += passed ? fmt::format("pass {}\n", result.subject)
                    : fmt::format("{} {}: {}\n", verdict::ToString(result.status), result.subject,
                                  result.why);
    }
    if (verdict.gates.empty()) out += "nothing to judge\n";
    return out + fmt::format("verdict {}\n", verdict::ToString(verdict.decision));
  }

  std::string Describe(const verdict::JudgedFinding& judged) const {
    const Finding& finding = judged.finding;
    std::string out = fmt::format(
        "{} {} {}{}: {}\n", judged.waived_by.empty() ? judged.severity : "waived", finding.rule,
        finding.subject, finding.column.empty() ? "" : " " + finding.column, finding.message);
    if (!case_.full) return out;
    if (finding.location) {
      out += fmt::format("  at {}:{}:{}\n", finding.location->path, finding.location->line,
                         finding.location->column);
    }
    if (!finding.base.is_null()) out += fmt::format("  base {}\n", WriteJson(finding.base));
    if (!finding.head.is_null()) out += fmt::format("  head {}\n", WriteJson(finding.head));
    for (const PathStep& step : finding.path) {
      out += fmt::format("  path {}.{}{}{}\n", step.node, step.column,
                         step.how.empty() ? "" : " by " + step.how,
                         step.expression.empty() ? "" : ": " + step.expression);
    }
    for (const std::string& id : finding.impact) out += fmt::format("  impact {}\n", id);
    if (!finding.fix.empty()) out += fmt::format("  fix {}\n", finding.fix);
    for (std::string_view line : Split(finding.patch, '\n')) {
      if (!Trim(line).empty()) out += fmt::format("  patch {}\n", line);
    }
    return out;
  }

  // Nothing of this machine in what is compared.
  std::string Clean(std::string text) const {
    for (size_t at = 0; (at = text.find(workspace_.path(), at)) != std::string::npos;) {
      text.replace(at, workspace_.path().size(), "<case>");
    }
    return text;
  }

  const CaseFile& case_;
  const std::string& gate_;
  const GateRegistry& gates_;
  Workspace workspace_;
  CheckRequest request_;
  Value base_manifest_, head_manifest_;
};

}  // namespace

Result<std::string> RunCase(const CaseFile& test_case, const std::string& gate,
                            const GateRegistry& gates) {
  return Run(test_case, gate, gates).Lines();
}

}  // namespace layergate::cases
