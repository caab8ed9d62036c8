// Real artifacts that lie beside the repository when they lie there at all.
#include <filesystem>

#include "dbt/catalog.h"
#include "dbt/project.h"
#include "dbt/run_results.h"
#include "support/catch.h"

namespace layergate::dbt {
namespace {

const std::string kCorpus = LAYERGATE_SOURCE_DIR "/../shared/corpus";

std::vector<std::string> FilesNamed(const std::string& part) {
  std::vector<std::string> paths;
  std::error_code error;
  for (auto it = std::filesystem::recursive_directory_iterator(kCorpus, error);
       !error && it != std::filesystem::recursive_directory_iterator(); it.increment(error)) {
    std::string name = it->path().filename();
    if (it->is_regular_file() && name.starts_with(part) && name.ends_with(".json") &&
        it->path().string().find("/schemas/") == std::string::npos) {
      paths.push_back(it->path());
    }
  }
  std::sort(paths.begin(), paths.end());
  if (paths.empty()) WARN("skipped: no " << part << "*.json beside the repository");
  return paths;
}

TEST_CASE("every manifest of the corpus reads, and every node of it") {
  for (const std::string& path : FilesNamed("manifest")) {
    INFO(path);
    auto project = Project::Load(path);
    REQUIRE(project);
    const Project& read = **project;
    CHECK(read.metadata().schema_version >= 1);
    CHECK(read.ids().size() > 5);
    size_t models_with_code = 0, edges = 0;
    for (const std::string& id : read.ids()) {
      const Node* node = read.Find(id);
      REQUIRE(node);
      CHECK(node->unique_id == id);
      CHECK(!node->resource_type.empty());
      CHECK(!node->package_name.empty());
      CHECK(!node->name.empty());
      if (node->is_model() && !node->raw_code.empty()) ++models_with_code;
      if (node->test_metadata && !node->depends_on_nodes.empty())
        CHECK(!node->attached_node.empty());
      if (!node->relation_name.empty() && (node->is_model() || node->resource_type == "seed")) {
        CHECK(read.FindRelation(node->relation_name) == node);
      }
      edges += read.Parents(id).size();
      for (const std::string& parent : read.Parents(id)) {
        const auto& children = read.Children(parent);
        CHECK(std::find(children.begin(), children.end(), id) != children.end());
      }
    }
    CHECK(models_with_code > 0);
    CHECK(edges > 0);
    CHECK(!read.macro_ids().empty());
    for (const std::string& id : read.macro_ids()) CHECK(!read.FindMacro(id)->macro_sql.empty());
    for (const std::string& warning : read.warnings()) WARN(warning);
  }
}

TEST_CASE("every catalog of the corpus reads") {
  for (const std::string& path : FilesNamed("catalog")) {
    INFO(path);
    auto catalog = Catalog::Load(path);
    REQUIRE(catalog);
  }
}

TEST_CASE("every run_results of the corpus reads") {
  for (const std::string& path : FilesNamed("run_results")) {
    INFO(path);
    auto run = RunResults::Load(path);
    REQUIRE(run);
    CHECK(!run->results.empty());
    CHECK(!run->which.empty());
    for (const RunResult& result : run->results) CHECK(run->Find(result.unique_id) != nullptr);
  }
}

}  // namespace
}  // namespace layergate::dbt
