// What the provider says about the people of a pull request: its API's answers, saved as files.
//
// A file holds one answer as the API gives it, or an object of several under names of their own
// ({"reviews": [...], "commits": [...]}); an array of pages is read as one. What a file is, is told
// by its shape. Known are, of GitHub, the pull request (or the event payload), its reviews,
// commits, timeline and comments; of GitLab, the merge request, its approvals, versions, commits,
// label events and notes, and the project's approval settings. docs/policy.md lists the addresses.
//
// Everything here comes from outside: names are compared, never executed or trusted to be complete.
// What no file tells stays unknown, and unknown is pending, never met.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "policy/clock.h"

namespace layergate::verdict {

struct Review {
  enum class State { kApproved, kChangesRequested, kDismissed };
  std::string person;
  bool bot = false;
  State state = State::kApproved;
  std::string commit;                 // that was looked at; empty: the provider does not say
  std::optional<policy::Instant> at;  // when
};

struct LabelEvent {
  std::string label, person;
  bool added = true;
  std::optional<policy::Instant> at;
  bool after_head = false;  // the timeline shows it after the head commit was pushed
};

struct Comment {
  std::string person, text;
  std::optional<policy::Instant> at;
};

struct CommitPeople {
  std::string commit;
  std::vector<std::string> logins;  // author and committer, as far as the provider knows them
  std::vector<std::string> emails;  // of those it does not know
};

struct Reviews {
  std::vector<std::string> files;  // that were read
  std::string provider;            // "github", "gitlab" or empty
  std::string author;              // of the pull request; empty: not told
  std::optional<bool> auto_merge;  // set to merge by itself once it may
  bool reviews_known = false;
  std::vector<Review> reviews;  // in the provider's order
  bool commits_known = false;
  std::vector<CommitPeople> commits;
  std::map<std::string, std::vector<std::string>> teams;  // "acme/data" -> people
  std::vector<LabelEvent> label_events;
  std::vector<Comment> comments;
  // GitLab says no commit with an approval; these tell which one it was for.
  bool approvals_reset_on_push = false;
  bool committers_cannot_approve = false;            // the project's setting keeps them from it
  std::map<std::string, policy::Instant> pushed_at;  // commit -> when it became the head
};

// Adds what one file says. The error names the file and what was expected of it.
Result<void> AddReviews(std::string_view json, const std::string& file, Reviews& reviews);

}  // namespace layergate::verdict
