// Telling a table that moved from a manifest that was written for another target.
#include <algorithm>

#include <fmt/format.h>

#include "change/rules.h"
#include "core/text.h"
#include "dbt/json_text.h"

namespace layergate::change {
namespace {

bool HasTable(std::string_view id) {
  return id.starts_with("model.") || id.starts_with("seed.") || id.starts_with("snapshot.");
}

std::string Place(const dbt::Project& project, const std::string& id) {
  auto part = [&](std::string_view field) {
    std::string_view raw = project.RawField(id, field);
    return raw.empty() || raw == "null" ? std::string("\"\"") : ToLower(raw);
  };
  return fmt::format("{}.{}", part("database"), part("schema"));
}

std::string PlaceOf(const dbt::Node& node) {
  return fmt::format("\"{}\".\"{}\"", ToLower(node.database), ToLower(node.schema));
}

// Whether the project's macro of that name ("generate_schema_name"), which decides where tables go,
// or one that it calls is another one. dbt's own and its adapter's change with their versions; only
// others count.
bool NamingMacroChanged(const ChangedMacros& changed, std::string_view macro_name,
                        const std::string& adapter_type) {
  std::string ending = fmt::format(".{}", macro_name), dispatched = fmt::format("__{}", macro_name);
  std::string of_adapter = fmt::format("macro.dbt_{}.", adapter_type);
  auto own = [&](std::string_view id) {
    return !id.starts_with("macro.dbt.") && !id.starts_with(of_adapter);
  };
  return std::any_of(changed.begin(), changed.end(), [&](const auto& entry) {
    const auto& [id, cause] = entry;
    bool names = id.ends_with(ending) || id.ends_with(dispatched);
    return names && own(id) && own(cause);
  });
}

// One of the two parts of a table's place, and what a project can do to move it.
struct PlacePart {
  std::string_view field, macro;
  bool macro_changed = false;
};

// Whether only another target explains that the table lies elsewhere: none of the parts that differ
// was configured otherwise or named by another macro.
bool MovedByTarget(const dbt::Project& base, const std::string& base_id, const dbt::Project& head,
                   const std::string& head_id, const std::vector<PlacePart>& parts) {
  Value base_config, head_config;
  for (const PlacePart& part : parts) {
    if (EqualsIgnoreCase(base.RawField(base_id, part.field), head.RawField(head_id, part.field))) {
      continue;
    }
    if (part.macro_changed) return false;
    if (base_config.is_null()) {
      base_config = dbt::ReadChecked(base.RawField(base_id, "unrendered_config"));
      head_config = dbt::ReadChecked(head.RawField(head_id, "unrendered_config"));
    }
    if (!(base_config[part.field] == head_config[part.field])) return false;
  }
  return true;
}

}  // namespace

RelationMap::RelationMap(const dbt::Project& base, const dbt::Project& head,
                         const std::vector<std::pair<std::string, std::string>>& pairs,
                         const ChangedMacros& changed_macros) {
  size_t total = 0, moved = 0;
  std::vector<PlacePart> parts;
  std::map<std::string, std::map<std::string, size_t>> counts;
  for (const auto& [base_id, head_id] : pairs) {
    if (!HasTable(base_id)) continue;
    ++total;
    std::string from = Place(base, base_id), to = Place(head, head_id);
    if (from != to) {
      if (parts.empty()) {
        const std::string& adapter = head.metadata().adapter_type;
        auto macro_changed = [&](std::string_view name) {
          return NamingMacroChanged(changed_macros, name, adapter);
        };
        parts = {{"database", "generate_database_name", macro_changed("generate_database_name")},
                 {"schema", "generate_schema_name", macro_changed("generate_schema_name")}};
      }
      if (!MovedByTarget(base, base_id, head, head_id, parts)) continue;
      ++moved;
    }
    ++counts[from][to];
  }
  if (moved * 2 <= total) return;
  environments_differ_ = true;
  std::vector<std::string> shown;
  for (const auto& [from, targets] : counts) {
    const std::string* most = nullptr;
    size_t count = 0;
    for (const auto& [to, nodes] : targets) {
      if (nodes > count) {
        most = &to;
        count = nodes;
      }
    }
    places_[from] = *most;
    if (shown.size() < 3 && from != *most) shown.push_back(fmt::format("{} -> {}", from, *most));
  }
  note_ = fmt::format(
      "{} of {} tables lie elsewhere in the head manifest and no naming macro of the project "
      "changed: "
      "taken as two targets, not as moved tables ({}{})",
      moved, total, Join(shown, ", "), counts.size() > shown.size() ? ", ..." : "");
}

bool RelationMap::Moved(const dbt::Node& base, const dbt::Node& head) const {
  if (base.relation_name.empty() || head.relation_name.empty()) return false;
  if (!environments_differ_) return base.relation_name != head.relation_name;
  if (!EqualsIgnoreCase(base.alias, head.alias)) return true;
  auto place = places_.find(PlaceOf(base));
  return place != places_.end() && place->second != PlaceOf(head);
}

bool RelationMap::MayHaveMoved(const dbt::Project& base, const dbt::Project& head,
                               const std::string& id) const {
  if (!environments_differ_) return true;
  if (!EqualsIgnoreCase(base.RawField(id, "alias"), head.RawField(id, "alias"))) return true;
  auto place = places_.find(Place(base, id));
  return place == places_.end() || place->second != Place(head, id);
}

}  // namespace layergate::change
