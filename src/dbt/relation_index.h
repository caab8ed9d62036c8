// Finds a node by the name of its table, in any quoting and with any number of leading parts left
// out.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace layergate::dbt {

// Parts of a relation's name, lower case, outermost first: {"db", "schema", "identifier"} or fewer.
using Relation = std::vector<std::string>;

// Reads db.schema.table in any mix of "..", `..`, [..] and bare parts; a quote inside quotes is
// doubled. `project.dataset.table` in one pair of back quotes is three parts, as BigQuery has it.
// Empty when the text is empty.
Relation ParseRelation(std::string_view text);

class RelationIndex {
 public:
  // Sources give way to a model, seed or snapshot of the same full name.
  void Add(Relation relation, size_t node, bool is_source);
  // The node that `relation` names: all parts that both have must agree, and only one node may fit.
  std::optional<size_t> Find(const Relation& relation) const;

 private:
  struct Entry {
    Relation relation;
    size_t node;
    bool is_source;
  };
  std::unordered_map<std::string, std::vector<Entry>> by_identifier_;
};

}  // namespace layergate::dbt
