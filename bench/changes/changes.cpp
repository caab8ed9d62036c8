// How long the change set of a large project takes and how much memory, as ratios to a bare
// simdjson on-demand pass over the same two manifests. The bar: at most 1.5 times the pass with one
// changed model among 10,000, growth linear in the project, memory at most twice the files.
//
// usage: bench_changes [--binary LAYERGATE] [--folder DIR] [MODELS ...]     (default: 10000)
//   --binary   also times `layergate changes` itself, from start to exit, and the start alone
//
// bench/changes/run builds what is needed and calls it.
//
// Each measured step runs in a process of its own, so that time and memory are its own. Printed are
// the best of five rounds: other work on the machine only ever adds.
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <future>
#include <string>
#include <vector>

#include <fcntl.h>
#include <fmt/format.h>
#include <simdjson.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "change/change_set.h"
#include "dbt/project.h"

namespace {

using Clock = std::chrono::steady_clock;

constexpr int kRounds = 5;

// ---- the manifests ------------------------------------------------------------------------------

// What differs between the two manifests of a pair.
struct Side {
  bool head = false;
  bool other_target = false;  // every table lies in another schema, as in a CI run
};

// A model of some 14 KB with thirty columns, and one test of it, as dbt writes them.
void AppendModel(std::string& out, int i, int models, const Side& side) {
  bool changed = side.head && i == models / 2;
  std::string_view schema = side.head && side.other_target ? "ci_417" : "marts";
  int run = side.head ? 1 : 0;
  std::string code, columns;
  for (int c = 0; c < 30; ++c) {
    code += fmt::format(",\\n    cast(s.column_{} as varchar) as column_{}", c, c);
    columns += fmt::format(
        R"({}"column_{}": {{"name": "column_{}", "description": "What column {} of model {} holds, in words", "meta": {{"owner": "team_{}"}}, "data_type": null, "constraints": [], "quote": null, "config": {{"meta": {{"owner": "team_{}"}}, "tags": []}}, "tags": [], "granularity": null, "doc_blocks": []}})",
        c ? ", " : "", c, c, c, i, c % 5, c % 5);
  }
  std::string where = changed ? " where s.id > 0" : "";
  std::string raw = fmt::format("select\\n    s.id as id_{}{}\\nfrom {{{{ ref('model_{}') }}}} s{}",
                                i, code, i / 2, where);
  std::string compiled =
      fmt::format(R"(select\n    s.id as id_{}{}\nfrom \"db\".\"{}\".\"model_{}\" s{})", i, code,
                  schema, i / 2, where);
  std::string parent = i == 0 ? "" : fmt::format("\"model.bench.model_{}\"", i / 2);
  out += fmt::format(
      R"({}"model.bench.model_{}": {{"database": "db", "schema": "{}", "name": "model_{}", "resource_type": "model", "package_name": "bench", "path": "marts/model_{}.sql", "original_file_path": "models/marts/model_{}.sql", "unique_id": "model.bench.model_{}", "fqn": ["bench", "marts", "model_{}"], "alias": "model_{}", "checksum": {{"name": "sha256", "checksum": "{:064x}"}}, "config": {{"enabled": true, "materialized": "table", "tags": [], "meta": {{}}}}, "tags": [], "description": "Model {}", "columns": {{{}}}, "meta": {{}}, "patch_path": "bench://models/marts.yml", "unrendered_config": {{"materialized": "table"}}, "created_at": {}.5, "relation_name": "\"db\".\"{}\".\"model_{}\"", "raw_code": "{}", "language": "sql", "refs": [{{"name": "model_{}", "package": null, "version": null}}], "sources": [], "depends_on": {{"macros": ["macro.bench.macro_{}"], "nodes": [{}]}}, "compiled": true, "compiled_code": "{}", "extra_ctes": [], "contract": {{"enforced": false, "alias_types": true, "checksum": null}}, "access": "protected", "constraints": []}})",
      i ? ", " : "", i, schema, i, i, i, i, i, i, i, i, columns, run * models + i, schema, i, raw,
      i / 2, i % 500, parent, compiled);
  out += fmt::format(
      R"(, "test.bench.unique_{}": {{"name": "unique_{}", "resource_type": "test", "package_name": "bench", "original_file_path": "models/marts.yml", "config": {{"severity": "ERROR"}}, "unrendered_config": {{}}, "created_at": {}.25, "raw_code": "{{{{ test_unique(**_dbt_generic_test_kwargs) }}}}", "depends_on": {{"macros": ["macro.bench.macro_0"], "nodes": ["model.bench.model_{}"]}}, "attached_node": "model.bench.model_{}", "test_metadata": {{"name": "unique", "kwargs": {{"column_name": "id_{}"}}}}}})",
      i, i, run * models + i, i, i, i);
}

void AppendMacro(std::string& out, int i) {
  out += fmt::format(
      R"({}"macro.bench.macro_{}": {{"name": "macro_{}", "resource_type": "macro", "package_name": "bench", "original_file_path": "macros/m.sql", "unique_id": "macro.bench.macro_{}", "depends_on": {{"macros": ["macro.bench.macro_{}"]}}, "macro_sql": "{}"}})",
      i ? ", " : "", i, i, i, i / 2, std::string(1500, 'x'));
}

void WriteManifest(const std::string& path, int models, const Side& side) {
  FILE* file = std::fopen(path.c_str(), "wb");
  if (!file) std::exit(2);
  std::string out =
      R"({"metadata": {"dbt_schema_version": "https://schemas.getdbt.com/dbt/manifest/v12.json", "dbt_version": "1.10.0", "project_name": "bench", "adapter_type": "postgres"}, "nodes": {)";
  auto flush = [&] {
    if (std::fwrite(out.data(), 1, out.size(), file) != out.size()) std::exit(2);
    out.clear();
  };
  for (int i = 0; i < models; ++i) {
    AppendModel(out, i, models, side);
    if (out.size() > 1 << 20) flush();
  }
  out += R"(}, "sources": {}, "macros": {)";
  for (int i = 0; i < 500; ++i) AppendMacro(out, i);
  out += R"(}, "disabled": {}})";
  flush();
  if (std::fclose(file) != 0) std::exit(2);
}

// ---- what is measured ---------------------------------------------------------------------------

// Every key of every node is visited and nothing is kept.
bool BarePass(const std::string& path) {
  simdjson::padded_string text;
  if (simdjson::padded_string::load(path).get(text) != simdjson::SUCCESS) return false;
  simdjson::ondemand::parser parser;
  simdjson::ondemand::document document = parser.iterate(text);
  size_t fields = 0;
  for (auto section : document.get_object()) {
    simdjson::ondemand::object entries;
    if (section.value().get_object().get(entries) != simdjson::SUCCESS) continue;
    for (auto entry : entries) {
      simdjson::ondemand::object members;
      if (entry.value().get_object().get(members) != simdjson::SUCCESS) continue;
      for (auto member : members) fields += member.error() == simdjson::SUCCESS;
    }
  }
  return fields > 0;
}

bool ChangeSet(const std::string& base_path, const std::string& head_path) {
  using namespace layergate;
  auto base_read = std::async(std::launch::async, [&] { return dbt::Project::Load(base_path); });
  auto head = dbt::Project::Load(head_path);
  auto base = base_read.get();
  return base && head && change::Compare(**base, **head).nodes.size() == 1;
}

struct Cost {
  double wall = 1e9, cpu = 1e9;  // seconds
  double megabytes = 1e9;        // at the peak
};

// Runs `step` in a process of its own.
Cost Measure(const std::function<bool()>& step) {
  auto begin = Clock::now();
  pid_t child = ::fork();
  if (child < 0) std::exit(2);
  if (child == 0) ::_exit(step() ? 0 : 1);
  int status = 0;
  rusage usage{};
  if (::wait4(child, &status, 0, &usage) != child || status != 0) {
    fmt::print(stderr, "a measured step failed\n");
    std::exit(2);
  }
  auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
  };
  return {std::chrono::duration<double>(Clock::now() - begin).count(),
          seconds(usage.ru_utime) + seconds(usage.ru_stime),
          static_cast<double>(usage.ru_maxrss) / 1024};
}

