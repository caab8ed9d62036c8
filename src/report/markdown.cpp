// The report for a pull request: a comment or a job's summary.
//
// It is made of sections that are whole by themselves (every fence, table and fold is closed inside
// its section). The text stays under a cap by leaving out whole sections from the end, and says so:
// providers refuse a longer comment, or drop the whole summary.
#include <algorithm>

#include <fmt/format.h>

#include "core/text.h"
#include "report/formats.h"
#include "report/markdown_text.h"
#include "report/view.h"

namespace layergate::report {
namespace {

using verdict::Decision;
using verdict::Verdict;

constexpr size_t kMostBytes = 60000;
constexpr size_t kMostDetails = 20;  // findings whose details are in the report
constexpr size_t kReserve = 2500;    // for the sentence about what is left out, and the last line
constexpr size_t kMostFacts = 3;     // shown before the fold
constexpr size_t kImpactNames = 5;

std::string_view Mark(Decision decision) {
  return decision == Decision::kPass ? "✅" : decision == Decision::kBlocked ? "⛔" : "❓";
}

std::string_view Mark(std::string_view severity) {
  return severity == "fail" ? "❌" : severity == "warn" ? "⚠️" : "🔎";
}

class Writer {
 public:
  Writer(const Verdict& verdict, const RenderOptions& options)
      : verdict_(verdict), options_(options), view_(MakeView(verdict)) {}

  std::string Write() {
    Head();
    // What could not be judged has room of its own: findings must not push it out.
    reserved_ = view_.unknown.empty() ? 0 : kMostBytes / 6;
    size_t left_out = Subjects();
    reserved_ = 0;
    Unknowns();
    if (left_out > 0) {
      out_ += fmt::format(
          "{} left out here to keep this readable: the complete record is in the "
          "result file.\n\n",
          Counted(left_out, "finding is", "findings are"));
    }
    Optional(Also());
    Foot();
    return std::move(out_);
  }

 private:
  bool Fits(size_t bytes) const { return out_.size() + bytes + kReserve + reserved_ <= kMostBytes; }
  void Optional(const std::string& section) {
    if (Fits(section.size())) out_ += section;
  }

  void Head() {
    out_ += "<!-- layergate:v1 -->\n";
    out_ += fmt::format("## {} Layergate: {}\n\n{}\n\n", Mark(verdict_.decision),
                        ToString(verdict_.decision), MdText(verdict_.summary));
    out_ += "| To merge | |\n|:--|:--|\n";
    if (!verdict_.required_reviewers.empty()) Row("Approvals", Approvals());
    bool any = verdict_.merge_window_name == "any" || verdict_.merge_window_name.empty();
    std::string window = MdText(verdict_.merge_window_text, true);
    if (!any) window += " (" + MdText(verdict_.merge_window_state, true) + ")";
    Row("Window", window);
    if (verdict_.rollback_sla_hours > 0) {
      Row("Rollback",
          "within " + Counted(static_cast<size_t>(verdict_.rollback_sla_hours), "hour", "hours"));
    }
    std::string provenance = ProvenanceText(verdict_.provenance);
    Row("LLM", provenance.empty() ? "undeclared" : MdText(provenance, true));
    out_ += "\n";
  }

  void Row(std::string_view name, const std::string& text) {
    if (!text.empty()) out_ += fmt::format("| {} | {} |\n", name, text);
  }

  std::string Approvals() const {
    std::string text;
    for (const verdict::RequiredReviewer& reviewer : verdict_.required_reviewers) {
      if (!text.empty()) text += "; ";
      text += MdText(ReviewerText(reviewer), true);
    }
    return text;
  }

