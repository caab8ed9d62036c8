#include "core/value.h"

#include "core/finding.h"
#include "support/catch.h"

using namespace layergate;

TEST_CASE("Values compare without regard to the order of members") {
  Value a = Value::MakeObject({{"x", 1}, {"y", Value::MakeArray({1, 2})}});
  Value b = Value::MakeObject({{"y", Value::MakeArray({1, 2})}, {"x", 1.0}});
  CHECK(a == b);
  b.Set("x", 2);
  CHECK_FALSE(a == b);
  CHECK_FALSE(Value() == Value(false));
}

TEST_CASE("JSON is written in order and read back") {
  Value value =
      Value::MakeObject({{"z", nullptr}, {"a", Value::MakeArray({true, -3, 0.5, "q\"\n"})}});
  CHECK(WriteJson(value) == R"({"z":null,"a":[true,-3,0.5,"q\"\n"]})");
  Result<Value> back = ReadJson(WriteJson(value, 2));
  REQUIRE(back);
  CHECK(*back == value);
}

TEST_CASE("JSON that two readers could take in two ways is refused") {
  CHECK_FALSE(ReadJson(R"({"a": 1, "a": 2})"));
  CHECK_FALSE(ReadJson(R"([1] 2)"));
  CHECK_FALSE(ReadJson("[\"\xFF\"]"));
  CHECK_FALSE(ReadJson(std::string(1'000'000, '[')));
  CHECK_FALSE(ReadJson("[NaN]"));
  CHECK_FALSE(ReadJson(""));
  Result<Value> bad = ReadJson("{\n  \"a\": 1,\n  oops\n}");
  REQUIRE_FALSE(bad);
  CHECK(bad.error().message.find("line 3, column 3") != std::string::npos);
}

TEST_CASE("Invalid UTF-8 is replaced when written") {
  CHECK(WriteJson(Value("a\xFF")) == "\"a\xEF\xBF\xBD\"");
}

TEST_CASE("Look-ups chain and never fail") {
  Result<Value> value = ReadJson(R"({"config": {"meta": {"pii": true}}, "n": 3})");
  REQUIRE(value);
  CHECK((*value)["config"]["meta"]["pii"].AsBool());
  CHECK((*value)["config"]["nothing"]["here"].is_null());
  CHECK((*value)["n"]["x"].is_null());
  CHECK((*value)["n"].AsString("none") == "none");
}

TEST_CASE("A fingerprint does not depend on the wording") {
  Finding a{.rule = "g.r", .subject = "model.s.m", .column = "c", .message = "one"};
  Finding b = a;
  b.message = "two";
  CHECK(Fingerprint(a) == Fingerprint(b));
  b.column = "";
  b.subject = "model.s.mc";
  CHECK(Fingerprint(a) != Fingerprint(b));
}
