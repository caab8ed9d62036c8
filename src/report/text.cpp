// The report for a terminal: the verdict first, then what is wrong with each model, what could not
// be judged, what is needed to merge, and what to do next.
#include "core/text.h"

#include <algorithm>

#include <fmt/format.h>

#include "report/formats.h"
#include "report/plain.h"
#include "report/view.h"

namespace layergate::report {
namespace {

using verdict::Decision;
using verdict::GateResult;
using verdict::Verdict;

constexpr size_t kImpactNames = 6;
constexpr size_t kBlockLines = 14;
constexpr size_t kField = 12;  // width of the column of field names

enum class Style { kNone, kBold, kDim, kRed, kYellow, kGreen, kCyan };

std::string_view Code(Style style) {
  switch (style) {
    case Style::kBold:
      return "\x1b[1m";
    case Style::kDim:
      return "\x1b[2m";
    case Style::kRed:
      return "\x1b[1;31m";
    case Style::kYellow:
      return "\x1b[1;33m";
    case Style::kGreen:
      return "\x1b[1;32m";
    case Style::kCyan:
      return "\x1b[36m";
    case Style::kNone:
      break;
  }
  return "";
}

// Lines of text, wrapped to a width. Every method takes text that is already safe to print.
class Screen {
 public:
  explicit Screen(const RenderOptions& options)
      : color_(options.color), width_(static_cast<size_t>(std::clamp(options.width, 50, 200))) {}

  size_t width() const { return width_; }

  std::string Paint(std::string_view text, Style style) const {
    if (!color_ || style == Style::kNone || text.empty()) return std::string(text);
    return fmt::format("{}{}\x1b[0m", Code(style), text);
  }

  void Blank() { out_ += '\n'; }
  void Raw(std::string_view line) { out_.append(line).append("\n"); }

  // `first` (a mark or a name, already padded) and then the text, wrapped under itself; its first
  // line begins `outdent` columns before the others.
  void Wrapped(std::string_view first, size_t indent, std::string_view text,
               Style style = Style::kNone, size_t outdent = 0) {
    std::string line;
    size_t used = indent - outdent;
    bool begun = false;
    out_ += first;
    for (std::string_view word : Split(text, ' ')) {
      if (word.empty()) continue;
      size_t columns = Columns(word);
      if (begun && used + 1 + columns > width_) {
        out_ += Paint(line, style) + "\n" + std::string(indent, ' ');
        line.clear();
        used = indent;
        begun = false;
      }
      if (begun) line += ' ';
      used += columns + (begun ? 1 : 0);
      line += word;
      begun = true;
    }
    out_ += Paint(line, style) + "\n";
  }

  // "    name      text", the text wrapped in its column.
  void Field(size_t indent, std::string_view name, std::string_view text,
             Style style = Style::kNone) {
    if (text.empty()) return;
    size_t columns = Columns(name);
    std::string first = std::string(indent, ' ');
    if (columns >= kField) {
      // A name too long for its column gets a line of its own.
      Raw(first + Paint(name, Style::kDim));
      Wrapped(std::string(indent + kField, ' '), indent + kField, text, style);
      return;
    }
    first += Paint(name, Style::kDim) + std::string(kField - columns, ' ');
    Wrapped(first, indent + kField, text, style);
  }

  // A text of several lines as it is, under a name; not wrapped, since its columns mean something.
  void Block(size_t indent, std::string_view name, std::string_view text) {
    std::string safe = PlainBlock(text);
    while (!safe.empty() && safe.back() == '\n') safe.pop_back();
    std::vector<std::string_view> lines = Split(safe, '\n');
    std::string margin(indent + kField, ' ');
    size_t shown = std::min(lines.size(), kBlockLines);
    if (Columns(name) >= kField) {
      Raw(std::string(indent, ' ') + Paint(name, Style::kDim));
    }
    for (size_t i = 0; i < shown; ++i) {
      bool titled = i == 0 && Columns(name) < kField;
      std::string first = titled ? std::string(indent, ' ') + Paint(name, Style::kDim) +
                                       std::string(kField - Columns(name), ' ')
                                 : margin;
      Raw(first + Paint(lines[i], Style::kCyan));
    }
    if (shown < lines.size()) Raw(margin + fmt::format("… {} more lines", lines.size() - shown));
  }

  void Heading(std::string_view title) {
    Blank();
    Raw(Paint(title, Style::kBold));
  }

  std::string Take() { return std::move(out_); }

