// {% docs %} blocks: the texts that doc() puts into descriptions.
#include <fmt/format.h>

#include "core/text.h"
#include "offline/head_builder.h"
#include "offline/macro_file.h"

namespace layergate::offline {
namespace {

std::map<std::string, std::string> DocsIn(const std::optional<std::string>& text) {
  std::map<std::string, std::string> docs;
  if (!text) return docs;
  for (const FileBlock& block : BlocksOf(*text)) {
    if (block.kind == "docs") docs[block.name] = std::string(Trim(block.inside));
  }
  return docs;
}

void ReplaceAll(std::string& text, const std::string& old, const std::string& now) {
  for (size_t at = text.find(old); at != std::string::npos; at = text.find(old, at + now.size()))
    text.replace(at, old.size(), now);
}

}  // namespace

void HeadBuilder::ReadDocs(const std::vector<ChangedFile>& files) {
  for (const ChangedFile& file : files) {
    if (file.kind != FileKind::kDocs) continue;
    for (auto& [name, text] : DocsIn(file.base)) changed_docs_[name].first = text;
    for (auto& [name, text] : DocsIn(file.head)) changed_docs_[name].second = text;
  }
  for (const auto& [name, texts] : changed_docs_) {
    std::string id = fmt::format("doc.{}.{}", draft_.package, name);
    if (!texts.second) {
      draft_.edit.Remove("docs", id);
      continue;
    }
    Value doc = draft_.edit.Get("docs", id);
    if (doc.is_null()) {
      doc = Value::MakeObject({{"unique_id", id},
                               {"name", name},
                               {"resource_type", "doc"},
                               {"package_name", draft_.package}});
    }
    draft_.edit.Set("docs", id, doc.Set("block_contents", *texts.second));
  }
}

// Descriptions that hold a text which changed. From dbt 1.10 on the manifest says which those are;
// before, they are those that have the old text in them.
void HeadBuilder::PatchDocs() {
  for (const auto& [name, texts] : changed_docs_) {
    if (!texts.first || texts.first == texts.second || texts.first->empty()) continue;
    std::string mark = fmt::format("\"doc.{}.{}\"", draft_.package, name);
    std::string quoted = WriteJson(Value(*texts.first));
    quoted = quoted.substr(1, quoted.size() - 2);
    for (const std::string& id : draft_.base.ids()) PatchDocsOf(id, mark, quoted, texts);
  }
}

void HeadBuilder::PatchDocsOf(const std::string& id, const std::string& mark,
                              const std::string& quoted, const ChangedDoc& texts) {
  auto has = [&](std::string_view field) {
    std::string_view text = draft_.base.RawField(id, field);
    return text.find(mark) != std::string_view::npos || text.find(quoted) != std::string_view::npos;
  };
  if (!has("doc_blocks") && !has("description") && !has("columns")) return;
  std::string home(ManifestSectionOf(std::string_view(id).substr(0, id.find('.'))));
  Value entry = draft_.edit.Get(home, id);
  if (entry.is_null()) return;
  bool found = false;
  auto patch = [&](Value& described) {
    if (described.Find("doc_blocks") &&
        WriteJson(described["doc_blocks"]).find(mark) == std::string::npos)
      return;
    std::string text(described["description"].AsString());
    if (text.find(*texts.first) == std::string::npos) return;
    found = true;
    ReplaceAll(text, *texts.first, texts.second.value_or(""));
    described.Set("description", text);
  };
  patch(entry);
  Value columns = Value::MakeObject();
  for (const auto& [key, column] : entry["columns"].members()) {
    Value described = column;
    patch(described);
    columns.Set(key, std::move(described));
  }
  if (!found) return;
  if (entry.Find("columns")) entry.Set("columns", std::move(columns));
  if (!texts.second) {
    draft_.CannotTell(std::string(entry["original_file_path"].AsString()),
                      fmt::format("a {{% docs %}} block that {} uses is gone", id));
  }
  draft_.edit.Set(home, id, std::move(entry));
}

}  // namespace layergate::offline
