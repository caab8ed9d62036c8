// What golden files cannot say about the formats: limits, hostile text, outputs.
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <set>

#include <fmt/format.h>
#include <unistd.h>

#include "core/file.h"
#include "core/text.h"
#include "report/markdown_text.h"
#include "report/output.h"
#include "report/plain.h"
#include "report/report.h"
#include "sample.h"
#include "support/catch.h"

using namespace layergate;
using namespace layergate::report;

namespace {

std::string Text(const verdict::Verdict& verdict, std::string_view format,
                 const RenderOptions& options = {}) {
  Result<std::string> text = Render(verdict, format, options);
  REQUIRE(text);
  return *text;
}

size_t CountOf(std::string_view text, std::string_view piece) {
  size_t n = 0;
  for (size_t at = text.find(piece); at != std::string_view::npos;
       at = text.find(piece, at + piece.size())) {
    ++n;
  }
  return n;
}

// Unlike: each in words of its own.
verdict::Verdict Many(int models, int findings_each, const std::string& severity = "fail",
                      bool unlike = false) {
  verdict::Verdict verdict = testing::FullVerdict();
  verdict.changes = Value();
  verdict::GateResult sample = verdict.gates[0];
  sample.unknown.clear();
  verdict.gates.clear();
  for (int m = 0; m < models; ++m) {
    verdict::GateResult gate = sample;
    gate.subject = "model.shop.model_" + std::to_string(1000 + m);
    gate.findings.clear();
    for (int f = 0; f < findings_each; ++f) {
      verdict::JudgedFinding judged = sample.findings[0];
      judged.severity = severity;
      judged.finding.subject = gate.subject;
      judged.finding.column = "column_" + std::to_string(100 + f);
      if (unlike) judged.finding.message += fmt::format(" for reason {} of {}", f, m);
      judged.finding.patch = std::string(500, 'p') + "\n```\n</details>";
      gate.findings.push_back(judged);
    }
    verdict.gates.push_back(gate);
  }
  testing::Settle(verdict);
  return verdict;
}

// Every text of the record replaced by `text`, so that each reaches each format from each field.
Value Poison(const Value& value, const std::string& text, bool known_word) {
  if (value.is_string()) return known_word ? value : Value(text);
  if (value.is_array()) {
    Value list = Value::MakeArray();
    for (const Value& item : value.items()) list.Append(Poison(item, text, known_word));
    return list;
  }
  if (!value.is_object()) return value;
  Value object = Value::MakeObject();
  for (const auto& [key, member] : value.members()) {
    bool word = key == "verdict" || key == "status" || key == "severity" || key == "waived_by";
    object.Set(key, Poison(member, text, word));
  }
  return object;
}

verdict::Verdict Poisoned(const std::string& text) {
  Result<verdict::Verdict> verdict =
      FromJson(WriteJson(Poison(ToValue(testing::FullVerdict()), text, false)));
  INFO((verdict ? "" : verdict.error().ToString()));
  REQUIRE(verdict);
  verdict->gates[0].findings[1].waived_by = text;
  return *verdict;
}

constexpr const char* kHostile[] = {
    "::error::pwned",
    "a ::error::pwned",
    "x%0A::error::pwned",
    "\n::set-output name=a::b",
    "\r\n##[error]x",
    "##vso[task.complete]",
    "\x1b]8;;https://evil.example\x07link\x1b]8;;\x07",
    "\x1b[2J",
    "a|b|c",
    "</details></table><script>alert(1)</script>",
    "<!-- layergate:v1 -->",
    "```\n@octocat `` ` #12 !3 ~bug",
    "~~~~\n- item\n# heading",
    "\n/approve\n/merge",
    "\u202Egnp.exe\u2066",
    "]]><x>&amp;\"'",
    "[x](javascript:alert(1)) ![y](https://evil.example/z.png)",
    "\xff\xfe broken \xc3",
    "\xEF\xBF\xBE\xEF\xBF\xBF",
    "**bold** _it_ ~~gone~~ $x$ %1 https://evil.example",
};

// Lines a CI runner would obey: "::" first after blanks, or an old command anywhere.
std::vector<std::string> Commands(std::string_view text) {
  std::vector<std::string> commands;
  for (std::string_view line : Split(text, '\n')) {
    std::string_view trimmed = Trim(line);
    bool old_command =
        line.find("##[") != std::string_view::npos || line.find("##vso[") != std::string_view::npos;
    if (trimmed.substr(0, 2) == "::" || old_command) commands.emplace_back(trimmed);
  }
  return commands;
}

bool HasControl(std::string_view text) {
  bool deceptive = text.find("\u202E") != std::string_view::npos ||
                   text.find("\u2066") != std::string_view::npos;
  return deceptive || std::any_of(text.begin(), text.end(), [](char c) {
           auto byte = static_cast<unsigned char>(c);
           return (byte < 0x20 && c != '\n') || byte == 0x7F;
         });
}

}  // namespace