  // A path as code, with a link to the line at the head commit where that is known.
  std::string Place(const Location& location) const {
    std::string code = MdCode(PlaceText(location));
    // A path that climbs would make the link lead somewhere else on the same host.
    bool climbs = location.path.empty() || location.path[0] == '/' ||
                  location.path.find("..") != std::string::npos;
    if (climbs || options_.repository_url.empty() || verdict_.head.commit.empty()) return code;
    bool gitlab = options_.repository_url.find("gitlab") != std::string::npos;
    std::string url =
        fmt::format("{}{}/{}/{}", options_.repository_url, gitlab ? "/-/blob" : "/blob",
                    UrlPath(verdict_.head.commit), UrlPath(location.path));
    if (location.line > 0) url += fmt::format("#L{}", location.line);
    return fmt::format("[{}]({})", code, url);
  }

  // How many findings did not fit.
  size_t Subjects() {
    size_t left_out = 0, shown = 0;
    for (const SubjectView& subject : view_.subjects) {
      if (!IsShown(subject)) continue;
      std::string title = SubjectTitle(subject);
      bool titled = false;
      for (const FindingView& finding : subject.findings) {
        if (finding.judged->severity == "audit" || finding.more_of_the_same) continue;
        std::string summary = Summary(finding);
        std::string whole = summary + Details(finding);
        const bool detailed = shown < kMostDetails && Fits(title.size() + whole.size());
        const std::string& text = detailed ? whole : summary;
        if (!Fits(title.size() + text.size())) {
          ++left_out;
          continue;
        }
        if (!titled) out_ += title;
        titled = true;
        ++shown;
        out_ += text;
      }
      for (const MoreView& more : subject.more) {
        if (more.severity == "audit") continue;
        std::string text = "… " + MdText(MoreText(more)) + "\n\n";
        if (titled && Fits(text.size())) out_ += text;
      }
    }
    for (const MoreView& more : view_.more) {
      std::string text = "… " + MdText(MoreText(more)) + "\n\n";
      if (Fits(text.size())) out_ += text;
    }
    return left_out;
  }

  std::string SubjectTitle(const SubjectView& subject) const {
    std::string title = "### " + MdCode(subject.name);
    for (const std::string* part : {&subject.layer, &subject.change}) {
      if (!part->empty()) title += " · " + MdText(*part);
    }
    if (!subject.path.empty()) title += " · " + Place({subject.path, 0, 0});
    return title + "\n\n";
  }

  // What a reviewer sees without opening anything.
  std::string Summary(const FindingView& view) const {
    const verdict::JudgedFinding& judged = *view.judged;
    const Finding& finding = judged.finding;
    std::string text =
        fmt::format("{} **{}**<br>\n", Mark(judged.severity), MdText(Trim(finding.message)));
    std::vector<std::string> lines;
    std::string rule = MdCode(finding.rule);
    if (finding.location) rule += " at " + Place(*finding.location);
    lines.push_back(rule);
    const std::string alike = AlikeText(view);
    if (!alike.empty()) lines.push_back("**Likewise:** " + MdText(alike));
    const std::string snippet = Snippet(finding);
    size_t shown = 0;
    for (const Fact& fact : ShownFacts(finding)) {
      if (fact.block || shown == (snippet.empty() ? kMostFacts : 1)) continue;
      ++shown;
      lines.push_back(fmt::format("{}: {}", MdText(fact.name), MdCode(fact.text)));
    }
    std::vector<std::string> after;
    const std::string impact = ImpactLine(finding, kImpactNames);
    if (!impact.empty()) after.push_back("**Impact:** " + MdText(impact));
    if (!finding.fix.empty()) after.push_back("**Fix:** " + MdText(finding.fix));
    if (snippet.empty()) {
      lines.insert(lines.end(), after.begin(), after.end());
      return text + Join(lines, "<br>\n") + "\n\n";
    }
    text += Join(lines, "<br>\n") + "\n" + snippet;
    return text + Join(after, "<br>\n") + (after.empty() ? "\n" : "\n\n");
  }

  // Both sides, the differing place marked: a block of at most six lines.
  static std::string Snippet(const Finding& finding) {
    const Snippets snippets = SnippetsOf(finding);
    std::string block;
    const auto add = [&](std::string_view sign, const std::string& text) {
      if (text.empty()) return;
      const size_t end = text.find('\n');
      block += fmt::format("{} {}\n", sign, std::string_view(text).substr(0, end));
      if (end != std::string::npos) {
        block += "  " + std::string(TrimEnd(std::string_view(text).substr(end + 1))) + "\n";
      }
    };
    add("-", snippets.before);
    add("+", snippets.after);
    if (block.empty()) return "";
    constexpr size_t kLines = 4;
    constexpr size_t kBytes = 1500;
    return MdBlock(block, "diff", kLines, kBytes);
  }