void KeepBest(Cost& best, const Cost& cost) {
  best.wall = std::min(best.wall, cost.wall);
  best.cpu = std::min(best.cpu, cost.cpu);
  best.megabytes = std::min(best.megabytes, cost.megabytes);
}

// Loading the program and its libraries, which costs the same whatever the project is.
bool StartBinary(const std::string& binary) {
  int nowhere = ::open("/dev/null", O_WRONLY | O_CLOEXEC);
  if (nowhere < 0 || ::dup2(nowhere, STDOUT_FILENO) < 0) return false;
  ::execl(binary.c_str(), binary.c_str(), "--version", static_cast<char*>(nullptr));
  return false;
}

bool RunBinary(const std::string& binary, const std::string& base, const std::string& head) {
  int nowhere = ::open("/dev/null", O_WRONLY | O_CLOEXEC);
  if (nowhere < 0 || ::dup2(nowhere, STDOUT_FILENO) < 0) return false;
  ::execl(binary.c_str(), binary.c_str(), "changes", "--base-manifest", base.c_str(),
          "--head-manifest", head.c_str(), "--format", "json", static_cast<char*>(nullptr));
  return false;
}

void Bench(int models, bool other_target, const std::string& folder, const std::string& binary) {
  std::string base = folder + "/layergate_bench_base.json";
  std::string head = folder + "/layergate_bench_head.json";
  WriteManifest(base, models, {false, other_target});
  WriteManifest(head, models, {true, other_target});
  double files =
      static_cast<double>(std::filesystem::file_size(base) + std::filesystem::file_size(head)) /
      (1 << 20);
  Cost bare, changes, command, start;
  for (int round = 0; round < kRounds; ++round) {
    KeepBest(bare, Measure([&] { return BarePass(base) && BarePass(head); }));
    KeepBest(changes, Measure([&] { return ChangeSet(base, head); }));
    if (binary.empty()) continue;
    KeepBest(command, Measure([&] { return RunBinary(binary, base, head); }));
    KeepBest(start, Measure([&] { return StartBinary(binary); }));
  }
  fmt::print("{} models{}, two manifests of {:.0f} MB in all\n", models,
             other_target ? ", two targets" : "", files);
  fmt::print("  bare on-demand pass   {:.3f} s wall, {:.3f} s CPU\n", bare.wall, bare.cpu);
  auto line = [&](std::string_view name, const Cost& cost) {
    fmt::print(
        "  {:<20}  {:.3f} s wall, {:.3f} s CPU, {:.0f} MB: {:.2f} x the pass ({:.2f} x its CPU), "
        "{:.2f} x the files, {:.1f} us a model\n",
        name, cost.wall, cost.cpu, cost.megabytes, cost.wall / bare.wall, cost.cpu / bare.cpu,
        cost.megabytes / files, cost.wall / models * 1e6);
  };
  line("change set", changes);
  if (!binary.empty()) {
    line("layergate changes", command);
    fmt::print(
        "  of which the start    {:.3f} s wall, {:.3f} s CPU; {:.2f} x the pass without it\n",
        start.wall, start.cpu, (command.wall - start.wall) / bare.wall);
  }
  std::fflush(stdout);
  std::filesystem::remove(base);
  std::filesystem::remove(head);
}

}  // namespace

int main(int argc, char** argv) {
  std::string folder = std::filesystem::temp_directory_path().string(), binary;
  std::vector<int> sizes;
  for (int i = 1; i < argc; ++i) {
    std::string argument = argv[i];
    if (argument == "--binary" && i + 1 < argc) {
      binary = argv[++i];
    } else if (argument == "--folder" && i + 1 < argc) {
      folder = argv[++i];
    } else {
      sizes.push_back(std::atoi(argument.c_str()));
    }
  }
  if (sizes.empty()) sizes = {10000};
  for (int models : sizes) {
    if (models <= 0) return 2;
    for (bool other_target : {false, true}) Bench(models, other_target, folder, binary);
  }
  return 0;
}
