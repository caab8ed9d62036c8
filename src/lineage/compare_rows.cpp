// Blocks are compared from the outermost one down. What both sides have is taken off first, what
// remains is paired by what it reads, then by name, then by place; a pair of blocks is compared in
// turn. Where one side wraps the other's block in another one, the reading with fewer differences
// is taken.
#include "lineage/compare_rows.h"

#include <algorithm>
#include <map>
#include <set>

#include <fmt/format.h>

#include "core/text.h"
#include "dbt/unique_id.h"
#include "lineage/likeness.h"
#include "lineage/row_blocks.h"

namespace layergate::lineage {

namespace {

using Kind = Difference::Kind;
using Differences = std::vector<Difference>;

constexpr int kMostDepth = 200;
constexpr int kMostReadings = 4000;

// The last part of "db.schema.table"; "stg_orders.v2" of "model.shop.stg_orders.v2".
std::string NameOf(const RowSource& source, const RowBlocks& blocks) {
  if (source.block < 0) {
    const std::string& relation = source.relation;
    if (relation.rfind("(itself)", 0) == 0) return relation;
    const bool node = relation.rfind("model.", 0) == 0 || relation.rfind("snapshot.", 0) == 0 ||
                      relation.rfind("seed.", 0) == 0;
    return node ? std::string(dbt::NameWithVersion(relation))
                : relation.substr(relation.rfind('.') + 1);
  }
  const std::string& name = blocks.at(source.block).name;
  return name.empty() ? "a subquery" : name;
}

std::string TextOf(const RowSource& source, const RowBlocks& blocks) {
  std::string text = source.first ? "from " : source.join + " join ";
  text += NameOf(source, blocks);
  std::vector<std::string> on;
  for (const RowFilter& each : source.on) on.push_back(each.text);
  if (!source.first && !on.empty()) text += " on " + Join(on, " and ");
  return text;
}

// The table that a relation is in the end, where it is one; empty otherwise.
std::string TableOf(const RowSource& source, const RowBlocks& blocks) {
  const RowSource* at = &source;
  for (int depth = 0; depth < 50 && at->block >= 0; ++depth) {
    const RowBlock& block = blocks.at(at->block);
    if (block.sources.size() != 1 || block.last == RowBlock::Last::kUnion) return {};
    at = &block.sources[0];
  }
  return at->block < 0 ? at->relation : std::string();
}

Span Hull(const RowBlock& block) {
  Span hull;
  const auto add = [&](Span span) {
    if (span.empty()) return;
    if (hull.empty()) hull = span;
    hull.begin = std::min(hull.begin, span.begin);
    hull.end = std::max(hull.end, span.end);
  };
  for (const RowSource& source : block.sources) add(source.span);
  for (const RowFilter& filter : block.filters) add(filter.span);
  for (const RowSetFact* fact : block.last_facts) add(fact->span);
  return hull;
}

Kind KindOfFact(const std::string& kind) {
  if (kind == "group_by") return Kind::kGroupByChanged;
  if (kind == "distinct" || kind == "distinct_on") return Kind::kDistinctChanged;
  if (kind == "set_operation") return Kind::kSetOperationChanged;
  if (kind == "limit" || kind == "offset") return Kind::kLimitChanged;
  if (kind == "window") return Kind::kWindowChanged;
  if (kind == "order_by") return Kind::kOrderByChanged;
  return Kind::kOtherRowSetChange;
}

Difference AboutFacts(const RowSetFact* base, const RowSetFact* head) {
  Difference d;
  const RowSetFact& any = head != nullptr ? *head : *base;
  d.kind = KindOfFact(any.kind);
  if (base != nullptr) {
    d.base_text = base->text;
    d.base_span = base->span;
  }
  if (head != nullptr) {
    d.head_text = head->text;
    d.head_span = head->span;
  }
  if (base != nullptr && head != nullptr && base->detail != head->detail) {
    d.detail = base->detail + " -> " + head->detail;
  }
  return d;
}

// A conjunct together with the join that it stands at; nullptr for WHERE and the like.
struct Conjunct {
  const RowFilter* filter = nullptr;
  const RowSource* join = nullptr;
};

class RowComparer {
 public:
  // `columns_differ`: something was found about the columns of the result.
  RowComparer(const StatementLineage& base, const StatementLineage& head, bool columns_differ)
      : base_(base), head_(head), columns_differ_(columns_differ) {}

