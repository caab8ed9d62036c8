#include "cli/audit_command.h"

#include <optional>
#include <string_view>

#include <fmt/format.h>

#include "audit/budget.h"
#include "audit/export.h"
#include "audit/log.h"
#include "cli/policy_files.h"
#include "cli/terminal.h"
#include "core/file.h"
#include "core/text.h"
#include "git/repository.h"
#include "policy/clock.h"

namespace layergate::cli {
namespace {

int Fail(const Error& error) {
  PrintError(error);
  return 2;
}

void FillIn(std::string& field, const std::optional<std::string>& value) {
  if (field.empty() && value) field = *value;
}

// What the CI host knows. Claims, like everything in a record that nobody proved.
void FillFromHost(audit::Event& event, const Environment& environment) {
  if (environment("GITHUB_ACTIONS")) {
    FillIn(event.repository, environment("GITHUB_REPOSITORY"));
    FillIn(event.author, environment("GITHUB_ACTOR"));
    std::string ref = environment("GITHUB_REF").value_or("");  // refs/pull/42/merge
    std::vector<std::string_view> parts = Split(ref, '/');
    if (parts.size() == 4 && parts[1] == "pull") FillIn(event.pull_request, std::string(parts[2]));
    std::optional<std::string> run = environment("GITHUB_RUN_ID");
    if (run) {
      FillIn(event.run, fmt::format("{}/{}/actions/runs/{}/attempts/{}",
                                    environment("GITHUB_SERVER_URL").value_or(""),
                                    environment("GITHUB_REPOSITORY").value_or(""), *run,
                                    environment("GITHUB_RUN_ATTEMPT").value_or("1")));
    }
  } else if (environment("GITLAB_CI")) {
    FillIn(event.repository, environment("CI_PROJECT_PATH"));
    FillIn(event.author, environment("GITLAB_USER_LOGIN"));
    FillIn(event.pull_request, environment("CI_MERGE_REQUEST_IID"));
    FillIn(event.run, environment("CI_JOB_URL"));
  }
}

Result<std::optional<verdict::Verdict>> ReadResult(const std::string& path) {
  if (path.empty()) return std::optional<verdict::Verdict>();
  LAYERGATE_TRY(verdict::Verdict verdict, ReadSavedResult(path));
  return std::optional(std::move(verdict));
}

// A day is its first moment, so that `--since 2026-10-01 --until 2027-01-01` is a quarter.
Result<std::optional<policy::Instant>> ReadMoment(std::string_view flag, const std::string& text) {
  if (text.empty()) return std::optional<policy::Instant>();
  if (std::optional<policy::Day> day = policy::ParseDay(text)) return std::optional(*day * 86400);
  if (std::optional<policy::Instant> at = policy::ParseInstant(text)) return std::optional(*at);
  return MakeError(fmt::format("{}: `{}` is no day and no time", flag, Printable(text)),
                   "write 2026-11-24 or 2026-11-24T05:20:00Z");
}

// The log, or the Error that says where it is wrong: nothing is told from a log that does not
// check.
Result<std::vector<Value>> ReadIntact(const std::string& path) {
  LAYERGATE_TRY(audit::LogCheck check, audit::ReadLog(path));
  if (check.state != audit::LogState::kIntact) {
    return MakeError(fmt::format("{}:{}: the log is {}: {}", path, check.line,
                                 audit::ToString(check.state), check.why),
                     "`layergate audit verify` says more");
  }
  return std::move(check.records);
}

Result<std::vector<audit::Unrecorded>> MissingIn(const AuditArguments& arguments,
                                                 const std::vector<Value>& records) {
  size_t dots = arguments.range.find("..");
  if (dots == std::string::npos) {
    return MakeError(fmt::format("--range: `{}` is no range", Printable(arguments.range)),
                     "write FROM..TO, such as v1.4..main");
  }
  LAYERGATE_TRY(git::Repository repository, git::Repository::Open(arguments.project_dir));
  LAYERGATE_TRY(git::Commit from, repository.Resolve(arguments.range.substr(0, dots)));
  LAYERGATE_TRY(git::Commit to, repository.Resolve(arguments.range.substr(dots + 2)));
  LAYERGATE_TRY(std::vector<git::Commit> log, repository.Log(from.id, to.id));
  return audit::FindUnrecorded(repository, log, records);
}

Result<int> Export(const AuditArguments& arguments) {
  LAYERGATE_TRY(std::vector<Value> all, ReadIntact(arguments.log));
  LAYERGATE_TRY(std::optional<policy::Instant> since, ReadMoment("--since", arguments.since));
  LAYERGATE_TRY(std::optional<policy::Instant> until, ReadMoment("--until", arguments.until));
  std::vector<Value> records;
  for (const Value& record : all) {
    policy::Instant at = policy::ParseInstant(record["at"].AsString()).value_or(0);
    if ((!since || at >= *since) && (!until || at < *until)) records.push_back(record);
  }
  std::string text = arguments.format == "csv"       ? audit::ToCsv(records)
                     : arguments.format == "in-toto" ? audit::ToInToto(records)
                                                     : WriteJson(Value(records), 2) + "\n";
  Result<void> written = WriteFileAtomically("-", text);
  if (!written) return written.error();
  if (arguments.range.empty()) return 0;
  // Against the whole log: a change may have been judged before the period that is exported.
  LAYERGATE_TRY(std::vector<audit::Unrecorded> missing, MissingIn(arguments, all));
  for (const audit::Unrecorded& commit : missing) {
    fmt::print(stderr, "no record: {} {}\n", commit.commit.substr(0, 12),
               Printable(commit.subject));
  }
  fmt::print(stderr, "{} without a record in {}\n", missing.size(), Printable(arguments.range));
  return missing.empty() ? 0 : 1;
}

}  // namespace

int RunAuditAppend(AuditArguments arguments, const Environment& environment) {
  Result<std::optional<verdict::Verdict>> verdict = ReadResult(arguments.from);
  if (!verdict) return Fail(verdict.error());
  FillFromHost(arguments.event, environment);
  if (arguments.event.at.empty() && !*verdict) arguments.event.at = Now();
  Result<Value> record = audit::MakeRecord(*verdict, arguments.event);
  if (!record) return Fail(record.error());
  if (*verdict && !audit::IsLlm(*record) && !arguments.all) {
    fmt::print("nothing recorded: no sign that a model took part (--all records every change)\n");
    return 0;
  }
  Result<audit::Appended> added = audit::Append(arguments.log, *record);
  if (!added) return Fail(added.error());
  fmt::print("{}: record {}, sha256:{}\n", Printable(arguments.log), added->seq, added->hash);
  return 0;
}

int RunAuditVerify(const AuditArguments& arguments) {
  Result<audit::LogCheck> check =
      audit::ReadLog(arguments.log, {arguments.expect_head, arguments.expect_count});
  if (!check) return Fail(check.error());
  if (check->state == audit::LogState::kIntact) {
    fmt::print("{}: intact, {} records, sha256:{}\n", Printable(arguments.log),
               WithThousands(check->count), check->head);
    if (arguments.expect_head.empty()) {
      fmt::print("whether its end was cut off cannot be told without --expect-head\n");
    }
    return 0;
  }
  fmt::print("{}:{}: {}: {}\n", Printable(arguments.log), check->line,
             audit::ToString(check->state), Printable(check->why));
  fmt::print("the {} records before it are as they were written\n", WithThousands(check->count));
  return 1;
}

int RunAuditExport(const AuditArguments& arguments) {
  Result<int> code = Export(arguments);
  return code ? *code : Fail(code.error());
}

int RunBudget(const BudgetArguments& arguments) {
  std::string text = arguments.period.empty() ? Now().substr(0, 4) : arguments.period;
  std::optional<audit::Period> period = audit::ParsePeriod(text);
  if (!period) {
    return Fail(MakeError(fmt::format("--period: `{}` is no period", Printable(text)),
                          "write a quarter (2026-Q4), a month (2026-11) or a year (2026)"));
  }
  Result<std::vector<Value>> records = ReadIntact(arguments.log);
  if (!records) return Fail(records.error());
  audit::Budget budget = audit::CountBudget(*records, *period);
  std::string shown = arguments.format == "json"
                          ? WriteJson(audit::ToValue(budget, *period), 2) + "\n"
                          : audit::ToText(budget, *period);
  Result<void> written = WriteFileAtomically("-", shown);
  if (!written) return Fail(written.error());
  return arguments.enforce && budget.IsOver() ? 1 : 0;
}

}  // namespace layergate::cli
