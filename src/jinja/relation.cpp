#include "jinja/relation.h"

#include <fmt/format.h>

#include "core/text.h"
#include "jinja/interpreter.h"

namespace layergate::jinja {
namespace {

Var Text(const std::string& text) { return text.empty() ? Var() : Var(text); }

class Column final : public Object {
 public:
  Column(std::string name, std::string type, char quote)
      : name_(std::move(name)), type_(std::move(type)), quote_(quote) {}

  std::optional<Var> Attribute(std::string_view name) const override {
    if (name == "name" || name == "column") return Var(name_);
    if (name == "dtype" || name == "data_type") return Var(type_);
    if (name == "quoted") return Var(fmt::format("{0}{1}{0}", quote_, name_));
    if (name == "is_string") return Predicate({"text", "char", "string", "varchar"});
    if (name == "is_numeric") return Predicate({"numeric", "decimal", "number"});
    if (name == "is_float") return Predicate({"float", "double", "real"});
    if (name == "is_integer") return Predicate({"int", "serial"});
    if (name == "is_number") {
      return Predicate(
          {"int", "serial", "numeric", "decimal", "number", "float", "double", "real"});
    }
    return std::nullopt;
  }
  std::string ToString() const override { return fmt::format("<Column {} ({})>", name_, type_); }
  std::string EqualityKey() const override { return fmt::format("column {} {}", name_, type_); }

 private:
  Var Predicate(std::initializer_list<std::string_view> words) const {
    std::string type = ToLower(type_);
    bool holds = false;
    for (std::string_view word : words) holds = holds || type.find(word) != std::string::npos;
    return Var::MakeFunction("is_type",
                             [holds](Interpreter&, const Arguments&) { return Var(holds); });
  }

  std::string name_, type_;
  char quote_;
};

}  // namespace

std::string Relation::Part(const std::string& text, bool quoted) const {
  return quoted ? fmt::format("{0}{1}{0}", policy_.mark, text) : text;
}

std::string Relation::ToString() const {
  if (!rendered.empty()) return rendered;
  std::string text;
  auto add = [&](bool included, const std::string& part, bool quoted) {
    if (!included || part.empty()) return;
    text += (text.empty() ? "" : ".") + Part(part, quoted);
  };
  add(include_database_, database_, policy_.database);
  add(include_schema_, schema_, policy_.schema);
  add(include_identifier_, identifier_, policy_.identifier);
  return text;
}

std::optional<Var> Relation::Attribute(std::string_view name) const {
  if (name == "database") return Text(database_);
  if (name == "schema") return Text(schema_);
  if (name == "identifier" || name == "name" || name == "table") return Text(identifier_);
  if (name == "type") return Text(type);
  if (name == "is_table") return Var(type == "table");
  if (name == "is_view") return Var(type == "view");
  if (name == "is_cte") return Var(type == "cte");
  if (name == "metadata") {  // how dbt_utils tells a relation from a text
    Var metadata = Var::MakeDict();
    metadata.dict()->Set(Var("type"), Var("Relation"));
    return metadata;
  }
  if (name == "get") {
    auto self = Copy();
    return Var::MakeFunction("get", [self](Interpreter&, const Arguments& arguments) {
      const Var* key = arguments.Get(0, "key");
      std::optional<Var> found = key ? self->Attribute(key->ToString()) : std::nullopt;
      if (found) return *found;
      const Var* otherwise = arguments.Get(1, "default");
      return otherwise ? *otherwise : Var();
    });
  }
  if (name == "render") {
    std::string text = ToString();
    return Var::MakeFunction("render",
                             [text](Interpreter&, const Arguments&) { return Var(text); });
  }
  if (name == "include" || name == "quote") {
    auto self = Copy();
    bool include = name == "include";
    return Var::MakeFunction(
        std::string(name), [self, include](Interpreter&, const Arguments& arguments) {
          std::shared_ptr<Relation> copy = self->Copy();
          copy->rendered.clear();
          for (const auto& [key, value] : arguments.named) {
            bool on = value.Truth();
            if (key == "database")
              (include ? copy->include_database_ : copy->policy_.database) = on;
            if (key == "schema") (include ? copy->include_schema_ : copy->policy_.schema) = on;
            if (key == "identifier")
              (include ? copy->include_identifier_ : copy->policy_.identifier) = on;
          }
          return Var(std::shared_ptr<Object>(std::move(copy)));
        });
  }
  return std::nullopt;
}

Var MakeColumn(const std::string& name, const std::string& type, char quote) {
  return Var(std::shared_ptr<Object>(std::make_shared<Column>(name, type, quote)));
}

std::string TranslateType(std::string_view adapter, int dbt_minor, std::string_view type) {
  // dbt-bigquery once wrote TIMESTAMP in capitals; since 1.6 what changes nothing is not a label.
  if (adapter == "bigquery" && dbt_minor >= 6 && EqualsIgnoreCase(type, "timestamp"))
    return std::string(type);
  struct Label {
    std::string_view adapter, from, to;
  };
  constexpr Label kLabels[] = {
      {"bigquery", "STRING", "STRING"},
      {"bigquery", "TIMESTAMP", "TIMESTAMP"},
      {"bigquery", "FLOAT", "FLOAT64"},
      {"bigquery", "INTEGER", "INT64"},
      {"bigquery", "BOOLEAN", "BOOLEAN"},
      {"spark", "STRING", "STRING"},
      {"spark", "LONG", "BIGINT"},
      {"databricks", "STRING", "STRING"},
      {"databricks", "LONG", "BIGINT"},
      {"clickhouse", "STRING", "String"},
      {"clickhouse", "TIMESTAMP", "DateTime"},
      {"clickhouse", "FLOAT", "Float32"},
      {"clickhouse", "INTEGER", "Int32"},
      {"", "STRING", "TEXT"},
  };
  for (const Label& label : kLabels) {
    if ((label.adapter.empty() || label.adapter == adapter) && EqualsIgnoreCase(label.from, type)) {
      return std::string(label.to);
    }
  }
  return std::string(type);
}

}  // namespace layergate::jinja
