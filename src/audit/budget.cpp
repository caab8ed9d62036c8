#include "audit/budget.h"

#include <algorithm>
#include <charconv>
#include <map>

#include <fmt/format.h>

#include "audit/record.h"
#include "core/text.h"

namespace layergate::audit {
namespace {

using policy::Instant;

// What the records of one change say together.
struct Change {
  bool llm = false, blocked = false, rejected = false, taken_back = false, incident = false;
  std::optional<Instant> judged, merged;
  Instant last = 0;

  Instant counted_at() const { return merged.value_or(last); }
};

std::string KeyOf(const Value& record) {
  std::string_view repository = record["repository"].AsString();
  for (const char* field : {"pull_request", "merge_commit", "head"}) {
    std::string_view text = record[field].AsString();
    if (!text.empty()) return fmt::format("{} {} {}", repository, field, text);
  }
  return fmt::format("record {}", record["seq"].AsInt());
}

void Take(const Value& record, Change& change) {
  std::string_view event = record["event"].AsString();
  Instant at = policy::ParseInstant(record["at"].AsString()).value_or(0);
  change.last = std::max(change.last, at);
  change.llm = change.llm || IsLlm(record);
  if (event == "judged") {
    change.judged = std::min(change.judged.value_or(at), at);
    change.blocked = change.blocked || record["verdict"].AsString() == "blocked";
  } else if (event == "merged") {
    change.merged = std::min(change.merged.value_or(at), at);
  } else if (event == "rejected") {
    change.rejected = true;
  } else if (event == "reverted" || event == "hotfixed") {
    change.taken_back = true;
  } else if (event == "incident") {
    change.incident = true;
  }
}

std::vector<Change> ChangesOf(const std::vector<Value>& records) {
  // A revert may name the merge commit alone: its change is the one that was merged as that.
  std::map<std::string, std::string> by_merge;
  for (const Value& record : records) {
    std::string_view commit = record["merge_commit"].AsString();
    if (!commit.empty() && !record["pull_request"].AsString().empty()) {
      by_merge.emplace(fmt::format("{} merge_commit {}", record["repository"].AsString(), commit),
                       KeyOf(record));
    }
  }
  std::map<std::string, Change> changes;
  for (const Value& record : records) {
    std::string key = KeyOf(record);
    auto merged_as = by_merge.find(key);
    Take(record, changes[merged_as == by_merge.end() ? key : merged_as->second]);
  }
  std::vector<Change> list;
  for (auto& [key, change] : changes) list.push_back(change);
  return list;
}

std::optional<int> Number(std::string_view text) {
  int number = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

Instant MonthBegin(int year, int month) {
  year += (month - 1) / 12;
  month = (month - 1) % 12 + 1;
  return policy::ParseInstant(fmt::format("{:04}-{:02}-01T00:00:00Z", year, month)).value_or(0);
}

std::string PercentText(int64_t part, int64_t whole) {
  if (whole == 0) return "-";
  int64_t permille = (part * 1000 + whole / 2) / whole;
  return fmt::format("{}.{} %", permille / 10, permille % 10);
}

}  // namespace

std::optional<Period> ParsePeriod(std::string_view text) {
  std::optional<int> year = Number(text.substr(0, 4));
  if (text.size() < 4 || !year || *year < 1970 || *year > 9998) return std::nullopt;
  std::string_view rest = text.substr(4);
  int first = 1, months = 12;
  if (rest.size() == 3 && (rest.substr(0, 2) == "-Q" || rest.substr(0, 2) == "-q")) {
    std::optional<int> quarter = Number(rest.substr(2));
    if (!quarter || *quarter < 1 || *quarter > 4) return std::nullopt;
    first = (*quarter - 1) * 3 + 1;
    months = 3;
  } else if (rest.size() == 3 && rest[0] == '-') {
    std::optional<int> month = Number(rest.substr(1));
    if (!month || *month < 1 || *month > 12) return std::nullopt;
    first = *month;
    months = 1;
  } else if (!rest.empty()) {
    return std::nullopt;
  }
  return Period{MonthBegin(*year, first), MonthBegin(*year, first + months)};
}

bool Budget::IsOver() const {
  return std::any_of(shares.begin(), shares.end(),
                     [](const Share& share) { return share.IsOver(); });
}

Budget CountBudget(const std::vector<Value>& records, const Period& period) {
  Budget budget;
  int64_t all = 0, blocked = 0, rejected = 0, taken_back = 0, incidents = 0;
  std::vector<int64_t> seconds;
  for (const Change& change : ChangesOf(records)) {
    if (change.counted_at() < period.from || change.counted_at() >= period.to) continue;
    ++all;
    if (!change.llm) continue;
    ++budget.changes;
    blocked += change.blocked ? 1 : 0;
    rejected += change.rejected ? 1 : 0;
    if (!change.merged) continue;
    ++budget.merged;
    taken_back += change.taken_back ? 1 : 0;
    incidents += change.incident ? 1 : 0;
    if (change.judged) seconds.push_back(*change.merged - *change.judged);
  }
  budget.adoption_known = all > budget.changes;
  budget.shares = {
      {"rollback", "merged, then reverted or fixed forward", taken_back, budget.merged, 20},
      {"caught_at_review", "a reviewer found what the gates let through", rejected, budget.changes,
       100},
      {"escaped", "found by its readers after the merge", incidents, budget.merged, 5},
      {"stopped_by_gates", "blocked by the gates at least once", blocked, budget.changes, -1}};
  if (budget.adoption_known) {
    budget.shares.push_back(
        {"adoption", "LLM-assisted, of all recorded changes", budget.changes, all, -1});
  }
  if (!seconds.empty()) {
    std::sort(seconds.begin(), seconds.end());
    budget.median_seconds = seconds[seconds.size() / 2];
  }
  return budget;
}

std::string ToText(const Budget& budget, const Period& period) {
  std::string text = fmt::format(
      "Hallucination budget, {} until {} (UTC): {} LLM-assisted changes, {} merged\n",
      policy::InstantText(period.from).substr(0, 10), policy::InstantText(period.to).substr(0, 10),
      WithThousands(budget.changes), WithThousands(budget.merged));
  for (const Share& share : budget.shares) {
    std::string target = share.target_permille < 0
                             ? std::string()
                             : fmt::format("   target <= {} %{}",
                                           share.target_permille % 10 == 0
                                               ? std::to_string(share.target_permille / 10)
                                               : fmt::format("{}.{}", share.target_permille / 10,
                                                             share.target_permille % 10),
                                           share.IsOver() ? "   OVER" : "");
    text += fmt::format("  {:<17} {:>8}  {:>4} of {:<5} {}{}\n", share.name,
                        PercentText(share.part, share.whole), share.part, share.whole,
                        share.meaning, target);
  }
  if (budget.median_seconds) {
    text += fmt::format(
        "  {:<17} {:>8}  from the first judgement to the merge\n", "median time",
        fmt::format("{}.{} h", *budget.median_seconds / 3600, *budget.median_seconds % 3600 / 360));
  }
  if (!budget.adoption_known) {
    text +=
        "  adoption is not known: the log holds LLM-assisted changes only (audit append --all)\n";
  }
  return text;
}

Value ToValue(const Budget& budget, const Period& period) {
  Value shares = Value::MakeArray();
  for (const Share& share : budget.shares) {
    Value item = Value::MakeObject({{"name", share.name},
                                    {"part", share.part},
                                    {"whole", share.whole},
                                    {"over", share.IsOver()}});
    if (share.target_permille >= 0) item.Set("target_permille", share.target_permille);
    shares.Append(std::move(item));
  }
  Value value = Value::MakeObject({{"schema_version", 1},
                                   {"from", policy::InstantText(period.from)},
                                   {"to", policy::InstantText(period.to)},
                                   {"changes", budget.changes},
                                   {"merged", budget.merged},
                                   {"shares", std::move(shares)}});
  if (budget.median_seconds) value.Set("median_seconds", *budget.median_seconds);
  return value;
}

}  // namespace layergate::audit