 private:
  bool color_;
  size_t width_;
  std::string out_;
};

Style StyleOf(Decision decision) {
  return decision == Decision::kPass      ? Style::kGreen
         : decision == Decision::kBlocked ? Style::kRed
                                          : Style::kYellow;
}

std::string Repeat(std::string_view piece, size_t times) {
  std::string text;
  for (size_t i = 0; i < times; ++i) text += piece;
  return text;
}

void Banner(const Verdict& verdict, Screen& screen) {
  std::string word = ToUpper(ToString(verdict.decision));
  std::string line = Repeat("━", 3) + " " + word + " ";
  line += Repeat("━", screen.width() - std::min(screen.width(), Columns(line)));
  Style style = StyleOf(verdict.decision);
  screen.Raw(screen.Paint(line, style));
  screen.Wrapped("    ", 4, Plain(verdict.summary), Style::kBold);
  screen.Blank();
  screen.Field(4, "base", Plain(SideText(verdict.base)));
  screen.Field(4, "head", Plain(SideText(verdict.head)));
  screen.Field(4, "policy", Plain(verdict.policy_source));
  std::string provenance = Plain(ProvenanceText(verdict.provenance));
  screen.Field(4, "LLM", provenance.empty() ? "undeclared" : provenance);
}

std::string Title(const SubjectView& subject, bool with_path = true) {
  std::string facts;
  auto add = [&](std::string_view part) {
    if (!part.empty()) facts += (facts.empty() ? "" : " · ") + Plain(part);
  };
  add(subject.layer);
  add(subject.change);
  if (with_path) add(subject.path);
  return facts;
}

// One step per line: where the value is, what was done to it, and the SQL of that step.
void LineagePath(const std::vector<PathStep>& path, size_t indent, Screen& screen) {
  for (size_t i = 0; i < path.size(); ++i) {
    const PathStep& step = path[i];
    std::string text = ShortName(step.node) + (step.column.empty() ? "" : "." + step.column);
    text = (i == 0 ? "" : "→ ") + Plain(text);
    if (!step.how.empty()) text += " (" + Plain(step.how) + ")";
    bool repeats = step.expression.empty() || step.expression == step.column;
    if (!repeats) text += " " + Plain(step.expression);
    std::string first =
        std::string(indent, ' ') + screen.Paint(i == 0 ? "path" : "    ", Style::kDim);
    screen.Wrapped(first + std::string(kField - 4, ' '), indent + kField + 2, text, Style::kNone,
                   i == 0 ? 0 : 2);
  }
}

void FactList(const std::vector<Fact>& facts, size_t indent, Screen& screen) {
  for (const Fact& fact : facts) {
    if (fact.block) {
      screen.Block(indent, Plain(fact.name), fact.text);
    } else {
      screen.Field(indent, Plain(fact.name), Plain(fact.text));
    }
  }
}

void ShowFinding(const FindingView& view, const RenderOptions& options, Screen& screen) {
  const verdict::JudgedFinding& judged = *view.judged;
  const Finding& finding = judged.finding;
  bool fail = judged.severity == "fail";
  Style style = fail ? Style::kRed : judged.severity == "warn" ? Style::kYellow : Style::kDim;
  std::string_view mark = fail ? "✗" : judged.severity == "warn" ? "!" : "·";
  screen.Blank();
  screen.Wrapped("  " + screen.Paint(mark, style) + " ", 4, Plain(finding.message), Style::kBold);
  constexpr size_t kIndent = 4;
  screen.Field(kIndent, "rule",
               Plain(finding.rule) + (fail ? "" : "  (" + Plain(judged.severity) + ")"));
  FactList(ShownFacts(finding), kIndent, screen);
  if (!options.verbose) screen.Field(kIndent, "likewise", Plain(AlikeText(view)));
  if (finding.location) screen.Field(kIndent, "at", Plain(PlaceText(*finding.location)));
  const Snippets snippets = SnippetsOf(finding);
  if (!snippets.before.empty()) screen.Block(kIndent, "before", snippets.before);
  if (!snippets.after.empty()) screen.Block(kIndent, "after", snippets.after);
  FactList(OtherEvidence(finding), kIndent, screen);
  LineagePath(finding.path, kIndent, screen);
  size_t names = options.verbose ? finding.impact.size() : kImpactNames;
  screen.Field(kIndent, "impact", Plain(ImpactLine(finding, names)));
  screen.Field(kIndent, "fix", Plain(finding.fix), Style::kGreen);
  if (!finding.patch.empty()) screen.Block(kIndent, "paste", finding.patch);
  if (options.verbose && fail)
    screen.Block(kIndent, "waiver", WaiverYaml({view.judged, view.gate, false, false, {}}));
}

void Subjects(const View& view, const RenderOptions& options, Screen& screen) {
  for (const SubjectView& subject : view.subjects) {
    if (!options.verbose && !IsShown(subject)) continue;
    screen.Blank();
    Style style = subject.fail > 0 ? Style::kRed : Style::kYellow;
    std::string name = Plain(subject.name);
    std::string facts = Title(subject);
    std::string rule = "── " + name + " ";
    size_t used = Columns(rule) + Columns(facts) + 1;
    if (used + 2 > screen.width()) {
      // The path does not fit beside the name; every finding tells its place anyway.
      facts = Title(subject, false);
      used = Columns(rule) + Columns(facts) + 1;
    }
    std::string fill = Repeat("─", used < screen.width() ? screen.width() - used : 2);
    screen.Raw(screen.Paint(rule, style) + screen.Paint(fill + " " + facts, Style::kDim));
    for (const FindingView& finding : subject.findings) {
      bool hidden = finding.judged->severity == "audit" || finding.more_of_the_same;
      if (hidden && !options.verbose) continue;
      ShowFinding(finding, options, screen);
    }
    for (const MoreView& more : subject.more) {
      if (options.verbose || more.severity == "audit") continue;
      screen.Blank();
      screen.Wrapped("  … ", 4, Plain(MoreText(more)));
    }
  }
  for (const MoreView& more : view.more) {
    if (options.verbose) break;
    screen.Blank();
    screen.Wrapped("  … ", 4, Plain(MoreText(more)));
  }
}

std::string Names(const std::vector<std::string>& names, size_t most) {
  std::string text;
  for (size_t i = 0; i < names.size() && i < most; ++i) text += (i == 0 ? "" : ", ") + names[i];
  if (names.size() > most) text += fmt::format(" and {} more", names.size() - most);
  return text;
}

void Unknowns(const View& view, const RenderOptions& options, Screen& screen) {
  if (view.unknown.empty()) return;
  screen.Heading("Could not be judged");
  for (const UnknownView& unknown : view.unknown) {
    Style style = unknown.blocks ? Style::kYellow : Style::kDim;
    std::string text = Plain(unknown.gate) + ": " + Plain(unknown.reason);
    if (!unknown.blocks) text += " (the policy lets this through)";
    screen.Wrapped("  " + screen.Paint("?", style) + " ", 4, text, Style::kBold);
    constexpr size_t kNames = 8;
    size_t most = options.verbose ? unknown.subjects.size() : kNames;
    screen.Field(4, "for", Plain(Names(unknown.subjects, most)));
    bool told = unknown.subjects.size() == 1 && unknown.subjects.front() == unknown.place;
    if (!told) screen.Field(4, "at", Plain(unknown.place));
    screen.Field(4, "fix", Plain(unknown.remedy), Style::kGreen);
  }
}

std::string Tally(const std::vector<std::pair<std::string, size_t>>& gates) {
  std::string text;
  for (const auto& [gate, n] : gates) {
    text += fmt::format("{}{} {}", text.empty() ? "" : " · ", Plain(gate), n);
  }
  return text;
}

std::string MeasuredText(const Value& measured) {
  if (measured.is_null()) return "";
  bool sides = measured.Find("base") || measured.Find("head");
  std::vector<Fact> facts = sides ? Compare(measured["base"], measured["head"]) : Facts(measured);
  std::string text;
  for (const Fact& fact : facts) {
    text += (text.empty() ? "" : ", ") + Plain(fact.name) + " " + Plain(fact.text);
  }
  return text;
}

void Quiet(const Verdict& verdict, const View& view, const RenderOptions& options, Screen& screen) {
  bool anything = !view.passed.empty() || !view.skipped.empty() || !view.waived.empty() ||
                  view.audit > 0 || !verdict.waivers_expired.empty() ||
                  !verdict.waivers_unused.empty() || !verdict.notes.empty();
  if (!anything) return;
  screen.Heading("The rest");
  if (!options.verbose) {
    screen.Field(4, "passed", Tally(view.passed));
    screen.Field(4, "skipped", Tally(view.skipped));
  }
  for (const GateResult& gate : verdict.gates) {
    bool quiet =
        gate.status == verdict::GateStatus::kPass || gate.status == verdict::GateStatus::kSkipped;
    if (!options.verbose || !quiet) continue;
    bool pass = gate.status == verdict::GateStatus::kPass;
    std::string measured = MeasuredText(gate.measured);
    std::string text = Plain(gate.gate) + " on " + Plain(ShortName(gate.subject)) + ": " +
                       (measured.empty() ? Plain(gate.why) : measured);
    screen.Field(4, pass ? "passed" : "skipped", text);
  }
  for (const FindingView& waived : view.waived) {
    const Finding& finding = waived.judged->finding;
    screen.Field(4, "waived",
                 Plain(finding.rule) + " on " + Plain(ShortName(finding.subject)) + ", by " +
                     Plain(waived.judged->waived_by));
  }
  for (const policy::Waiver& waiver : verdict.waivers_expired) {
    screen.Field(4, "expired",
                 "waiver of " + Plain(waiver.owner) + " for " + Plain(waiver.rule) + " on " +
                     Plain(ShortName(waiver.subject)) + " ended on " + Plain(waiver.expires) +
                     "; remove it from the policy");
  }
  for (const policy::Waiver& waiver : verdict.waivers_unused) {
    screen.Field(4, "unused",
                 "waiver of " + Plain(waiver.owner) + " for " + Plain(waiver.rule) + " on " +
                     Plain(ShortName(waiver.subject)) + " let nothing through");
  }
  if (view.audit > 0 && !options.verbose) {
    screen.Field(
        4, "audit",
        Counted(view.audit, "finding is", "findings are") + " recorded only; --verbose shows them");
  }
  for (const std::string& note : verdict.notes) screen.Field(4, "note", Plain(note));
}

void ToMerge(const Verdict& verdict, Screen& screen) {
  screen.Heading("To merge");
  for (const verdict::RequiredReviewer& reviewer : verdict.required_reviewers) {
    screen.Field(4, "approval", Plain(ReviewerText(reviewer)));
  }
  bool any = verdict.merge_window_name == "any" || verdict.merge_window_name.empty();
  std::string window = Plain(verdict.merge_window_text);
  screen.Field(4, "window", any ? window : window + " (" + Plain(verdict.merge_window_state) + ")");
  if (verdict.rollback_sla_hours > 0) {
    screen.Field(4, "rollback",
                 "within " +
                     Counted(static_cast<size_t>(verdict.rollback_sla_hours), "hour", "hours") +
                     " of the merge");
  }
  screen.Field(4, "labels", Plain(Join(verdict.labels, ", ")));
}

void Next(const Verdict& verdict, const View& view, Screen& screen) {
  screen.Heading("Next");
  if (verdict.decision == Decision::kPass) {
    bool people = !verdict.required_reviewers.empty();
    screen.Wrapped("    ", 4,
                   people ? "Ask for the approval above: this tool approves and merges "
                            "nothing."
                          : "Nothing to do here.");
    return;
  }
  if (view.fail > 0) {
    screen.Wrapped("  1 ", 4,
                   fmt::format("Fix the {} marked ✗ and push again.",
                               view.fail == 1 ? "finding" : "findings"));
  }
  if (view.blocking > 0) {
    screen.Wrapped(view.fail > 0 ? "  2 " : "  1 ", 4,
                   "Give the checks marked ? what they miss: not knowing is not a pass.");
  }
  if (view.fail == 0) return;
  const Finding* first = nullptr;
  for (const SubjectView& subject : view.subjects) {
    if (!first && subject.fail > 0) first = &subject.findings.front().judged->finding;
  }
  if (!first) return;
  screen.Wrapped("    ", 4,
                 fmt::format("What a rule means: layergate explain {}. If a finding is right and "
                             "accepted, add a waiver to the policy on the base branch (--verbose "
                             "prints it).",
                             Plain(first->rule)));
}

}  // namespace

Result<std::string> RenderText(const Verdict& verdict, const RenderOptions& options) {
  Screen screen(options);
  View view = MakeView(verdict);
  Banner(verdict, screen);
  Subjects(view, options, screen);
  Unknowns(view, options, screen);
  Quiet(verdict, view, options, screen);
  ToMerge(verdict, screen);
  Next(verdict, view, screen);
  // Said again at the end: that is what a terminal shows, and what a job's log ends with.
  screen.Blank();
  std::string last = "━━━ " + ToUpper(ToString(verdict.decision));
  if (view.fail > 0) last += fmt::format(" · {} to fix", view.fail);
  if (view.blocking > 0) last += fmt::format(" · {} not judged", view.blocking);
  screen.Raw(screen.Paint(last, StyleOf(verdict.decision)));
  return screen.Take();
}

}  // namespace layergate::report
