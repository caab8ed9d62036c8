// Which approvals count, and for what.
//
// An approval counts when its author is not the pull request's author, made none of its commits, is
// no bot, and looked at the head commit; the last word of a person is the one that holds. Each
// approval serves one need of the policy; a code owner's serves the code owners too.
#pragma once

#include <string>
#include <vector>

#include "policy/policy.h"
#include "verdict/verdict.h"

namespace layergate::verdict {

struct PeopleFacts {
  const policy::People* people = nullptr;
  const Reviews* reviews = nullptr;  // null: nothing is known
  std::string head_commit;           // empty: judged without git
};

// Fills in state, approved_by and why of each need.
void CountApprovals(const PeopleFacts& facts, std::vector<RequiredReviewer>& needs);

// People whose last word is that changes are needed.
std::vector<std::string> AskedForChanges(const PeopleFacts& facts);

// True when `login` is named by `groups`: logins, "@org/team", roles of the policy.
bool IsAmong(const std::string& login, const std::vector<std::string>& groups,
             const PeopleFacts& facts);

// "the author", "a bot", "one of the committers"; empty: a person of their own.
std::string NotIndependent(const std::string& login, const PeopleFacts& facts);

inline constexpr std::string_view kCodeOwner = "code owner";

}  // namespace layergate::verdict
