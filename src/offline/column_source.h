// The columns of a relation where no catalog has them: from our own lineage of the SQL that dbt
// compiled, as the database would name them.
//
// dbt asks the database what is there; this is what there is once the project's models have run.
// Types stay unknown. Nodes without compiled SQL have no columns here.
#pragma once

#include <functional>
#include <optional>
#include <string_view>
#include <vector>

#include "dbt/catalog.h"
#include "dbt/project.h"
#include "lineage/project_lineage.h"

namespace layergate::offline {

// References the Project and Catalog. Thread-safe.
class ColumnSource {
 public:
  ColumnSource(const dbt::Project& project, const dbt::Catalog* catalog);

  std::optional<std::vector<dbt::CatalogColumn>> Columns(std::string_view unique_id) const;
  // For RenderSettings::columns; must not outlive this object.
  std::function<std::optional<std::vector<dbt::CatalogColumn>>(std::string_view)> ForSettings()
      const {
    return [this](std::string_view id) { return Columns(id); };
  }

 private:
  const dbt::Project& project_;
  lineage::ProjectLineage lineage_;
};

}  // namespace layergate::offline