  static std::string_view TrimEnd(std::string_view text) {
    while (!text.empty() && (text.back() == ' ' || text.back() == '\n')) text.remove_suffix(1);
    return text;
  }

  std::string Details(const FindingView& view) const {
    const verdict::JudgedFinding& judged = *view.judged;
    const Finding& finding = judged.finding;
    constexpr size_t kLines = 30;
    constexpr size_t kBytes = 2500;
    std::string inner;
    std::vector<std::string> words;
    if (!finding.path.empty()) {
      words.emplace_back("lineage path");
      inner += LineagePath(finding.path);
    }
    std::string evidence = Evidence(finding);
    if (!evidence.empty()) words.emplace_back("evidence");
    inner += evidence;
    if (!finding.patch.empty()) {
      words.emplace_back("patch");
      inner += "To paste:\n\n" + MdBlock(PatchText(view), "", kLines, kBytes) + "\n";
    }
    std::string waiver = judged.severity == "fail" ? WaiverYaml(view) : "";
    if (!waiver.empty()) {
      words.emplace_back("waiver");
      inner += "If this is right and accepted, in the policy on the base branch:\n\n" +
               MdBlock(waiver, "yaml", kLines, kBytes) + "\n";
    }
    if (inner.empty()) return "";
    std::string title = Join(words, ", ");
    title[0] = ToUpper(title.substr(0, 1))[0];
    return fmt::format("<details><summary>{}</summary>\n\n{}</details>\n\n", title, inner);
  }

  static std::string LineagePath(const std::vector<PathStep>& path) {
    constexpr size_t kSteps = 20;
    std::string text;
    for (size_t i = 0; i < path.size() && i < kSteps; ++i) {
      const PathStep& step = path[i];
      std::string column = step.column.empty() ? "" : "." + step.column;
      text += fmt::format("{}. {}", i + 1, MdCode(ShortName(step.node) + column));
      if (!step.how.empty()) text += " " + MdText(step.how);
      bool repeats = step.expression.empty() || step.expression == step.column;
      if (!repeats) text += ": " + MdCode(step.expression);
      text += "\n";
    }
    if (path.size() > kSteps) text += fmt::format("\n{} more steps\n", path.size() - kSteps);
    return text + "\n";
  }

  static std::string Evidence(const Finding& finding) {
    constexpr size_t kLines = 16;
    constexpr size_t kBytes = 1500;
    constexpr size_t kFacts = 12;
    std::vector<Fact> facts;
    size_t inline_facts = 0;
    // The first few one-line facts stand above the fold already.
    const size_t above = Snippet(finding).empty() ? kMostFacts : 1;
    for (Fact& fact : ShownFacts(finding)) {
      if (fact.block || ++inline_facts > above) facts.push_back(std::move(fact));
    }
    for (Fact& fact : OtherEvidence(finding)) facts.push_back(std::move(fact));
    std::string text;
    for (size_t i = 0; i < facts.size() && i < kFacts; ++i) {
      const Fact& fact = facts[i];
      text += fact.block ? fmt::format("{}:\n\n{}\n", MdText(fact.name),
                                       MdBlock(fact.text, "sql", kLines, kBytes))
                         : fmt::format("{}: {}\n\n", MdText(fact.name), MdCode(fact.text));
    }
    return text;
  }

