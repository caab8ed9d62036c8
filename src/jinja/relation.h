// dbt's relations and columns as templates see them.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "jinja/value.h"

namespace layergate::jinja {

struct QuotePolicy {
  bool database = true, schema = true, identifier = true;
  char mark = '"';
};

class Relation final : public Object {
 public:
  Relation(std::string database, std::string schema, std::string identifier, QuotePolicy policy)
      : database_(std::move(database)),
        schema_(std::move(schema)),
        identifier_(std::move(identifier)),
        policy_(policy) {}

  // The text to print instead of what the parts give: dbt's own relation_name, or the name of a
  // CTE.
  std::string rendered;
  std::string unique_id;  // of the node it stands for; empty when none is known
  std::string type;       // empty for what ref() and source() give: dbt knows no type there either

  std::optional<Var> Attribute(std::string_view name) const override;
  std::string ToString() const override;
  std::string EqualityKey() const override { return "relation " + ToString(); }
  bool IsMapping() const override { return true; }  // as dbt's own relations are

 private:
  std::shared_ptr<Relation> Copy() const { return std::make_shared<Relation>(*this); }
  std::string Part(const std::string& text, bool quoted) const;

  std::string database_, schema_, identifier_;
  QuotePolicy policy_;
  bool include_database_ = true, include_schema_ = true, include_identifier_ = true;
};

// A column of a relation: name, data_type, quoted, is_string() ... `type` may be empty: not known.
Var MakeColumn(const std::string& name, const std::string& type, const std::string& adapter,
               char quote);

// dbt's type labels: Column.translate_type("string"). Throws where it depends on the version of the
// adapter, which no manifest tells.
std::string TranslateType(std::string_view adapter, std::string_view dbt_version,
                          std::string_view type);

}  // namespace layergate::jinja