TEST_CASE("hostile text stays text in every format, from every field") {
  for (const char* hostile : kHostile) {
    INFO(hostile);
    verdict::Verdict verdict = Poisoned(hostile);
    for (std::string_view format : FormatNames()) {
      INFO(format);
      RenderOptions options;
      options.verbose = true;
      options.repository_url = "https://github.com/acme/shop";
      std::string text = Text(verdict, format, options);
      CHECK(IsUtf8(text));
      // The record is data, for programs: only what JSON itself escapes is escaped there.
      if (format != "json") CHECK_FALSE(HasControl(text));
      std::vector<std::string> commands = Commands(text);
      if (format == "github") {
        for (const std::string& command : commands) {
          CHECK((command.rfind("::error ", 0) == 0 || command.rfind("::warning ", 0) == 0));
        }
        CHECK(commands.size() == CountOf(text, "\n"));
      } else if (format != "json") {
        CHECK(commands.empty());
      }
    }
  }
}

TEST_CASE("hostile text does not break out of Markdown") {
  for (const char* hostile : kHostile) {
    INFO(hostile);
    std::string text = Text(Poisoned(hostile), "markdown");
    CHECK(text.rfind("<!-- layergate:v1 -->\n", 0) == 0);
    // Outside of fences and code spans nothing but our own tags is left.
    size_t fence = 0;  // backticks of the open fence
    size_t folds = 0;
    for (std::string_view line : Split(text, '\n')) {
      size_t ticks = std::min(line.find_first_not_of('`'), line.size());
      // A fence has no backtick after its opening run; a code span has.
      bool opens = ticks >= 3 && line.find('`', ticks) == std::string_view::npos;
      if (fence == 0 && opens) {
        fence = ticks;
        continue;
      }
      if (fence > 0 && ticks >= fence && ticks == line.size()) {
        fence = 0;
        continue;
      }
      if (fence > 0) continue;
      CHECK((line.empty() || line[0] != '/'));
      if (line.rfind("<details>", 0) == 0) ++folds;
      if (line == "</details>") --folds;
    }
    CHECK(folds == 0);
    CHECK(fence == 0);
  }
  CHECK(MdText("@octocat #12 !3 a@b") == "@&#8203;octocat #&#8203;12 !&#8203;3 a@&#8203;b");
  CHECK(MdText("/approve") == "&#8203;/approve");
  CHECK(MdText("1. x") == "&#8203;1. x");
  CHECK(MdText("10% of <b>|`x|y`") == "10% of &lt;b&gt;\\|`x|y`");
  CHECK(MdText("`x|y`", true) == "`x\\|y`");
  CHECK(MdText("a ` b") == "a \\` b");
  CHECK(MdText("`a` ` b") == "\\`a\\` \\` b");
  CHECK(MdText("``<b>``") == "\\`\\`&lt;b&gt;\\`\\`");
  CHECK(MdText("stg_orders _x_") == "stg_orders \\_x\\_");
  CHECK(MdCode("a|b") == "`a|b`");
  CHECK(MdCode("a|b", true) == "`a\\|b`");
  CHECK(MdCode("`") == "`` ` ``");
  CHECK(MdCode("a``b") == "```a``b```");
  CHECK(MdBlock("```", "", 5, 100) == "````\n```\n````\n");
  CHECK(UrlPath("a b/é#?.sql") == "a%20b/%C3%A9%23%3F.sql");
}

