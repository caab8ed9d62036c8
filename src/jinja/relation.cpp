#include "jinja/relation.h"

#include <algorithm>

#include <fmt/format.h>

#include "core/text.h"
#include "jinja/interpreter.h"
#include "jinja/library.h"

namespace layergate::jinja {
namespace {

Var Text(const std::string& text) { return text.empty() ? Var() : Var(text); }

enum class TypeKind { kString, kInteger, kNumeric, kFloat, kOther };

// What the adapter's own Column class takes a type for. Throws for adapters whose class is not
// known here.
TypeKind KindOf(std::string_view adapter, std::string_view type) {
  struct Kinds {
    std::string_view adapter, integers, numerics, floats, strings;
  };
  constexpr std::string_view kStrings = ",text,character varying,character,varchar,";
  constexpr std::string_view kIntegers =
      ",smallint,integer,bigint,smallserial,serial,bigserial,int2,int4,int8,serial2,serial4,"
      "serial8,";
  constexpr std::string_view kNumerics = ",numeric,decimal,";
  constexpr std::string_view kFloats = ",real,float4,float,double precision,float8,double,";
  constexpr Kinds kKinds[] = {
      {"bigquery", ",int64,", ",numeric,", ",float64,", ",string,"},
      {"snowflake", "", ",int,integer,bigint,smallint,tinyint,byteint,numeric,decimal,number,",
       kFloats, kStrings},
      {"postgres", kIntegers, kNumerics, kFloats, kStrings},
      {"redshift", kIntegers, kNumerics, kFloats, kStrings},
      {"duckdb",
       ",tinyint,smallint,integer,bigint,hugeint,utinyint,usmallint,uinteger,ubigint,int1,int2,"
       "int4,int8,short,int,signed,long,",
       kNumerics, ",real,float,float4,float8,double,", kStrings},
      {"databricks", kIntegers, kNumerics, kFloats, kStrings},
      {"spark", kIntegers, kNumerics, kFloats, kStrings},
  };
  std::string word = "," + ToLower(type) + ",";
  for (const Kinds& kinds : kKinds) {
    if (kinds.adapter != adapter) continue;
    auto is = [&](std::string_view list) { return list.find(word) != std::string_view::npos; };
    return is(kinds.strings)    ? TypeKind::kString
           : is(kinds.integers) ? TypeKind::kInteger
           : is(kinds.numerics) ? TypeKind::kNumeric
           : is(kinds.floats)   ? TypeKind::kFloat
                                : TypeKind::kOther;
  }
  throw RenderError{fmt::format("what kind of type `{}` is for {} is not known", type, adapter), 0};
}

class Column final : public Object {
 public:
  Column(std::string name, std::string type, std::string adapter, char quote)
      : name_(std::move(name)),
        type_(std::move(type)),
        adapter_(std::move(adapter)),
        quote_(quote) {}

  std::optional<Var> Attribute(std::string_view name) const override {
    if (name == "name" || name == "column") return Var(name_);
    if (name == "quoted") return Var(fmt::format("{0}{1}{0}", quote_, name_));
    if (type_.empty())
      throw RenderError{fmt::format("the type of column {} is not known (give a catalog)", name_),
                        0};
    if (name == "dtype") return Var(Base());
    if (name == "data_type") return DataType();
    if (name == "is_string") return Predicate({TypeKind::kString});
    if (name == "is_numeric") return Predicate({TypeKind::kNumeric});
    if (name == "is_float") return Predicate({TypeKind::kFloat});
    if (name == "is_integer") return Predicate({TypeKind::kInteger});
    if (name == "is_number")
      return Predicate({TypeKind::kInteger, TypeKind::kNumeric, TypeKind::kFloat});
    throw RenderError{fmt::format("a column's `{}` is not supported", name), 0};
  }
  std::string ToString() const override {
    if (type_.empty()) return Object::ToString();
    return fmt::format("<Column {} ({})>", name_, DataType().ToString());
  }
  std::string EqualityKey() const override { return fmt::format("column {} {}", name_, type_); }

 private:
  // "numeric" of "numeric(10,2)".
  std::string Base() const { return type_.substr(0, type_.find('(')); }

  // A catalog often leaves out the size that dbt would write.
  Var DataType() const {
    bool sized = type_.find('(') != std::string::npos;
    if (adapter_ == "bigquery" || adapter_ == "spark" || adapter_ == "databricks")
      return Var(type_);
    TypeKind kind = KindOf(adapter_, Base());
    bool needs_size = kind == TypeKind::kString || kind == TypeKind::kNumeric;
    if (adapter_ == "postgres" || adapter_ == "redshift")
      needs_size = needs_size && !EqualsIgnoreCase(Base(), "text");
    if (needs_size && !sized)
      throw RenderError{fmt::format("the size of column {} is not in the catalog", name_), 0};
    return Var(type_);
  }

  Var Predicate(std::initializer_list<TypeKind> kinds) const {
    TypeKind kind = KindOf(adapter_, Base());
    bool holds = std::find(kinds.begin(), kinds.end(), kind) != kinds.end();
    return Var::MakeFunction("is_type",
                             [holds](Interpreter&, const Arguments&) { return Var(holds); });
  }

  std::string name_, type_, adapter_;
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
  if (name.substr(0, 2) == "__") return std::nullopt;
  throw RenderError{fmt::format("`{}` of a relation is not supported", name), 0};
}

Var MakeColumn(const std::string& name, const std::string& type, const std::string& adapter,
               char quote) {
  return Var(std::shared_ptr<Object>(std::make_shared<Column>(name, type, adapter, quote)));
}

std::string TranslateType(std::string_view adapter, std::string_view dbt_version,
                          std::string_view type) {
  if (adapter == "databricks") {
    std::string lower = ToLower(type);
    return lower == "long" ? "bigint" : lower;
  }
  if (adapter == "spark") return std::string(type);
  struct Label {
    std::string_view adapter, from, to;
  };
  constexpr Label kLabels[] = {
      {"bigquery", "FLOAT", "FLOAT64"},
      {"bigquery", "INTEGER", "INT64"},
      {"clickhouse", "STRING", "String"},
      {"clickhouse", "TIMESTAMP", "DateTime"},
      {"clickhouse", "FLOAT", "Float32"},
      {"clickhouse", "INTEGER", "Int32"},
      {"athena", "STRING", "VARCHAR"},
      {"athena", "TEXT", "VARCHAR"},
      {"", "STRING", "TEXT"},
  };
  for (const Label& label : kLabels) {
    bool own = label.adapter == adapter;
    bool general = label.adapter.empty() && adapter != "bigquery";
    if ((own || general) && EqualsIgnoreCase(label.from, type)) return std::string(label.to);
  }
  // Until dbt 1.6 there were labels that changed nothing but the letters' case.
  int minor = dbt_version.rfind("0.", 0) == 0 ? 0 : MinorVersion(dbt_version);
  std::string upper = ToUpper(type);
  if (minor < 6 && upper == "INTEGER") {
    if (minor > 3)
      throw RenderError{"the type label of `integer` is not known for this version of dbt", 0};
    return "INT";
  }
  constexpr std::string_view kSame[] = {"STRING", "TIMESTAMP", "FLOAT", "BOOLEAN"};
  bool was_label = std::find(std::begin(kSame), std::end(kSame), upper) != std::end(kSame);
  if (minor < 6 && was_label) return upper;
  // dbt-bigquery has had a label for this since some version of its own.
  if (adapter == "bigquery" && upper == "TEXT")
    throw RenderError{"the type label of `text` depends on the version of dbt-bigquery", 0};
  return std::string(type);
}

}  // namespace layergate::jinja
