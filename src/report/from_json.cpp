// The record read back. A saved record may come from elsewhere (an artifact of another job), so it
// is held to its form: every field of docs/result.md must be there with its type, words must be of
// their vocabulary, and the parts must agree. Fields that this version does not know are left out.
#include <limits>

#include <fmt/format.h>

#include "core/text.h"
#include "report/report.h"

namespace layergate::report {
namespace {

using verdict::Decision;
using verdict::GateStatus;
using verdict::Verdict;

// Walks a value, keeping the place for messages and the first thing that is wrong.
class Reader {
 public:
  Reader(const Value& value, std::string place, std::string& problem)
      : value_(value), place_(std::move(place)), problem_(problem) {}

  Reader operator[](std::string_view key) const {
    std::string place = place_.empty() ? std::string(key) : fmt::format("{}.{}", place_, key);
    if (!value_.is_object()) Complain("must be an object");
    if (value_.is_object() && !value_.Find(key)) {
      Reader(value_, place, problem_).Complain("is missing");
    }
    return {value_[key], std::move(place), problem_};
  }

  std::string String() const {
    if (!value_.is_string()) Complain("must be a text");
    return std::string(value_.AsString());
  }
  bool Bool() const {
    if (!value_.is_bool()) Complain("must be true or false");
    return value_.AsBool();
  }
  int Int() const {
    bool fits =
        value_.is_int() && value_.AsInt() >= 0 && value_.AsInt() <= std::numeric_limits<int>::max();
    if (!fits) Complain("must be a whole number from 0");
    return fits ? static_cast<int>(value_.AsInt()) : 0;
  }
  const Value& Any() const { return value_; }
  bool IsNull() const { return value_.is_null(); }

  std::vector<std::string> Strings() const {
    std::vector<std::string> strings;
    Each([&](const Reader& item) { strings.push_back(item.String()); });
    return strings;
  }

  template <typename Function>
  void Each(Function function) const {
    if (!value_.is_array()) return Complain("must be a list");
    for (size_t i = 0; i < value_.items().size() && problem_.empty(); ++i) {
      function(Reader(value_.items()[i], fmt::format("{}[{}]", place_, i), problem_));
    }
  }

  void Complain(std::string_view what) const {
    if (problem_.empty()) problem_ = fmt::format("{} {}", place_.empty() ? "record" : place_, what);
  }