TEST_CASE("links never lead out of the repository") {
  verdict::Verdict verdict = testing::FullVerdict();
  RenderOptions options;
  options.repository_url = "https://github.com/acme/shop";
  CHECK(Text(verdict, "markdown", options)
            .find("(https://github.com/acme/shop/blob/b2/models/a.sql#L3)") != std::string::npos);
  options.repository_url = "https://gitlab.com/acme/shop";
  CHECK(Text(verdict, "markdown", options).find("/shop/-/blob/b2/") != std::string::npos);
  for (const char* path : {"../../evil/x.sql", "/etc/passwd", "a/../../b"}) {
    verdict.gates[0].findings[0].finding.location = Location{path, 1, 1};
    verdict.gates[0].unknown.clear();
    CHECK(Text(verdict, "markdown", options).find("](") == std::string::npos);
  }
}

TEST_CASE("Markdown stays under the providers' limit, whole at every size") {
  for (int models : {1, 5, 20, 60, 400}) {
    for (int findings : {1, 5, 40}) {
      std::string text = Text(Many(models, findings, "fail", true), "markdown");
      INFO(models << " models, " << findings << " findings: " << text.size());
      CHECK(text.size() <= 60000);
      CHECK(CountOf(text, "<details>") == CountOf(text, "\n</details>\n\n"));
      CHECK(text.find("</sub>\n") == text.size() - 7);
      const bool cut = text.find("left out here") != std::string::npos;
      if (models <= 20) CHECK_FALSE(cut);
      if (models == 400) CHECK(cut);
    }
  }
}

TEST_CASE("a finding takes at most ten lines of Markdown before its fold") {
  std::string text = Text(Many(1, 1), "markdown");
  size_t begin = text.find("❌"), end = text.find("<details>", begin);
  REQUIRE(end != std::string::npos);
  CHECK(CountOf(text.substr(begin, end - begin), "\n") <= 10);
}

TEST_CASE("many findings of one rule are told as one") {
  verdict::Verdict verdict = Many(1, 30, "fail", true);
  std::string text = Text(verdict, "text");
  CHECK(CountOf(text, "  ✗ ") == 3);
  CHECK(text.find("27 more findings of lineage_diff.resourced: column_103, column_104") !=
        std::string::npos);
  RenderOptions options;
  options.verbose = true;
  CHECK(CountOf(Text(verdict, "text", options), "  ✗ ") == 30);
  CHECK(CountOf(Text(verdict, "markdown"), "❌") == 3);
  CHECK(CountOf(Text(verdict, "codequality"), "check_name") == 30);
}

TEST_CASE("findings that say the same of other columns are told once, with everything to paste") {
  verdict::Verdict verdict = Many(1, 20);
  for (verdict::JudgedFinding& judged : verdict.gates[0].findings) {
    Finding& finding = judged.finding;
    finding.message = "not_null(" + finding.column + ") is gone, and x_" + finding.column;
    finding.patch = "models:\n  - name: m\n    columns:\n      - name: " + finding.column + "\n";
  }
  CHECK(CountOf(Text(verdict, "text"), "  ✗ ") == 3);  // x_column_104 is a name of its own
  verdict = Many(1, 20);
  for (verdict::JudgedFinding& judged : verdict.gates[0].findings) {
    Finding& finding = judged.finding;
    finding.message = "not_null(" + finding.column + ") is gone";
    judged.waivable = true;
    finding.patch = "models:\n  - name: m\n    columns:\n      - name: " + finding.column + "\n";
  }
  const std::string one = Text(verdict, "markdown");
  CHECK(CountOf(one, "❌") == 1);
  CHECK(one.find("**Likewise:** column_101, column_102") != std::string::npos);
  CHECK(one.find("column_112 and 7 more<br>") != std::string::npos);
  CHECK(CountOf(one, "  # and one more for each of: column_101") == 1);
  CHECK(CountOf(one, "  - name: m\n") == 1);
  CHECK(CountOf(one, "      - name: column_1") == 20);
  CHECK(CountOf(Text(verdict, "text"), "likewise    column_101, column_102") == 1);
  CHECK(CountOf(Text(verdict, "github"), "::error") == 1);
  CHECK(Text(verdict, "github").find("%0Alikewise: column_101, ") != std::string::npos);
  CHECK(CountOf(Text(verdict, "codequality"), "check_name") == 20);
}

