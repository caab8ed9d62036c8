// What every report for people shows, before it is written for a medium: findings grouped by
// subject, worst first; unknowns grouped by cause; values in words.
//
// Texts here are as they came: each format escapes them for its medium.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/value.h"
#include "verdict/verdict.h"

namespace layergate::report {

struct FindingView {
  const verdict::JudgedFinding* judged = nullptr;
  const verdict::GateResult* gate = nullptr;
  bool more_of_the_same = false;  // told by another, or by `more` of its subject, unless everything
                                  // is asked for
  bool told_by_another = false;   // it is one of the `alike` of a finding before it
  // Findings that say the same of other columns: six columns that the next run misses are one fact.
  std::vector<const verdict::JudgedFinding*> alike;
};

// The findings of one rule beyond the first few on one subject: thirty dropped columns are one fact
// to a reader.
struct MoreView {
  std::string rule, severity;
  std::string sentence;  // what each of them says, where it is the same
  size_t count = 0;
  std::vector<std::string> names;  // columns of the subject, or subjects of the report
};

struct SubjectView {
  std::string subject;  // unique_id
  std::string name;     // as people say it: "fct_orders"
  std::string layer, change, path;
  std::vector<FindingView> findings;  // standing ones, worst first
  std::vector<MoreView> more;
  size_t fail = 0, warn = 0, audit = 0;
};

// One cause, and everything that could not be judged because of it.
struct UnknownView {
  std::string gate, code, reason, remedy;
  std::vector<std::string> subjects;  // names
  std::string place;                  // path:line:column when there is one place
  Location location;
  bool blocks = true;
};

struct View {
  std::vector<SubjectView> subjects;  // those with standing findings, worst first
  std::vector<FindingView> waived;
  std::vector<MoreView> more;        // findings beyond the first few subjects that have the same
  std::vector<UnknownView> unknown;  // blocking ones first
  std::vector<std::pair<std::string, size_t>> passed, skipped;  // gate and how often, by gate
  // Findings by severity, and the checks that could not be judged and block, as the summary counts
  // them.
  size_t fail = 0, warn = 0, audit = 0, blocking = 0;
};

View MakeView(const verdict::Verdict& verdict);

// "model.shop.fct_orders" -> "fct_orders"; "source.shop.raw.orders" -> "raw.orders".
std::string ShortName(std::string_view unique_id);
// "models/a.sql:12:3", "models/a.sql" without a line.
std::string PlaceText(const Location& location);
// "3 models, 1 exposure: a, b, c and 1 more"; empty for none.
std::string ImpactText(const std::vector<std::string>& impact, size_t most_names);
// "4 findings".
std::string Counted(size_t n, std::string_view one, std::string_view many);
// True when a report that is not verbose shows a finding of this subject in full.
bool IsShown(const SubjectView& subject);
// "5 more findings of lineage_diff.removed: a, b, c and 2 more".
std::string MoreText(const MoreView& more);
// `name`: `message`, without saying the name twice.
std::string Named(std::string_view name, std::string_view message);
// "senior data engineer (marts): pending"; "2 × peer (staging): pending".
std::string ReviewerText(const verdict::RequiredReviewer& reviewer);
// "claude (claude-opus-4), by trailer": the tools named, each once; empty when undeclared.
std::string ProvenanceText(const git::Provenance& provenance);
// First twelve digits of a commit; other names as they are.
std::string ShortCommit(std::string_view commit);
// "main @ 0123456789ab"; the manifest's path with --no-git.
std::string SideText(const verdict::Side& side);
// "2026-11-24 05:00 UTC" for an RFC 3339 time in UTC; others as they are.
std::string ClockText(std::string_view at);

// A value of a finding in words. `block` is set for texts of several lines, to be shown as they
// are.
struct Fact {
  std::string name, text;
  bool block = false;
};
// Members present on either side: "rows" -> "20,000 → 40,000". Texts of several lines, or too long
// for one, come as two facts, "before" and "after".
std::vector<Fact> Compare(const Value& base, const Value& head);
// "2 models, 1 test: breaks fct_a; values change in dim_b; rows change in fct_c": what breaks
// first, names where the gate tells them apart, else the nodes that read it. Empty without impact.
std::string ImpactLine(const Finding& finding, size_t most_names);

// What a finding's message and its snippets do not show already.
std::vector<Fact> ShownFacts(const Finding& finding);
// The lines of both sides with the place marked; empty when the evidence has none.
struct Snippets {
  std::string before, after;  // two lines each: the SQL and the mark
};
Snippets SnippetsOf(const Finding& finding);
// Evidence besides the snippets.
std::vector<Fact> OtherEvidence(const Finding& finding);
std::vector<Fact> Facts(const Value& value);

// "b, c, d and 4 more": the columns of which a finding says the same; empty when it is alone.
std::string AlikeText(const FindingView& view);
// The waiver that would let this finding through, as YAML to complete; empty when none may. Those
// alike are named in a comment.
std::string WaiverYaml(const FindingView& view);
// What to paste, for a finding and those alike.
std::string PatchText(const FindingView& view);

}  // namespace layergate::report