 private:
  const Value& value_;
  std::string place_;
  std::string& problem_;
};

template <typename Word, size_t n>
Word WordOf(const Reader& reader, const Word (&words)[n]) {
  std::string text = reader.String();
  std::vector<std::string> known;
  for (Word word : words) {
    if (ToString(word) == text) return word;
    known.emplace_back(ToString(word));
  }
  reader.Complain("must be one of " + Join(known, ", "));
  return words[0];
}

verdict::Side ReadSide(const Reader& side) {
  Reader manifest = side["manifest"];
  return {side["revision"].String(),
          side["commit"].String(),
          side["tree"].String(),
          manifest["path"].String(),
          manifest["digest"].String(),
          manifest["dbt_version"].String(),
          manifest["generated_at"].String(),
          manifest["invocation_id"].String()};
}

std::optional<Location> ReadLocation(const Reader& location) {
  if (location.IsNull()) return std::nullopt;
  return Location{location["path"].String(), location["line"].Int(), location["column"].Int()};
}

verdict::JudgedFinding ReadFinding(const Reader& item) {
  verdict::JudgedFinding judged;
  judged.severity = item["severity"].String();
  if (judged.severity != "fail" && judged.severity != "warn" && judged.severity != "audit") {
    item["severity"].Complain("must be one of fail, warn, audit");
  }
  judged.waivable = item["waivable"].Bool();
  judged.waived_by = item["waived_by"].String();
  Finding& finding = judged.finding;
  finding.rule = item["rule"].String();
  finding.subject = item["subject"].String();
  finding.column = item["column"].String();
  finding.message = item["message"].String();
  finding.base = item["base"].Any();
  finding.head = item["head"].Any();
  finding.location = ReadLocation(item["location"]);
  item["path"].Each([&](const Reader& step) {
    finding.path.push_back({step["node"].String(), step["column"].String(), step["how"].String(),
                            step["expression"].String()});
  });
  finding.impact = item["impact"].Strings();
  finding.evidence = item["evidence"].Any();
  finding.fix = item["fix"].String();
  finding.patch = item["patch"].String();
  item["fingerprint"].String();
  return judged;
}

verdict::GateResult ReadGate(const Reader& item) {
  verdict::GateResult gate;
  gate.gate = item["gate"].String();
  gate.subject = item["subject"].String();
  gate.layer = item["layer"].String();
  gate.status =
      WordOf(item["status"], {GateStatus::kPass, GateStatus::kWarn, GateStatus::kFail,
                              GateStatus::kUnknown, GateStatus::kSkipped, GateStatus::kWaived});
  gate.why = item["why"].String();
  item["findings"].Each([&](const Reader& f) { gate.findings.push_back(ReadFinding(f)); });
  item["unknown"].Each([&](const Reader& u) {
    gate.unknown.push_back({u["reason"].String(), u["remedy"].String(), ReadLocation(u["location"]),
                            u["code"].String(), u["evidence"].Any()});
  });
  gate.unknown_blocks = item["unknown_blocks"].Bool();
  gate.measured = item["measured"].Any();
  return gate;
}

std::vector<policy::Waiver> ReadWaivers(const Reader& list) {
  std::vector<policy::Waiver> waivers;
  list.Each([&](const Reader& item) {
    policy::Waiver waiver;
    waiver.rule = item["rule"].String();
    waiver.subject = item["subject"].String();
    waiver.column = item["column"].String();
    waiver.owner = item["owner"].String();
    waiver.reason = item["reason"].String();
    waiver.ticket = item["ticket"].String();
    waiver.expires = item["expires"].String();
    Reader origin = item["origin"];
    waiver.origin = {origin["file"].String(), origin["line"].Int(), origin["column"].Int()};
    waivers.push_back(std::move(waiver));
  });
  return waivers;
}

std::optional<verdict::BreakGlassUse> ReadBreakGlass(const Reader& item) {
  if (item.IsNull()) return std::nullopt;
  verdict::BreakGlassUse use;
  use.label = item["label"].String();
  use.holds = item["holds"].Bool();
  use.by = item["by"].String();
  use.at = item["at"].String();
  use.until = item["until"].String();
  use.reason = item["reason"].String();
  use.why = item["why"].String();
  return use;
}

std::optional<verdict::BaselineUse> ReadBaseline(const Reader& item) {
  if (item.IsNull()) return std::nullopt;
  verdict::BaselineUse use;
  use.path = item["path"].String();
  use.expires = item["expires"].String();
  use.holds = item["holds"].Bool();
  use.known = static_cast<size_t>(item["known"].Int());
  use.met = static_cast<size_t>(item["met"].Int());
  return use;
}

git::Provenance ReadProvenance(const Reader& reader) {
  git::Provenance provenance;
  provenance.status = reader["status"].String();
  reader["signals"].Each([&](const Reader& s) {
    provenance.signals.push_back({s["commit"].String(), s["source"].String(),
                                  s["confidence"].String(), s["tool"].String(), s["model"].String(),
                                  s["prompt_hash"].String(), s["reviewer"].String(),
                                  s["text"].String()});
  });
  return provenance;
}

void ReadTimings(const Reader& timings, Verdict& verdict) {
  verdict.timings = timings["run"].Any();
  size_t i = 0;
  timings["gates_ms"].Each([&](const Reader& ms) {
    if (i >= verdict.gates.size()) return ms.Complain("belongs to no gate");
    verdict.gates[i++].elapsed_ms = ms.Int();
  });
}

// What must hold between fields: nobody may turn a record green by editing one word of it.
void CheckAgreement(const Verdict& verdict, const Reader& record) {
  int expected = verdict.decision == Decision::kPass      ? 0
                 : verdict.decision == Decision::kBlocked ? 1
                                                          : 2;
  if (verdict.exit_code != expected) {
    record["exit_code"].Complain("does not agree with the verdict");
  }
  bool fails = false, unknown = !verdict.changes["unknown"].items().empty();
  for (const verdict::GateResult& gate : verdict.gates) {
    bool standing = false;
    for (const verdict::JudgedFinding& judged : gate.findings) {
      standing = standing || (judged.severity == "fail" && judged.waived_by.empty());
    }
    if (standing != (gate.status == GateStatus::kFail)) {
      record["gates"].Complain(fmt::format("contradict themselves: {} on {} is {}",
                                           Printable(gate.gate), Printable(gate.subject),
                                           ToString(gate.status)));
    }
    fails = fails || standing;
    unknown = unknown || (!gate.unknown.empty() && gate.unknown_blocks);
  }
  Decision said = fails ? Decision::kBlocked : unknown ? Decision::kUndecided : Decision::kPass;
  if (said != verdict.decision) {
    record["verdict"].Complain(
        fmt::format("does not follow from the gates, which say {}", ToString(said)));
  }
}

Verdict ReadVerdict(const Reader& record) {
  Verdict verdict;
  verdict.tool_version = record["tool"]["version"].String();
  verdict.at = record["at"].String();
  verdict.base = ReadSide(record["base"]);
  verdict.head = ReadSide(record["head"]);
  verdict.policy_source = record["policy"]["ref"].String();
  verdict.policy_digest = record["policy"]["digest"].String();
  verdict.decision =
      WordOf(record["verdict"], {Decision::kPass, Decision::kBlocked, Decision::kUndecided});
  verdict.exit_code = record["exit_code"].Int();
  verdict.summary = record["summary"].String();
  record["gates"].Each([&](const Reader& gate) { verdict.gates.push_back(ReadGate(gate)); });
  verdict.labels = record["labels"].Strings();
  verdict.labels_remove = record["labels_remove"].Strings();
  record["required_reviewers"].Each([&](const Reader& r) {
    verdict.required_reviewers.push_back(
        {r["role"].String(), r["count"].Int(), r["because"].Strings(), r["state"].String(),
         r["people"].Strings(), r["approved_by"].Strings(), r["why"].String()});
  });
  verdict.merge_window_name = record["merge_window"]["name"].String();
  verdict.merge_window_state = record["merge_window"]["state"].String();
  verdict.merge_window_text = record["merge_window"]["text"].String();
  verdict.merge_window_changes_at = record["merge_window"]["changes_at"].String();
  verdict.pending = record["pending"].Strings();
  verdict.break_glass = ReadBreakGlass(record["break_glass"]);
  verdict.baseline = ReadBaseline(record["baseline"]);
  verdict.rollback_sla_hours = record["rollback_sla_hours"].Int();
  verdict.waivers_used = ReadWaivers(record["waivers"]["used"]);
  verdict.waivers_expired = ReadWaivers(record["waivers"]["expired"]);
  verdict.waivers_unused = ReadWaivers(record["waivers"]["unused"]);
  verdict.provenance = ReadProvenance(record["provenance"]);
  verdict.evidence = record["evidence"].Any();
  verdict.changes = record["changes"].Any();
  verdict.notes = record["notes"].Strings();
  ReadTimings(record["timings"], verdict);
  CheckAgreement(verdict, record);
  return verdict;
}

}  // namespace

Result<Verdict> FromJson(std::string_view json) {
  LAYERGATE_TRY(Value value, ReadJson(json));
  constexpr std::string_view kRemedy =
      "give a file that `layergate check --output json:FILE` wrote";
  const Value& version = value["schema_version"];
  if (!version.is_int() || version.AsInt() != 1) {
    return MakeError(fmt::format("not a result of schema version 1 (schema_version is {})",
                                 Printable(WriteJson(version))),
                     std::string(kRemedy));
  }
  std::string problem;
  Verdict verdict = ReadVerdict(Reader(value, "", problem));
  if (!problem.empty()) return MakeError("result record: " + problem, std::string(kRemedy));
  return verdict;
}

}  // namespace layergate::report