TEST_CASE("warnings of one rule on many models are told as one, failures that say the same") {
  const verdict::Verdict unlike = Many(9, 1, "warn", true);
  std::string text = Text(unlike, "text");
  CHECK(CountOf(text, "  ! ") == 3);
  CHECK(text.find("6 more findings of lineage_diff.resourced: model_1003, model_1004") !=
        std::string::npos);
  std::string markdown = Text(unlike, "markdown");
  CHECK(CountOf(markdown, "⚠️") == 3);
  CHECK(markdown.find("… 6 more findings of") != std::string::npos);
  CHECK(CountOf(Text(Many(9, 1, "fail", true), "text"), "  ✗ ") == 9);
  text = Text(Many(30, 1), "markdown");
  CHECK(CountOf(text, "❌") == 3);
  CHECK(text.find("27 more findings of lineage_diff.resourced, in the same words: ") !=
        std::string::npos);
  CHECK(text.find("model_1029") != std::string::npos);  // every name
  // The same of each model.
  text = Text(Many(9, 1, "warn"), "text");
  CHECK(CountOf(text, "  ! ") == 1);
  CHECK(text.find("8 more findings of lineage_diff.resourced: model_1001, model_1002") !=
        std::string::npos);
}

TEST_CASE("annotations keep to the runner's ten, worst first, and count the rest") {
  std::string text = Text(Many(30, 1), "github");
  CHECK(CountOf(text, "::error") == 10);
  CHECK(CountOf(text, "::warning") == 0);
  CHECK(text.find("::error title=layergate::21 more: see the summary") != std::string::npos);
  CHECK(CountOf(Text(Many(10, 1), "github"), "::error") == 10);
  CHECK(Text(Many(10, 1), "github").find("more:") == std::string::npos);
  CHECK(CountOf(Text(Many(14, 1, "warn"), "github"), "::warning") == 10);
  CHECK(Text(Many(2, 7, "audit"), "github").empty());
}

TEST_CASE("annotations are escaped as the runner unescapes them") {
  verdict::Verdict verdict = Many(1, 1);
  Finding& finding = verdict.gates[0].findings[0].finding;
  finding = Finding{};
  finding.rule = "a:b,c%";
  finding.message = "100%\nnext: a, b";
  finding.location = Location{"a,b:c%.sql", 3, 0};
  CHECK(
      Text(verdict, "github") ==
      "::error file=a%2Cb%3Ac%25.sql,line=3,title=a%3Ab%2Cc%25::model_1000: 100%25%0Anext: a, b\n");
}

TEST_CASE("with a token the text follows where the runner obeys nothing") {
  RenderOptions options;
  options.stop_token = "0123456789abcdef";
  std::string text = Text(testing::FullVerdict(), "github", options);
  size_t begin = text.find("::stop-commands::0123456789abcdef\n");
  REQUIRE(begin != std::string::npos);
  CHECK(text.find("━━━ BLOCKED", begin) != std::string::npos);
  CHECK(text.rfind("::0123456789abcdef::\n") == text.size() - 21);
  for (const char* bad : {"short", "0123456789abcdef\n::error::", "0123456789abcde:"}) {
    options.stop_token = bad;
    CHECK_FALSE(Render(testing::FullVerdict(), "github", options));
  }
}

TEST_CASE("JUnit counts failures, unknowns and what does not apply") {
  verdict::Verdict verdict = testing::FullVerdict();
  verdict::GateResult gate = verdict.gates[0];
  gate.findings.clear();
  gate.subject = "model.shop.b";
  verdict.gates.push_back(gate);
  gate.unknown.clear();
  gate.subject = "model.shop.c";
  verdict.gates.push_back(gate);
  testing::Settle(verdict);
  verdict.gates.back().status = verdict::GateStatus::kSkipped;
  std::string text = Text(verdict, "junit");
  CHECK(text.find("<testsuites name=\"layergate\" tests=\"4\" failures=\"1\" errors=\"2\" "
                  "skipped=\"1\">") != std::string::npos);
  CHECK(text.find("<system-out>[fail] lineage_diff.added") != std::string::npos);
}

