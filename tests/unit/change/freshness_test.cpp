// Whether a manifest belongs to a commit: what must be named, and what must not.
#include "change/freshness.h"

#include "change/python_text.h"
#include "change/read_files.h"
#include "core/digest.h"
#include "manifests.h"
#include "unit/git/scratch_repository.h"

namespace layergate::change {
namespace {

// A repository with one dbt project in dbt/, and the manifest of its first commit.
struct Shop {
  ScratchRepository scratch;
  std::unique_ptr<dbt::Project> manifest;
  std::string first;

  Shop() {
    scratch.Write("dbt/models/marts/orders.sql", "\n select 1 as id\r\n\n");
    scratch.Write("dbt/transform/extra.sql", "select 2");
    scratch.Write(
        "dbt/snapshots/two.sql",
        "{% snapshot a %}select 1{% endsnapshot %}\n{% snapshot b %}select 2{% endsnapshot %}");
    scratch.Write("dbt/macros/m.sql",
                  "{# {% macro gone() %}{% endmacro %} #}\n{% macro m() %} x {% endmacro %}\n");
    scratch.Write("dbt/seeds/s.csv", "a,b\n1,2\n");
    scratch.Write("dbt/models/marts/marts.yml", kYaml);
    first = scratch.CommitAll("first");
    manifest = Manifest(
        Nodes(Text("model", "orders", "models/marts/orders.sql", "select 1 as id",
                   R"(, "patch_path": "shop://models/marts/marts.yml", "description": "All orders",
                      "columns": {"id": {"name": "id", "description": "Key", "tags": ["key"],
                                         "meta": {"owner": "data"}}})") +
              "," + Text("model", "extra", "transform/extra.sql", "select 2") + "," +
              Text("snapshot", "a", "snapshots/two.sql", "select 1") + "," +
              Text("snapshot", "b", "snapshots/two.sql", "select 2") + "," +
              Text("seed", "s", "seeds/s.csv", "",
                   R"(, "checksum": {"name": "sha256", "checksum": ")" + Sha256Hex("a,b\n1,2") +
                       "\"}") +
              "," +
              Text("test", "not_null_orders_id.1", "models/marts/marts.yml", "{{ test }}",
                   R"(, "test_metadata": {"name": "not_null", "kwargs": {}})")) +
        R"(, "metrics": {)" +
        Text("metric", "orders", "models/marts/marts.yml", "",
             R"(, "label": "Orders", "type": "simple",
                                      "type_params": {"measure": {"name": "order_count"}})") +
        R"(}, "macros": {"macro.shop.m": {"name": "m", "package_name": "shop",
            "original_file_path": "macros/m.sql", "macro_sql": "{% macro m() %} x {% endmacro %}"}})");
  }

  static std::string Text(const std::string& type, const std::string& name, const std::string& path,
                          const std::string& code, const std::string& more = "") {
    return "\"" + type + ".shop." + name + R"(": {"resource_type": ")" + type + R"(", "name": ")" +
           name + R"(", "package_name": "shop", "original_file_path": ")" + path +
           R"(", "raw_code": ")" + code + "\"" + more + "}";
  }

  // "path: why" of everything that disagrees with a commit, for the files that were changed.
  std::vector<std::string> Stale(const std::string& commit, const std::vector<std::string>& paths,
                                 const std::vector<std::string>& ids = {}) {
    auto repository = scratch.Open();
    auto found = FindStaleFiles(*manifest, repository, commit, "dbt/", paths, ids);
    if (!found) FAIL(found.error().ToString());
    std::vector<std::string> lines;
    for (const StaleFile& file : *found) {
      lines.push_back(file.path + ": " + file.unique_id + ": " + file.why);
    }
    return lines;
  }
  std::vector<std::string> After(const std::string& path, const std::string& text) {
    return Stale(scratch.Commit(path, text), {path});
  }

  static constexpr const char* kYaml = R"(version: 2
models:
  - name: orders
    description: All orders
    columns:
      - name: id
        description: Key
        tags: [key]
        meta: {owner: data, since: 2024-01-01, live: yes}
        data_tests: [not_null]
metrics:
  - name: orders
    label: Orders
    type: simple
    type_params: {measure: order_count, window: 7 days}
)";
};

bool Says(const std::vector<std::string>& lines, std::string_view text) {
  return lines.size() == 1 && lines[0].find(text) != std::string::npos;
}

