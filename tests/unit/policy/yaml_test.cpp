// The strict YAML reader: what it gives, what it refuses, and the place it names.
#include "core/yaml.h"

#include <string>

#include "support/catch.h"

using layergate::ReadYaml;
using layergate::ToValue;
using layergate::YamlLimits;
using layergate::YamlNode;

namespace {

YamlNode Read(const std::string& text) {
  auto node = ReadYaml(text, "f.yml");
  if (!node) FAIL(node.error().ToString());
  return *node;
}

std::string Refused(const std::string& text, const YamlLimits& limits = {}) {
  auto node = ReadYaml(text, "f.yml", limits);
  return node ? "accepted" : node.error().message;
}

}  // namespace

TEST_CASE("nodes know where they were written") {
  YamlNode root = Read("a: 1\nb:\n  - x\n  - {c: \"10\"}\nd:\ne: y\n");
  REQUIRE(root.is_map());
  REQUIRE(root.Find("a")->line == 1);
  REQUIRE(root.Find("a")->column == 4);
  REQUIRE(root.Find("b")->items[0].line == 3);
  REQUIRE(root.Find("b")->items[0].column == 5);
  const YamlNode* quoted = root.Find("b")->items[1].Find("c");
  REQUIRE(quoted->scalar == "10");
  REQUIRE(quoted->was_quoted);
  REQUIRE(root.Find("d")->is_null());
  REQUIRE(root.Find("d")->line == 5);
  REQUIRE(root.Find("nothing") == nullptr);
}

TEST_CASE("columns count characters, not bytes") {
  YamlNode root = Read("{\"\xC3\xA4\xC3\xA4\": x, b: y}\n");
  REQUIRE(root.Find("b")->column == 14);
}

TEST_CASE("an empty text is a null node, and a byte order mark is no text") {
  REQUIRE(Read("").is_null());
  REQUIRE(Read("# only a comment\n").is_null());
  REQUIRE(Read("\xEF\xBB\xBF"
               "a: b\n")
              .Find("a")
              ->column == 4);
}

TEST_CASE("plain words become values, quoted ones stay text") {
  YamlNode root = Read("[true, \"true\", 12, 1.5, -3, no, 1_000, 10%, ~, .nan, 2026-01-31]");
  REQUIRE(layergate::WriteJson(ToValue(root)) ==
          R"([true,"true",12,1.5,-3,"no","1_000","10%",null,".nan","2026-01-31"])");
}

TEST_CASE("an alias is a copy of what it names") {
  YamlNode root = Read("a: &x [1, 2]\nb: *x\n");
  REQUIRE(root.Find("b")->items.size() == 2);
  REQUIRE(root.Find("b")->line == 2);
}

TEST_CASE("what readers could understand in two ways is refused with its place") {
  REQUIRE(Refused("a: 1\nb: 2\na: 3\n") ==
          "f.yml:3:1: the key 'a' is given twice (first in line 1)");
  REQUIRE(Refused("a: &x {b: 1}\nc:\n  <<: *x\n").substr(0, 10) == "f.yml:3:3:");
  REQUIRE(Refused("a: 1\n---\nb: 2\n") == "f.yml:3:1: a second document starts here");
  REQUIRE(Refused("a:\n\tb: 1\n") == "f.yml:2:1: a tab in the indentation");
  REQUIRE(Refused("a: !!python/object x\n").find("explicit tags") != std::string::npos);
  REQUIRE(Refused("[a]: b\n").find("a key must be a word") != std::string::npos);
  REQUIRE(Refused("a: \x01\n") == "f.yml:1:4: the control character \\x01");
  REQUIRE(Refused("a: \xFF\n") == "f.yml: not valid UTF-8");
  REQUIRE(Refused("a: 1\rb: 2\n").find("carriage return") != std::string::npos);
}

TEST_CASE("broken YAML is an error with a place") {
  REQUIRE(Refused("a: [1, 2\n").substr(0, 6) == "f.yml:");
  REQUIRE(Refused("a: *nowhere\n").substr(0, 8) == "f.yml:1:");
  REQUIRE(Refused("a: \"unclosed\n").find("never closed") != std::string::npos);
  REQUIRE(Refused("a: 'unclosed").find("never closed") != std::string::npos);
}

TEST_CASE("what could exhaust memory is refused") {
  REQUIRE(Refused("a: &x [1, *x]\n").find("never end") != std::string::npos);
  std::string bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 8; ++i) {
    std::string name = std::to_string(i - 1);
    bomb += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [*a" + name + ", *a" + name +
            ", *a" + name + ", *a" + name + ", *a" + name + ", *a" + name + ", *a" + name + "]\n";
  }
  REQUIRE(Refused(bomb).find("more than") != std::string::npos);
  REQUIRE(Refused(std::string(100, '[') + std::string(100, ']')).find("deeper than 64") !=
          std::string::npos);
  REQUIRE(Refused("a: {b: {c: 1}}", {.depth = 2}).find("deeper than 2") != std::string::npos);
  REQUIRE(Refused("a: &x {b: {c: 1}}\nd: {e: *x}", {.depth = 3}).find("deeper than 3") !=
          std::string::npos);
  REQUIRE(Refused("[1, 2, 3]", {.nodes = 3}).find("more than 3 values") != std::string::npos);
  REQUIRE(Refused(std::string(2000, '#'), {.bytes = 1000}).find("2000 bytes") != std::string::npos);
}

TEST_CASE("text that looks like a merge key or a number in quotes is just text") {
  REQUIRE(Read("\"<<\": 1\n").Find("<<") != nullptr);
}

TEST_CASE("a document may say where it ends") {
  REQUIRE(Read("a: b\n...\n").Find("a")->scalar == "b");
  REQUIRE(Read("...\n").is_null());
  REQUIRE(Read("--- \na: b\n").Find("a")->scalar == "b");
  REQUIRE(Read("a: |\n  x\n  y\n").Find("a")->scalar == "x\ny\n");
}
