#include "audit/chain.h"

#include <algorithm>

#include <fmt/format.h>

#include "core/digest.h"
#include "core/text.h"

namespace layergate::audit {
namespace {

// Keys are ASCII (record.cpp writes them all, but for the statuses of gates, which are words of
// ours), so that sorting by bytes is sorting by UTF-16.
Value Sorted(const Value& value) {
  if (value.is_array()) {
    Value list = Value::MakeArray();
    for (const Value& item : value.items()) list.Append(Sorted(item));
    return list;
  }
  if (!value.is_object()) return value;
  std::vector<Value::Member> members = value.members();
  std::sort(members.begin(), members.end(),
            [](const Value::Member& a, const Value::Member& b) { return a.first < b.first; });
  Value object = Value::MakeObject();
  for (const auto& [key, member] : members) object.Set(key, Sorted(member));
  return object;
}

bool HasFraction(const Value& value) {
  if (value.is_double()) return true;
  auto in = [](const Value& item) { return HasFraction(item); };
  if (std::any_of(value.items().begin(), value.items().end(), in)) return true;
  return std::any_of(value.members().begin(), value.members().end(),
                     [](const Value::Member& member) { return HasFraction(member.second); });
}

std::string HashOf(const Value& record) {
  Value bare = Value::MakeObject();
  for (const auto& [key, member] : record.members()) {
    if (key != "hash") bare.Set(key, member);
  }
  return Sha256Hex(WriteJson(Sorted(bare)));
}

// Empty when `line` follows what `check` has seen.
LogState CheckLine(std::string_view line, LogCheck& check) {
  auto wrong = [&](LogState state, std::string why) {
    check.why = std::move(why);
    return state;
  };
  Result<Value> record = ReadJson(line);
  if (!record || !record->is_object()) {
    return wrong(LogState::kUnreadable,
                 record ? "the line is not a record" : record.error().message);
  }
  std::string hash = HashOf(*record);
  if (hash != (*record)["hash"].AsString() || WriteJson(Sorted(*record)) != line) {
    return wrong(LogState::kAltered, "the record was changed after it was written");
  }
  if ((*record)["prev_hash"].AsString() != check.head) {
    return wrong(LogState::kBroken, "a record was taken out, put in or moved before this one");
  }
  if ((*record)["seq"].AsInt(-1) != check.count + 1) {
    return wrong(LogState::kBroken, fmt::format("its number is {}, and {} comes next",
                                                (*record)["seq"].AsInt(-1), check.count + 1));
  }
  check.head = std::move(hash);
  ++check.count;
  check.records.push_back(std::move(*record));
  return LogState::kIntact;
}

}  // namespace

std::string_view ToString(LogState state) {
  switch (state) {
    case LogState::kIntact:
      return "intact";
    case LogState::kUnreadable:
      return "unreadable";
    case LogState::kAltered:
      return "altered";
    case LogState::kBroken:
      return "broken";
    case LogState::kCutOff:
      return "cut off";
    case LogState::kShort:
      return "short";
    case LogState::kForeign:
      return "foreign";
  }
  return "unreadable";
}

LogCheck CheckLog(std::string_view text, const Expectation& expected) {
  LogCheck check;
  bool met = expected.hash.empty() || expected.hash == kNoHash;
  while (!text.empty()) {
    ++check.line;
    size_t end = text.find('\n');
    if (end == std::string_view::npos) {
      check.state = LogState::kCutOff;
      check.why = "the last line has no end: whoever wrote it was interrupted";
      return check;
    }
    check.state = CheckLine(text.substr(0, end), check);
    if (check.state != LogState::kIntact) return check;
    met = met || check.head == expected.hash;
    text.remove_prefix(end + 1);
  }
  if (check.count < expected.count) {
    check.state = LogState::kShort;
    check.why = fmt::format("it has {} records, and at least {} were expected", check.count,
                            expected.count);
  } else if (!met) {
    check.state = LogState::kForeign;
    check.why = fmt::format("no record has the hash {}: its end was cut off, or it was rewritten",
                            Printable(expected.hash));
  }
  return check;
}

Result<std::string> NextLine(const LogCheck& check, Value record) {
  if (HasFraction(record)) {
    return MakeError("an audit record holds a number that is not whole");
  }
  record.Set("seq", check.count + 1);
  record.Set("prev_hash", check.head);
  record.Set("hash", HashOf(record));
  return WriteJson(Sorted(record)) + "\n";
}

}  // namespace layergate::audit
