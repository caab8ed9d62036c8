// What git tells a pre-push hook on its standard input, and what is to be judged of it.
//
// One line per reference: "<local ref> <local id> <remote ref> <remote id>". The local ref may hold
// spaces, so lines are taken apart from the right. An id of zeros, as long as the repository's
// hash, means "none": a new reference on the remote side, a deletion on the local side. Nothing at
// all means that there is nothing to push.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "git/repository.h"
#include "git/revisions.h"

namespace layergate::git {

struct PushRef {
  std::string local_ref, local_id;
  std::string remote_ref, remote_id;
  bool is_delete() const;
  bool is_new() const;
  bool is_branch() const;  // else a tag, notes, or something else that no pull request is made of
};

Result<std::vector<PushRef>> ParsePushLines(std::string_view text);

// What the pushed branch brings, as the pull request made of it will show it: compared with the
// branch it most likely goes to, or, when that is the branch pushed to, with what the remote has.
// nullopt for deletions, tags and notes: nothing to judge. `remote` is the remote's name, or its
// URL when the push names none.
Result<std::optional<Revisions>> RevisionsOfPush(const Repository& repository, const PushRef& ref,
                                                 std::string_view remote);

}  // namespace layergate::git