  Differences Run() { return Compare(base_.root(), head_.root(), 0); }
  const RowSetFact* base_order() const { return base_.order(); }
  const RowSetFact* head_order() const { return head_.order(); }

 private:
  // A block that reads another may be what the other side has, with something joined to it.
  static bool ReadsBlock(const RowBlock& block) {
    return std::any_of(block.sources.begin(), block.sources.end(),
                       [](const RowSource& source) { return source.block >= 0; });
  }

  const Differences& Compare(int b, int h, int depth) {
    static const Differences kNone;
    if (base_.at(b).digest == head_.at(h).digest) return kNone;
    const auto known = known_.find({b, h});
    if (known != known_.end()) return known->second;
    Differences best = Direct(b, h, depth);
    const auto consider = [&](Differences other) {
      if (other.size() < best.size()) best = std::move(other);
    };
    if (best.size() > 1 && depth < kMostDepth && readings_ < kMostReadings) {
      if (ReadsBlock(head_.at(h)) && !around_base_.count(b)) {
        consider(Direct(AroundOf(base_, around_base_, b), h, depth));
      }
      if (ReadsBlock(base_.at(b)) && !around_head_.count(h)) {
        consider(Direct(b, AroundOf(head_, around_head_, h), depth));
      }
    }
    if (best.empty() && !ToldByColumns(b, h)) best.push_back(SomethingElse(b, h));
    return known_[{b, h}] = std::move(best);
  }

  // DISTINCT or UNION over as many columns, one of which is computed otherwise: that is told of the
  // column.
  bool ToldByColumns(int b, int h) const {
    if (b != base_.root() || h != head_.root() || !columns_differ_) return false;
    const auto distinct = [](const RowBlock& block) {
      return block.last == RowBlock::Last::kDistinct ||
             (block.last == RowBlock::Last::kUnion && block.last_facts[0]->detail == "union");
    };
    return distinct(base_.at(b)) && distinct(head_.at(h));
  }

  // The blocks are not the same, and nothing above says why: sides of EXCEPT exchanged, full joins
  // in another order. Silence would be a claim.
  Difference SomethingElse(int b, int h) const {
    Difference d;
    d.kind = Kind::kOtherRowSetChange;
    d.base_text = Reads(base_, b);
    d.head_text = Reads(head_, h);
    d.base_span = Hull(base_.at(b));
    d.head_span = Hull(head_.at(h));
    return d;
  }

  static std::string Reads(const RowBlocks& blocks, int index) {
    const RowBlock& block = blocks.at(index);
    std::vector<std::string> parts;
    for (const RowSource& source : block.sources) parts.push_back(TextOf(source, blocks));
    for (const int branch : block.branches) {
      parts.push_back(branch < 0 ? "?" : "(" + Reads(blocks, branch) + ")");
    }
    for (const RowSetFact* fact : block.last_facts) parts.push_back(fact->text);
    return Join(parts, " ");
  }

  static int AroundOf(RowBlocks& blocks, std::map<int, int>& known, int block) {
    const auto found = known.find(block);
    if (found != known.end()) return found->second;
    const int around = blocks.Around(block);
    known[block] = around;
    return around;
  }

