// One join, as it is judged: what its conditions give, and what is to be said of it.
#pragma once

#include "lineage/fanout.h"
#include "lineage/fanout_block.h"

namespace layergate::lineage::fanout {

// One join, as it is being judged.
struct Step {
  const Part* left = nullptr;
  const Part* right = nullptr;
  sql::JoinKind kind = sql::JoinKind::kInner;
  std::vector<Condition> on;
  Sameness same;                   // in the rows that match
  RefSet left_given, right_given;  // equal to an expression of the other side
  bool left_once = false, right_once = false;

  // What a condition says of the two, in the rows that match (of ON) or in all (of WHERE).
  void Take(const Condition& condition, bool of_on);
  // Whether a column of one side has one value for each row of the other. `nulls_repeat`: as a part
  // of a key that lets nulls repeat.
  bool RightIsGiven(const Ref& ref, bool nulls_repeat) const {
    return same.IsGiven(ref, nulls_repeat, [&](const Ref& each) {
      return left->items.count(each.item) > 0 || right_given.count(each) > 0;
    });
  }
  bool LeftIsGiven(const Ref& ref, bool nulls_repeat) const {
    return same.IsGiven(ref, nulls_repeat, [&](const Ref& each) {
      return right->items.count(each.item) > 0 || left_given.count(each) > 0;
    });
  }
};

// Which columns join the two, and what else decides. `where`: the conditions of WHERE that count.
void Describe(const sql::ParsedSql& sql, const Block& block, const Step& step,
              const std::vector<Condition>& where, JoinFanout& report);
// Whether it can multiply rows, and why.
void Explain(const Step& step, const std::vector<Condition>& where, JoinFanout& report);

}  // namespace layergate::lineage::fanout
