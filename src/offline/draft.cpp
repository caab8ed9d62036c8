#include "offline/draft.h"

#include <string_view>

#include <fmt/format.h>

#include "core/text.h"
#include "offline/project_file.h"

namespace layergate::offline {
std::vector<std::string> QuotedIn(std::string_view call) {
  std::vector<std::string> names;
  for (size_t open = call.find_first_of("'\""); open != std::string_view::npos;
       open = call.find_first_of("'\"", open)) {
    size_t close = call.find(call[open], open + 1);
    if (close == std::string_view::npos) break;
    names.emplace_back(call.substr(open + 1, close - open - 1));
    open = close + 1;
  }
  return names;
}

std::optional<std::string> Draft::Describe(const Value& description) {
  std::string text(description.AsString());
  for (size_t open = text.find("{{"); open != std::string::npos; open = text.find("{{", open)) {
    size_t close = text.find("}}", open);
    if (close == std::string::npos) return std::nullopt;
    std::string_view call = Trim(std::string_view(text).substr(open + 2, close - open - 2));
    std::vector<std::string> names = QuotedIn(call);
    if (!call.starts_with("doc") || names.empty() || names.size() > 2) return std::nullopt;
    std::string id = names.size() == 2 ? fmt::format("doc.{}.{}", names[0], names[1])
                                       : fmt::format("doc.{}.{}", package, names[0]);
    Value doc = edit.Get("docs", id);
    if (doc.is_null()) doc = edit.Get("docs", "doc.dbt." + names.back());
    if (doc.is_null()) return std::nullopt;
    std::string block(doc["block_contents"].AsString());
    text.replace(open, close + 2 - open, block);
    open += block.size();
  }
  return std::string(Trim(text));
}

namespace {

std::string HomeOf(const std::string& id) {
  return std::string(ManifestSectionOf(std::string_view(id).substr(0, id.find('.'))));
}

}  // namespace

void Draft::RemoveNode(const std::string& id) {
  edit.Remove(HomeOf(id), id);
  for (const std::string& child : base.Children(id)) {
    Value test = child.starts_with("test.") ? edit.Get("nodes", child) : Value();
    if (test.is_null()) continue;
    Value parents = Value::MakeArray();
    for (const Value& parent : test["depends_on"]["nodes"].items()) {
      if (parent.AsString() != id) parents.Append(parent);
    }
    Value depends = test["depends_on"];
    edit.Set("nodes", child, test.Set("depends_on", depends.Set("nodes", std::move(parents))));
  }
}

void Draft::SwitchOff(const std::string& id, Value entry) {
  edit.Remove(HomeOf(id), id);
  for (const std::string& child : base.Children(id)) {
    if (!child.starts_with("test.") && !child.starts_with("unit_test.")) continue;
    Value test = edit.Get(HomeOf(child), child);
    if (test.is_null()) continue;
    if (!id.starts_with("source.")) {
      edit.Remove(HomeOf(child), child);
      continue;
    }
    Value config = test["config"];  // dbt leaves tests of a source where they are, switched off
    edit.Set(HomeOf(child), child, test.Set("config", config.Set("enabled", false)));
  }
  edit.Set("disabled", id, Value::MakeArray({std::move(entry)}));
  moved.erase(id);
}

}  // namespace layergate::offline
