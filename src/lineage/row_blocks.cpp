#include "lineage/row_blocks.h"

#include <algorithm>
#include <map>
#include <optional>

#include <fmt/format.h>

#include "core/digest.h"
#include "core/text.h"

namespace layergate::lineage {

namespace {

// A block takes others in only up to this size: what a CTE read in a hundred places holds must not
// be copied without end.
constexpr size_t kMostParts = 512;

bool IsOneOf(const std::string& text, std::initializer_list<std::string_view> words) {
  return std::find(words.begin(), words.end(), text) != words.end();
}

size_t PartsOf(const RowBlock& block) {
  size_t parts = block.filters.size() + block.others.size();
  for (const RowSource& source : block.sources) parts += 1 + source.on.size();
  return parts;
}

// Each row of the left side stays, and no row is made without it.
bool KeepsLeft(const std::string& join) { return IsOneOf(join, {"inner", "left", "semi", "anti"}); }

}  // namespace

// The facts of one query block as the text has them.
struct RowBlocks::Raw {
  std::vector<const RowSetFact*> facts;
  std::vector<int> reads;
  bool keeps_order = false;  // an ORDER BY without a limit is kept: somebody takes rows in order
};

namespace {

std::vector<const RowSetFact*> Pointers(const std::vector<RowSetFact>& facts) {
  std::vector<const RowSetFact*> pointers;
  pointers.reserve(facts.size());
  for (const RowSetFact& fact : facts) pointers.push_back(&fact);
  return pointers;
}

}  // namespace

RowBlocks::RowBlocks(const StatementLineage& statement)
    : RowBlocks(Pointers(statement.row_set), statement.root_block, statement.goes_on_from,
                statement.takes_order) {}

RowBlocks::RowBlocks(const std::vector<const RowSetFact*>& facts, int root,
                     const std::vector<int>& goes_on_from, bool takes_order) {
  std::map<int, Raw> raws;
  for (const RowSetFact* fact : facts) {
    Raw& raw = raws[fact->block];
    raw.facts.push_back(fact);
    for (const int read : fact->reads) {
      if (read >= 0) raw.reads.push_back(read);
    }
    if (fact->kind == "order_by" && fact->block == root) order_ = fact;
  }
  const auto input_of = [&](int block) {
    const auto index = static_cast<size_t>(block);
    return block >= 0 && index < goes_on_from.size() ? goes_on_from[index] : RowSetFact::kBaseTable;
  };
  // Depth first with a list of our own: texts are deep, stacks are not.
  std::map<int, int> built;
  std::vector<int> open = {root};
  std::map<int, bool> entered;
  while (!open.empty()) {
    const int at = open.back();
    const int input = input_of(at);
    if (built.count(at) > 0) {
      open.pop_back();
      continue;
    }
    if (!entered[at]) {
      entered[at] = true;
      if (input >= 0) open.push_back(input);
      for (const int read : raws[at].reads) {
        if (entered.count(read) == 0 || !entered[read]) open.push_back(read);
      }
      continue;
    }
    open.pop_back();
    Raw raw = raws[at];
    raw.reads.clear();
    raw.keeps_order = takes_order && at != root;
    for (const RowSetFact* fact : raw.facts) {
      for (const int read : fact->reads) {
        const auto found = built.find(read);
        raw.reads.push_back(found == built.end() ? read < 0 ? read : RowSetFact::kBaseTable
                                                 : found->second);
      }
    }
    const auto found = built.find(input);
    built[at] = Build(raw, found == built.end() ? -1 : found->second);
  }
  root_ = built[root];
}

namespace {

RowSource SourceOf(const RowSetFact& fact, int block) {
  RowSource source;
  source.first = fact.kind == "from";
  source.join = source.first || fact.detail == "cross" ? "inner" : fact.detail;
  source.block = block >= 0 ? block : -1;
  if (block < 0) source.relation = fact.relation.empty() ? fact.text + fact.detail : fact.relation;
  const bool own = !fact.reads.empty() && fact.reads[0] == RowSetFact::kItself;
  if (own && source.relation.rfind("(itself)", 0) != 0) source.relation = "(itself)";
  for (const RowSetFact::Conjunct& each : fact.on) source.on.push_back({each.text, each.span});
  source.span = fact.span;
  return source;
}

}  // namespace

// A query block becomes a chain of blocks, one for each thing that happens to the rows.
int RowBlocks::Build(const Raw& raw, int input) {
  RowBlock now;
  std::vector<RowFilter> after;  // HAVING, QUALIFY
  std::vector<const RowSetFact*> group, window, distinct, limit, order;
  if (input >= 0) {
    RowSource source;
    source.first = true;
    source.join = "inner";
    source.block = input;
    now.sources.push_back(source);
  }
  size_t read = 0;
  for (const RowSetFact* fact : raw.facts) {
    now.name = fact->where;
    const size_t reads_here = read;
    read += fact->reads.size();
    const std::string& kind = fact->kind;
    if (kind == "from" || (kind == "join" && !fact->reads.empty())) {
      now.sources.push_back(SourceOf(*fact, raw.reads[reads_here]));
    } else if (kind == "set_operation") {
      now.last = RowBlock::Last::kUnion;
      now.last_facts.push_back(fact);
      for (size_t i = 0; i < fact->reads.size(); ++i) {
        now.branches.push_back(raw.reads[reads_here + i]);
      }
    } else if (kind == "predicate") {
      now.filters.push_back({fact->text, fact->span});
    } else if (kind == "having" || kind == "qualify") {
      after.push_back({fact->text, fact->span});
    } else if (kind == "group_by") {
      group.push_back(fact);
    } else if (kind == "window") {
      window.push_back(fact);
    } else if (kind == "distinct" || kind == "distinct_on") {
      distinct.push_back(fact);
    } else if (kind == "limit" || kind == "offset") {
      limit.push_back(fact);
    } else if (kind == "order_by") {
      order.push_back(fact);
    } else {
      now.others.push_back(fact);
    }
  }
  if (raw.keeps_order && limit.empty()) {
    now.others.insert(now.others.end(), order.begin(), order.end());
  }
  const std::string name = now.name;
  const auto step = [&](RowBlock::Last last, std::vector<const RowSetFact*> facts) {
    if (now.last != RowBlock::Last::kNothing) {
      const int inner = Settle(std::move(now));
      now = RowBlock();
      now.name = name;
      RowSource source;
      source.first = true;
      source.join = "inner";
      source.block = inner;
      now.sources.push_back(source);
    }
    now.last = last;
    now.last_facts = std::move(facts);
  };
  if (!group.empty()) step(RowBlock::Last::kGroup, group);
  if (!window.empty()) step(RowBlock::Last::kWindow, window);
  if (!after.empty()) {
    step(RowBlock::Last::kNothing, {});
    now.filters.insert(now.filters.end(), after.begin(), after.end());
  }
  if (!distinct.empty()) {
    if (distinct[0]->kind == "distinct_on") {
      distinct.insert(distinct.end(), order.begin(), order.end());
    }
    step(RowBlock::Last::kDistinct, distinct);
  }
  if (!limit.empty()) {
    limit.insert(limit.end(), order.begin(), order.end());
    step(RowBlock::Last::kLimit, limit);
  }
  return Settle(std::move(now));
}

// Takes in what can be read as part of this block.
void RowBlocks::AbsorbSources(RowBlock& block) const {
  std::vector<RowSource> sources;
  const bool all_keep_left =
      std::all_of(block.sources.begin(), block.sources.end(),
                  [](const RowSource& source) { return KeepsLeft(source.join); });
  bool conditions = !block.filters.empty();
  for (const RowSource& source : block.sources) conditions = conditions || !source.on.empty();
  for (RowSource& source : block.sources) {
    const RowBlock* inner = source.block < 0 ? nullptr : &at(source.block);
    // Windows of the inner block see its rows only: with filters around them they stay. A filter by
    // a window's value stands in a block of its own, around the one that has the window.
    const bool plain =
        inner != nullptr && !inner->ordered_joins &&
        (inner->last == RowBlock::Last::kNothing ||
         (inner->last == RowBlock::Last::kWindow && !conditions && block.sources.size() == 1));
    const bool tells_apart = block.reads_again && inner != nullptr &&
                             (!inner->filters.empty() || !inner->others.empty());
    const bool fits = plain && !tells_apart && PartsOf(*inner) + PartsOf(block) <= kMostParts;
    if (fits && all_keep_left && source.join == "inner") {
      for (const RowSource& each : inner->sources) {
        RowSource copy = each;
        if (each.first) {
          copy.first = source.first;
          copy.on.insert(copy.on.end(), source.on.begin(), source.on.end());
          if (!source.first) copy.span = source.span;
        }
        sources.push_back(std::move(copy));
      }
      block.filters.insert(block.filters.end(), inner->filters.begin(), inner->filters.end());
      block.others.insert(block.others.end(), inner->others.begin(), inner->others.end());
      continue;
    }
    const bool one_table = fits && inner->sources.size() == 1 && inner->others.empty();
    if (one_table && IsOneOf(source.join, {"left", "semi", "anti"})) {
      RowSource copy = source;
      copy.block = inner->sources[0].block;
      copy.relation = inner->sources[0].relation;
      copy.on.insert(copy.on.end(), inner->filters.begin(), inner->filters.end());
      sources.push_back(std::move(copy));
      continue;
    }
    const bool untouched = one_table && inner->filters.empty();
    if (untouched) {  // a projection: any join sees the same rows
      source.block = inner->sources[0].block;
      source.relation = inner->sources[0].relation;
    }
    sources.push_back(source);
  }
  block.sources = std::move(sources);
}

namespace {

std::string Key(const RowSource& source, const std::string& digest) {
  std::string key = source.relation + "|" + digest;
  std::vector<std::string> on;
  if (source.join != "inner") {
    key = source.join + "|" + key;
    for (const RowFilter& each : source.on) on.push_back(each.text);
    std::sort(on.begin(), on.end());
  }
  return key + "|" + Join(on, "&");
}

}  // namespace

void RowBlocks::SeeTables(RowBlock& block) {
  std::vector<uint32_t> all;
  const auto add = [&](int from) {
    all.insert(all.end(), at(from).tables.begin(), at(from).tables.end());
  };
  for (const RowSource& source : block.sources) {
    if (source.block >= 0) {
      add(source.block);
    } else {
      const std::string name = source.relation.substr(source.relation.rfind('.') + 1);
      all.push_back(table_ids_.emplace(name, table_ids_.size()).first->second);
    }
  }
  std::sort(all.begin(), all.end());
  block.reads_again = std::adjacent_find(all.begin(), all.end()) != all.end();
  for (const int branch : block.branches) {
    if (branch >= 0) add(branch);
  }
  std::sort(all.begin(), all.end());
  all.erase(std::unique(all.begin(), all.end()), all.end());
  block.tables = std::move(all);
}

// Brings the block into its canonical form; gives the block that it is in the end.
int RowBlocks::Settle(RowBlock block) {
  SeeTables(block);
  AbsorbSources(block);
  // b right join a is a left join b. (Of one table with itself the condition would not say which.)
  if (block.sources.size() == 2 && block.sources[1].join == "right" && !block.reads_again) {
    std::swap(block.sources[0], block.sources[1]);
    std::swap(block.sources[0].on, block.sources[1].on);
    std::swap(block.sources[0].join, block.sources[1].join);
    std::swap(block.sources[0].first, block.sources[1].first);
    block.sources[1].join = "left";
    block.sources[0].join = "inner";
    AbsorbSources(block);
  }
  block.ordered_joins =
      std::any_of(block.sources.begin(), block.sources.end(),
                  [](const RowSource& source) { return !KeepsLeft(source.join); });
  const bool passes_on =
      block.sources.size() == 1 && block.sources[0].block >= 0 && block.filters.empty() &&
      block.others.empty() && block.sources[0].on.empty() &&
      (block.last == RowBlock::Last::kNothing || block.last == RowBlock::Last::kWindow);
  if (passes_on) return block.sources[0].block;

  std::vector<std::string> parts, filters;
  for (const RowSource& source : block.sources) {
    parts.push_back(Key(source, source.block < 0 ? "" : at(source.block).digest));
    const bool pooled = source.join == "inner";
    if (!pooled) continue;
    for (const RowFilter& each : source.on) filters.push_back(each.text);
  }
  for (const RowFilter& filter : block.filters) filters.push_back(filter.text);
  std::sort(filters.begin(), filters.end());
  filters.erase(std::unique(filters.begin(), filters.end()), filters.end());
  for (const RowSetFact* fact : block.others) parts.push_back(fact->kind + "|" + fact->text);
  if (!block.ordered_joins && !block.reads_again) std::sort(parts.begin(), parts.end());
  std::string text = Join(parts, "\n") + "\nwhere " + Join(filters, "\n");
  if (block.last != RowBlock::Last::kWindow) {
    for (const RowSetFact* fact : block.last_facts) {
      text += "\n" + fact->kind + " " + fact->text;
      std::vector<std::string> columns;
      for (const RowSetFact::Conjunct& each : fact->on) columns.push_back(each.text);
      std::sort(columns.begin(), columns.end());
      columns.erase(std::unique(columns.begin(), columns.end()), columns.end());
      text += " " + Join(columns, ", ");
    }
  }
  std::vector<std::string> branches;
  for (const int branch : block.branches) branches.push_back(branch < 0 ? "" : at(branch).digest);
  const bool commutes =
      block.last == RowBlock::Last::kUnion && block.last_facts[0]->detail.rfind("except", 0) != 0;
  if (commutes) std::sort(branches.begin(), branches.end());
  text += "\n" + Join(branches, "\n");
  block.digest = Sha256Hex(text);
  blocks_.push_back(std::move(block));
  return static_cast<int>(blocks_.size()) - 1;
}

int RowBlocks::Around(int block) {
  RowBlock around;
  around.name = at(block).name;
  RowSource source;
  source.first = true;
  source.join = "inner";
  source.block = block;
  around.sources.push_back(std::move(source));
  around.digest = "around " + at(block).digest;
  blocks_.push_back(std::move(around));
  return static_cast<int>(blocks_.size()) - 1;
}

int RowBlocks::Around(const RowSource& table) {
  RowBlock around;
  RowSource source;
  source.first = true;
  source.join = "inner";
  source.relation = table.relation;
  source.span = table.span;
  around.sources.push_back(std::move(source));
  around.digest = "table " + table.relation;
  blocks_.push_back(std::move(around));
  return static_cast<int>(blocks_.size()) - 1;
}

}  // namespace layergate::lineage