TEST_CASE("the manifest of the commit: nothing to say, whatever the white space") {
  Shop shop;
  CHECK(shop.Stale(shop.first,
                   {"dbt/models/marts/orders.sql", "dbt/snapshots/two.sql", "dbt/macros/m.sql",
                    "dbt/seeds/s.csv", "dbt/models/marts/marts.yml", "dbt/transform/extra.sql",
                    "README.md", "dbt/models/gone.sql", "dbt2/models/of_another_project.sql"},
                   {"model.shop.orders", "metric.shop.orders"})
            .empty());
}

TEST_CASE("white space is Python's") {
  CHECK(StripAsPython("\u00A0 \x1F\n a b \u3000") == "a b");
  CHECK(StripAsPython("\u2003") == "");
  CHECK(StripAsPython("\u00E9") == "\u00E9");
  CHECK(CollapseAsPython(" a\u00A0\r\n\fb ") == "a b");
}

TEST_CASE("a seed's checksum, as each version of dbt computes it, on each system") {
  auto stale = [](const std::string& hashed, const std::string& in_commit) {
    ScratchRepository scratch;
    scratch.Write("seeds/s.csv", in_commit);
    std::string commit = scratch.CommitAll("first");
    auto manifest = Manifest(Nodes(Shop::Text(
        "seed", "s", "seeds/s.csv", "",
        R"(, "checksum": {"name": "sha256", "checksum": ")" + Sha256Hex(hashed) + "\"}")));
    auto found = FindStaleFiles(*manifest, scratch.Open(), commit, "", {"seeds/s.csv"}, {});
    REQUIRE(found);
    return found->size();
  };
  CHECK(stale("a,b\r\n1,2", "a,b\r\n1,2\r\n") == 0);  // to 1.11
  CHECK(stale("a,b\n1,2", "a,b\r\n1,2\r\n") == 0);    // 1.12
  CHECK(stale("a,b\n1,2", "a,b\r1,2\r") == 0);        // 1.12
  CHECK(stale("a,b\r\n1,2", "a,b\n1,2\n") == 0);      // a checkout on Windows
  CHECK(stale("a,b\n1,2\n", "a,b\n1,2\n") == 0);      // to 1.4
  CHECK(stale("a,b\n\u00E9,2", "a,b\n\u00E9,2\u00A0\n") == 0);
  CHECK(stale("a,b\n1, 2", "a,b\n1,2\n") == 1);
}

TEST_CASE("a package around the project of its tests is looked at as well") {
  ScratchRepository scratch;
  scratch.Write("dbt_project.yml", "name: pkg\n");
  scratch.Write("models/stg.sql", "select 1");
  scratch.Write("other/dbt_project.yml", "name: pkg\n");
  scratch.Write("tests_of_it/dbt_project.yml", "name: shop\n");
  scratch.Write("tests_of_it/packages.yml", "packages:\n  - local: ../\n  - package: a/b\n");
  scratch.CommitAll("first");
  const auto manifest = Manifest(Nodes(
      R"("model.pkg.stg": {"resource_type": "model", "name": "stg", "package_name": "pkg",
          "original_file_path": "models/stg.sql", "raw_code": "select 1"})"));
  const std::string second = scratch.Commit("models/stg.sql", "select 2");
  auto repository = scratch.Open();
  const auto stale = [&](const std::string& commit, const std::vector<std::string>& paths) {
    auto found = FindStaleFiles(*manifest, repository, commit, "tests_of_it/", paths, {});
    REQUIRE(found);
    std::vector<std::string> said;
    for (const StaleFile& file : *found) said.push_back(file.path + " " + file.unique_id);
    return said;
  };
  CHECK(stale(second, {"models/stg.sql"}) ==
        std::vector<std::string>{"models/stg.sql model.pkg.stg"});
  // A folder of that name which is not installed from there.
  CHECK(stale(second, {"other/models/stg.sql"}).empty());
  // Nothing says that what lies around is installed.
  const std::string third = scratch.Commit("tests_of_it/packages.yml", "packages: []\n");
  CHECK(stale(third, {"models/stg.sql"}).empty());
}

