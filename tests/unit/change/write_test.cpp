#include "change/write.h"

#include "manifests.h"

namespace layergate::change {
namespace {

struct Both {
  std::unique_ptr<dbt::Project> base = Manifest(
      Nodes(Node("model", "a", R"(, "raw_code": "1", "tags": ["x"])") + "," + Node("model", "b")));
  std::unique_ptr<dbt::Project> head =
      Manifest(Nodes(Node("model", "a", R"(, "raw_code": "2", "tags": ["y"])") + "," +
                     Node("model", "b") + "," + Node("exposure", "b")));
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
        "2 nodes changed: 1 added, 1 modified\n");
  CHECK(ToTable({}) == "no node changed\n");
  Explanation a = Explain(both.set, *both.base, *both.head, "a");
  CHECK(a.found);
  CHECK(a.text.find("dbt's state selectors say: body, modified") != std::string::npos);
  CHECK(a.text.find("[\"x\"]") != std::string::npos);
  CHECK(Explain(both.set, *both.base, *both.head, "b").text == "model.shop.b: not changed\n");
  CHECK(!Explain(both.set, *both.base, *both.head, "nothing").found);
}

TEST_CASE("names from outside are made printable") {
  auto base = Manifest(Nodes(Node("model", "x")));
  auto head = Manifest(Nodes(Node("model", "x") + "," + Node("model", "e\\u001b[31m")));
  CHECK(ToTable(Compare(*base, *head)).find('\x1b') == std::string::npos);
}

}  // namespace
}  // namespace layergate::change
