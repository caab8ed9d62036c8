#include "lineage/fanout_keys.h"

#include <algorithm>

namespace layergate::lineage::fanout {

using sql::JoinKind;

namespace {

// More keys than that tell nothing new.
constexpr size_t kMostKeys = 32;

void Add(std::vector<RefKey>& keys, RefKey key) {
  if (keys.size() < kMostKeys) keys.push_back(std::move(key));
}

bool KeepsLeftKeys(JoinKind kind) {
  return kind != JoinKind::kFull && kind != JoinKind::kRight && kind != JoinKind::kPositional;
}
bool KeepsRightKeys(JoinKind kind) {
  return kind == JoinKind::kInner || kind == JoinKind::kCross || kind == JoinKind::kRight ||
         kind == JoinKind::kCrossApply;
}

}  // namespace

bool RowSet::IsOpen() const { return Has("*"); }

bool RowSet::Has(const std::string& column) const {
  return std::find(columns.begin(), columns.end(), column) != columns.end();
}

void RowSet::Rename(const std::vector<std::string>& names) {
  if (names.empty()) return;
  const auto open = std::find(columns.begin(), columns.end(), "*");
  const auto placed = static_cast<size_t>(open - columns.begin());
  std::map<std::string, std::string> renamed;
  for (size_t i = 0; i < columns.size() && i < placed; ++i) {
    renamed[columns[i]] = i < names.size() ? names[i] : columns[i];
  }
  std::vector<ColumnKey> kept;
  for (const ColumnKey& key : keys) {
    ColumnKey other;
    other.nulls_repeat = key.nulls_repeat;
    for (const std::string& column : key.columns) {
      const auto found = renamed.find(column);
      if (found != renamed.end()) other.columns.insert(found->second);
    }
    if (other.columns.size() == key.columns.size()) kept.push_back(std::move(other));
  }
  keys = std::move(kept);
  const auto old_ranked = std::move(ranked);
  ranked.clear();
  for (const auto& [from, to] : renamed) {
    if (const auto at = old_ranked.find(from); at != old_ranked.end()) ranked[to] = at->second;
  }
  for (size_t i = 0; i < names.size(); ++i) {
    if (i < placed) {
      columns[i] = names[i];
    } else {
      columns.insert(columns.begin() + static_cast<std::ptrdiff_t>(i), names[i]);
    }
  }
}

void Sameness::Equate(const Ref& a, const Ref& b, bool null_safe) {
  if (null_safe) null_safe_.insert({a, b});
  RefSet merged = {a, b};
  std::vector<RefSet> others;
  for (RefSet& each : classes_) {
    if (each.count(a) > 0 || each.count(b) > 0) {
      merged.insert(each.begin(), each.end());
    } else {
      others.push_back(std::move(each));
    }
  }
  others.push_back(std::move(merged));
  classes_ = std::move(others);
}

RefSet Sameness::ClassOf(const Ref& ref) const {
  for (const RefSet& each : classes_) {
    if (each.count(ref) > 0) return each;
  }
  return {ref};
}

bool Sameness::Same(const Ref& a, const Ref& b) const { return ClassOf(a).count(b) > 0; }

bool Sameness::IsFixed(const Ref& ref, bool nulls_repeat) const {
  return IsGiven(ref, nulls_repeat, [](const Ref&) { return false; });
}

bool Sameness::IsGiven(const Ref& ref, bool nulls_repeat,
                       const std::function<bool(const Ref&)>& test) const {
  const RefSet all = ClassOf(ref);
  for (const Ref& each : all) {
    if (fixed_.count(each) > 0) return true;
  }
  if (!nulls_repeat && fixed_null_.count(ref) > 0) return true;
  // Rows that are alike by null alone: a key that lets nulls repeat says nothing of them.
  if (nulls_repeat) {
    for (const Ref& each : all) {
      if (null_safe_.count(each) > 0) return false;
    }
  }
  return std::any_of(all.begin(), all.end(), test);
}

RefSet Sameness::mentioned() const {
  RefSet all = fixed_;
  all.insert(fixed_null_.begin(), fixed_null_.end());
  for (const RefSet& each : classes_) all.insert(each.begin(), each.end());
  return all;
}

Part PartOf(size_t item, const RowSet& rows) {
  Part part;
  part.items = {item};
  part.single_row = rows.single_row;
  part.known = rows.known;
  for (const ColumnKey& key : rows.keys) {
    RefKey refs;
    refs.nulls_repeat = key.nulls_repeat;
    for (const std::string& column : key.columns) refs.refs.insert({item, column});
    Add(part.keys, std::move(refs));
  }
  return part;
}

bool IsOnce(const Part& part, const std::function<bool(const Ref&, bool nulls_repeat)>& given) {
  return part.single_row || std::any_of(part.keys.begin(), part.keys.end(), [&](const RefKey& key) {
           return std::all_of(key.refs.begin(), key.refs.end(),
                              [&](const Ref& ref) { return given(ref, key.nulls_repeat); });
         });
}

Part Combine(const Part& left, const Part& right, JoinKind kind, bool left_once, bool right_once) {
  Part out;
  out.items = left.items;
  out.items.insert(right.items.begin(), right.items.end());
  out.known = left.known && right.known;
  out.single_row =
      left.single_row && right_once && kind != JoinKind::kFull && kind != JoinKind::kRight;
  if (right_once && KeepsLeftKeys(kind)) {
    for (const RefKey& key : left.keys) Add(out.keys, key);
  }
  // A left row without a match has nulls on the right, so that these keys stay keys of inner and
  // right joins only.
  if (left_once && KeepsRightKeys(kind)) {
    for (const RefKey& key : right.keys) Add(out.keys, key);
  }
  if (kind == JoinKind::kPositional) return out;
  std::vector<RefKey> left_keys = left.keys, right_keys = right.keys;
  if (left.single_row) left_keys.push_back({});
  if (right.single_row) right_keys.push_back({});
  for (const RefKey& a : left_keys) {
    for (const RefKey& b : right_keys) {
      RefKey both = a;
      both.refs.insert(b.refs.begin(), b.refs.end());
      both.nulls_repeat = a.nulls_repeat || b.nulls_repeat || kind == JoinKind::kFull;
      if (!both.refs.empty()) Add(out.keys, std::move(both));
    }
  }
  return out;
}

void Reduce(Part& part, const Sameness& same) {
  for (RefKey& key : part.keys) {
    RefSet kept;
    for (const Ref& ref : key.refs) {
      if (same.IsFixed(ref, key.nulls_repeat)) continue;
      const bool twice = std::any_of(kept.begin(), kept.end(),
                                     [&](const Ref& other) { return same.Same(ref, other); });
      if (!twice) kept.insert(ref);
    }
    key.refs = std::move(kept);
    part.single_row = part.single_row || key.refs.empty();
  }
}

RefKey Minimized(RefKey key, const std::vector<const RowSet*>& items, const Sameness& same) {
  for (size_t i = 0; i < items.size(); ++i) {
    for (const ColumnKey& own : items[i]->keys) {
      const auto in_key = [&](const std::string& column) {
        return std::any_of(key.refs.begin(), key.refs.end(),
                           [&](const Ref& ref) { return same.Same(ref, {i, column}); });
      };
      const bool covered = std::all_of(own.columns.begin(), own.columns.end(), in_key);
      if (!covered) continue;
      RefSet kept;
      for (const Ref& ref : key.refs) {
        const bool determined = ref.item == i && own.columns.count(ref.column) == 0;
        if (!determined) kept.insert(ref);
      }
      // Rows whose key is null may differ in what is left out.
      if (kept.size() < key.refs.size()) {
        key.refs = std::move(kept);
        key.nulls_repeat = key.nulls_repeat || own.nulls_repeat;
      }
    }
  }
  return key;
}

}  // namespace layergate::lineage::fanout