  // Blocks are copied: comparing may add blocks of its own.
  Differences Direct(int b, int h, int depth) {
    const RowBlock base = base_.at(b), head = head_.at(h);
    Differences out;
    ++readings_;
    if (depth >= kMostDepth) {
      Difference d;
      d.kind = Kind::kOtherRowSetChange;
      d.base_text = d.head_text = "a deeply nested block";
      d.base_span = Hull(base);
      d.head_span = Hull(head);
      return {d};
    }
    const bool base_union = base.last == RowBlock::Last::kUnion;
    const bool head_union = head.last == RowBlock::Last::kUnion;
    const bool told = base_union && head_union && CompareOperators(b, h, out);
    if (!told && (base_union || head_union)) {
      CompareBranches(base_union ? base.branches : std::vector<int>{b},
                      head_union ? head.branches : std::vector<int>{h}, depth, out);
      const RowSetFact* before = base_union ? base.last_facts[0] : nullptr;
      const RowSetFact* after = head_union ? head.last_facts[0] : nullptr;
      if (before && after && before->detail != after->detail) {
        out.push_back(AboutFacts(before, after));
      }
    } else if (!told) {
      CompareSources(base, head, depth, out);
      const size_t first = out.size();
      CompareOthers(base.others, head.others, out);
      for (size_t i = first; i < out.size(); ++i) {  // the order in which others take the rows
        if (out[i].kind == Kind::kOrderByChanged) out[i].kind = Kind::kOtherRowSetChange;
      }
      CompareLast(base, head, columns_differ_ && b == base_.root() && h == head_.root(), out);
    }
    for (Difference& d : out) {
      if (d.where.empty()) d.where = head.name.empty() ? base.name : head.name;
      if (d.head_span.empty() && d.near.empty()) {
        d.near = head.sources.empty() ? Hull(head) : head.sources[0].span;
      }
    }
    return out;
  }

  void Append(Differences& out, const Differences& more) {
    out.insert(out.end(), more.begin(), more.end());
  }

  // --- set operations --------------------------------------------------------------------------

  void CompareBranches(std::vector<int> base, std::vector<int> head, int depth, Differences& out) {
    for (auto it = base.begin(); it != base.end();) {
      const auto same = std::find_if(head.begin(), head.end(), [&](int each) {
        return *it >= 0 && each >= 0 && base_.at(*it).digest == head_.at(each).digest;
      });
      if (same == head.end()) {
        ++it;
        continue;
      }
      head.erase(same);
      it = base.erase(it);
    }
    while (!base.empty() && !head.empty()) {
      // With as many on both sides they pair in order, else the likest first.
      size_t at_base = 0, at_head = 0;
      if (base.size() != head.size() && base.size() * head.size() <= 64) {
        size_t least = SIZE_MAX;
        for (size_t i = 0; i < base.size(); ++i) {
          for (size_t k = 0; k < head.size(); ++k) {
            const size_t cost = Compare(base[i], head[k], depth + 1).size();
            if (cost >= least) continue;
            least = cost;
            at_base = i;
            at_head = k;
          }
        }
      }
      Append(out, Compare(base[at_base], head[at_head], depth + 1));
      base.erase(base.begin() + static_cast<std::ptrdiff_t>(at_base));
      head.erase(head.begin() + static_cast<std::ptrdiff_t>(at_head));
    }
    for (const int each : base) out.push_back(Branch(base_, each, true));
    for (const int each : head) out.push_back(Branch(head_, each, false));
  }

  // The SELECTs of a union, whatever brackets stand between them, and its operators.
  struct Leaves {
    std::multiset<std::string> digests;
    std::vector<const RowSetFact*> operators;
  };
  static void Gather(const RowBlocks& blocks, int index, int depth, Leaves& leaves) {
    const bool known = index >= 0 && depth < kMostDepth;
    const RowBlock* block = known ? &blocks.at(index) : nullptr;
    if (!known || block->last != RowBlock::Last::kUnion ||
        block->last_facts[0]->detail.rfind("union", 0) != 0) {
      leaves.digests.insert(known ? block->digest : "?");
      return;
    }
    leaves.operators.push_back(block->last_facts[0]);
    for (const int branch : block->branches) Gather(blocks, branch, depth + 1, leaves);
  }