TEST_CASE("code quality: unique fingerprints, relative paths, empty when clean") {
  verdict::Verdict verdict = Many(2, 2);
  verdict::GateResult& gate = verdict.gates[0];
  gate.findings.push_back(gate.findings[0]);
  gate.findings.push_back(gate.findings[0]);
  gate.findings[0].finding.location = Location{"./models/../../a.sql", 0, 0};
  gate.findings[1].finding.location.reset();
  Result<Value> list = ReadJson(Text(verdict, "codequality"));
  REQUIRE(list);
  std::set<std::string> fingerprints;
  for (const Value& item : list->items()) {
    fingerprints.insert(std::string(item["fingerprint"].AsString()));
    std::string_view path = item["location"]["path"].AsString();
    CHECK_FALSE(path.empty());
    CHECK(path.substr(0, 1) != "/");
    CHECK(path.find("..") == std::string_view::npos);
    CHECK(item["location"]["lines"]["begin"].AsInt() >= 1);
    CHECK(item["severity"].AsString() == "blocker");
  }
  CHECK(fingerprints.size() == 6);
  verdict.gates.clear();
  testing::Settle(verdict);
  CHECK(Text(verdict, "codequality") == "[]\n");
  verdict.gates = testing::FullVerdict().gates;
  verdict.gates[0].findings.clear();
  testing::Settle(verdict);
  CHECK(Text(verdict, "codequality").find("lineage_diff.unknown") != std::string::npos);
}

TEST_CASE("the text keeps to its width and colours only when asked") {
  for (int width : {60, 80, 120}) {
    RenderOptions options;
    options.width = width;
    std::string text = Text(Many(2, 2), "text", options);
    for (std::string_view line : Split(text, '\n')) {
      bool block = line.find("ppppp") != std::string_view::npos;  // pasted as it is
      INFO(line);
      CHECK((block || Columns(line) <= static_cast<size_t>(width)));
    }
  }
  CHECK(Text(testing::FullVerdict(), "text").find('\x1b') == std::string::npos);
  RenderOptions options;
  options.color = true;
  std::string text = Text(testing::FullVerdict(), "text", options);
  CHECK(text.find("\x1b[1;31m") != std::string::npos);
  CHECK(CountOf(text, "\x1b[0m") * 2 == CountOf(text, "\x1b["));
}

TEST_CASE("an unknown format is refused by name") {
  Result<std::string> text = Render(testing::FullVerdict(), "markdwon");
  REQUIRE_FALSE(text);
  CHECK(text.error().message == "unknown report format \"markdwon\"; did you mean markdown?");
  CHECK(text.error().remedy == "formats: text, json, markdown, github, junit, codequality");
}

TEST_CASE("outputs are read as FORMAT:PATH") {
  Result<Output> output = ParseOutput("json:a:b.json");
  REQUIRE(output);
  CHECK(output->format == "json");
  CHECK(output->path == "a:b.json");
  CHECK(ParseOutput("text")->path == "-");
  CHECK(ParseOutput("markdown:-")->path == "-");
  for (const char* bad : {"", ":x", "json:", "jsn:x", "xml"}) CHECK_FALSE(ParseOutput(bad));
  CHECK(ParseOutputs({"json:a", "text"}));
  CHECK_FALSE(ParseOutputs({"json:a", "text:a"}));
  CHECK_FALSE(ParseOutputs({"json", "text"}));
  CHECK(WritesToStandardOutput(*ParseOutputs({"json:a", "text"})));
  CHECK_FALSE(WritesToStandardOutput(*ParseOutputs({"json:a"})));
}

TEST_CASE("outputs are written whole, without colour, or not at all") {
  std::filesystem::path folder =
      std::filesystem::temp_directory_path() / ("layergate-output-" + std::to_string(getpid()));
  std::filesystem::remove_all(folder);
  std::string json = (folder / "r.json").string(), text = (folder / "r.txt").string();
  RenderOptions options;
  options.color = true;
  REQUIRE(WriteOutputs(testing::FullVerdict(), {{"json", json}, {"text", text}}, options));
  CHECK(FromJson(*ReadFile(json)));
  CHECK(ReadFile(text)->find('\x1b') == std::string::npos);
  std::filesystem::remove_all(folder);
  // The token is refused when the second is rendered: the first was not written.
  options.stop_token = "bad";
  CHECK_FALSE(WriteOutputs(testing::FullVerdict(), {{"json", json}, {"github", text}}, options));
  CHECK_FALSE(FileExists(json));
  std::filesystem::remove_all(folder);
}
