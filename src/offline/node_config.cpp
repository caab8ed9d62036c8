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

}  // namespace

void MirrorConfig(Value& entry) {
  for (std::string_view key : {"meta", "tags"}) {
    if (entry.Find(key)) entry.Set(key, entry["config"][key]);
  }
}

ConfigChange ApplyConfig(Value& entry, const Value& before, const Value& after,
                         const Value& weaker) {
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
      config.Set(key, MergedMaps(config[key], old, now, weaker[key]));
    } else if (after.Find(key)) {
      config.Set(key, now);
    } else {
      config.Set(key, weaker.Find(key) ? weaker[key] : DefaultOf(key));
    }
    if (after.Find(key)) {
      unrendered.Set(key, now);
    } else if (weaker.Find(key)) {
      unrendered.Set(key, weaker[key]);
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
  entry.Set("config", std::move(config));
  entry.Set("unrendered_config", std::move(unrendered));
  MirrorConfig(entry);
  return change;
}

std::pair<Value, Value> SpokenConfigs(const Value& entry, const Value& before, const Value& after) {
  Value old = Value::MakeObject(), now = Value::MakeObject();
  for (const Value* side : {&before, &after}) {
    for (const auto& [key, value] : side->members()) {
      bool adds_up = key == "tags" || key == "meta" || key == "pre-hook" || key == "post-hook";
      bool speaks = before.Find(key) ? entry["unrendered_config"][key] == before[key]
                                     : !entry["unrendered_config"].Find(key);
      if (!adds_up && !speaks) continue;
      if (before.Find(key)) old.Set(key, before[key]);
      if (after.Find(key)) now.Set(key, after[key]);
    }
  }
  return {std::move(old), std::move(now)};
}

}  // namespace layergate::offline
