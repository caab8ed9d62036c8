// A manifest with some of its entries replaced, removed or added: how a project is told that nobody
// has run dbt for.
//
// Entries are JSON values under a section ("nodes", "sources", "macros", ...) and an id. What is
// not touched stays as it is, byte by byte; sections that nobody edits are not read. An edit of a
// section that the manifest lacks makes one.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "core/result.h"
#include "core/value.h"

namespace layergate::dbt {

class ManifestEdit {
 public:
  // `text` must be a manifest that a Project was read from; it must outlive the edit.
  explicit ManifestEdit(std::string_view text);

  // The entry with its edits; null when there is none.
  Value Get(const std::string& section, const std::string& id);
  void Set(const std::string& section, const std::string& id, Value entry);
  void Remove(const std::string& section, const std::string& id);
  bool is_changed() const { return !edits_.empty(); }

  std::string Write() const;

 private:
  struct Slice {
    size_t begin = 0, end = 0;
  };
  struct Member {
    std::string key;
    Slice value;
  };
  // The members of the object at `begin`, in order.
  std::vector<Member> MembersOf(size_t begin) const;
  const std::vector<Member>& SectionMembers(const std::string& section);

  std::string_view text_;
  std::vector<Member> sections_;
  std::map<std::string, std::vector<Member>> read_;
  std::map<std::string, std::map<std::string, std::optional<Value>>> edits_;
};

}  // namespace layergate::dbt
