// GitLab's code quality report: a JSON array of findings with stable, unique fingerprints and paths
// relative to the repository. What could not be judged is listed too: an empty array means clean.
// What is only recorded for the audit is no quality defect, and stays out.
#include <set>

#include <fmt/format.h>

#include "core/digest.h"
#include "core/text.h"
#include "core/value.h"
#include "report/formats.h"
#include "report/plain.h"
#include "report/view.h"

namespace layergate::report {
namespace {

using verdict::Verdict;

// A path that stays inside the repository: no leading "/" or "./", no "..".
std::string RelativePath(std::string_view path) {
  std::vector<std::string> parts;
  for (std::string_view part : Split(path, '/')) {
    if (!part.empty() && part != "." && part != "..") parts.push_back(Plain(part));
  }
  return Join(parts, "/");
}

// Findings about no file stand at the policy that asked for them.
std::string FallbackPath(const Verdict& verdict) {
  std::string_view source = verdict.policy_source;
  size_t at = source.rfind('@');
  bool file = at != std::string_view::npos && source.substr(0, at).find(' ') == std::string::npos;
  return file ? RelativePath(source.substr(0, at)) : std::string("dbt_project.yml");
}

class List {
 public:
  explicit List(const Verdict& verdict) : fallback_(FallbackPath(verdict)) {}

  void Add(std::string_view description, std::string_view check, std::string_view severity,
           std::string fingerprint, const Location& location) {
    // Two findings of one rule on one column differ in nothing but their message.
    for (size_t i = 2; !seen_.insert(fingerprint).second; ++i) {
      fingerprint = Sha256Hex(fmt::format("{}#{}", fingerprint, i));
    }
    std::string path = RelativePath(location.path);
    if (path.empty()) path = fallback_;
    int line = location.line > 0 ? location.line : 1;
    items_.Append(Value::MakeObject(
        {{"description", Plain(description)},
         {"check_name", Plain(check)},
         {"fingerprint", std::move(fingerprint)},
         {"severity", severity},
         {"location", Value::MakeObject({{"path", std::move(path)},
                                         {"lines", Value::MakeObject({{"begin", line}})}})}}));
  }

  std::string Take() const { return WriteJson(items_, 2) + "\n"; }

 private:
  std::string fallback_;
  std::set<std::string> seen_;
  Value items_ = Value::MakeArray();
};

std::string_view SeverityWord(const verdict::JudgedFinding& judged) {
  if (judged.severity == "fail") return judged.waivable ? "critical" : "blocker";
  return judged.severity == "warn" ? "minor" : "info";  // info: waived
}

}  // namespace

Result<std::string> RenderCodeQuality(const Verdict& verdict, const RenderOptions& /*options*/) {
  View view = MakeView(verdict);
  List list(verdict);
  for (const SubjectView& subject : view.subjects) {
    for (const FindingView& finding : subject.findings) {
      if (finding.judged->severity == "audit") continue;
      const Finding& fact = finding.judged->finding;
      list.Add(Named(subject.name, fact.message), fact.rule, SeverityWord(*finding.judged),
               Fingerprint(fact), fact.location.value_or(Location{subject.path, 0, 0}));
    }
  }
  for (const UnknownView& unknown : view.unknown) {
    for (const std::string& subject : unknown.subjects) {
      std::string check = unknown.gate + ".unknown";
      list.Add(subject + ": could not be judged: " + unknown.reason, check,
               unknown.blocks ? "major" : "info",
               Sha256Hex(check + '\x1f' + subject + '\x1f' + unknown.code), unknown.location);
    }
  }
  return list.Take();
}

}  // namespace layergate::report
