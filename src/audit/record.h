// One line of the audit log: who and what took part in a change, what the gates said of it, and
// what became of it.
//
// A record is made from a saved result (docs/result.md) and from what only the caller knows: which
// pull request it was, and what happened to it. It holds hashes of prompts, never prompts. What it
// says of authors, tools and reviewers are the claims that the result recorded; the log proves that
// nobody changed a record afterwards, not that the record was true (audit/chain.h).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "core/value.h"
#include "verdict/verdict.h"

namespace layergate::audit {

// What a change can go through, in the usual order. "judged" is a run of `layergate check`;
// "rejected" means that a reviewer found a defect that the gates had let through; "incident" means
// that its readers found one after the merge.
inline constexpr std::string_view kEvents[] = {"judged",   "merged",   "rejected", "closed",
                                               "reverted", "hotfixed", "incident"};

struct Event {
  std::string event = "judged";
  std::string at;                  // RFC 3339, UTC; empty: the result's own clock
  std::string repository;          // "shop/analytics"; may be empty
  std::string pull_request;        // "42"; may be empty
  std::string author;              // login of who opened it; may be empty
  std::string run;                 // address of the CI run; may be empty
  std::string merge_commit;        // what the target branch got; may be empty
  std::string reason;              // one sentence; may be empty
  std::vector<std::string> tools;  // retrieval ids, functions called, beside those in trailers
};

// A record without its place in the chain (seq, prev_hash, hash). `verdict` may be absent for what
// happens after the judgement; the event must then name a pull request or a merge commit.
Result<Value> MakeRecord(const std::optional<verdict::Verdict>& verdict, const Event& event);

// Whether a model took part, as the record says.
bool IsLlm(const Value& record);

}  // namespace layergate::audit
