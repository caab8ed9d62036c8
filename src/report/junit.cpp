// JUnit XML, as CI servers read it: a suite per gate, a test case per subject. What could not be
// judged is an error; a gate that does not apply is skipped.
#include <map>

#include <fmt/format.h>

#include "core/text.h"
#include "report/formats.h"
#include "report/plain.h"
#include "report/view.h"

namespace layergate::report {
namespace {

using verdict::GateResult;
using verdict::GateStatus;
using verdict::Verdict;

std::string Xml(std::string_view text) {
  std::string escaped;
  for (size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    // U+FFFE and U+FFFF are text, and yet no characters of XML.
    bool forbidden = text.substr(i, 3) == "\xEF\xBF\xBE" || text.substr(i, 3) == "\xEF\xBF\xBF";
    if (forbidden) {
      escaped += "\xEF\xBF\xBD";
      i += 2;
      continue;
    }
    switch (c) {
      case '&':
        escaped += "&amp;";
        break;
      case '<':
        escaped += "&lt;";
        break;
      case '>':
        escaped += "&gt;";
        break;
      case '"':
        escaped += "&quot;";
        break;
      case '\'':
        escaped += "&apos;";
        break;
      default:
        escaped += c;
    }
  }
  return escaped;
}

std::string Attribute(std::string_view text) { return Xml(Plain(text)); }
std::string Content(std::string_view text) { return Xml(PlainBlock(text)); }

std::string FindingText(const verdict::JudgedFinding& judged) {
  const Finding& finding = judged.finding;
  std::string text = fmt::format("[{}] {}: {}\n", judged.severity, finding.rule, finding.message);
  if (finding.location) text += "at " + PlaceText(*finding.location) + "\n";
  for (const Fact& fact : ShownFacts(finding)) {
    text += fact.name + ": " + fact.text + "\n";
  }
  if (!judged.waived_by.empty()) text += "waived by " + judged.waived_by + "\n";
  if (!finding.fix.empty()) text += "fix: " + finding.fix + "\n";
  return text;
}

std::string UnknownText(const Unknown& unknown) {
  std::string text = unknown.reason + "\n";
  if (unknown.location) text += "at " + PlaceText(*unknown.location) + "\n";
  return unknown.remedy.empty() ? text : text + "fix: " + unknown.remedy + "\n";
}

struct Suite {
  std::string cases;
  size_t tests = 0, failures = 0, errors = 0, skipped = 0;
};

std::string Element(std::string_view name, std::string_view type, std::string_view message,
                    std::string_view body) {
  return fmt::format("      <{0} type=\"{1}\" message=\"{2}\">{3}</{0}>\n", name, Attribute(type),
                     Attribute(message), Content(body));
}

// One element decides how a server counts the case; everything else the gate said goes to
// system-out.
void AddCase(const GateResult& gate, Suite& suite) {
  std::string failures, others, unknowns, file;
  const Finding* first = nullptr;
  for (const verdict::JudgedFinding& judged : gate.findings) {
    bool fails = judged.severity == "fail" && judged.waived_by.empty();
    (fails ? failures : others) += FindingText(judged);
    if (fails && !first) first = &judged.finding;
    if (file.empty() && judged.finding.location) file = judged.finding.location->path;
  }
  for (const Unknown& unknown : gate.unknown) unknowns += UnknownText(unknown);

  std::string inner;
  if (first) {
    ++suite.failures;
    inner += Element("failure", first->rule, gate.why, failures);
    others += unknowns;
  } else if (!gate.unknown.empty() && gate.unknown_blocks) {
    ++suite.errors;
    inner += Element("error", gate.unknown.front().code, gate.why, unknowns);
  } else if (!gate.unknown.empty() || gate.status == GateStatus::kSkipped) {
    ++suite.skipped;
    inner += fmt::format("      <skipped message=\"{}\"/>\n", Attribute(gate.why));
    others += unknowns;
  }
  if (!others.empty()) inner += fmt::format("      <system-out>{}</system-out>\n", Content(others));

  ++suite.tests;
  std::string attributes = fmt::format("classname=\"layergate.{}\" name=\"{}\"",
                                       Attribute(gate.gate), Attribute(gate.subject));
  if (!file.empty()) attributes += fmt::format(" file=\"{}\"", Attribute(file));
  suite.cases += inner.empty()
                     ? fmt::format("    <testcase {}/>\n", attributes)
                     : fmt::format("    <testcase {}>\n{}    </testcase>\n", attributes, inner);
}

void AddUnknownChange(const Value& item, Suite& suite) {
  ++suite.tests;
  ++suite.errors;
  suite.cases += fmt::format(
      "    <testcase classname=\"layergate.changes\" name=\"{}\">\n{}"
      "    </testcase>\n",
      Attribute(item["path"].AsString()),
      Element("error", "unknown_reach", item["why"].AsString(), ""));
}

}  // namespace

Result<std::string> RenderJunit(const Verdict& verdict, const RenderOptions& /*options*/) {
  std::map<std::string, Suite> suites;
  for (const GateResult& gate : verdict.gates) AddCase(gate, suites[gate.gate]);
  for (const Value& item : verdict.changes["unknown"].items()) {
    AddUnknownChange(item, suites["changes"]);
  }
  Suite total;
  std::string body;
  for (const auto& [name, suite] : suites) {
    body += fmt::format(
        "  <testsuite name=\"{}\" tests=\"{}\" failures=\"{}\" errors=\"{}\" skipped=\"{}\">\n{}"
        "  </testsuite>\n",
        Attribute(name), suite.tests, suite.failures, suite.errors, suite.skipped, suite.cases);
    total.tests += suite.tests;
    total.failures += suite.failures;
    total.errors += suite.errors;
    total.skipped += suite.skipped;
  }
  return fmt::format(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
      "<testsuites name=\"layergate\" tests=\"{}\" failures=\"{}\" errors=\"{}\" "
      "skipped=\"{}\">\n{}</testsuites>\n",
      total.tests, total.failures, total.errors, total.skipped, body);
}

}  // namespace layergate::report
