#include "offline/node_config.h"

#include <algorithm>
#include <set>

#include "offline/project_file.h"

namespace layergate::offline {
namespace {

Value AsList(const Value& value) {
  if (value.is_array()) return value;
  return value.is_null() ? Value::MakeArray() : Value::MakeArray({value});
}

bool Has(const Value& list, const Value& item) {
  const auto& items = list.items();
  return std::find(items.begin(), items.end(), item) != items.end();
}

Value MinusPlus(const Value& list, const Value& removed, const Value& added) {
  Value result = Value::MakeArray();
  for (const Value& item : list.items()) {
    if (!Has(removed, item) || Has(added, item)) result.Append(item);
  }
  for (const Value& item : added.items()) {
    if (!Has(result, item)) result.Append(item);
  }
  return result;
}

// {"sql": ..., "transaction": true, "index": null}, as the manifest writes a hook.
Value Hooks(const Value& given) {
  Value list = AsList(given);
  Value hooks = Value::MakeArray();
  for (const Value& hook : list.items()) {
    bool is_map = hook.is_object();
    hooks.Append(Value::MakeObject(
        {{"sql", is_map ? hook["sql"] : hook},
         {"transaction", is_map && hook.Find("transaction") ? hook["transaction"] : Value(true)},
         {"index", Value()}}));
  }
  return hooks;
}

Value MergedMaps(const Value& current, const Value& before, const Value& after,
                 const Value& weaker) {
  Value result = Value::MakeObject();
  for (const auto& [key, value] : current.members()) {
    bool dropped = before.Find(key) && !after.Find(key);
    if (!dropped) {
      result.Set(key, value);
    } else if (const Value* other = weaker.Find(key)) {
      result.Set(key, *other);
    }
  }
  for (const auto& [key, value] : after.members()) {
    const Value* old = before.Find(key);
    if (!old || !(*old == value)) result.Set(key, value);
  }
  return result;
}

// "+insert" of a grant means: beside what outer places grant.
Value Plain(const Value& grants) {
  Value plain = Value::MakeObject();
  for (const auto& [key, value] : grants.members())
    plain.Set(key.starts_with('+') ? key.substr(1) : key, value);
  return plain;
}

// What dbt takes when nobody says anything.
Value DefaultOf(std::string_view key) {
  if (key == "materialized") return "view";
  if (key == "enabled") return true;
  if (key == "on_schema_change") return "ignore";
  if (key == "on_configuration_change") return "apply";
  if (key == "persist_docs" || key == "grants" || key == "quoting" || key == "column_types")
    return Value::MakeObject();
  return {};
}

// Sets meta and tags of the entry to what its config says.
void MirrorConfig(Value& entry, const std::vector<std::string>& changed) {
  for (std::string_view key : {"meta", "tags"}) {
    bool is_changed = std::find(changed.begin(), changed.end(), key) != changed.end();
    if (is_changed && entry.Find(key)) entry.Set(key, entry["config"][key]);
  }
}

}  // namespace

ConfigChange ApplyConfig(Value& entry, const Value& before, const Value& after,
                         const WeakerConfigs& places) {
  const Value& weaker = places.merged;
  ConfigChange change;
  std::set<std::string> keys;
  for (const Value* side : {&before, &after}) {
    for (const auto& [key, value] : side->members()) keys.insert(key);
  }
  Value config = entry["config"].is_object() ? entry["config"] : Value::MakeObject();
  Value unrendered =
      entry["unrendered_config"].is_object() ? entry["unrendered_config"] : Value::MakeObject();
  for (const std::string& key : keys) {
    const Value& old = before[key];
    const Value& now = after[key];
    if (old == now && (before.Find(key) != nullptr) == (after.Find(key) != nullptr)) continue;
    change.changed.push_back(key);
    if (key == "tags") {
      config.Set(key, MinusPlus(AsList(config[key]), AsList(old), AsList(now)));
    } else if (key == "pre-hook" || key == "post-hook") {
      config.Set(key, MinusPlus(AsList(config[key]), Hooks(old), Hooks(now)));
    } else if (key == "meta" || key == "grants") {
      bool grants = key == "grants";
      config.Set(key, MergedMaps(config[key], grants ? Plain(old) : old, grants ? Plain(now) : now,
                                 weaker[key]));
    } else if (after.Find(key)) {
      config.Set(key, now);
    } else {
      config.Set(key, weaker.Find(key) ? weaker[key] : DefaultOf(key));
    }
    if (after.Find(key)) {
      unrendered.Set(key, now);
    } else if (places.last.Find(key)) {
      unrendered.Set(key, places.last[key]);
    } else {
      unrendered = Without(unrendered, key);
    }
    change.relation = change.relation || key == "schema" || key == "database" || key == "alias";
  }
  if (change.changed.empty()) return change;
  const Value& enabled = config["enabled"];
  change.enabled = !enabled.is_bool() || enabled.AsBool();
  for (std::string_view key : {"access", "group", "latest_version", "deprecation_date"}) {
    if (after.Find(key) && entry.Find(key)) entry.Set(key, after[key]);
  }
  if (before["contract"] != after["contract"] && entry["contract"].is_object()) {
    Value contract = entry["contract"];
    contract.Set("enforced", after["contract"]["enforced"].AsBool());
    entry.Set("contract", contract);
    config.Set("contract", std::move(contract));
  }
  // dbt sorts the tags of sources, and no other's.
  for (Value* side : {&config, &unrendered}) {
    if (!(entry["resource_type"] == Value("source")) || !(*side)["tags"].is_array()) continue;
    std::vector<std::string> tags;
    for (const Value& tag : (*side)["tags"].items()) tags.emplace_back(tag.AsString());
    std::sort(tags.begin(), tags.end());
    side->Set("tags", Value::FromStrings(tags));
  }
  entry.Set("config", std::move(config));
  entry.Set("unrendered_config", std::move(unrendered));
  MirrorConfig(entry, change.changed);
  return change;
}

namespace {

// Whether what the folder says of the key is what the node has.
bool Speaks(const Value& entry, std::string_view key, const Value& last, const Value& before,
            const Value& nearer) {
  if (nearer.Find(key)) return false;
  const Value& unrendered = entry["unrendered_config"];
  if (!last.Find(key)) return !unrendered.Find(key);
  if (unrendered.Find(key)) return unrendered[key] == last[key];
  return entry["config"][key] == before[key];
}

// The members that no nearer place says.
Value Own(const Value& map, const Value& nearer) {
  Value own = Value::MakeObject();
  for (const auto& [key, value] : map.members()) {
    if (!nearer.Find(key)) own.Set(key, value);
  }
  return own;
}

Value WithoutItems(const Value& list, const Value& nearer) {
  Value rest = Value::MakeArray();
  for (const Value& item : list.items()) {
    if (!Has(nearer, item)) rest.Append(item);
  }
  return rest;
}

}  // namespace

std::pair<Value, Value> SpokenConfigs(const Value& entry, const Value& last, const Value& before,
                                      const Value& after, const Value& nearer, bool of_package) {
  Value old = Value::MakeObject(), now = Value::MakeObject();
  std::set<std::string> keys;
  for (const Value* side : {&before, &after}) {
    for (const auto& [key, value] : side->members()) keys.insert(key);
  }
  for (const std::string& key : keys) {
    bool adds_up = key == "tags" || key == "meta" || key == "pre-hook" || key == "post-hook";
    if (!adds_up && !of_package && !Speaks(entry, key, last, before, nearer)) continue;
    Value was = before[key], is = after[key];
    if (key == "meta" && !of_package) {
      was = Own(was, nearer[key]);
      is = Own(is, nearer[key]);
    } else if (key == "tags" && !of_package) {
      was = WithoutItems(AsList(was), AsList(nearer[key]));
    }
    if (before.Find(key)) old.Set(key, std::move(was));
    if (after.Find(key)) now.Set(key, std::move(is));
  }
  return {std::move(old), std::move(now)};
}

void PutUnrendered(Value& entry, Value unrendered, const Value& before, const Value& after,
                   const Value& nearer, bool of_package) {
  if (!unrendered.is_object()) unrendered = Value::MakeObject();
  const Value original = unrendered;
  std::set<std::string> keys;
  for (const Value* side : {&before, &after}) {
    for (const auto& [key, value] : side->members()) keys.insert(key);
  }
  for (const std::string& key : keys) {
    if (before.Find(key) && after.Find(key) && before[key] == after[key]) continue;
    bool speaks = before.Find(key) ? original[key] == before[key] : !original.Find(key);
    if ((!speaks || nearer.Find(key)) && !of_package) continue;
    if (after.Find(key)) {
      unrendered.Set(key, after[key]);
    } else {
      unrendered = Without(unrendered, key);
    }
  }
  entry.Set("unrendered_config", std::move(unrendered));
}

std::string RelationNameLike(const std::string& relation_name,
                             const std::vector<std::string>& old_parts,
                             const std::vector<std::string>& new_parts) {
  std::string name, rest = relation_name;
  for (size_t i = 0; i < old_parts.size(); ++i) {
    if (old_parts[i].empty()) continue;
    for (std::string_view mark : {"\"", "`", "[", ""}) {
      std::string close(mark == "[" ? "]" : mark);
      std::string part = std::string(mark) + old_parts[i] + close;
      if (rest.compare(0, part.size(), part) != 0) continue;
      size_t next = part.size();
      if (next < rest.size() && rest[next] != '.') continue;
      name += (name.empty() ? "" : ".") + std::string(mark) + new_parts[i] + close;
      rest = next < rest.size() ? rest.substr(next + 1) : std::string();
      break;
    }
  }
  return rest.empty() ? name : std::string();
}

}  // namespace layergate::offline
