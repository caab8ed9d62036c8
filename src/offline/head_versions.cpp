// Files of models that have versions.
#include <fmt/format.h>

#include "offline/head_builder.h"
#include "offline/versions.h"

namespace layergate::offline {

// The version that a file of that name holds, as far as changed YAML tells.
const SchemaEntry* HeadBuilder::VersionIn(const std::string& stem) const {
  for (const SchemaEntry& entry : head_entries_) {
    if (entry.kind != "models" || !entry.value.Find("v")) continue;
    bool is_latest = VersionText(entry.value["v"]) == VersionText(entry.value["latest_version"]);
    if (entry.value["defined_in"] == Value(stem)) return &entry;
    if (is_latest && entry.value["name"] == Value(stem)) return &entry;
  }
  return nullptr;
}

// One that was there before under another id takes the new one.
void HeadBuilder::PatchVersionedFiles() {
  for (const SchemaEntry& entry : head_entries_) {
    if (!entry.value.Find("v") || entry.kind != "models") continue;
    std::string id = fmt::format("model.{}.{}", draft_.package, entry.name);
    if (!draft_.edit.Get("nodes", id).is_null()) continue;
    std::string name(entry.value["name"].AsString());
    for (const std::string& stem : {std::string(entry.value["defined_in"].AsString()), name}) {
      std::string old_id = fmt::format("model.{}.{}", draft_.package, stem);
      Value node = draft_.edit.Get("nodes", old_id);
      if (node.is_null() || !node["version"].is_null()) continue;
      if (stem == name &&
          VersionText(entry.value["v"]) != VersionText(entry.value["latest_version"]))
        continue;
      RemoveNode(old_id);
      PutVersion(entry.value, id, node);
      draft_.edit.Set("nodes", id, std::move(node));
      dirty_.insert(id);
      draft_.moved.insert(id);
      break;
    }
  }
}

void HeadBuilder::PutVersion(const Value& yaml, const std::string& id, Value& node) const {
  std::string name(yaml["name"].AsString());
  std::vector<std::string> old =
      head_file_.FqnOf(std::string(node["original_file_path"].AsString()), name);
  old.push_back("v" + VersionText(yaml["v"]));
  node.Set("unique_id", id).Set("name", name).Set("fqn", Value::FromStrings(old));
  node.Set("version", yaml["v"]).Set("latest_version", yaml["latest_version"]);
}

}  // namespace layergate::offline
