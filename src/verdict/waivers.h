// Exceptions that end: which waivers hold, which are over, and which let nothing through.
//
// A waiver holds for exactly one rule, one subject and one column (no column: findings about the
// whole subject), to the end of its last day in UTC. When the clock or the date cannot be read, it
// does not hold.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/finding.h"
#include "policy/policy.h"

namespace layergate::verdict {

// "2026-11-24T05:20:00Z" (or with an offset) falls on or before the last day of `expires`.
bool StillHolds(std::string_view expires, std::string_view at);

class WaiverBook {
 public:
  // References `waivers`, which must outlive the book.
  WaiverBook(const std::vector<policy::Waiver>& waivers, std::string_view at);

  // The waiver that lets this finding through, or null. Remembers what was asked.
  const policy::Waiver* Use(const Finding& finding);
  // The same look-up without using it: for findings that no waiver may let through.
  const policy::Waiver* Matching(const Finding& finding) const;
  // A waiver that names the rule and the subject but not this column.
  const policy::Waiver* NearMiss(const Finding& finding) const;

  std::vector<policy::Waiver> Used() const;
  // All of them: an exception that is over has to leave the policy.
  std::vector<policy::Waiver> Expired() const;
  // Valid, for a gate and subject among `judged` ("gate" + '\x1f' + "subject"), and nothing to
  // waive.
  std::vector<policy::Waiver> Unused(const std::vector<std::string>& judged) const;

 private:
  struct Entry {
    const policy::Waiver* waiver;
    bool holds;
    bool used = false;
  };
  std::vector<Entry> entries_;
};

// "jane until 2026-12-31: known backfill (DATA-12)".
std::string Describe(const policy::Waiver& waiver);

}  // namespace layergate::verdict
