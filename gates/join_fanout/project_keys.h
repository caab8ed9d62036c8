// Unique keys of the relations that a project's SQL reads: what is declared, and what follows from
// the SQL of models that declare nothing (grouped, deduplicated, joined by unique keys themselves).
#pragma once

#include <map>
#include <string>
#include <vector>

#include "dbt/project.h"
#include "lineage/fanout.h"
#include "lineage/project_lineage.h"

namespace layergate::join_fanout {

// For one run of the gate; not thread-safe. Answers stay valid as long as it lives.
class ProjectKeys {
 public:
  explicit ProjectKeys(const lineage::ProjectLineage& lineage) : lineage_(lineage) {}

  lineage::Fanout Analyze(const std::string& sql);
  // The node that a relation of the SQL stands for, or nullptr.
  const dbt::Node* NodeOf(const lineage::RelationName& name) const;

 private:
  std::vector<lineage::KnownKey> KeysOf(const lineage::RelationName& name);
  const lineage::RelationSchema* SchemaOf(const lineage::RelationName& name);

  const lineage::ProjectLineage& lineage_;
  std::map<std::string, std::vector<lineage::KnownKey>> keys_;
  std::map<std::string, lineage::RelationSchema> schemas_;
  int depth_ = 0;
};

}  // namespace layergate::join_fanout
