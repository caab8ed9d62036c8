#include "verdict/waivers.h"

#include <algorithm>
#include <optional>

#include <fmt/format.h>

#include "policy/clock.h"

namespace layergate::verdict {
namespace {

bool SameSubject(const policy::Waiver& waiver, const Finding& finding) {
  return waiver.rule == finding.rule && waiver.subject == finding.subject;
}

bool Covers(const policy::Waiver& waiver, const Finding& finding) {
  return SameSubject(waiver, finding) && waiver.column == finding.column;
}

}  // namespace

bool StillHolds(std::string_view expires, std::string_view at) {
  std::optional<policy::Day> last = policy::ParseDay(expires);
  std::optional<policy::Instant> now = policy::ParseInstant(at);
  return last && now && policy::WallTimeAt("UTC", *now).day <= *last;
}

WaiverBook::WaiverBook(const std::vector<policy::Waiver>& waivers, std::string_view at) {
  for (const policy::Waiver& waiver : waivers) {
    entries_.push_back({&waiver, StillHolds(waiver.expires, at)});
  }
}

const policy::Waiver* WaiverBook::Use(const Finding& finding) {
  for (Entry& entry : entries_) {
    if (!entry.holds || !Covers(*entry.waiver, finding)) continue;
    entry.used = true;
    return entry.waiver;
  }
  return nullptr;
}

const policy::Waiver* WaiverBook::Matching(const Finding& finding) const {
  for (const Entry& entry : entries_) {
    if (Covers(*entry.waiver, finding)) return entry.waiver;
  }
  return nullptr;
}

const policy::Waiver* WaiverBook::NearMiss(const Finding& finding) const {
  for (const Entry& entry : entries_) {
    if (entry.holds && SameSubject(*entry.waiver, finding)) return entry.waiver;
  }
  return nullptr;
}

std::vector<policy::Waiver> WaiverBook::Used() const {
  std::vector<policy::Waiver> result;
  for (const Entry& entry : entries_) {
    if (entry.used) result.push_back(*entry.waiver);
  }
  return result;
}

std::vector<policy::Waiver> WaiverBook::Expired() const {
  std::vector<policy::Waiver> result;
  for (const Entry& entry : entries_) {
    if (!entry.holds) result.push_back(*entry.waiver);
  }
  return result;
}

std::vector<policy::Waiver> WaiverBook::Unused(const std::vector<std::string>& judged) const {
  std::vector<policy::Waiver> result;
  for (const Entry& entry : entries_) {
    if (!entry.holds || entry.used) continue;
    std::string_view rule = entry.waiver->rule;
    std::string key = std::string(rule.substr(0, rule.find('.'))) + '\x1f' + entry.waiver->subject;
    if (std::find(judged.begin(), judged.end(), key) != judged.end()) {
      result.push_back(*entry.waiver);
    }
  }
  return result;
}

std::string Describe(const policy::Waiver& waiver) {
  std::string ticket = waiver.ticket.empty() ? "" : fmt::format(" ({})", waiver.ticket);
  return fmt::format("{} until {}: {}{}", waiver.owner, waiver.expires, waiver.reason, ticket);
}

}  // namespace layergate::verdict
