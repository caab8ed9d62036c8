// Pairs of queries in every dialect: honest changes must be silent, mistakes must be told by the
// rule that is written beside them, and nothing else. The pairs lie in tests/pairs/; the format is
// described in its README. All pairs of a dialect are one pull request, judged by Check().
#include <filesystem>
#include <map>
#include <optional>
#include <set>

#include <fmt/format.h>
#include <unistd.h>

#include "check.h"
#include "core/file.h"
#include "core/text.h"
#include "core/value.h"
#include "gates/all_gates.h"
#include "support/catch.h"

namespace layergate {
namespace {

namespace fs = std::filesystem;

struct Pair {
  std::string title, base, head;
  std::set<std::string> says;           // "lineage_diff.column_added note"
  std::vector<std::string> in, not_in;  // dialects
};

struct Target {
  const char* dialect;
  const char* adapter;
  char open, close;  // of quoted names
};
constexpr Target kTargets[] = {
    {"snowflake", "snowflake", '\0', '\0'}, {"bigquery", "bigquery", '`', '`'},
    {"databricks", "databricks", '`', '`'}, {"redshift", "redshift", '"', '"'},
    {"postgres", "postgres", '"', '"'},     {"duckdb", "duckdb", '"', '"'},
    {"tsql", "sqlserver", '"', '"'},        {"trino", "trino", '"', '"'},
    {"mysql", "mysql", '`', '`'},           {"sqlite", "sqlite", '"', '"'},
    {"clickhouse", "clickhouse", '`', '`'},
};

const std::map<std::string, std::vector<const char*>> kTables = {
    {"orders",
     {"order_id", "customer_id", "amount", "amount_cents", "refund", "tax", "status", "channel",
      "region", "created_at", "updated_at", "is_deleted"}},
    {"customers",
     {"customer_id", "name", "email", "username", "country", "segment", "signed_up_at"}},
    {"items", {"item_id", "order_id", "sku", "quantity", "price"}},
    {"payments", {"payment_id", "order_id", "method", "amount", "paid_at"}},
};

std::vector<std::string> Words(std::string_view text, char between) {
  std::vector<std::string> words;
  for (std::string_view word : Split(text, between)) {
    if (!Trim(word).empty()) words.emplace_back(Trim(word));
  }
  return words;
}

std::vector<Pair> ReadPairs(const std::string& path) {
  std::vector<Pair> pairs;
  std::string* into = nullptr;
  const std::string text = *ReadFile(path);
  for (std::string_view line : Split(text, '\n')) {
    const auto after = [&](std::string_view begin) -> std::optional<std::string> {
      if (line.substr(0, begin.size()) != begin) return std::nullopt;
      return std::string(Trim(line.substr(begin.size())));
    };
    std::optional<std::string> title = after("-- honest:");
    if (!title) title = after("-- mistake:");
    if (title) {
      Pair& pair = pairs.emplace_back();
      pair.title = *title;
      into = &pair.base;
    } else if (pairs.empty()) {
      continue;
    } else if (const auto says = after("-- says:")) {
      for (std::string& each : Words(*says, ',')) pairs.back().says.insert(std::move(each));
    } else if (const auto in = after("-- in:")) {
      pairs.back().in = Words(*in, ' ');
    } else if (const auto not_in = after("-- not in:")) {
      pairs.back().not_in = Words(*not_in, ' ');
    } else if (Trim(line) == "--->") {
      into = &pairs.back().head;
    } else {
      into->append(line).append("\n");
    }
  }
  return pairs;
}

bool Holds(const std::vector<std::string>& list, std::string_view word) {
  return std::find(list.begin(), list.end(), word) != list.end();
}
bool RunsIn(const Pair& pair, std::string_view dialect) {
  return (pair.in.empty() || Holds(pair.in, dialect)) && !Holds(pair.not_in, dialect);
}

std::string Relation(const Target& target, const std::string& table) {
  const auto quoted = [&](std::string_view name) {
    return target.open == '\0' ? std::string(name)
                               : fmt::format("{}{}{}", target.open, name, target.close);
  };
  return fmt::format("{}.{}.{}", quoted("shop"), quoted("raw"), quoted(table));
}

std::string WithTables(std::string sql, const Target& target) {
  for (const auto& [table, columns] : kTables) {
    const std::string mark = "{" + table + "}";
    for (size_t at = 0; (at = sql.find(mark, at)) != std::string::npos;) {
      const std::string relation = Relation(target, table);
      sql.replace(at, mark.size(), relation);
      at += relation.size();
    }
  }
  return sql;
}

Value Source(const Target& target, const std::string& table) {
  Value columns = Value::MakeObject();
  for (const char* column : kTables.at(table)) {
    columns.Set(column, Value::MakeObject({{"name", column}}));
  }
  return Value::MakeObject({{"unique_id", "source.shop.raw." + table},
                            {"resource_type", "source"},
                            {"package_name", "shop"},
                            {"source_name", "raw"},
                            {"name", table},
                            {"identifier", table},
                            {"database", "shop"},
                            {"schema", "raw"},
                            {"relation_name", Relation(target, table)},
                            {"original_file_path", "models/sources.yml"},
                            {"fqn", Value::FromStrings({"shop", "raw", table})},
                            {"columns", std::move(columns)}});
}

Value Model(const std::string& name, const std::string& sql) {
  Value parents = Value::MakeArray();
  for (const auto& [table, columns] : kTables) parents.Append("source.shop.raw." + table);
  return Value::MakeObject({{"unique_id", "model.shop." + name},
                            {"resource_type", "model"},
                            {"package_name", "shop"},
                            {"name", name},
                            {"alias", name},
                            {"database", "shop"},
                            {"schema", "analytics"},
                            {"relation_name", "shop.analytics." + name},
                            {"original_file_path", "models/marts/" + name + ".sql"},
                            {"fqn", Value::FromStrings({"shop", "marts", name})},
                            {"language", "sql"},
                            {"raw_code", sql},
                            {"compiled_code", sql},
                            {"config", Value::MakeObject({{"materialized", "table"}})},
                            {"columns", Value::MakeObject()},
                            {"depends_on", Value::MakeObject({{"nodes", std::move(parents)},
                                                              {"macros", Value::MakeArray()}})}});
}

void WriteCatalog(const std::string& path) {
  Value sources = Value::MakeObject();
  for (const auto& [table, names] : kTables) {
    Value columns = Value::MakeObject();
    int index = 0;
    for (const char* name : names) {
      const char* type = std::string_view(name) == "is_deleted" ? "boolean" : "text";
      columns.Set(name, Value::MakeObject({{"name", name}, {"type", type}, {"index", ++index}}));
    }
    const std::string id = "source.shop.raw." + table;
    sources.Set(id, Value::MakeObject({{"unique_id", id},
                                       {"metadata", Value::MakeObject({{"type", "BASE TABLE"},
                                                                       {"schema", "raw"},
                                                                       {"name", table},
                                                                       {"database", "shop"}})},
                                       {"columns", std::move(columns)},
                                       {"stats", Value::MakeObject()}}));
  }
  const Value catalog = Value::MakeObject(
      {{"metadata", Value::MakeObject({{"dbt_schema_version",
                                        "https://schemas.getdbt.com/dbt/catalog/v1.json"}})},
       {"nodes", Value::MakeObject()},
       {"sources", std::move(sources)}});
  REQUIRE(WriteFileAtomically(path, WriteJson(catalog)).has_value());
}

std::string NameOf(size_t index) { return fmt::format("pair_{:03}", index); }

void WriteManifest(const std::string& path, const Target& target, const std::vector<Pair>& pairs,
                   bool head) {
  Value nodes = Value::MakeObject(), sources = Value::MakeObject();
  for (const auto& [table, columns] : kTables) {
    sources.Set("source.shop.raw." + table, Source(target, table));
  }
  for (size_t i = 0; i < pairs.size(); ++i) {
    if (!RunsIn(pairs[i], target.dialect)) continue;
    nodes.Set("model.shop." + NameOf(i),
              Model(NameOf(i), WithTables(head ? pairs[i].head : pairs[i].base, target)));
  }
  const Value manifest = Value::MakeObject(
      {{"metadata", Value::MakeObject(
                        {{"dbt_schema_version", "https://schemas.getdbt.com/dbt/manifest/v12.json"},
                         {"dbt_version", "1.10.0"},
                         {"project_name", "shop"},
                         {"adapter_type", target.adapter}})},
       {"nodes", std::move(nodes)},
       {"sources", std::move(sources)},
       {"macros", Value::MakeObject()}});
  REQUIRE(WriteFileAtomically(path, WriteJson(manifest)).has_value());
}

// What is said of each pair: "lineage_diff.column_added note", "unknown opaque_sql: ...".
std::map<std::string, std::set<std::string>> Judge(const Target& target,
                                                   const std::vector<Pair>& pairs) {
  const fs::path folder =
      fs::temp_directory_path() / fmt::format("layergate-pairs-{}-{}", target.dialect, getpid());
  fs::create_directories(folder);
  CheckRequest request;
  request.no_git = true;
  request.project_dir = folder.string();
  request.base_manifest = (folder / "base.json").string();
  request.head_manifest = (folder / "head.json").string();
  request.only = {"compile", "lineage_diff"};
  request.at = "2026-01-14T10:00:00Z";
  request.base_catalog = request.head_catalog = (folder / "catalog.json").string();
  WriteCatalog(request.base_catalog);
  WriteManifest(request.base_manifest, target, pairs, false);
  WriteManifest(request.head_manifest, target, pairs, true);
  const GateRegistry gates = AllGates();
  const auto verdict = Check(request, gates);
  INFO((verdict ? std::string() : verdict.error().ToString()));
  REQUIRE(verdict.has_value());
  std::map<std::string, std::set<std::string>> said;
  for (const verdict::GateResult& result : verdict->gates) {
    std::set<std::string>& lines = said[result.subject];
    for (const verdict::JudgedFinding& judged : result.findings) {
      const Finding& finding = judged.finding;
      lines.insert(finding.column.empty()
                       ? finding.rule
                       : fmt::format("{} {}", finding.rule, ToLower(finding.column)));
    }
    for (const Unknown& unknown : result.unknown) {
      lines.insert(fmt::format("unknown {}: {}", unknown.code, unknown.reason));
    }
  }
  fs::remove_all(folder);
  return said;
}

void RunPairs(const std::string& file) {
  const std::vector<Pair> pairs = ReadPairs(LAYERGATE_SOURCE_DIR "/tests/pairs/" + file);
  REQUIRE(!pairs.empty());
  for (const Target& target : kTargets) {
    auto said = Judge(target, pairs);
    for (size_t i = 0; i < pairs.size(); ++i) {
      if (!RunsIn(pairs[i], target.dialect)) continue;
      const std::set<std::string>& lines = said["model.shop." + NameOf(i)];
      INFO(target.dialect << ": " << pairs[i].title
                          << "\nsaid: " << Join({lines.begin(), lines.end()}, ", "));
      CHECK(lines == pairs[i].says);
    }
  }
}

TEST_CASE("honest changes of a query's shape are silent") { RunPairs("honest_shape.sql"); }
TEST_CASE("other words for the same thing are silent") { RunPairs("honest_words.sql"); }
TEST_CASE("mistakes about rows are told by their rule") { RunPairs("mistakes_rows.sql"); }
TEST_CASE("mistakes about columns are told by their rule") { RunPairs("mistakes_columns.sql"); }

}  // namespace
}  // namespace layergate
