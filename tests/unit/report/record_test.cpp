// The record written and read back, and records that must not be believed.
#include <random>

#include "report/report.h"
#include "sample.h"
#include "support/catch.h"

using namespace layergate;
using namespace layergate::report;

namespace {

Value Record() { return ToValue(testing::FullVerdict()); }

std::string ErrorOf(const Value& record) {
  Result<verdict::Verdict> read = FromJson(WriteJson(record));
  return read ? "" : read.error().message;
}

// The record with the member at a dotted path replaced; "[]" is the first item.
Value With(const Value& value, std::string_view path, const Value& replacement, bool remove) {
  if (path.empty()) return replacement;
  size_t dot = path.find('.');
  std::string_view head = path.substr(0, dot);
  std::string_view rest = dot == std::string_view::npos ? "" : path.substr(dot + 1);
  if (head == "[]") {
    Value::Array items = value.items();
    items.at(0) = With(items.at(0), rest, replacement, remove);
    return Value(items);
  }
  Value::Object members;
  for (const Value::Member& member : value.members()) {
    if (member.first != head) {
      members.push_back(member);
    } else if (!rest.empty() || !remove) {
      members.emplace_back(member.first, With(member.second, rest, replacement, remove));
    }
  }
  return Value(members);
}

// Dotted paths of every member, in lists of the first item only.
void Paths(const Value& value, const std::string& prefix, std::vector<std::string>& paths) {
  for (const auto& [key, member] : value.members()) {
    std::string path = prefix.empty() ? key : prefix + "." + key;
    paths.push_back(path);
    Paths(member, path, paths);
  }
  if (!value.items().empty()) Paths(value.items()[0], prefix + ".[]", paths);
}

// Parts of the record whose inside is free: evidence and the like.
bool IsFree(const std::string& path) {
  for (std::string_view free : {"gates.[].findings.[].base", "gates.[].findings.[].head",
                                "gates.[].findings.[].evidence", "gates.[].unknown.[].evidence",
                                "gates.[].measured", "evidence", "changes", "timings.run"}) {
    if (path.rfind(free, 0) == 0) return true;
  }
  return path == "tool.name";
}

std::string Noise(std::mt19937& random) {
  constexpr const char* kPieces[] = {"a", "\n", "\"", "\\", "é", "\x01", "::error::", "</", "\t"};
  std::string text;
  for (auto n = random() % 6; n > 0; --n) text += kPieces[random() % 9];
  return text;
}

}  // namespace

TEST_CASE("a record reads back as it was written") {
  verdict::Verdict verdict = testing::FullVerdict();
  Result<verdict::Verdict> read = FromJson(WriteJson(ToValue(verdict)));
  INFO((read ? "" : read.error().ToString()));
  REQUIRE(read);
  CHECK(WriteJson(ToValue(*read)) == WriteJson(ToValue(verdict)));
  CHECK(read->gates[0].elapsed_ms == 42);
  CHECK(read->gates[0].findings[0].finding.location->column == 7);
  CHECK(read->gates[0].unknown[0].location->line == 9);
  CHECK(read->required_reviewers[0].count == 2);
  CHECK(read->waivers_expired.size() == 2);
  for (std::string_view format : FormatNames()) {
    CHECK(*Render(*read, format) == *Render(verdict, format));
  }
}

TEST_CASE("generated records read back as they were written") {
  std::mt19937 random(7);
  for (int round = 0; round < 300; ++round) {
    verdict::Verdict verdict = testing::FullVerdict();
    verdict.summary = Noise(random);
    verdict.notes = {Noise(random), Noise(random)};
    verdict.gates.resize(random() % 3, verdict.gates[0]);
    for (verdict::GateResult& gate : verdict.gates) {
      gate.subject = Noise(random);
      gate.unknown_blocks = random() % 2 == 0;
      gate.unknown.resize(random() % 2);
      gate.findings.resize(random() % 3);
      for (verdict::JudgedFinding& judged : gate.findings) {
        judged.severity = random() % 2 == 0 ? "warn" : "fail";
        judged.finding.message = Noise(random);
        judged.finding.column = Noise(random);
        judged.finding.patch = Noise(random);
        if (random() % 2 == 0) judged.finding.location.reset();
        judged.finding.base = random() % 2 == 0 ? Value() : Value(Noise(random));
      }
    }
    testing::Settle(verdict);
    std::string written = WriteJson(ToValue(verdict));
    Result<verdict::Verdict> read = FromJson(written);
    INFO(written << (read ? "" : read.error().ToString()));
    REQUIRE(read);
    REQUIRE(WriteJson(ToValue(*read)) == written);
  }
}

TEST_CASE("every field must be there, and of its type") {
  std::vector<std::string> paths;
  Paths(Record(), "", paths);
  REQUIRE(paths.size() > 80);
  for (const std::string& path : paths) {
    if (IsFree(path)) continue;
    INFO(path);
    CHECK_FALSE(ErrorOf(With(Record(), path, {}, true)).empty());
    CHECK_FALSE(
        ErrorOf(With(Record(), path, Value(Value::MakeArray({Value(1.5)})), false)).empty());
  }
}

TEST_CASE("a record that contradicts itself is refused") {
  struct Case {
    const char* path;
    Value value;
    const char* error;
  };
  const Case cases[] = {
      {"verdict", "pass", "exit_code does not agree with the verdict"},
      {"exit_code", 0, "exit_code does not agree with the verdict"},
      {"gates.[].status", "pass", "contradict themselves"},
      {"gates.[].findings.[].severity", "warn", "contradict themselves"},
      {"gates.[].findings.[].severity", "fatal", "must be one of fail, warn, audit"},
      {"verdict", "green", "must be one of pass, blocked, undecided"},
      {"gates", Value::MakeArray(), "belongs to no gate"},
      {"schema_version", 2, "not a result of schema version 1"},
      {"schema_version", "1", "not a result of schema version 1"},
      {"rollback_sla_hours", -1, "must be a whole number"},
  };
  for (const Case& each : cases) {
    INFO(each.path);
    CHECK(ErrorOf(With(Record(), each.path, each.value, false)).find(each.error) !=
          std::string::npos);
  }
  // Words changed in step still do not follow from the gates.
  Value green = With(With(Record(), "verdict", "pass", false), "exit_code", 0, false);
  CHECK(ErrorOf(green).find("does not follow from the gates, which say blocked") !=
        std::string::npos);
}

TEST_CASE("fields of later versions are left out") {
  Value record = Record();
  record.Set("later", Value::MakeObject({{"x", 1}}));
  Result<verdict::Verdict> read = FromJson(WriteJson(record));
  REQUIRE(read);
  CHECK(ToValue(*read).Find("later") == nullptr);
}

TEST_CASE("what is no record is refused") {
  for (std::string_view text : {"", "{", "[]", "null", "{}", "{\"schema_version\":1}",
                                "{\"schema_version\":1,\"schema_version\":1}"}) {
    INFO(text);
    CHECK_FALSE(FromJson(text));
  }
}

TEST_CASE("the digest does not know the time it took") {
  verdict::Verdict verdict = testing::FullVerdict();
  std::string digest = Digest(verdict);
  CHECK(digest.size() == 64);
  verdict.timings = Value("other");
  verdict.gates[0].elapsed_ms = 7;
  CHECK(Digest(verdict) == digest);
  verdict.summary = "another";
  CHECK(Digest(verdict) != digest);
}
