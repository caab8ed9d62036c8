// One entry of a manifest's section (a node, a macro) as slices of the manifest's text, before
// anything of it is read. Views: valid as long as the Project that made them.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/value.h"
#include "dbt/node.h"

namespace layergate::dbt {

struct FieldSlice {
  uint32_t key;  // index into the manifest's table of key names
  uint32_t begin, end;
};

class NodeFields {
 public:
  NodeFields(std::string_view text, const std::vector<std::string>& keys,
             std::span<const FieldSlice> fields)
      : text_(text), keys_(&keys), fields_(fields) {}

  size_t size() const { return fields_.size(); }
  std::string_view Name(size_t i) const { return (*keys_)[fields_[i].key]; }
  std::string_view Raw(size_t i) const {
    return text_.substr(fields_[i].begin, fields_[i].end - fields_[i].begin);
  }
  // The raw text of the field of that name; empty when there is none.
  std::string_view Raw(std::string_view name) const {
    for (size_t i = 0; i < size(); ++i) {
      if (Name(i) == name) return Raw(i);
    }
    return {};
  }
  // The same, read: null, or empty, when there is none or it is of another type.
  Value Get(std::string_view name) const;
  std::string Text(std::string_view name) const;

 private:
  std::string_view text_;
  const std::vector<std::string>* keys_;
  std::span<const FieldSlice> fields_;
};

// True for fields that say how or when dbt ran, not what the node is: created_at, compiled_path and
// the like.
bool IsRunField(std::string_view name);

// `section` is the manifest's key that holds the entry: "nodes", "sources", "exposures",
// "metrics"...
Node BuildNode(std::string_view unique_id, std::string_view section, const NodeFields& fields,
               bool rust_engine);
Macro BuildMacro(std::string_view unique_id, const NodeFields& fields);

}  // namespace layergate::dbt
