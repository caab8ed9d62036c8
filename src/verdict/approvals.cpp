#include "verdict/approvals.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include <fmt/format.h>

#include "core/text.h"

namespace layergate::verdict {
namespace {

// Logins are compared without regard to case, and may be written with an '@'.
std::string Login(std::string_view name) {
  if (!name.empty() && name[0] == '@') name.remove_prefix(1);
  return ToLower(name);
}

bool IsTeam(std::string_view name) {
  return name.size() > 1 && name[0] == '@' && name.find('/') != std::string_view::npos;
}

bool IsEmail(std::string_view name) { return name.find('@', 1) != std::string_view::npos; }

// Who is meant by a list of logins, teams and roles, and what of it cannot be told.
struct Group {
  std::set<std::string> logins;
  std::vector<std::string> unknown;  // one sentence each
};

const std::vector<std::string>* TeamOf(const std::string& name, const PeopleFacts& facts) {
  std::string team = name.substr(1);
  auto listed = facts.people->teams.find(team);
  if (listed != facts.people->teams.end()) return &listed->second;
  if (!facts.reviews) return nullptr;
  auto told = facts.reviews->teams.find(team);
  return told == facts.reviews->teams.end() ? nullptr : &told->second;
}

// Roles hold people and teams, no roles: their lists are expanded without looking for more.
Group Expand(const std::vector<std::string>& names, const PeopleFacts& facts, bool may_hold_roles) {
  Group group;
  for (const std::string& name : names) {
    // GitLab's groups have no '/' at the top: what the policy lists as a team is one.
    const auto* members = name.size() > 1 && name[0] == '@' ? TeamOf(name, facts) : nullptr;
    if (members || IsTeam(name)) {
      if (members) {
        for (const std::string& member : *members) group.logins.insert(Login(member));
      } else {
        group.unknown.push_back(
            fmt::format("who is in {} is not known: list the members under "
                        "people: teams: in the policy",
                        name));
      }
      continue;
    }
    auto role = facts.people->roles.find(name);
    if (may_hold_roles && role != facts.people->roles.end()) {
      Group listed = Expand(role->second, facts, false);
      group.logins.merge(listed.logins);
      group.unknown.insert(group.unknown.end(), listed.unknown.begin(), listed.unknown.end());
    } else if (IsEmail(name)) {
      auto login = facts.people->emails.find(ToLower(name));
      if (login != facts.people->emails.end()) {
        group.logins.insert(Login(login->second));
      } else {
        group.unknown.push_back(
            fmt::format("whose address {} is, is not known: list it under "
                        "people: emails: in the policy",
                        name));
      }
    } else {
      group.logins.insert(Login(name));
    }
  }
  return group;
}

// "123+ana@users.noreply.github.com" and "123-ana@users.noreply.gitlab.com" name a person.
std::optional<std::string> LoginOfEmail(const std::string& email, const policy::People& people) {
  std::string address = ToLower(email);
  auto listed = people.emails.find(address);
  if (listed != people.emails.end()) return Login(listed->second);
  for (auto [host, mark] :
       {std::pair{"@users.noreply.github.com", '+'}, std::pair{"@users.noreply.gitlab.com", '-'}}) {
    size_t at = address.rfind(host);
    if (at == std::string::npos || at + std::string_view(host).size() != address.size()) continue;
    std::string name = address.substr(0, at);
    size_t digits = name.find_first_not_of("0123456789");
    bool numbered = digits != std::string::npos && digits > 0 && name[digits] == mark;
    return numbered ? name.substr(digits + 1) : name;
  }
  return std::nullopt;
}

struct Committers {
  std::set<std::string> logins;
  std::string unknown;  // an address that nobody can be told from; empty: all are known
};

Committers CommittersOf(const PeopleFacts& facts) {
  Committers committers;
  for (const CommitPeople& commit : facts.reviews->commits) {
    for (const std::string& login : commit.logins) committers.logins.insert(Login(login));
    for (const std::string& email : commit.emails) {
      if (auto login = LoginOfEmail(email, *facts.people)) {
        committers.logins.insert(*login);
      } else if (committers.unknown.empty()) {
        committers.unknown = email;
      }
    }
  }
  return committers;
}

bool IsBot(const std::string& login, bool told, const policy::People& people) {
  std::string name = Login(login);
  if (told || (name.size() > 5 && name.substr(name.size() - 5) == "[bot]")) return true;
  // GitLab's bot users of projects and groups.
  if (MatchesGlob("project_*_bot*", name) || MatchesGlob("group_*_bot*", name)) return true;
  return std::any_of(people.bots.begin(), people.bots.end(),
                     [&](const std::string& glob) { return MatchesGlob(ToLower(glob), name); });
}

// The last word of each person, in the order of the answer.
std::vector<const Review*> LastWords(const Reviews& reviews) {
  std::vector<const Review*> sorted;
  for (const Review& review : reviews.reviews) sorted.push_back(&review);
  std::stable_sort(sorted.begin(), sorted.end(), [](const Review* a, const Review* b) {
    return a->at && b->at && *a->at < *b->at;
  });
  std::vector<const Review*> last;
  for (const Review* review : sorted) {
    auto same = std::find_if(last.begin(), last.end(), [&](const Review* other) {
      return Login(other->person) == Login(review->person);
    });
    if (same == last.end()) {
      last.push_back(review);
    } else {
      *same = review;
    }
  }
  return last;
}

std::string Short(const std::string& commit) { return commit.substr(0, 12); }

// Why an approval is not for the head commit; empty when it is.
std::string NotForHead(const Review& review, const PeopleFacts& facts) {
  const Reviews& reviews = *facts.reviews;
  if (!review.commit.empty()) {
    if (review.commit == facts.head_commit) return {};
    return fmt::format("{} approved {}, which is not the head commit", Printable(review.person),
                       Printable(Short(review.commit)));
  }
  if (reviews.approvals_reset_on_push) return {};
  auto pushed = reviews.pushed_at.find(facts.head_commit);
  if (pushed == reviews.pushed_at.end() || !review.at) {
    return fmt::format(
        "which commit {} approved is not known: give the merge request's versions, "
        "or the project's approval settings, too",
        Printable(review.person));
  }
  if (*review.at > pushed->second) return {};
  return fmt::format("{} approved before the head commit was pushed", Printable(review.person));
}

// What keeps every approval from counting; empty when they can be judged.
std::string NothingCounts(const PeopleFacts& facts, const Committers& committers) {
  if (!facts.reviews || !facts.reviews->reviews_known) {
    return "no approvals are known: give the provider's answer with --reviews";
  }
  if (facts.head_commit.empty()) return "judged without git: no commit to hold approvals against";
  if (facts.reviews->author.empty()) {
    return "who the author is, is not known: give the pull request's answer too";
  }
  if (facts.reviews->committers_cannot_approve) return {};
  if (!facts.reviews->commits_known) {
    return "who made the commits is not known: give the commits' answer too";
  }
  if (!committers.unknown.empty()) {
    return fmt::format(
        "who committed as {} is not known: list the address under people: emails: in "
        "the policy",
        Printable(committers.unknown));
  }
  return {};
}

// Gives each slot an approver of its own where that is possible (augmenting paths).
class Matching {
 public:
  // may[slot][approver]
  explicit Matching(std::vector<std::vector<bool>> may, size_t approvers)
      : may_(std::move(may)), slot_of_(approvers) {
    for (size_t slot = 0; slot < may_.size(); ++slot) {
      std::vector<bool> seen(approvers, false);
      Place(slot, seen);
    }
  }
  std::optional<size_t> ApproverOf(size_t slot) const {
    for (size_t i = 0; i < slot_of_.size(); ++i) {
      if (slot_of_[i] == slot) return i;
    }
    return std::nullopt;
  }

