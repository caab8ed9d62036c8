// The log for those who audit it: a table, in-toto statements to be signed elsewhere, and what a
// branch got without any record.
#pragma once

#include <string>
#include <vector>

#include "core/result.h"
#include "core/value.h"
#include "git/repository.h"

namespace layergate::audit {

// RFC 4180 with a header line. Text that a spreadsheet would take for a formula gets a ' in front.
std::string ToCsv(const std::vector<Value>& records);

// One in-toto Statement (v1) a line, about the head commit of each record that has one; the record
// is its predicate. Signing is for cosign or the CI host: no key is ever seen here.
std::string ToInToto(const std::vector<Value>& records);

// A change that the target branch got, and no record knows.
struct Unrecorded {
  std::string commit, subject;
};

// Each first parent of `log` (newest first, as Repository::Log gives it) that is no record's head
// or merge commit, merges no record's head, and has no record's tree.
Result<std::vector<Unrecorded>> FindUnrecorded(const git::Repository& repository,
                                               const std::vector<git::Commit>& log,
                                               const std::vector<Value>& records);

}  // namespace layergate::audit
