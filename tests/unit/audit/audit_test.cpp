// The chain: every way to tamper with a log must show, and only an intact one is written to.
#include <cstdio>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include <fmt/format.h>
#include <unistd.h>

#include "audit/budget.h"
#include "audit/chain.h"
#include "audit/export.h"
#include "audit/log.h"
#include "audit/record.h"
#include "core/file.h"
#include "core/text.h"
#include "support/catch.h"

namespace layergate::audit {
namespace {

verdict::Verdict LlmVerdict(const std::string& head) {
  verdict::Verdict verdict;
  verdict.at = "2026-10-05T08:00:00Z";
  verdict.head.commit = head;
  verdict.decision = verdict::Decision::kPass;
  verdict.provenance.status = "llm";
  verdict.provenance.signals.push_back({head, "trailer", "declared", "claude", "claude-opus-4",
                                        std::string(64, 'a'), "Bo Berg",
                                        "Assisted-by: claude:claude-opus-4 [dbt-mcp, search]"});
  verdict::GateResult passed, failed;
  passed.gate = failed.gate = "lineage_diff";
  passed.status = verdict::GateStatus::kPass;
  failed.status = verdict::GateStatus::kFail;
  Finding finding;
  finding.rule = "lineage_diff.filter_removed";
  failed.findings.push_back({finding, "fail", "", true});
  verdict.gates = {passed, failed};
  return verdict;
}

Value RecordOf(const std::string& event, const std::string& at, const std::string& pull_request,
               bool with_result = true) {
  Event what;
  what.event = event;
  what.at = at;
  what.repository = "shop/analytics";
  what.pull_request = pull_request;
  auto record = with_result ? MakeRecord(LlmVerdict("c" + pull_request), what)
                            : MakeRecord(std::nullopt, what);
  REQUIRE(record);
  return *record;
}

std::string LogOf(int records) {
  std::string text;
  for (int i = 1; i <= records; ++i) {
    auto line = NextLine(CheckLog(text), RecordOf("judged", "", std::to_string(i)));
    REQUIRE(line);
    text += *line;
  }
  return text;
}

std::vector<std::string> LinesOf(const std::string& text) {
  std::vector<std::string> lines;
  for (std::string_view line : Split(text, '\n')) {
    if (!line.empty()) lines.push_back(std::string(line) + "\n");
  }
  return lines;
}

// A folder that is gone with the test.
struct Folder {
  std::string path = (std::filesystem::temp_directory_path() / "layergate-audit-XXXXXX").string();
  Folder() { REQUIRE(mkdtemp(path.data())); }
  ~Folder() { std::filesystem::remove_all(path); }
};

}  // namespace

TEST_CASE(
    "a record says who took part, what the gates said, and no more of a prompt than its hash") {
  Value record = RecordOf("judged", "", "42");
  CHECK(IsLlm(record));
  CHECK(record["at"].AsString() == "2026-10-05T08:00:00Z");
  CHECK(
      WriteJson(record["agents"]) ==
      R"([{"tool":"claude","model":"claude-opus-4","source":"trailer","confidence":"declared"}])");
  CHECK(WriteJson(record["tools"]) == R"(["dbt-mcp","search"])");
  CHECK(
      WriteJson(record["gates"]) ==
      R"([{"gate":"lineage_diff","results":{"fail":1,"pass":1},"rules":["lineage_diff.filter_removed"]}])");
  CHECK(record["result_digest"].AsString().size() == 64);
}

TEST_CASE("a record that says too little is refused") {
  CHECK_FALSE(MakeRecord(std::nullopt, {}));
  Event event;
  event.event = "mergd";
  CHECK_FALSE(MakeRecord(LlmVerdict("c1"), event));
  event.event = "reverted";
  event.at = "2026-10-05T08:00:00Z";
  CHECK_FALSE(MakeRecord(std::nullopt, event));
  event.merge_commit = "abc";
  CHECK(MakeRecord(std::nullopt, event));
  event.at = "yesterday";
  CHECK_FALSE(MakeRecord(std::nullopt, event));
}

TEST_CASE("a log that nobody touched is intact, whatever its length") {
  for (int records : {0, 1, 7}) {
    LogCheck check = CheckLog(LogOf(records));
    CHECK(check.state == LogState::kIntact);
    CHECK(check.count == records);
  }
}

TEST_CASE("every byte of a log counts") {
  const std::string text = LogOf(2);
  for (size_t i = 0; i < text.size(); ++i) {
    for (char replacement : {'x', '0', '\n', '"'}) {
      if (text[i] == replacement) continue;
      std::string changed = text;
      changed[i] = replacement;
      INFO(i << ": " << text[i] << " became " << replacement);
      CHECK(CheckLog(changed).state != LogState::kIntact);
    }
  }
}

TEST_CASE("records taken out, put in, moved or repeated break the chain") {
  const std::vector<std::string> lines = LinesOf(LogOf(4));
  CHECK(CheckLog(lines[0] + lines[2] + lines[3]).state == LogState::kBroken);
  CHECK(CheckLog(lines[1] + lines[2] + lines[3]).state == LogState::kBroken);
  CHECK(CheckLog(lines[0] + lines[2] + lines[1] + lines[3]).state == LogState::kBroken);
  CHECK(CheckLog(lines[0] + lines[1] + lines[1]).state == LogState::kBroken);
  CHECK(CheckLog(lines[0] + lines[1] + lines[2].substr(0, 40)).state == LogState::kCutOff);
  CHECK(CheckLog(lines[0] + "\n" + lines[1]).state == LogState::kUnreadable);
  LogCheck check = CheckLog(lines[0] + lines[2]);
  CHECK(check.line == 2);
  CHECK(check.count == 1);
}

TEST_CASE("a log whose end is gone is found out by what was kept elsewhere") {
  const std::string text = LogOf(3);
  const std::vector<std::string> lines = LinesOf(text);
  const std::string head = CheckLog(text).head;
  CHECK(CheckLog(text, {head, 3}).state == LogState::kIntact);
  CHECK(CheckLog(lines[0] + lines[1]).state == LogState::kIntact);
  CHECK(CheckLog(lines[0] + lines[1], {head, 0}).state == LogState::kForeign);
  CHECK(CheckLog(lines[0] + lines[1], {"", 3}).state == LogState::kShort);
  // The log has grown since its head was kept.
  CHECK(CheckLog(text, {CheckLog(lines[0]).head, 1}).state == LogState::kIntact);
}

TEST_CASE("writers at the same time make one chain") {
  Folder folder;
  const std::string path = folder.path + "/deep/audit.jsonl";
  const Value record = RecordOf("judged", "", "1");
  std::vector<std::jthread> writers;
  for (int i = 0; i < 8; ++i) {
    writers.emplace_back([&] {
      for (int j = 0; j < 5; ++j) (void)Append(path, record);
    });
  }
  writers.clear();
  auto check = ReadLog(path);
  REQUIRE(check);
  CHECK(check->state == LogState::kIntact);
  CHECK(check->count == 40);
}

TEST_CASE("nothing is added to a log that does not check") {
  Folder folder;
  const std::string path = folder.path + "/audit.jsonl";
  const std::string broken = LogOf(2).substr(0, 500);
  REQUIRE(WriteFileAtomically(path, broken));
  auto added = Append(path, RecordOf("judged", "", "3"));
  REQUIRE_FALSE(added);
  CHECK(added.error().message.find("audit.jsonl:1") != std::string::npos);
  CHECK(*ReadFile(path) == broken);
}

TEST_CASE("the table is safe to open in a spreadsheet") {
  Event event;
  event.pull_request = "=cmd()";
  event.reason = "a, \"b\"\nc";
  auto record = MakeRecord(LlmVerdict("c1"), event);
  REQUIRE(record);
  std::string csv = ToCsv({*record});
  CHECK(csv.find(",'=cmd(),") != std::string::npos);
  CHECK(csv.find("\"a, \"\"b\"\"\nc\"") != std::string::npos);
  CHECK(csv.find(",claude:claude-opus-4,") != std::string::npos);
}

TEST_CASE("a statement is about the head commit") {
  std::string statement = ToInToto(
      {RecordOf("judged", "", "42"), RecordOf("reverted", "2026-10-09T00:00:00Z", "42", false)});
  CHECK(LinesOf(statement).size() == 1);
  CHECK(statement.find(R"("digest":{"gitCommit":"c42"})") != std::string::npos);
}

TEST_CASE("periods") {
  auto text = [](std::string_view period) {
    auto read = ParsePeriod(period);
    return read ? policy::InstantText(read->from) + " " + policy::InstantText(read->to) : "none";
  };
  CHECK(text("2026-Q4") == "2026-10-01T00:00:00Z 2027-01-01T00:00:00Z");
  CHECK(text("2024-02") == "2024-02-01T00:00:00Z 2024-03-01T00:00:00Z");
  CHECK(text("2026") == "2026-01-01T00:00:00Z 2027-01-01T00:00:00Z");
  for (const char* wrong : {"", "26", "2026-Q5", "2026-13", "2026-1", "2026-Q", "Q4"}) {
    CHECK(text(wrong) == "none");
  }
}

TEST_CASE("the budget counts changes, not records") {
  std::vector<Value> records;
  // 1: judged twice, merged, reverted by its merge commit alone. 2: merged, an incident. 3:
  // rejected. 4: merged in the next quarter.
  records.push_back(RecordOf("judged", "2026-10-05T08:00:00Z", "1"));
  records.push_back(RecordOf("judged", "2026-10-05T09:00:00Z", "1"));
  records.push_back(RecordOf("merged", "2026-10-05T10:00:00Z", "1"));
  records.back().Set("merge_commit", "m1");
  Event revert;
  revert.event = "reverted";
  revert.at = "2026-10-07T10:00:00Z";
  revert.repository = "shop/analytics";
  revert.merge_commit = "m1";
  auto reverted = MakeRecord(std::nullopt, revert);
  REQUIRE(reverted);
  records.push_back(*reverted);
  records.push_back(RecordOf("judged", "2026-10-06T08:00:00Z", "2"));
  records.push_back(RecordOf("merged", "2026-10-06T09:00:00Z", "2"));
  records.push_back(RecordOf("incident", "2026-10-08T09:00:00Z", "2", false));
  records.push_back(RecordOf("judged", "2026-10-06T08:00:00Z", "3"));
  records.push_back(RecordOf("rejected", "2026-10-06T08:00:00Z", "3", false));
  records.push_back(RecordOf("judged", "2026-12-31T08:00:00Z", "4"));
  records.push_back(RecordOf("merged", "2027-01-02T08:00:00Z", "4"));
  Budget budget = CountBudget(records, *ParsePeriod("2026-Q4"));
  CHECK(budget.changes == 3);
  CHECK(budget.merged == 2);
  std::string counted;
  for (const Share& share : budget.shares) {
    counted += fmt::format("{} {}/{}{} ", share.name, share.part, share.whole,
                           share.IsOver() ? " over" : "");
  }
  CHECK(counted ==
        "rollback 1/2 over caught_at_review 1/3 over escaped 1/2 over stopped_by_gates 0/3 ");
  CHECK(budget.IsOver());
  CHECK(budget.median_seconds == 7200);
  CHECK_FALSE(budget.adoption_known);
  CHECK_FALSE(CountBudget(records, *ParsePeriod("2025")).IsOver());
}

}  // namespace layergate::audit