 private:
  bool Place(size_t slot, std::vector<bool>& seen) {
    for (size_t i = 0; i < slot_of_.size(); ++i) {
      if (!may_[slot][i] || seen[i]) continue;
      seen[i] = true;
      if (!slot_of_[i] || Place(*slot_of_[i], seen)) {
        slot_of_[i] = slot;
        return true;
      }
    }
    return false;
  }

  std::vector<std::vector<bool>> may_;
  std::vector<std::optional<size_t>> slot_of_;
};

bool IsOwnersNeed(const RequiredReviewer& need) {
  return need.role.substr(0, kCodeOwner.size()) == kCodeOwner;
}

// Whose approvals a need takes; nullopt: anybody's.
std::optional<Group> GroupOf(const RequiredReviewer& need, const PeopleFacts& facts) {
  if (!need.people.empty()) return Expand(need.people, facts, false);
  if (need.role == "any-peer") return std::nullopt;
  Group nobody;
  nobody.unknown.push_back(
      fmt::format("the policy names nobody as {}: list people under people: "
                  "roles: {}:",
                  need.role, need.role));
  return nobody;
}

std::string WhyPending(const RequiredReviewer& need, const std::optional<Group>& group,
                       const std::vector<std::string>& not_counted) {
  std::vector<std::string> parts;
  if (need.count > 1) {
    parts.push_back(fmt::format("{} of {} approvals", need.approved_by.size(), need.count));
  }
  if (group) parts.insert(parts.end(), group->unknown.begin(), group->unknown.end());
  parts.insert(parts.end(), not_counted.begin(), not_counted.end());
  return parts.empty() ? "nobody of them has approved the head commit" : Join(parts, "; ");
}

}  // namespace

std::string NotIndependent(const std::string& login, const PeopleFacts& facts) {
  if (Login(login) == Login(facts.reviews->author)) return "the author";
  if (IsBot(login, false, *facts.people)) return "a bot";
  if (CommittersOf(facts).logins.count(Login(login)) > 0) return "one of the committers";
  return {};
}

bool IsAmong(const std::string& login, const std::vector<std::string>& groups,
             const PeopleFacts& facts) {
  return Expand(groups, facts, true).logins.count(Login(login)) > 0;
}

std::vector<std::string> AskedForChanges(const PeopleFacts& facts) {
  std::vector<std::string> people;
  if (!facts.reviews) return people;
  for (const Review* review : LastWords(*facts.reviews)) {
    if (review->state != Review::State::kChangesRequested) continue;
    if (!IsBot(review->person, review->bot, *facts.people)) people.push_back(review->person);
  }
  return people;
}

void CountApprovals(const PeopleFacts& facts, std::vector<RequiredReviewer>& needs) {
  Committers committers;
  if (facts.reviews) committers = CommittersOf(facts);
  std::string nothing = NothingCounts(facts, committers);
  std::vector<std::string> approvers, not_counted;
  for (const Review* review :
       nothing.empty() ? LastWords(*facts.reviews) : std::vector<const Review*>()) {
    if (review->state != Review::State::kApproved) continue;
    std::string login = Login(review->person), shown = Printable(review->person);
    std::string not_for_head = NotForHead(*review, facts);
    if (login == Login(facts.reviews->author)) {
      not_counted.push_back(fmt::format("{} is the author", shown));
    } else if (IsBot(review->person, review->bot, *facts.people)) {
      not_counted.push_back(fmt::format("{} is a bot", shown));
    } else if (committers.logins.count(login) > 0) {
      not_counted.push_back(fmt::format("{} made commits of it", shown));
    } else if (!not_for_head.empty()) {
      not_counted.push_back(not_for_head);
    } else {
      approvers.push_back(login);
    }
  }

  std::vector<std::optional<Group>> groups;
  for (const RequiredReviewer& need : needs) groups.push_back(GroupOf(need, facts));
  auto may = [&](size_t need, const std::string& login) {
    return !groups[need] || groups[need]->logins.count(login) > 0;
  };
  std::vector<size_t> slots;  // which need each is of
  for (size_t i = 0; i < needs.size(); ++i) {
    if (IsOwnersNeed(needs[i])) continue;
    slots.insert(slots.end(), static_cast<size_t>(std::max(needs[i].count, 0)), i);
  }
  std::vector<std::vector<bool>> allowed;
  for (size_t need : slots) {
    allowed.emplace_back();
    for (const std::string& login : approvers) allowed.back().push_back(may(need, login));
  }
  Matching matching(std::move(allowed), approvers.size());
  for (RequiredReviewer& need : needs) need.approved_by.clear();
  for (size_t slot = 0; slot < slots.size(); ++slot) {
    if (auto approver = matching.ApproverOf(slot)) {
      needs[slots[slot]].approved_by.push_back(approvers[*approver]);
    }
  }
  for (size_t i = 0; i < needs.size(); ++i) {
    RequiredReviewer& need = needs[i];
    if (IsOwnersNeed(need)) {
      for (const std::string& login : approvers) {
        if (may(i, login)) need.approved_by.push_back(login);
      }
    }
    bool met = nothing.empty() && need.count > 0 &&
               need.approved_by.size() >= static_cast<size_t>(need.count);
    need.state = met ? "met" : "pending";
    need.why = met ? "" : !nothing.empty() ? nothing : WhyPending(need, groups[i], not_counted);
  }
}

}  // namespace layergate::verdict
