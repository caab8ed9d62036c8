#include "offline/column_patch.h"

#include <optional>
#include <string_view>

#include <fmt/format.h>

#include "core/digest.h"
#include "offline/carry_over.h"
#include "offline/schema_patch.h"
#include "offline/test_patch.h"

namespace layergate::offline {

const Value& TestsOf(const Value& entry) {
  return entry.Find("data_tests") ? entry["data_tests"] : entry["tests"];
}

Value ConstraintsOf(const Value& yaml) {
  Value list = Value::MakeArray();
  for (const Value& item : yaml.items()) {
    Value constraint = Value::MakeObject(
        {{"type", item["type"]},
         {"name", item["name"]},
         {"expression", item["expression"]},
         {"warn_unenforced", item.Find("warn_unenforced") ? item["warn_unenforced"] : Value(true)},
         {"warn_unsupported",
          item.Find("warn_unsupported") ? item["warn_unsupported"] : Value(true)}});
    if (item.Find("columns")) constraint.Set("columns", item["columns"]);
    list.Append(std::move(constraint));
  }
  return list;
}

namespace {

Value ColumnFrom(Draft& draft, const Value& yaml, const Value& old, const std::string& path) {
  Value column = old.is_object() ? old
                                 : Value::MakeObject({{"name", yaml["name"]},
                                                      {"description", ""},
                                                      {"meta", Value::MakeObject()},
                                                      {"data_type", Value()},
                                                      {"constraints", Value::MakeArray()},
                                                      {"quote", Value()},
                                                      {"tags", Value::MakeArray()}});
  Value config = ConfigsIn(yaml);
  for (std::string_view key : {"policy_tags", "databricks_tags", "data_type", "quote"})
    column.Set(key, yaml[key]);
  for (const auto& [key, value] : yaml.members()) {
    bool apart = key == "config" || key == "constraints" || key == "tests" || key == "data_tests";
    if (!apart) column.Set(key, value);
  }
  column.Set("name", yaml["name"]);
  std::optional<std::string> text = draft.Describe(yaml["description"]);
  if (!text) {
    draft.CannotTell(path, fmt::format("the description of column {} is a template that cannot be "
                                       "told without dbt",
                                       yaml["name"].AsString()));
  }
  column.Set("description", text.value_or(""));
  column.Set("constraints", ConstraintsOf(yaml["constraints"]));
  Value meta = config["meta"].is_object() ? config["meta"] : Value::MakeObject();
  Value tags = config["tags"].is_array() ? config["tags"] : Value::MakeArray();
  Value all = Value::MakeObject();
  for (const auto& [key, value] : config.members()) all.Set(key, value);
  all.Set("meta", meta);
  all.Set("tags", tags);
  column.Set("meta", std::move(meta));
  column.Set("tags", std::move(tags));
  column.Set("config", std::move(all));
  return column;
}

}  // namespace

// What dbt's checksum of a contract is over: names, types and constraints.
static Value ContractOf(const Value& yaml) {
  Value promised = Value::MakeArray({yaml["constraints"]});
  for (const Value& column : yaml["columns"].items()) {
    promised.Append(Value::MakeArray({column["name"], column["data_type"], column["constraints"]}));
  }
  return promised;
}

// dbt's checksum is over Python's text of it: ours only has to differ when it does.
void PutContract(Value& entry, const Value& before, const Value& after) {
  Value was = ContractOf(before), is = ContractOf(after);
  if (!entry["contract"]["enforced"].AsBool() || was == is) return;
  Value contract = entry["contract"];
  entry.Set("contract", contract.Set("checksum", Sha256Hex(WriteJson(is))));
}

void PatchColumns(Draft& draft, const std::string& id, Value& entry, const Value& before,
                  const Value& after, const std::string& path, const ProjectFile& project) {
  const Value& old_list = before["columns"];
  const Value& new_list = after["columns"];
  Value columns = Value::MakeObject();
  for (const Value& yaml : new_list.items()) {
    std::string name(yaml["name"].AsString());
    const Value* old_yaml = FindByName(old_list, name);
    const Value& old = entry["columns"][name];
    columns.Set(name, old_yaml && *old_yaml == yaml && !old.is_null()
                          ? old
                          : ColumnFrom(draft, yaml, old, path));
    PatchTests(draft, id, name, old_yaml ? TestsOf(*old_yaml) : Value(), TestsOf(yaml), path,
               project);
  }
  for (const Value& yaml : old_list.items()) {
    std::string name(yaml["name"].AsString());
    if (!FindByName(new_list, name))
      PatchTests(draft, id, name, TestsOf(yaml), Value(), path, project);
  }
  entry.Set("columns", std::move(columns));
  PutContract(entry, before, after);
}

}  // namespace layergate::offline