  // UNION for one UNION ALL of several makes another nesting of the same SELECTs.
  bool CompareOperators(int b, int h, Differences& out) const {
    Leaves base, head;
    Gather(base_, b, 0, base);
    Gather(head_, h, 0, head);
    if (base.digests != head.digests || base.digests.count("?") > 0) return false;
    for (const RowSetFact* before : base.operators) {
      for (const RowSetFact* after : head.operators) {
        if (before->detail != after->detail) return out.push_back(AboutFacts(before, after)), true;
      }
    }
    return false;
  }

  static Difference Branch(const RowBlocks& blocks, int index, bool removed) {
    const RowBlock& block = blocks.at(index);
    Difference d;
    d.kind = Kind::kSetOperationChanged;
    std::vector<std::string> reads;
    for (const RowSource& source : block.sources) reads.push_back(NameOf(source, blocks));
    (removed ? d.base_text : d.head_text) =
        reads.empty() ? "a SELECT without FROM" : "select from " + Join(reads, ", ");
    (removed ? d.base_span : d.head_span) = Hull(block);
    return d;
  }

  // --- FROM and joins --------------------------------------------------------------------------

  using Sources = std::vector<const RowSource*>;

  bool SameRelation(const RowSource& a, const RowSource& b) const {
    if (a.block >= 0 && b.block >= 0) return base_.at(a.block).digest == head_.at(b.block).digest;
    return a.block < 0 && b.block < 0 && a.relation == b.relation;
  }

  static bool SameOn(const RowSource& a, const RowSource& b) {
    const auto texts = [](const RowSource& source) {
      std::multiset<std::string> all;
      for (const RowFilter& each : source.on) all.insert(each.text);
      return all;
    };
    return texts(a) == texts(b);
  }

  template <typename Same, typename Then>
  static void Pair(Sources& base, Sources& head, const Same& same, const Then& then) {
    Sources rest;
    for (const RowSource* source : base) {
      const auto found = std::find_if(
          head.begin(), head.end(), [&](const RowSource* other) { return same(*source, *other); });
      if (found == head.end()) {
        rest.push_back(source);
        continue;
      }
      then(*source, **found);
      head.erase(found);
    }
    base = std::move(rest);
  }

  void CompareSources(const RowBlock& base_block, const RowBlock& head_block, int depth,
                      Differences& out) {
    const bool pooled = !base_block.ordered_joins && !head_block.ordered_joins;
    Sources base, head;
    for (const RowSource& source : base_block.sources) base.push_back(&source);
    for (const RowSource& source : head_block.sources) head.push_back(&source);
    std::vector<Conjunct> before, after;
    for (const RowFilter& filter : base_block.filters) before.push_back({&filter, nullptr});
    for (const RowFilter& filter : head_block.filters) after.push_back({&filter, nullptr});
    const auto pool = [&](const RowSource& b, const RowSource& h) {
      for (const RowFilter& each : b.on) before.push_back({&each, &b});
      for (const RowFilter& each : h.on) after.push_back({&each, &h});
    };
    const auto conditions = [&](const RowSource& b, const RowSource& h) {
      if (pooled && b.join == "inner" && h.join == "inner") return pool(b, h);
      if (!SameOn(b, h)) out.push_back(ConditionChanged(b, h));
    };
    Pair(
        base, head,
        [&](const RowSource& b, const RowSource& h) {
          return b.join == h.join && SameRelation(b, h) && SameOn(b, h);
        },
        [&](const RowSource& b, const RowSource& h) {
          if (pooled && b.join == "inner") pool(b, h);
        });
    Pair(
        base, head,
        [&](const RowSource& b, const RowSource& h) {
          return b.join == h.join && SameRelation(b, h);
        },
        conditions);
    TakeSwapped(base, head, out);
    Pair(
        base, head,
        [&](const RowSource& b, const RowSource& h) {
          return !b.first && !h.first && SameRelation(b, h);
        },
        [&](const RowSource& b, const RowSource& h) {
          KindChanged(b, h, pooled, before, after, out);
        });
    // A left join takes in what filters its side, a full join does not: they are one join all the
    // same when they read one table.
    Pair(
        base, head,
        [&](const RowSource& b, const RowSource& h) {
          const std::string table = TableOf(b, base_);
          return !b.first && !h.first && b.join != h.join && !table.empty() &&
                 table == TableOf(h, head_);
        },
        [&](const RowSource& b, const RowSource& h) {
          Difference d = JoinChanged(Kind::kJoinKindChanged, b, h);
          d.detail = b.join + " -> " + h.join;
          out.push_back(std::move(d));
        });
    Pair(
        base, head,
        [&](const RowSource& b, const RowSource& h) {
          return b.block >= 0 && h.block >= 0 && b.join == h.join &&
                 NameOf(b, base_) == NameOf(h, head_);
        },
        [&](const RowSource& b, const RowSource& h) {
          Append(out, Compare(b.block, h.block, depth + 1));
          conditions(b, h);
        });
    Pair(
        base, head,
        [&](const RowSource& b, const RowSource& h) {
          return (b.block >= 0 || h.block >= 0) && b.join == h.join;
        },
        [&](const RowSource& b, const RowSource& h) {
          const int inner_base = b.block >= 0 ? b.block : TableBlock(base_, around_base_, b);
          const int inner_head = h.block >= 0 ? h.block : TableBlock(head_, around_head_, h);
          Append(out, Compare(inner_base, inner_head, depth + 1));
          conditions(b, h);
        });
    Pair(
        base, head,
        [&](const RowSource& b, const RowSource& h) {
          return b.join == h.join && b.first == h.first;
        },
        [&](const RowSource& b, const RowSource& h) {
          out.push_back(JoinChanged(Kind::kSourceChanged, b, h));
        });
    for (const RowSource* source : base) out.push_back(OneSide(*source, true));
    for (const RowSource* source : head) out.push_back(OneSide(*source, false));
    CompareFilters(std::move(before), std::move(after), out);
  }

