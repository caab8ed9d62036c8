#include "dbt/json_text.h"

#include "support/catch.h"

namespace layergate::dbt {
namespace {

std::string Refusal(std::string_view text) {
  auto value = ParseJsonDocument(text, "f.json");
  return value ? "accepted" : value.error().message;
}

TEST_CASE("documents that are not JSON are refused at their place") {
  CHECK(Refusal("") == "f.json: the file is empty");
  CHECK(Refusal(" \n ") == "f.json: the file is empty");
  CHECK(Refusal("\xEF\xBB\xBF") == "f.json: the file is empty");
  CHECK(Refusal("[1]") == "f.json:1:1: a JSON object was expected here");
  CHECK(Refusal("{\"a\": {\"b\": [1,").find("cut short") != std::string::npos);
  CHECK(Refusal("{\"a\": \"b").find("f.json:1:7: the file ends inside this string") == 0);
  CHECK(Refusal("{\"a\": tr").find("cut short") != std::string::npos);
  CHECK(Refusal("{\n \"a\": NaN}") == "f.json:2:7: NaN is not JSON");
  CHECK(Refusal("{\"a\": -Infinity}") == "f.json:1:7: -Infinity is not JSON");
  CHECK(Refusal("{\"a\": 9223372036854775808}").find("f.json:1:7: the integer") == 0);
  CHECK(Refusal("{\"a\": -9223372036854775808}") == "accepted");
  CHECK(Refusal("{\"a\": 01}").find("f.json:1:7:") == 0);
  CHECK(Refusal("{\"a\": 1.}").find("f.json:1:7:") == 0);
  CHECK(Refusal("{\"a\": 1e}").find("f.json:1:7:") == 0);
  CHECK(Refusal("{\"a\": -}").find("f.json:1:7:") == 0);
  CHECK(Refusal("{\"a\": truee}").find("f.json:1:7:") == 0);
  CHECK(Refusal("{\"a\": 1 2}").find("f.json:1:9: ',' or '}'") == 0);
  CHECK(Refusal("{\"a\" 1}").find("f.json:1:6: ':'") == 0);
  CHECK(Refusal("{\"a\": 1,}").find("f.json:1:9: a key") == 0);
  CHECK(Refusal("{\"a\": [1,]}").find("f.json:1:10: a value") == 0);
  CHECK(Refusal("{\"a\": [1}").find("f.json:1:9: ',' or ']'") == 0);
  CHECK(Refusal("{} x").find("f.json:1:4: there is more text") == 0);
  CHECK(Refusal("{}}").find("f.json:1:3: there is more text") == 0);
  CHECK(Refusal("{a: 1}").find("f.json:1:2: a key") == 0);
  CHECK(Refusal("{\"a\": \"b\"c}").find("f.json:1:10:") == 0);
  CHECK(Refusal("{\"a\": \"\\x\"}").find("f.json:1:8: an escape") == 0);
  CHECK(Refusal("{\"a\": \"\\u12g4\"}").find("f.json:1:8: \\u needs") == 0);
  CHECK(Refusal("{\"a\": \"b\nc\"}").find("f.json:1:9: a control character") == 0);
  CHECK(Refusal("{\"a\": \"\xC3\x28\"}") == "f.json:1:8: invalid UTF-8");
  CHECK(Refusal("\xFF\xFE{\0}\0").find("UTF-16") != std::string::npos);
  CHECK(Refusal("{\"a\": 1, \"a\": 2}").find("f.json:1:10: the key \"a\" stands twice") == 0);
  CHECK(Refusal("{\"n\": {\"a\": 1, \"a\": 2}}").find("stands twice") != std::string::npos);
  CHECK(Refusal("{\"n\": {\"a\": 1}, \"m\": {\"a\": 2}}") == "accepted");
}

TEST_CASE("nesting is bounded") {
  auto nested = [](int depth) {
    std::string text = "{\"a\":";
    text.append(static_cast<size_t>(depth - 1), '[').append(static_cast<size_t>(depth - 1), ']');
    return text + "}";
  };
  CHECK(Refusal(nested(kMaxJsonDepth)) == "accepted");
  CHECK(Refusal(nested(kMaxJsonDepth + 1)).find("nested more than") != std::string::npos);
  CHECK(Refusal(std::string(1000000, '[')).find("f.json:1:1:") == 0);
}

TEST_CASE("no prefix of a document passes for it, and none crashes") {
  std::string text = R"({"a": [1, -2.5e3, true, null, "\u00e9\n"], "b": {"c": {"d": {}}}})";
  for (size_t length = 0; length < text.size(); ++length) {
    CHECK(Refusal(text.substr(0, length)) != "accepted");
  }
  CHECK(Refusal(text) == "accepted");
  CHECK(Refusal("\xEF\xBB\xBF" + text) == "accepted");
}

TEST_CASE("values are read as they are written") {
  auto value = ParseJsonDocument(
      R"({"a": [1, -2.5e3, true, false, null, "\u00e9\ud83d\ude00\ud800 \"\\\/\b\f\n\r\t"],
          "b": {"c": 1, "d": {"e": {"x": 1, "x": 2, "y": []}}}})",
      "f.json");
  REQUIRE(value);
  const Value& list = (*value)["a"];
  REQUIRE(list.items().size() == 6);
  CHECK(list.items()[0] == Value(1));
  CHECK(list.items()[1] == Value(-2500.0));
  CHECK(list.items()[2] == Value(true));
  CHECK(list.items()[3] == Value(false));
  CHECK(list.items()[4].is_null());
  CHECK(list.items()[5].AsString() == "\xC3\xA9\xF0\x9F\x98\x80\xEF\xBF\xBD \"\\/\b\f\n\r\t");
  CHECK((*value)["b"]["d"]["e"]["x"] == Value(2));
  CHECK((*value)["b"]["d"]["e"].members().size() == 2);
}

TEST_CASE("schema addresses") {
  CHECK(ParseSchemaAddress("https://schemas.getdbt.com/dbt/manifest/v12.json").version == 12);
  CHECK(ParseSchemaAddress("https://schemas.getdbt.com/dbt/run-results/v6.json").what ==
        "run-results");
  CHECK(ParseSchemaAddress("manifest").what.empty());
  CHECK(ParseSchemaAddress("/v1.json").what.empty());
  CHECK(ParseSchemaAddress("a/b/x.json").what.empty());
}

}  // namespace
}  // namespace layergate::dbt
