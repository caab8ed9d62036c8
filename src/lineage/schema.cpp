// Schemas of `--schema`: relations and their columns from JSON.
#include <map>
#include <memory>
#include <set>

#include "core/text.h"
#include "core/value.h"
#include "lineage/analyze.h"
#include "lineage/names.h"

namespace layergate::lineage {

namespace {

// Relations by the keys of their parts, outermost first. A name with fewer parts matches a relation
// that ends in them, when only one does.
struct SchemaStore {
  std::map<std::vector<std::string>, RelationSchema> relations;
  // Last part -> full keys that end in it.
  std::map<std::string, std::vector<const std::vector<std::string>*>> by_name;

  void Index() {
    for (const auto& [key, schema] : relations) by_name[key.back()].push_back(&key);
  }

  const RelationSchema* Find(const std::vector<std::string>& parts) const {
    const auto candidates = by_name.find(parts.back());
    if (candidates == by_name.end()) return nullptr;
    const RelationSchema* found = nullptr;
    size_t matches = 0;
    for (const std::vector<std::string>* key : candidates->second) {
      if (*key == parts) return &relations.at(*key);
      if (!SameTail(*key, parts)) continue;
      found = &relations.at(*key);
      ++matches;
    }
    return matches == 1 ? found : nullptr;
  }

  static bool SameTail(const std::vector<std::string>& a, const std::vector<std::string>& b) {
    for (size_t i = 0; i < a.size() && i < b.size(); ++i) {
      if (a[a.size() - 1 - i] != b[b.size() - 1 - i]) return false;
    }
    return true;
  }
};

// Warehouses fold names and JSON files don't: schema keys are compared without regard to case.
std::vector<std::string> KeyOf(const std::vector<std::string>& parts) {
  std::vector<std::string> key;
  for (const std::string& part : parts) key.push_back(ToLower(part));
  return key;
}

std::vector<std::string> SplitName(std::string_view dotted) {
  std::vector<std::string> parts;
  std::string part;
  char quote = 0;
  for (const char c : dotted) {
    if (quote != 0) {
      if (c == quote)
        quote = 0;
      else
        part += c;
    } else if (c == '"' || c == '`') {
      quote = c;
    } else if (c == '.') {
      parts.push_back(std::move(part));
      part.clear();
    } else {
      part += c;
    }
  }
  parts.push_back(std::move(part));
  return parts;
}

bool IsTable(const Value& value) {
  if (!value.is_object() || value.members().empty()) return value.is_object();
  return !value.members().front().second.is_object();
}

Result<void> AddAll(const Value& object, const std::vector<std::string>& prefix,
                    SchemaStore& store) {
  for (const auto& [name, value] : object.members()) {
    std::vector<std::string> parts = prefix;
    for (std::string& part : SplitName(name)) parts.push_back(std::move(part));
    if (value.is_array()) {
      RelationSchema schema;
      for (const Value& column : value.items()) {
        schema.columns.push_back({std::string(column.AsString()), ""});
      }
      store.relations[KeyOf(parts)] = std::move(schema);
      continue;
    }
    if (!value.is_object()) {
      return MakeError("schema: \"" + name + "\" is neither a relation nor a group of relations",
                       "write {\"table\": {\"column\": \"type\"}}");
    }
    if (!IsTable(value)) {
      auto nested = AddAll(value, parts, store);
      if (!nested) return nested.error();
      continue;
    }
    RelationSchema schema;
    for (const auto& [column, type] : value.members()) {
      schema.columns.push_back({column, std::string(type.AsString())});
    }
    store.relations[KeyOf(parts)] = std::move(schema);
  }
  return {};
}

}  // namespace

Result<SchemaLookup> SchemaFromJson(std::string_view json, sql::Dialect dialect) {
  (void)dialect;
  LAYERGATE_TRY(const Value value, ReadJson(json));
  if (!value.is_object()) {
    return MakeError("schema: the JSON is not an object of relations",
                     "write {\"table\": {\"column\": \"type\"}}");
  }
  auto store = std::make_shared<SchemaStore>();
  auto added = AddAll(value, {}, *store);
  if (!added) return added.error();
  store->Index();
  return SchemaLookup([store](const RelationName& name) -> const RelationSchema* {
    return name.parts.empty() ? nullptr : store->Find(KeyOf(name.parts));
  });
}

}  // namespace layergate::lineage