  // `a left join b` that became `b left join a`: the rows of the other one stay.
  void TakeSwapped(Sources& base, Sources& head, Differences& out) const {
    const auto first = [](const Sources& list) {
      return std::find_if(list.begin(), list.end(),
                          [](const RowSource* source) { return source->first; });
    };
    const auto b = first(base), h = first(head);
    if (b == base.end() || h == head.end()) return;
    const RowSource &old_first = **b, &new_first = **h;
    const auto joined = std::find_if(base.begin(), base.end(), [&](const RowSource* source) {
      return !source->first && source->join != "inner" && SameRelation(*source, new_first);
    });
    const auto now = std::find_if(head.begin(), head.end(), [&](const RowSource* source) {
      return !source->first && source->join != "inner" && SameRelation(old_first, *source);
    });
    if (joined == base.end() || now == head.end() || (*joined)->join != (*now)->join) return;
    Difference d = JoinChanged(Kind::kJoinKindChanged, **joined, **now);
    d.base_text = NameOf(old_first, base_) + " " + TextOf(**joined, base_);
    d.head_text = NameOf(new_first, head_) + " " + TextOf(**now, head_);
    d.detail = (*joined)->join + " join with its sides exchanged";
    out.push_back(std::move(d));
    const RowSource* gone_base[] = {*b, *joined};
    const RowSource* gone_head[] = {*h, *now};
    for (const RowSource* each : gone_base) base.erase(std::find(base.begin(), base.end(), each));
    for (const RowSource* each : gone_head) head.erase(std::find(head.begin(), head.end(), each));
  }

  int TableBlock(RowBlocks& blocks, std::map<int, int>& around, const RowSource& source) {
    const int index = blocks.Around(source);
    around[index] = index;  // wrapping it again would tell nothing
    return index;
  }

  Difference JoinChanged(Kind kind, const RowSource& b, const RowSource& h) const {
    Difference d;
    d.kind = kind;
    d.base_text = TextOf(b, base_);
    d.head_text = TextOf(h, head_);
    d.base_span = b.span;
    d.head_span = h.span;
    return d;
  }

