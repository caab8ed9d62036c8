// Real projects that lie beside the repository, when they lie there at all: the columns that we
// find for each model, against the warehouse's own catalog.
#include <filesystem>

#include "core/text.h"
#include "dbt/catalog.h"
#include "dbt/project.h"
#include "lineage/project_lineage.h"
#include "support/catch.h"

namespace layergate::lineage {
namespace {

const std::string kCorpus = LAYERGATE_SOURCE_DIR "/../shared/corpus/";

struct Expectation {
  const char* folder;
  size_t columns;  // of all models
  size_t exact;    // at least
  size_t equal;    // models whose columns are those of the catalog, in order; at least
  // Models whose columns differ: catalogs older than the manifest, Python models, stars over files.
  size_t different;
};

constexpr Expectation kProjects[] = {
    {"hubspot/30af8e5", 1681, 1681, 150, 0},
    {"hubspot/38114c7", 1656, 1656, 150, 0},
    {"hubspot/792b8ff", 1656, 1656, 150, 0},
    {"hubspot/7c0c5ca", 1656, 1656, 150, 0},
    {"caltrans-snowflake", 1801, 1799, 51, 0},
    {"databricks-lakehouse/a778234", 334, 334, 0, 0},
    {"databricks-lakehouse/f08ca9e", 334, 334, 0, 0},
    {"nba-duckdb/4d69bed", 517, 508, 45, 11},
    {"nba-duckdb/9cd4e17", 528, 518, 53, 14},
};

struct Found {
  size_t columns = 0, exact = 0, equal = 0, different = 0;
};

bool SameNames(const std::vector<OutputColumn>& ours, const dbt::CatalogTable& table) {
  if (ours.size() != table.columns.size()) return false;
  for (size_t i = 0; i < ours.size(); ++i) {
    if (!EqualsIgnoreCase(ours[i].name, table.columns[i].name)) return false;
  }
  return true;
}

TEST_CASE("columns of real models are those of the catalog") {
  for (const Expectation& expected : kProjects) {
    const std::string folder = kCorpus + expected.folder;
    if (!std::filesystem::exists(folder)) {
      WARN("skipped: no " << expected.folder << " beside the repository");
      continue;
    }
    INFO(folder);
    auto project = dbt::Project::Load(folder + "/manifest.json");
    REQUIRE(project);
    auto catalog = dbt::Catalog::Load(folder + "/catalog.json");
    const dbt::Catalog* known = catalog ? &*catalog : nullptr;
    const auto dialect = sql::DialectFromName((*project)->metadata().adapter_type);
    REQUIRE(dialect);
    const ProjectLineage lineage(**project, known, *dialect);
    Found found;
    for (const std::string& id : (*project)->ids()) {
      if (id.rfind("model.", 0) != 0) continue;
      const std::vector<OutputColumn>& columns = lineage.Model(id).statement.columns;
      found.columns += columns.size();
      for (const OutputColumn& column : columns) found.exact += column.status == Status::kExact;
      const dbt::CatalogTable* table = known == nullptr ? nullptr : known->Find(id);
      if (table == nullptr) continue;
      (SameNames(columns, *table) ? found.equal : found.different) += 1;
    }
    CHECK(found.columns == expected.columns);
    CHECK(found.exact >= expected.exact);
    CHECK(found.equal >= expected.equal);
    CHECK(found.different <= expected.different);
  }
}

}  // namespace
}  // namespace layergate::lineage
