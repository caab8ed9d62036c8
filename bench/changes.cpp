// How long the change set of a large project takes, as a ratio to a bare simdjson pass over the
// same two manifests. The bar: at most 1.5 with one changed model among 10,000.
//
// usage: bench_changes [MODELS] [FOLDER]
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <future>
#include <string>

#include <fmt/format.h>
#include <simdjson.h>

#include "change/change_set.h"
#include "core/file.h"
#include "dbt/project.h"

namespace {

using Clock = std::chrono::steady_clock;

double Seconds(Clock::time_point since) {
  return std::chrono::duration<double>(Clock::now() - since).count();
}

// A model of some 14 KB with thirty columns, and one test of it, as dbt writes them.
void AppendModel(std::string& out, int i, int models, bool changed, int run) {
  std::string code, columns;
  for (int c = 0; c < 30; ++c) {
    code += fmt::format(",\\n    cast(s.column_{} as varchar) as column_{}", c, c);
    columns += fmt::format(
        R"({}"column_{}": {{"name": "column_{}", "description": "What column {} of model {} holds, in words", "meta": {{"owner": "team_{}"}}, "data_type": null, "constraints": [], "quote": null, "config": {{"meta": {{"owner": "team_{}"}}, "tags": []}}, "tags": [], "granularity": null, "doc_blocks": []}})",
        c ? ", " : "", c, c, c, i, c % 5, c % 5);
  }
  code = fmt::format("select\\n    s.id as id_{}{}\\nfrom {{{{ ref('model_{}') }}}} s{}", i, code,
                     i / 2, changed ? " where s.id > 0" : "");
  std::string parent = i == 0 ? "" : fmt::format("\"model.bench.model_{}\"", i / 2);
  out += fmt::format(
      R"({}"model.bench.model_{}": {{"database": "db", "schema": "marts", "name": "model_{}", "resource_type": "model", "package_name": "bench", "path": "marts/model_{}.sql", "original_file_path": "models/marts/model_{}.sql", "unique_id": "model.bench.model_{}", "fqn": ["bench", "marts", "model_{}"], "alias": "model_{}", "checksum": {{"name": "sha256", "checksum": "{:064x}"}}, "config": {{"enabled": true, "materialized": "table", "tags": [], "meta": {{}}}}, "tags": [], "description": "Model {}", "columns": {{{}}}, "meta": {{}}, "patch_path": "bench://models/marts.yml", "unrendered_config": {{"materialized": "table"}}, "created_at": {}.5, "relation_name": "\"db\".\"marts\".\"model_{}\"", "raw_code": "{}", "language": "sql", "refs": [{{"name": "model_{}", "package": null, "version": null}}], "sources": [], "depends_on": {{"macros": [], "nodes": [{}]}}, "compiled": true, "compiled_code": "{}", "extra_ctes": [], "contract": {{"enforced": false, "alias_types": true, "checksum": null}}, "access": "protected", "constraints": []}})",
      i ? ", " : "", i, i, i, i, i, i, i, i, i, columns, run * models + i, i, code, i / 2, parent,
      code);
  out += fmt::format(
      R"(, "test.bench.unique_{}": {{"name": "unique_{}", "resource_type": "test", "package_name": "bench", "original_file_path": "models/marts.yml", "config": {{"severity": "ERROR"}}, "unrendered_config": {{}}, "created_at": {}.25, "raw_code": "{{{{ test_unique(**_dbt_generic_test_kwargs) }}}}", "depends_on": {{"macros": [], "nodes": ["model.bench.model_{}"]}}, "attached_node": "model.bench.model_{}", "test_metadata": {{"name": "unique", "kwargs": {{"column_name": "id_{}"}}}}}})",
      i, i, run * models + i, i, i, i);
}

std::string Manifest(int models, int run) {
  std::string out =
      R"({"metadata": {"dbt_schema_version": "https://schemas.getdbt.com/dbt/manifest/v12.json", "dbt_version": "1.10.0", "project_name": "bench", "adapter_type": "postgres"}, "nodes": {)";
  for (int i = 0; i < models; ++i) AppendModel(out, i, models, run == 1 && i == models / 2, run);
  return out + R"(}, "sources": {}, "macros": {}, "disabled": {}})";
}

double BarePass(const std::string& path) {
  auto begin = Clock::now();
  simdjson::dom::parser parser;
  simdjson::dom::element document;
  if (parser.load(path).get(document) != simdjson::SUCCESS) std::exit(2);
  return Seconds(begin);
}

double ChangeSet(const std::string& base_path, const std::string& head_path) {
  using namespace layergate;
  auto begin = Clock::now();
  auto base_read = std::async(std::launch::async, [&] { return dbt::Project::Load(base_path); });
  auto head = dbt::Project::Load(head_path);
  auto base = base_read.get();
  if (!base || !head) std::exit(2);
  change::ChangeSet changes = change::Compare(**base, **head);
  if (changes.nodes.size() != 1) std::exit(2);
  return Seconds(begin);
}

}  // namespace

int main(int argc, char** argv) {
  int models = argc > 1 ? std::atoi(argv[1]) : 10000;
  std::string folder = argc > 2 ? argv[2] : std::filesystem::temp_directory_path().string();
  std::string base = folder + "/layergate_bench_base.json";
  std::string head = folder + "/layergate_bench_head.json";
  if (!layergate::WriteFileAtomically(base, Manifest(models, 0)) ||
      !layergate::WriteFileAtomically(head, Manifest(models, 1))) {
    return 2;
  }
  double bare = 1e9, changes = 1e9;
  for (int round = 0; round < 5; ++round) {
    bare = std::min(bare, BarePass(base) + BarePass(head));
    changes = std::min(changes, ChangeSet(base, head));
  }
  fmt::print("{} models, 2 x {} MB: bare pass {:.3f} s, change set {:.3f} s, ratio {:.2f}\n",
             models, std::filesystem::file_size(base) >> 20, bare, changes, changes / bare);
  std::filesystem::remove(base);
  std::filesystem::remove(head);
  return 0;
}
