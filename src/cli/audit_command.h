// `layergate audit append|verify|export` and `layergate budget`: the log of what was judged and
// what became of it. Exit codes: 0 done, or the log is intact; 1 it is not, or a target or a
// completeness check was missed; 2 it could not be read or written.
#pragma once

#include <string>
#include <vector>

#include "audit/record.h"
#include "cli/environment.h"

namespace layergate::cli {

struct AuditArguments {
  std::string log = ".layergate/audit.jsonl";
  // append
  std::string from;  // a file that `check --output json:FILE` wrote
  audit::Event event;
  bool all = false;  // record changes without a sign of a model, too
  // verify
  std::string expect_head;
  long long expect_count = 0;
  // export
  std::string format = "csv";  // csv, json, in-toto
  std::string since, until;    // days or times; empty: open
  std::string range;           // FROM..TO: lists what the branch got without a record
  std::string project_dir = ".";
};

int RunAuditAppend(AuditArguments arguments, const Environment& environment);
int RunAuditVerify(const AuditArguments& arguments);
int RunAuditExport(const AuditArguments& arguments);

struct BudgetArguments {
  std::string log = ".layergate/audit.jsonl";
  std::string period;  // "2026-Q4", "2026-11", "2026"
  std::string format = "text";
  bool enforce = false;  // exit 1 when a target is missed
};

int RunBudget(const BudgetArguments& arguments);

}  // namespace layergate::cli