  // Only the conjuncts that differ; `detail` says of which join.
  Difference ConditionChanged(const RowSource& b, const RowSource& h) const {
    Span near;
    const auto only = [&near](const RowSource& here, const RowSource& there, Span& span) {
      std::vector<std::string> texts;
      size_t written = 0;
      Span first;
      for (const RowFilter& each : here.on) {
        const bool both =
            std::any_of(there.on.begin(), there.on.end(),
                        [&](const RowFilter& other) { return other.text == each.text; });
        if (both) continue;
        texts.push_back(each.text);
        if (span.empty()) first = span = each.span;
        span = {std::min(span.begin, each.span.begin), std::max(span.end, each.span.end)};
        written += each.span.end - each.span.begin;
      }
      // Conjuncts of other places (filters of the joined side) have no text that shows them all.
      constexpr size_t kBetween = 200;
      const bool apart = span.end - span.begin > written + kBetween;
      near = apart ? first : Span{};
      if (apart) span = {};
      return Join(texts, " and ");
    };
    Difference d;
    d.kind = Kind::kJoinConditionChanged;
    d.base_text = only(b, h, d.base_span);
    d.head_text = only(h, b, d.head_span);
    if (d.base_text.empty() && d.head_text.empty()) {  // the same one twice
      return JoinChanged(Kind::kJoinConditionChanged, b, h);
    }
    d.near = d.head_text.empty() ? h.span : near;
    d.detail = h.join + " join of " + NameOf(h, head_);
    return d;
  }

  // An inner join and a filter on the joined side are one change: the filter is not told again.
  void KindChanged(const RowSource& b, const RowSource& h, bool pooled,
                   std::vector<Conjunct>& before, std::vector<Conjunct>& after, Differences& out) {
    Difference d = JoinChanged(Kind::kJoinKindChanged, b, h);
    d.detail = b.join + " -> " + h.join;
    out.push_back(std::move(d));
    if (SameOn(b, h)) return;
    if (!pooled || (b.join != "inner" && h.join != "inner")) {
      out.push_back(ConditionChanged(b, h));
      return;
    }
    for (const RowFilter& each : b.on) before.push_back({&each, &b});
    for (const RowFilter& each : h.on) after.push_back({&each, &h});
  }

  Difference OneSide(const RowSource& source, bool removed) const {
    Difference d;
    d.kind = removed ? Kind::kJoinRemoved : Kind::kJoinAdded;
    (removed ? d.base_text : d.head_text) = TextOf(source, removed ? base_ : head_);
    (removed ? d.base_span : d.head_span) = source.span;
    return d;
  }

  // --- filters ---------------------------------------------------------------------------------

  static void TakeEqual(std::vector<Conjunct>& base, std::vector<Conjunct>& head) {
    // A filter that is asked twice is asked once.
    std::set<std::string> in_base, in_head;
    for (const Conjunct& each : base) in_base.insert(each.filter->text);
    for (const Conjunct& each : head) in_head.insert(each.filter->text);
    const auto drop = [](std::vector<Conjunct>& list, const std::set<std::string>& other) {
      std::set<std::string> seen;
      list.erase(std::remove_if(list.begin(), list.end(),
                                [&](const Conjunct& each) {
                                  return other.count(each.filter->text) > 0 ||
                                         !seen.insert(each.filter->text).second;
                                }),
                 list.end());
    };
    drop(base, in_head);
    drop(head, in_base);
  }

  void CompareFilters(std::vector<Conjunct> base, std::vector<Conjunct> head,
                      Differences& out) const {
    TakeEqual(base, head);
    while (!base.empty() && !head.empty()) {
      size_t at_base = 0, at_head = 0, most = 0;
      for (size_t i = 0; i < base.size(); ++i) {
        for (size_t k = 0; k < head.size(); ++k) {
          const size_t likeness = Likeness(base[i].filter->text, head[k].filter->text);
          if (likeness <= most) continue;
          most = likeness;
          at_base = i;
          at_head = k;
        }
      }
      if (most == 0) break;
      out.push_back(FilterChanged(&base[at_base], &head[at_head]));
      base.erase(base.begin() + static_cast<std::ptrdiff_t>(at_base));
      head.erase(head.begin() + static_cast<std::ptrdiff_t>(at_head));
    }
    for (const Conjunct& each : base) out.push_back(FilterChanged(&each, nullptr));
    for (const Conjunct& each : head) out.push_back(FilterChanged(nullptr, &each));
  }