  void Unknowns() {
    if (view_.unknown.empty()) return;
    out_ += "### Could not be judged\n\n";
    size_t left_out = 0;
    for (const UnknownView& unknown : view_.unknown) {
      std::string names;
      constexpr size_t kNames = 8;
      for (size_t i = 0; i < unknown.subjects.size() && i < kNames; ++i) {
        names += (i == 0 ? "" : ", ") + MdCode(unknown.subjects[i]);
      }
      if (unknown.subjects.size() > kNames) {
        names += fmt::format(" and {} more", unknown.subjects.size() - kNames);
      }
      std::string text = fmt::format("❓ **{}: {}**<br>\nFor {}", MdText(unknown.gate),
                                     MdText(unknown.reason), names);
      bool told = unknown.subjects.size() == 1 && unknown.subjects.front() == unknown.place;
      if (!unknown.place.empty() && !told) text += " at " + Place(unknown.location);
      if (!unknown.blocks) text += " (the policy lets this through)";
      if (!unknown.remedy.empty()) text += "<br>\n**Fix:** " + MdText(unknown.remedy);
      text += "\n\n";
      if (Fits(text.size())) {
        out_ += text;
      } else {
        ++left_out;
      }
    }
    if (left_out > 0) out_ += fmt::format("{} more like these.\n\n", left_out);
  }

  std::string Also() const {
    std::vector<std::string> lines;
    auto tally = [&](std::string_view name, const auto& gates) {
      std::string text;
      for (const auto& [gate, n] : gates) {
        text += fmt::format("{}{} {}", text.empty() ? "" : ", ", MdCode(gate), n);
      }
      if (!text.empty()) lines.push_back(fmt::format("{}: {}", name, text));
    };
    tally("Passed", view_.passed);
    tally("Skipped", view_.skipped);
    for (const FindingView& waived : view_.waived) {
      const Finding& finding = waived.judged->finding;
      lines.push_back(fmt::format("Waived: {} on {}, by {}", MdCode(finding.rule),
                                  MdCode(ShortName(finding.subject)),
                                  MdText(waived.judged->waived_by)));
    }
    for (const policy::Waiver& waiver : verdict_.waivers_expired) {
      lines.push_back(fmt::format("Expired waiver: {} on {}, of {}, ended on {}",
                                  MdCode(waiver.rule), MdCode(ShortName(waiver.subject)),
                                  MdText(waiver.owner), MdText(waiver.expires)));
    }
    for (const policy::Waiver& waiver : verdict_.waivers_unused) {
      lines.push_back(fmt::format("Waiver that let nothing through: {} on {}, of {}",
                                  MdCode(waiver.rule), MdCode(ShortName(waiver.subject)),
                                  MdText(waiver.owner)));
    }
    if (view_.audit > 0) {
      lines.push_back(Counted(view_.audit, "finding is", "findings are") +
                      " recorded for audit only");
    }
    for (const std::string& note : verdict_.notes) lines.push_back("Note: " + MdText(note));
    std::string labels;
    for (const std::string& label : verdict_.labels) labels += " " + MdCode(label);
    if (!labels.empty()) lines.push_back("Labels:" + labels);
    if (lines.empty()) return "";
    constexpr size_t kLines = 40;
    size_t more = lines.size() > kLines ? lines.size() - kLines : 0;
    lines.resize(lines.size() - more);
    if (more > 0) lines.push_back(fmt::format("{} more", more));
    std::string title = "What passed, labels, notes";
    return fmt::format("<details><summary>{}</summary>\n\n- {}\n\n</details>\n\n", title,
                       Join(lines, "\n- "));
  }

  void Foot() {
    std::string text = "layergate " + MdText(verdict_.tool_version);
    text += ": base " + MdCode(SideText(verdict_.base));
    text += ", head " + MdCode(SideText(verdict_.head));
    text += ", policy " + MdCode(verdict_.policy_source);
    if (!verdict_.at.empty()) text += ", " + MdText(ClockText(verdict_.at));
    out_ += "<sub>" + text + "</sub>\n";
  }

  const Verdict& verdict_;
  const RenderOptions& options_;
  View view_;
  std::string out_;
  size_t reserved_ = 0;
};

}  // namespace

Result<std::string> RenderMarkdown(const Verdict& verdict, const RenderOptions& options) {
  return Writer(verdict, options).Write();
}

}  // namespace layergate::report
