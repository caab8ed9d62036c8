// Telling a table that moved from a manifest that was written for another target.
#include <fmt/format.h>

#include "change/rules.h"
#include "core/text.h"

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

// Macros that decide where tables go. When one changed, a moved table is the pull request's doing.
bool NamingMacroChanged(const dbt::Project& base, const dbt::Project& head) {
  std::set<std::string> ids;
  for (const dbt::Project* project : {&base, &head}) {
    for (const std::string& id : project->macro_ids()) {
      if (id.ends_with(".generate_schema_name") || id.ends_with(".generate_database_name") ||
          id.ends_with(".generate_alias_name")) {
        // dbt's own defaults change with dbt's version; only the project's count.
        if (!id.starts_with("macro.dbt.")) ids.insert(id);
      }
    }
  }
  for (const std::string& id : ids) {
    const dbt::Macro* old_macro = base.FindMacro(id);
    const dbt::Macro* new_macro = head.FindMacro(id);
    if (!old_macro || !new_macro || old_macro->macro_sql != new_macro->macro_sql) return true;
  }
  return false;
}

}  // namespace

RelationMap::RelationMap(const dbt::Project& base, const dbt::Project& head,
                         const std::vector<std::pair<std::string, std::string>>& pairs) {
  size_t total = 0, moved = 0;
  std::map<std::string, std::map<std::string, size_t>> counts;
  for (const auto& [base_id, head_id] : pairs) {
    if (!HasTable(base_id)) continue;
    std::string from = Place(base, base_id), to = Place(head, head_id);
    ++total;
    if (from != to) ++moved;
    ++counts[from][to];
  }
  if (moved * 2 <= total || NamingMacroChanged(base, head)) return;
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