  Difference FilterChanged(const Conjunct* base, const Conjunct* head) const {
    Difference d;
    const bool join =
        (base == nullptr || base->join != nullptr) && (head == nullptr || head->join != nullptr);
    d.kind = join              ? Kind::kJoinConditionChanged
             : base == nullptr ? Kind::kPredicateAdded
             : head == nullptr ? Kind::kPredicateRemoved
                               : Kind::kPredicateChanged;
    if (base != nullptr) {
      d.base_text = base->filter->text;
      d.base_span = base->filter->span;
    }
    if (head != nullptr) {
      d.head_text = head->filter->text;
      d.head_span = head->filter->span;
    }
    return d;
  }

  // --- what is left ----------------------------------------------------------------------------

  static void CompareOthers(std::vector<const RowSetFact*> base,
                            std::vector<const RowSetFact*> head, Differences& out) {
    const auto take = [&](const auto& same, bool tell) {
      for (auto it = base.begin(); it != base.end();) {
        const auto found = std::find_if(head.begin(), head.end(),
                                        [&](const RowSetFact* each) { return same(**it, *each); });
        if (found == head.end()) {
          ++it;
          continue;
        }
        if (tell) out.push_back(AboutFacts(*it, *found));
        head.erase(found);
        it = base.erase(it);
      }
    };
    take(
        [](const RowSetFact& a, const RowSetFact& b) {
          return a.kind == b.kind && a.text == b.text && a.detail == b.detail;
        },
        false);
    take([](const RowSetFact& a, const RowSetFact& b) { return a.kind == b.kind; }, true);
    for (const RowSetFact* fact : base) out.push_back(AboutFacts(fact, nullptr));
    for (const RowSetFact* fact : head) out.push_back(AboutFacts(nullptr, fact));
  }

  static void CompareLast(const RowBlock& base, const RowBlock& head, bool told, Differences& out) {
    const auto facts = [](const RowBlock& block) {
      return block.last == RowBlock::Last::kWindow ? std::vector<const RowSetFact*>()
                                                   : block.last_facts;
    };
    const size_t first = out.size();
    CompareOthers(facts(base), facts(head), out);
    // Where a limit cuts, or DISTINCT ON picks, the order decides which rows there are.
    for (size_t i = first; i < out.size(); ++i) {
      if (out[i].kind != Kind::kOrderByChanged) continue;
      const RowBlock& block = head.last_facts.empty() ? base : head;
      out[i].kind = KindOfFact(block.last_facts[0]->kind);
    }
    if (base.last != RowBlock::Last::kDistinct || head.last != RowBlock::Last::kDistinct) return;
    const RowSetFact& before = *base.last_facts[0];
    const RowSetFact& after = *head.last_facts[0];
    // DISTINCT over other columns. Of the result, a column that is computed otherwise is told as
    // such; more or fewer columns are another grain.
    std::set<std::string> old_columns, new_columns;  // the same column twice is one
    for (const RowSetFact::Conjunct& each : before.on) old_columns.insert(each.text);
    for (const RowSetFact::Conjunct& each : after.on) new_columns.insert(each.text);
    if (old_columns == new_columns || before.kind != after.kind) return;
    if (told && old_columns.size() == new_columns.size()) return;
    Difference d = AboutFacts(&before, &after);
    const auto list = [](const std::set<std::string>& columns) {
      return "distinct " + Join({columns.begin(), columns.end()}, ", ");
    };
    d.base_text = list(old_columns);
    d.head_text = list(new_columns);
    out.push_back(std::move(d));
  }

