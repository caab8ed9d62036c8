#include "change/write.h"

#include "change/text_diff.h"
#include "manifests.h"

namespace layergate::change {
namespace {

const std::string kReadsA = R"(, "depends_on": {"nodes": ["model.shop.a"]})";

struct Both {
  std::unique_ptr<dbt::Project> base =
      Manifest(Nodes(Node("model", "a", R"(, "raw_code": "1", "tags": ["x"])") + "," +
                     Node("model", "b", kReadsA)));
  std::unique_ptr<dbt::Project> head =
      Manifest(Nodes(Node("model", "a", R"(, "raw_code": "2", "tags": ["y"])") + "," +
                     Node("model", "b", kReadsA) + "," + Node("exposure", "b")));
  ChangeSet set = Compare(*base, *head);
};

TEST_CASE("JSON has every key of the contract") {
  Both both;
  Value value = ToValue(both.set, [](std::string_view id) {
    return id == "model.shop.a" ? std::string("marts") : std::string();
  });
  CHECK(value["schema_version"] == Value(1));
  CHECK(value["unknown"].is_array());
  const Value& node = value["nodes"].items()[1];
  CHECK(node["unique_id"].AsString() == "model.shop.a");
  CHECK(node["resource_type"].AsString() == "model");
  CHECK(node["change"].AsString() == "modified");
  CHECK(node["layer"].AsString() == "marts");
  CHECK(node["dbt_state"] == Value::FromStrings({"body", "modified"}));
  CHECK(node["also"] == Value::FromStrings({"tags"}));
  CHECK(node["cosmetic"] == Value(false));
  CHECK(node["evidence"].AsString() == "manifests");
  CHECK(node["reasons"].items()[0]["kind"].AsString() == "body");
  CHECK(node["reasons"].items()[0]["path"].AsString() == "models/a.sql");
  CHECK(value["nodes"].items()[0]["layer"].is_null());
}

TEST_CASE("the table and the story of one node") {
  Both both;
  CHECK(ToTable(both.set) ==
        "exposure.shop.b  added\n"
        "model.shop.a     body + tags\n"
        "\n"
        "2 nodes changed: 1 added, 1 modified\n"
        "after \"+\": what dbt's state selectors do not see\n");
  CHECK(ToTable({}) == "no node changed\n");
  Explanation a = Explain(both.set, *both.base, *both.head, "a");
  CHECK(a.found);
  CHECK(a.text.find("dbt's state selectors say: body, modified") != std::string::npos);
  CHECK(a.text.find("[\"x\"]") != std::string::npos);
  CHECK(a.text.find("  line 1:\n  - 1\n  + 2\n") != std::string::npos);
  CHECK(a.text.find("read downstream by 1: model.shop.b") != std::string::npos);
  CHECK(Explain(both.set, *both.base, *both.head, "b").text ==
        "model.shop.b: not changed\n"
        "  but it reads, directly or not, what changed: model.shop.a\n");
  CHECK(!Explain(both.set, *both.base, *both.head, "nothing").found);
}

TEST_CASE("the lines in which two texts differ") {
  CHECK(DifferingLines("a\nb\nc\nd", "a\nx\nc\nd\ne", 9) == "line 2:\n- b\n+ x\nline 5:\n+ e\n");
  CHECK(DifferingLines("a", "a", 9).empty());
  CHECK(DifferingLines("1\n2\n3", "", 2) == "line 1:\n- 1\n- 2\n... and 2 more lines\n");
}

TEST_CASE("names from outside are made printable") {
  auto base = Manifest(Nodes(Node("model", "x")));
  auto head = Manifest(Nodes(Node("model", "x") + "," + Node("model", "e\\u001b[31m")));
  CHECK(ToTable(Compare(*base, *head)).find('\x1b') == std::string::npos);
}

}  // namespace
}  // namespace layergate::change
