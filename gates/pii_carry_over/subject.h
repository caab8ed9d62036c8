// A changed node on one side: its columns, their marks, and the marked data that they carry.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gates/pii_carry_over/tracer.h"

namespace layergate::pii {

struct SubjectColumn {
  std::string name;
  std::optional<Mark> mark;  // of the column itself
  std::vector<Carried> carried;
  bool unsure = false;
};

struct Subject {
  const dbt::Node* node = nullptr;
  std::optional<Mark> mark;  // of the node
  std::vector<SubjectColumn> columns;
  std::string opaque;  // why nothing is known of its columns
  bool has_sql = false;

  const SubjectColumn* Find(std::string_view name) const;
};

Subject Look(const dbt::Node& node, const Matchers& marks, const lineage::ProjectLineage& side,
             const Tracer& tracer);

}  // namespace layergate::pii