  RowBlocks base_, head_;
  bool columns_differ_;
  std::map<std::pair<int, int>, Differences> known_;
  std::map<int, int> around_base_, around_head_;
  int readings_ = 0;
};

// Windows decide values; where they decide rows, a filter says so. Told once for the statement.
void CompareWindows(const StatementLineage& base, const StatementLineage& head, Differences& out) {
  std::vector<const RowSetFact*> before, after;
  const auto windows = [](const StatementLineage& statement, std::vector<const RowSetFact*>& list) {
    for (const RowSetFact& fact : statement.row_set) {
      if (fact.kind == "window") list.push_back(&fact);
    }
  };
  windows(base, before);
  windows(head, after);
  std::set<std::string> in_base, in_head;
  for (const RowSetFact* fact : before) in_base.insert(fact->text);
  for (const RowSetFact* fact : after) in_head.insert(fact->text);
  const auto drop = [](std::vector<const RowSetFact*>& list, const std::set<std::string>& other) {
    std::set<std::string> seen;
    list.erase(std::remove_if(list.begin(), list.end(),
                              [&](const RowSetFact* fact) {
                                return other.count(fact->text) > 0 ||
                                       !seen.insert(fact->text).second;
                              }),
               list.end());
  };
  drop(before, in_head);
  drop(after, in_base);
  const size_t pairs = std::min(before.size(), after.size());
  for (size_t i = 0; i < pairs; ++i) {
    Difference d = AboutFacts(before[i], after[i]);
    d.where = after[i]->where;
    out.push_back(std::move(d));
  }
}

bool SamePlace(const Difference& a, const Difference& b) {
  return a.kind == b.kind && a.base_span == b.base_span && a.head_span == b.head_span &&
         a.base_text == b.base_text && a.head_text == b.head_text;
}

}  // namespace

void CompareRows(const StatementLineage& base, const StatementLineage& head, Differences& out) {
  const bool columns_differ = std::any_of(out.begin(), out.end(), [](const Difference& d) {
    return d.kind != Kind::kColumnsReordered && d.kind != Kind::kColumnRenamed;
  });
  RowComparer comparer(base, head, columns_differ);
  Differences all = comparer.Run();
  CompareWindows(base, head, all);
  const RowSetFact* before = comparer.base_order();
  const RowSetFact* after = comparer.head_order();
  const std::string old_order = before != nullptr ? before->text : "";
  const std::string new_order = after != nullptr ? after->text : "";
  if (old_order != new_order) {
    Difference order = AboutFacts(before, after);
    const bool told = std::any_of(all.begin(), all.end(), [&](const Difference& d) {
      return d.base_span == order.base_span && d.head_span == order.head_span;
    });
    if (!told) all.push_back(std::move(order));
  }
  // A block that is read twice is compared twice.
  Differences found;
  for (Difference& d : all) {
    const bool told = std::any_of(found.begin(), found.end(),
                                  [&](const Difference& other) { return SamePlace(d, other); });
    if (!told) found.push_back(std::move(d));
  }
  std::stable_sort(found.begin(), found.end(), [](const Difference& a, const Difference& b) {
    const auto place = [](const Difference& d) {
      return d.head_span.empty() ? d.base_span.begin : d.head_span.begin;
    };
    return place(a) < place(b);
  });
  for (Difference& d : found) out.push_back(std::move(d));
}

std::set<std::string> RelationsOfRows(const StatementLineage& statement) {
  const RowBlocks blocks(statement);
  std::set<std::string> relations;
  std::set<int> seen;
  std::vector<int> open = {blocks.root()};
  while (!open.empty()) {
    const int index = open.back();
    open.pop_back();
    if (index < 0 || !seen.insert(index).second) continue;
    const RowBlock& block = blocks.at(index);
    for (const RowSource& source : block.sources) {
      if (source.block >= 0) {
        open.push_back(source.block);
      } else {
        relations.insert(source.relation);
      }
    }
    open.insert(open.end(), block.branches.begin(), block.branches.end());
  }
  return relations;
}

}  // namespace layergate::lineage
