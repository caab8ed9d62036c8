#include "report/view.h"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include <fmt/format.h>

#include "core/text.h"

namespace layergate::report {
namespace {

constexpr size_t kLongestInline = 80;
constexpr size_t kMostOfOneRule = 3;

int Rank(std::string_view severity) { return severity == "fail" ? 0 : severity == "warn" ? 1 : 2; }

bool IsHex(std::string_view text) {
  return text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

// Change and file of a subject, from the change set in the record.
void Describe(const verdict::Verdict& verdict, SubjectView& subject) {
  for (const Value& node : verdict.changes["nodes"].items()) {
    if (node["unique_id"].AsString() != subject.subject) continue;
    subject.change = node["change"].AsString();
    for (const Value& reason : node["reasons"].items()) {
      if (!subject.path.empty()) break;
      subject.path = reason["path"].AsString();
    }
    return;
  }
}

// The subject's own file: where most of its findings point, else what the change set names.
void SetPath(const verdict::Verdict& verdict, SubjectView& subject) {
  for (const FindingView& finding : subject.findings) {
    const auto& location = finding.judged->finding.location;
    if (location && subject.path.empty()) subject.path = location->path;
  }
  Describe(verdict, subject);
}

SubjectView& SubjectFor(std::vector<SubjectView>& subjects, const verdict::GateResult& gate) {
  for (SubjectView& subject : subjects) {
    if (subject.subject == gate.subject) return subject;
  }
  SubjectView subject;
  subject.subject = gate.subject;
  subject.name = ShortName(gate.subject);
  subject.layer = gate.layer;
  subjects.push_back(std::move(subject));
  return subjects.back();
}

void AddFindings(const verdict::GateResult& gate, View& view) {
  for (const verdict::JudgedFinding& judged : gate.findings) {
    if (!judged.waived_by.empty()) {
      view.waived.push_back({&judged, &gate, false, false, {}});
      continue;
    }
    SubjectView& subject = SubjectFor(view.subjects, gate);
    subject.findings.push_back({&judged, &gate, false, false, {}});
    size_t SubjectView::* own = judged.severity == "fail"   ? &SubjectView::fail
                                : judged.severity == "warn" ? &SubjectView::warn
                                                            : &SubjectView::audit;
    size_t View::* all = judged.severity == "fail"   ? &View::fail
                         : judged.severity == "warn" ? &View::warn
                                                     : &View::audit;
    ++(subject.*own);
    ++(view.*all);
  }
}

bool IsWordByte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

// The message with a blank for a name in it.
std::string Without(const std::string& name, const std::string& message) {
  std::string sentence;
  size_t from = 0;
  for (size_t at = message.find(name); at != std::string::npos; at = message.find(name, at)) {
    const size_t end = at + name.size();
    if (name.empty()) break;
    const bool whole = (at == 0 || !IsWordByte(message[at - 1])) &&
                       (end == message.size() || !IsWordByte(message[end]));
    if (whole) {
      sentence.append(message, from, at - from).append(1, '\0');
      from = end;
    }
    at = end;
  }
  return sentence.append(message, from);
}

// Findings that differ in nothing but the column are told once.
void FoldAlike(SubjectView& subject) {
  std::map<std::tuple<std::string, std::string, std::string>, FindingView*> first;
  for (FindingView& view : subject.findings) {
    const Finding& finding = view.judged->finding;
    if (finding.column.empty()) continue;
    FindingView*& one =
        first[{view.judged->severity, finding.rule, Without(finding.column, finding.message)}];
    if (one == nullptr) {
      one = &view;
    } else {
      one->alike.push_back(view.judged);
      view.more_of_the_same = view.told_by_another = true;
    }
  }
}

// Marks what goes beyond the first few findings of one rule, in the order in which they are shown.
void FoldRepeats(SubjectView& subject) {
  std::map<std::pair<std::string, std::string>, size_t> seen;
  for (FindingView& view : subject.findings) {
    if (view.more_of_the_same) continue;
    const Finding& finding = view.judged->finding;
    const size_t most = view.judged->severity == "fail" ? kMostOfOneRule : 1;
    if (++seen[{view.judged->severity, finding.rule}] <= most) continue;
    view.more_of_the_same = true;
    auto same = std::find_if(subject.more.begin(), subject.more.end(), [&](const MoreView& more) {
      return more.rule == finding.rule && more.severity == view.judged->severity;
    });
    if (same == subject.more.end()) {
      same = subject.more.insert(same, {finding.rule, view.judged->severity, "", 0, {}});
    }
    same->count += 1 + view.alike.size();
    if (finding.column.empty()) continue;
    same->names.push_back(finding.column);
    for (const verdict::JudgedFinding* alike : view.alike) {
      same->names.push_back(alike->finding.column);
    }
  }
}

// What a finding is told by once it stood in the report: the rule, and for a failure the sentence.
MoreView& MoreOf(std::vector<MoreView>& all, const Finding& finding, const std::string& severity,
                 const std::string& sentence) {
  for (MoreView& more : all) {
    const bool same = more.rule == finding.rule && more.severity == severity;
    if (same && (severity == "warn" || more.sentence == sentence)) return more;
  }
  all.push_back({finding.rule, severity, sentence, 0, {}});
  return all.back();
}

// One cause in many subjects (a macro that is gone, tests that were never written) drowns
// everything else: it is told of the first few, and of the others by their names. Failures are
// folded only where they say the same word for word, and then every name is given; warnings also
// where only the rule is the same.
void FoldAcross(View& view) {
  constexpr size_t kMostSubjects = 3;
  std::map<std::string, size_t> subjects_of;  // warnings, by rule
  std::map<std::tuple<std::string, std::string, std::string>, size_t> told;
  for (SubjectView& subject : view.subjects) {
    std::set<std::string> here;
    for (FindingView& finding : subject.findings) {
      const Finding& said = finding.judged->finding;
      const std::string& severity = finding.judged->severity;
      if (severity == "audit") continue;
      const bool warn = severity == "warn";
      if (warn && here.insert(said.rule).second) ++subjects_of[said.rule];
      if (finding.more_of_the_same) continue;
      const std::string sentence = Without(subject.name, said.message);
      const size_t before = told[{severity, said.rule, sentence}]++;
      const bool shown =
          warn ? before == 0 && subjects_of[said.rule] <= kMostSubjects : before < kMostSubjects;
      if (shown) continue;
      finding.more_of_the_same = true;
      MoreView& same = MoreOf(view.more, said, severity, sentence);
      same.count += 1 + finding.alike.size();
      if (same.names.empty() || same.names.back() != subject.name) {
        same.names.push_back(subject.name);
      }
    }
  }
}

void AddUnknown(std::vector<UnknownView>& groups, UnknownView unknown) {
  for (UnknownView& group : groups) {
    if (std::tie(group.gate, group.code, group.reason, group.remedy, group.blocks) !=
        std::tie(unknown.gate, unknown.code, unknown.reason, unknown.remedy, unknown.blocks)) {
      continue;
    }
    bool known = std::find(group.subjects.begin(), group.subjects.end(),
                           unknown.subjects.front()) != group.subjects.end();
    if (!known) group.subjects.push_back(unknown.subjects.front());
    if (group.place != unknown.place) group.place.clear();
    return;
  }
  groups.push_back(std::move(unknown));
}

void AddUnknowns(const verdict::GateResult& gate, View& view) {
  for (const Unknown& unknown : gate.unknown) {
    UnknownView item{
        gate.gate, unknown.code, unknown.reason,     unknown.remedy, {ShortName(gate.subject)},
        "",        {},           gate.unknown_blocks};
    if (unknown.location) {
      item.place = PlaceText(*unknown.location);
      item.location = *unknown.location;
    }
    AddUnknown(view.unknown, std::move(item));
  }
}

void AddUnknownChanges(const verdict::Verdict& verdict, View& view) {
  for (const Value& item : verdict.changes["unknown"].items()) {
    std::string path(item["path"].AsString());
    UnknownView unknown{"change set",
                        "unknown_reach",
                        std::string(item["why"].AsString()),
                        "",
                        {path.empty() ? "the change" : path},
                        path,
                        {path, 0, 0},
                        true};
    AddUnknown(view.unknown, std::move(unknown));
  }
}

std::string Cut(std::string text, size_t most) {
  if (text.size() <= most) return text;
  size_t end = most;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  text.resize(end);
  return text + "…";
}

// A value in words, on one line unless it is a text of several.
std::string InWords(const Value& value) {
  constexpr size_t kMostItems = 8;
  constexpr size_t kLongest = 400;
  if (value.is_null()) return "none";
  if (value.is_string()) return std::string(value.AsString());
  if (value.is_bool()) return value.AsBool() ? "yes" : "no";
  if (value.is_int()) return WithThousands(value.AsInt());
  if (value.is_array() && value.items().empty()) return "none";
  bool simple = value.is_array() && !value.items().empty() &&
                std::all_of(value.items().begin(), value.items().end(), [](const Value& item) {
                  return !item.is_array() && !item.is_object();
                });
  if (!simple) return Cut(WriteJson(value), kLongest);
  std::vector<std::string> parts;
  for (const Value& item : value.items()) {
    if (parts.size() == kMostItems) break;
    parts.push_back(InWords(item));
  }
  std::string text = Join(parts, ", ");
  size_t left = value.items().size() - parts.size();
  if (left > 0) text += fmt::format(" and {} more", left);
  return Cut(text, kLongest);
}

std::string Spaced(std::string_view key) {
  std::string text(key);
  std::replace(text.begin(), text.end(), '_', ' ');
  return text;
}

Fact MakeFact(std::string name, std::string text) {
  bool block = text.find('\n') != std::string::npos;
  return {std::move(name), std::move(text), block};
}

void CompareMember(std::string_view key, const Value& base, const Value& head,
                   std::vector<Fact>& facts) {
  std::string before = InWords(base), after = InWords(head);
  std::string name = Spaced(key);
  bool lines = before.find('\n') != std::string::npos || after.find('\n') != std::string::npos;
  if (!lines && before.size() + after.size() <= kLongestInline) {
    facts.push_back({name, before == after ? before : before + " → " + after, false});
    return;
  }
  facts.push_back(MakeFact(name + " before", before));
  facts.push_back(MakeFact(name + " after", after));
}

// A word that YAML reads as itself; anything else in double quotes, which JSON and YAML share.
std::string YamlScalar(const std::string& text) {
  bool plain = !text.empty() && text.find_first_not_of(
                                    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_."
                                    "0123456789") == std::string::npos;
  bool word = plain && (text[0] < '0' || text[0] > '9') && text[0] != '.';
  constexpr std::string_view kMeaning[] = {"null", "true", "false", "yes", "no",
                                           "on",   "off",  "y",     "n"};
  std::string folded = ToLower(text);
  word = word && std::find(std::begin(kMeaning), std::end(kMeaning), folded) == std::end(kMeaning);
  return word ? text : WriteJson(Value(Printable(text)));
}

std::string TypeWord(std::string_view unique_id) {
  std::string type = Spaced(unique_id.substr(0, unique_id.find('.')));
  return unique_id.find('.') == std::string_view::npos ? "other" : type;
}

}  // namespace

std::string ShortName(std::string_view unique_id) {
  std::vector<std::string_view> parts = Split(unique_id, '.');
  if (parts.size() < 3 || unique_id.find('/') != std::string_view::npos) {
    return std::string(unique_id);
  }
  // Generic tests end in a ten-digit hash that says nothing to people.
  bool test = parts[0] == "test" && parts.size() == 4 && parts[3].size() == 10 && IsHex(parts[3]);
  size_t begin = parts[0].size() + parts[1].size() + 2;
  std::string_view rest = unique_id.substr(begin);
  if (test) rest = rest.substr(0, rest.size() - 11);
  return rest.empty() ? std::string(unique_id) : std::string(rest);
}

std::string PlaceText(const Location& location) {
  if (location.line <= 0) return location.path;
  if (location.column <= 0) return fmt::format("{}:{}", location.path, location.line);
  return fmt::format("{}:{}:{}", location.path, location.line, location.column);
}

std::string Counted(size_t n, std::string_view one, std::string_view many) {
  return fmt::format("{} {}", WithThousands(static_cast<long long>(n)), n == 1 ? one : many);
}

std::string ImpactText(const std::vector<std::string>& impact, size_t most_names) {
  if (impact.empty()) return "";
  std::vector<std::pair<std::string, size_t>> types;
  std::vector<std::string> names;
  for (const std::string& id : impact) {
    std::string type = TypeWord(id);
    auto known =
        std::find_if(types.begin(), types.end(), [&](const auto& t) { return t.first == type; });
    if (known == types.end()) known = types.insert(types.end(), {type, 0});
    ++known->second;
    if (names.size() < most_names) names.push_back(ShortName(id));
  }
  std::vector<std::string> counts;
  for (const auto& [type, n] : types) {
    std::string many = type == "saved query" ? "saved queries"
                       : type == "analysis"  ? "analyses"
                       : type == "other"     ? "others"
                                             : type + "s";
    counts.push_back(Counted(n, type, many));
  }
  std::string text = Join(counts, ", ") + ": " + Join(names, ", ");
  if (names.size() < impact.size()) {
    text += fmt::format(" and {} more", impact.size() - names.size());
  }
  return text;
}

bool IsShown(const SubjectView& subject) {
  return std::any_of(subject.findings.begin(), subject.findings.end(),
                     [](const FindingView& finding) {
                       return finding.judged->severity != "audit" && !finding.more_of_the_same;
                     });
}

std::string MoreText(const MoreView& more) {
  const size_t most = more.severity == "fail" && !more.sentence.empty() ? 200 : 12;
  std::string text = Counted(more.count, "more finding", "more findings") + " of " + more.rule;
  if (!more.sentence.empty() && more.severity == "fail") text += ", in the same words";
  for (size_t i = 0; i < more.names.size() && i < most; ++i) {
    text += (i == 0 ? ": " : ", ") + more.names[i];
  }
  if (more.names.size() > most) text += fmt::format(" and {} more", more.names.size() - most);
  return text;
}

std::string Named(std::string_view name, std::string_view message) {
  bool told = message.find(name) <= 1;  // after a backtick, at most
  return told ? std::string(message) : fmt::format("{}: {}", name, message);
}

std::string ReviewerText(const verdict::RequiredReviewer& reviewer) {
  std::string role = reviewer.role == "data-pm"    ? "data PM"
                     : reviewer.role == "any-peer" ? "peer"
                                                   : reviewer.role;
  // "one of ana-maria, @acme/data-team" holds names, which stay as they are.
  bool names = role.substr(0, 7) == "one of ";
  if (!names) std::replace(role.begin(), role.end(), '-', ' ');
  std::string count = reviewer.count > 1 ? fmt::format("{} × ", reviewer.count) : "";
  std::string text =
      fmt::format("{}{} ({}): {}", count, role, Join(reviewer.because, ", "), reviewer.state);
  if (reviewer.state == "met") return text + ", " + Join(reviewer.approved_by, ", ");
  if (reviewer.people.empty() || names) return text;
  return text + ", from " + Join(reviewer.people, " or ");
}

std::string ProvenanceText(const git::Provenance& provenance) {
  if (provenance.status != "llm") return "";
  std::vector<std::string> tools;
  for (const git::ProvenanceSignal& signal : provenance.signals) {
    std::string tool = signal.tool.empty() ? signal.text : signal.tool;
    if (!signal.model.empty()) tool += " (" + signal.model + ")";
    tool += ", " + signal.confidence + " by " + signal.source;
    if (std::find(tools.begin(), tools.end(), tool) == tools.end()) tools.push_back(tool);
  }
  constexpr size_t kShown = 3;
  size_t more = tools.size() > kShown ? tools.size() - kShown : 0;
  tools.resize(tools.size() - more);
  return tools.empty() ? "yes" : Join(tools, "; ") + (more ? fmt::format("; {} more", more) : "");
}

std::string ShortCommit(std::string_view commit) {
  bool id = (commit.size() == 40 || commit.size() == 64) && IsHex(commit);
  return std::string(id ? commit.substr(0, 12) : commit);
}

std::string SideText(const verdict::Side& side) {
  if (side.commit.empty()) return side.manifest_path;
  bool named = !side.revision.empty() && side.revision != side.commit;
  return named ? ShortCommit(side.revision) + " @ " + ShortCommit(side.commit)
               : ShortCommit(side.commit);
}

std::string ClockText(std::string_view at) {
  bool utc = at.size() == 20 && at[10] == 'T' && at[19] == 'Z';
  return utc ? fmt::format("{} {} UTC", at.substr(0, 10), at.substr(11, 5)) : std::string(at);
}

View MakeView(const verdict::Verdict& verdict) {
  View view;
  std::map<std::string, size_t> passed, skipped;
  for (const verdict::GateResult& gate : verdict.gates) {
    AddFindings(gate, view);
    AddUnknowns(gate, view);
    if (!gate.unknown.empty() && gate.unknown_blocks) ++view.blocking;
    if (gate.status == verdict::GateStatus::kPass) ++passed[gate.gate];
    if (gate.status == verdict::GateStatus::kSkipped) ++skipped[gate.gate];
  }
  AddUnknownChanges(verdict, view);
  view.blocking += verdict.changes["unknown"].items().size();
  for (SubjectView& subject : view.subjects) {
    SetPath(verdict, subject);
    // A warning that points at a line of SQL stands before one about what is missing.
    const auto key = [](const FindingView& finding) {
      const auto& location = finding.judged->finding.location;
      const bool placeless = !location || location->line <= 0;
      return std::pair(Rank(finding.judged->severity),
                       placeless && finding.judged->severity == "warn");
    };
    std::stable_sort(subject.findings.begin(), subject.findings.end(),
                     [&](const FindingView& a, const FindingView& b) { return key(a) < key(b); });
    FoldAlike(subject);
    FoldRepeats(subject);
  }
  std::stable_sort(
      view.subjects.begin(), view.subjects.end(), [](const SubjectView& a, const SubjectView& b) {
        return std::tie(b.fail, b.warn, a.subject) < std::tie(a.fail, a.warn, b.subject);
      });
  FoldAcross(view);
  std::stable_sort(view.unknown.begin(), view.unknown.end(),
                   [](const UnknownView& a, const UnknownView& b) { return a.blocks > b.blocks; });
  view.passed.assign(passed.begin(), passed.end());
  view.skipped.assign(skipped.begin(), skipped.end());
  return view;
}

std::vector<Fact> Compare(const Value& base, const Value& head) {
  std::vector<Fact> facts;
  if (base.is_null() && head.is_null()) return facts;
  bool objects = (base.is_object() || base.is_null()) && (head.is_object() || head.is_null());
  if (!objects) {
    CompareMember("value", base, head, facts);
    return facts;
  }
  for (const auto& [key, value] : base.members()) CompareMember(key, value, head[key], facts);
  for (const auto& [key, value] : head.members()) {
    if (!base.Find(key)) CompareMember(key, Value(), value, facts);
  }
  return facts;
}

std::vector<Fact> Facts(const Value& value) {
  std::vector<Fact> facts;
  if (value.is_null()) return facts;
  if (!value.is_object()) {
    facts.push_back(MakeFact("value", InWords(value)));
    return facts;
  }
  for (const auto& [key, member] : value.members()) {
    facts.push_back(MakeFact(Spaced(key), InWords(member)));
  }
  return facts;
}

std::string ImpactLine(const Finding& finding, size_t most_names) {
  std::vector<std::string> kinds;
  for (const auto& [key, words] :
       {std::pair{"breaks", "breaks"}, std::pair{"values_change_in", "values change in"},
        std::pair{"rows_change_in", "rows change in"}}) {
    const std::string_view names = finding.evidence[key].AsString();
    if (!names.empty()) kinds.push_back(fmt::format("{} {}", words, names));
  }
  if (finding.impact.empty()) return "";
  if (kinds.empty()) return "read by " + ImpactText(finding.impact, most_names);
  const std::string counts = ImpactText(finding.impact, 0);
  return counts.substr(0, counts.find(':')) + ": " + Join(kinds, "; ");
}

Snippets SnippetsOf(const Finding& finding) {
  return {std::string(finding.evidence["sql_before"].AsString()),
          std::string(finding.evidence["sql_after"].AsString())};
}

std::vector<Fact> ShownFacts(const Finding& finding) {
  std::vector<Fact> facts = Compare(finding.base, finding.head);
  const Snippets snippets = SnippetsOf(finding);
  const bool seen = !snippets.before.empty() || !snippets.after.empty();
  facts.erase(std::remove_if(facts.begin(), facts.end(),
                             [&](const Fact& fact) {
                               // The message names the sources, and the snippets are the SQL.
                               const std::string word = fact.name.substr(0, fact.name.find(' '));
                               if (word == "from") return true;
                               if (word != "sql") return false;
                               constexpr size_t kEnough = 60;
                               const std::string begin = fact.text.substr(0, kEnough);
                               return seen || begin.substr(0, 1) == "*" || begin == "none" ||
                                      finding.message.find(begin) != std::string::npos;
                             }),
              facts.end());
  return facts;
}

std::vector<Fact> OtherEvidence(const Finding& finding) {
  std::vector<Fact> facts = Facts(finding.evidence);
  facts.erase(
      std::remove_if(
          facts.begin(), facts.end(),
          [&](const Fact& fact) {
            // The message has it, or all of it that stands after "can multiply rows: ".
            const size_t colon = fact.text.find(": ");
            const std::string tail = fact.text.substr(colon == std::string::npos ? 0 : colon + 2);
            const bool told = tail.size() > 2 && finding.message.find(tail) != std::string::npos;
            if (told && !fact.block) return true;
            constexpr std::string_view kShown[] = {"sql before", "sql after", "breaks",
                                                   "values change in", "rows change in"};
            return std::find(std::begin(kShown), std::end(kShown), fact.name) != std::end(kShown);
          }),
      facts.end());
  return facts;
}

std::string AlikeText(const FindingView& view) {
  constexpr size_t kNames = 12;
  std::string text;
  for (size_t i = 0; i < view.alike.size() && i < kNames; ++i) {
    text += (i == 0 ? "" : ", ") + view.alike[i]->finding.column;
  }
  if (view.alike.size() > kNames) text += fmt::format(" and {} more", view.alike.size() - kNames);
  return text;
}

std::string WaiverYaml(const FindingView& view) {
  if (!view.judged->waivable) return "";
  const Finding& finding = view.judged->finding;
  std::string text = fmt::format("waivers:\n  - {{rule: {}, subject: {}", YamlScalar(finding.rule),
                                 YamlScalar(finding.subject));
  if (!finding.column.empty()) text += fmt::format(", column: {}", YamlScalar(finding.column));
  text +=
      ",\n     owner: <who answers for it>, reason: <why it is right>, expires: <YYYY-MM-DD>}\n";
  if (view.alike.empty()) return text;
  return text + fmt::format("  # and one more for each of: {}\n", Printable(AlikeText(view)));
}

std::string PatchText(const FindingView& view) {
  // Pieces of one YAML file: the lines above that a piece shares with the one before are not
  // written again.
  std::vector<std::string_view> before = Split(view.judged->finding.patch, '\n');
  std::string text = view.judged->finding.patch;
  for (const verdict::JudgedFinding* alike : view.alike) {
    const std::vector<std::string_view> lines = Split(alike->finding.patch, '\n');
    const auto own = std::mismatch(before.begin(), before.end(), lines.begin(), lines.end()).second;
    for (auto line = own; line != lines.end(); ++line) {
      if (line + 1 != lines.end() || !line->empty()) text += std::string(*line) + "\n";
    }
    before = lines;
  }
  return text;
}

}  // namespace layergate::report
