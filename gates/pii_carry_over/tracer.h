// The way of marked data: back from a column to the nearest marked columns that its value comes
// from, and what on the way takes the personal part away.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/finding.h"
#include "gate/gate.h"
#include "gates/pii_carry_over/marks.h"
#include "lineage/project_lineage.h"

namespace layergate::pii {

// Where marked data enters the subject's column.
struct Carried {
  lineage::ColumnId origin;  // the nearest marked column on the way
  bool whole_node = false;   // the mark is on the node, not on the column
  Mark mark;
  std::vector<PathStep> path;  // from the origin to the column
  bool certain = true;
};

// One side of the comparison, asked about columns. Marks count when either side has them.
// References must outlive it; not for several threads.
class Tracer {
 public:
  Tracer(const GateContext& context, const Matchers& marks, const lineage::ProjectLineage& side)
      : context_(context), marks_(marks), side_(side) {}

  // The nearest marked column on each way by which data reaches `column`, one per marked column.
  // `unsure` is set when a way can't be followed and marked data may lie beyond.
  std::vector<Carried> Into(const lineage::ColumnId& column, bool& unsure) const;

  // The mark of a column of another node: of either side, so that taking it off hides nothing.
  std::optional<Mark> ColumnMark(const lineage::ColumnId& column) const;
  std::optional<Mark> NodeMark(std::string_view id) const;

  // Whether anything that `id` reads, near or far, is marked at all. Only then can a way that is
  // not understood hide something.
  bool MarkedAbove(std::string_view id, bool itself = false) const;

 private:
  const lineage::OutputColumn* Output(const lineage::ColumnId& column) const;
  bool HasMarks(const std::string& id) const;
  void Follow(const lineage::ProjectLineage::Origin& origin,
              std::map<lineage::ColumnId, Carried>& found, bool& unsure) const;
  bool Declassifies(const lineage::ColumnId& reader, lineage::Subtype how) const;
  bool IsNamed(std::string_view call) const;
  std::vector<std::string> Hiding(std::string_view text) const;
  std::vector<PathStep> Steps(const lineage::ProjectLineage::Origin& origin, size_t from) const;

  const GateContext& context_;
  const Matchers& marks_;
  const lineage::ProjectLineage& side_;
  mutable std::map<std::string, bool, std::less<>> has_marks_;
};

}  // namespace layergate::pii