TEST_CASE("texts that are not those of the commit") {
  Shop shop;
  CHECK(Says(shop.After("dbt/models/marts/orders.sql", "select 3 as id"),
             "model.shop.orders: the text in the manifest is not the text in the commit"));
  CHECK(Says(
      shop.After("dbt/snapshots/two.sql",
                 "{% snapshot a %}select 1{% endsnapshot %}{% snapshot b %}x{% endsnapshot %}"),
      "snapshot.shop.b"));
  CHECK(Says(shop.After("dbt/macros/m.sql", "{% macro m() %} y {% endmacro %}"),
             "macro.shop.m: the text in the manifest"));
  CHECK(Says(shop.After("dbt/seeds/s.csv", "a,b\n1,3\n"), "seed.shop.s"));
  CHECK(shop.After("dbt/seeds/s.csv", "a,b\r\n1,2\r\n\r\n").empty());
}

TEST_CASE("files that came or went after the manifest was made") {
  Shop shop;
  CHECK(Says(shop.After("dbt/models/new.sql", "select 1"), "the commit has this model"));
  // Folders that hold models are known from the manifest, not only by the name that is usual.
  CHECK(Says(shop.After("dbt/transform/new.sql", "select 1"), "the commit has this model"));
  CHECK(shop.After("dbt/analyses/new.sql", "select 1").empty());
  CHECK(Says(shop.After("dbt/macros/more.sql", "{%- macro more(a) -%}{% endmacro %}"),
             "macro.shop.more: the commit has this macro, the manifest does not"));
  shop.scratch.Git("rm -q dbt/models/marts/orders.sql dbt/macros/m.sql");
  std::vector<std::string> gone =
      shop.Stale(shop.scratch.CommitAll("gone"), {"dbt/macros/m.sql"}, {"model.shop.orders"});
  REQUIRE(gone.size() == 2);
  CHECK(gone[0].find("macro.shop.m: the manifest has this macro, the commit has no such file") !=
        std::string::npos);
  CHECK(gone[1].find("the commit has no such file") != std::string::npos);
}

TEST_CASE(".dbtignore is read as git reads a .gitignore") {
  auto ignores = [](const char* rules, const char* file) {
    return IgnoreRules(rules).Ignores(file);
  };
  CHECK(ignores("# x\n\ndrafts/\r\n", "models/drafts/deep/a.sql"));
  CHECK(!ignores("drafts/", "models/drafts"));
  CHECK(ignores("*_wip.sql", "models/a_wip.sql"));
  CHECK(ignores("/models/*.sql", "models/a.sql"));
  CHECK(!ignores("/models/*.sql", "models/deep/a.sql"));
  CHECK(!ignores("models/a.sql", "sub/models/a.sql"));
  CHECK(ignores("models/**/a.sql", "models/x/y/a.sql"));
  CHECK(ignores("models/**/a.sql", "models/a.sql"));
  CHECK(ignores("models/x/**", "models/x/y/a.sql"));
  CHECK(!ignores("*.sql\n!keep.sql", "models/keep.sql"));
  CHECK(ignores("!keep.sql\n*.sql", "models/keep.sql"));
  CHECK(ignores("a[0-9]?.sql", "a7x.sql"));
  CHECK(!ignores("a[!0-9].sql", "a7.sql"));
  CHECK(ignores("\\!a.sql", "!a.sql"));
  CHECK(!ignores("/", "a.sql"));
}

TEST_CASE("YAML that the manifest was not made from") {
  Shop shop;
  auto with = [&](const std::string& old_text, const std::string& new_text) {
    std::string yaml = Shop::kYaml;
    yaml.replace(yaml.find(old_text), old_text.size(), new_text);
    return shop.After("dbt/models/marts/marts.yml", yaml);
  };
  CHECK(Says(with("All orders", "All paid orders"),
             "model.shop.orders: the file in the commit says \"paid\""));
  CHECK(Says(with("tags: [key]", "tags: [key, pii]"), "\"pii\""));
  CHECK(Says(with("        tags: [key]\n", ""), "the manifest says \"key\" of column id"));
  CHECK(Says(with("        data_tests: [not_null]\n", ""), "the manifest has this test"));
  CHECK(Says(with("[not_null]", "[not_null, unique]"), "a test unique, the manifest has none"));
  CHECK(Says(with("measure: order_count", "measure: user_count"), "metric.shop.orders"));
  CHECK(Says(with("metrics:\n", "metrics:\n  - name: more\n"),
             "metric.shop.more: the commit has this metric"));
  CHECK(with("All orders", "\"{{ doc('orders') }}\"").empty());
  // Not plain YAML: nothing is proven, and nothing is said.
  CHECK(with("version: 2", "version: [").empty());
}

}  // namespace
}  // namespace layergate::change
