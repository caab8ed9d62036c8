// Workflow commands for the GitHub runner: annotations on the lines of the pull request.
//
// The runner shows ten errors and ten warnings of a step and drops the others without a word, so
// the worst come first and the last slot counts the rest. Data is escaped as the runner unescapes
// it.
#include <fmt/format.h>

#include "core/text.h"
#include "report/formats.h"
#include "report/plain.h"
#include "report/view.h"

namespace layergate::report {
namespace {

using verdict::Verdict;

constexpr size_t kSlots = 10;

std::string Escape(std::string_view text, bool property) {
  std::string escaped;
  for (char c : text) {
    switch (c) {
      case '%':
        escaped += "%25";
        break;
      case '\r':
        escaped += "%0D";
        break;
      case '\n':
        escaped += "%0A";
        break;
      case ':':
        escaped += property ? "%3A" : ":";
        break;
      case ',':
        escaped += property ? "%2C" : ",";
        break;
      default:
        escaped += c;
    }
  }
  return escaped;
}

struct Annotation {
  std::string title, message;
  Location location;
};

std::string Write(std::string_view level, const Annotation& annotation) {
  std::string properties;
  auto add = [&](std::string_view name, const std::string& value) {
    if (value.empty()) return;
    properties += (properties.empty() ? " " : ",") + std::string(name) + "=" + Escape(value, true);
  };
  add("file", Plain(annotation.location.path));
  if (!annotation.location.path.empty() && annotation.location.line > 0) {
    add("line", std::to_string(annotation.location.line));
    if (annotation.location.column > 0) add("col", std::to_string(annotation.location.column));
  }
  add("title", Plain(annotation.title));
  return fmt::format("::{}{}::{}\n", level, properties,
                     Escape(PlainBlock(annotation.message), false));
}

void WriteAll(std::string_view level, const std::vector<Annotation>& annotations,
              std::string& out) {
  size_t shown = annotations.size() > kSlots ? kSlots - 1 : annotations.size();
  for (size_t i = 0; i < shown; ++i) out += Write(level, annotations[i]);
  if (shown == annotations.size()) return;
  out +=
      Write(level,
            {"layergate",
             fmt::format("{} more: see the summary or the result file", annotations.size() - shown),
             {}});
}

Annotation FromFinding(const SubjectView& subject, const FindingView& view) {
  const Finding& finding = view.judged->finding;
  Annotation annotation;
  annotation.title = finding.rule;
  annotation.message = Named(subject.name, finding.message);
  for (const Fact& fact : ShownFacts(finding)) {
    if (!fact.block) annotation.message += "\n" + fact.name + ": " + fact.text;
  }
  if (!view.alike.empty()) annotation.message += "\nlikewise: " + AlikeText(view);
  if (!finding.fix.empty()) annotation.message += "\nfix: " + finding.fix;
  annotation.location = finding.location.value_or(Location{subject.path, 0, 0});
  return annotation;
}

Annotation FromUnknown(const UnknownView& unknown) {
  Annotation annotation;
  annotation.title = unknown.gate + " could not judge";
  annotation.message = unknown.reason + "\nfor: " + Join(unknown.subjects, ", ");
  if (!unknown.remedy.empty()) annotation.message += "\nfix: " + unknown.remedy;
  annotation.location = unknown.location;
  return annotation;
}

bool IsToken(std::string_view token) {
  constexpr size_t kShortest = 16;
  return token.size() >= kShortest &&
         token.find_first_not_of(
             "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-") ==
             std::string_view::npos;
}

}  // namespace

Result<std::string> RenderGithub(const Verdict& verdict, const RenderOptions& options) {
  View view = MakeView(verdict);
  std::vector<Annotation> errors, warnings;
  // All failures before any warning, whichever model they belong to.
  for (const SubjectView& subject : view.subjects) {
    for (const FindingView& finding : subject.findings) {
      const std::string& severity = finding.judged->severity;
      if (severity == "audit" || finding.told_by_another) continue;
      std::vector<Annotation>& list = severity == "fail" ? errors : warnings;
      list.push_back(FromFinding(subject, finding));
    }
  }
  for (const UnknownView& unknown : view.unknown) {
    (unknown.blocks ? errors : warnings).push_back(FromUnknown(unknown));
  }
  std::string out;
  WriteAll("error", errors, out);
  WriteAll("warning", warnings, out);
  if (options.stop_token.empty()) return out;
  if (!IsToken(options.stop_token)) {
    return MakeError("the token for ::stop-commands:: must be 16 or more letters, digits or '-'",
                     "leave it out to get annotations alone");
  }
  LAYERGATE_TRY(std::string text, RenderText(verdict, options));
  return fmt::format("{}::stop-commands::{}\n{}::{}::\n", out, options.stop_token, text,
                     options.stop_token);
}

}  // namespace layergate::report
