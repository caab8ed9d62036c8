#include "cli/check_command.h"

#include <chrono>
#include <condition_variable>
#include <csignal>
#include <cstdio>
#include <mutex>
#include <optional>
#include <thread>

#include <fmt/format.h>
#include <unistd.h>

#include "cli/environment.h"
#include "cli/policy_files.h"
#include "cli/terminal.h"
#include "core/text.h"
#include "policy/clock.h"
#include "report/output.h"
#include "report/report.h"

namespace layergate::cli {
namespace {

// Ctrl-C and SIGTERM stop the run in order: statements are cancelled on their servers, and what was
// not judged is reported as unknown. A second signal ends the process at once.
class Interrupts {
 public:
  Interrupts() {
    sigset_t signals = Signals();
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    waiter_ = std::jthread([this](const std::stop_token& stop) { Wait(stop); });
  }
  ~Interrupts() {
    waiter_.request_stop();
    // Wakes the waiter at once: it would sit out its patience, and every run end later for it.
    pthread_kill(waiter_.native_handle(), SIGTERM);
    waiter_.join();
    sigset_t signals = Signals();
    pthread_sigmask(SIG_UNBLOCK, &signals, nullptr);
  }
  Interrupts(const Interrupts&) = delete;
  Interrupts& operator=(const Interrupts&) = delete;
  std::stop_token token() const { return source_.get_token(); }

 private:
  static sigset_t Signals() {
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    return signals;
  }
  void Wait(const std::stop_token& stop) {
    sigset_t signals = Signals();
    while (!stop.stop_requested()) {
      timespec patience{0, 100'000'000};
      int signal = sigtimedwait(&signals, nullptr, &patience);
      if (signal < 0 || stop.stop_requested()) continue;
      if (source_.stop_requested()) _exit(128 + signal);
      std::fprintf(stderr, "interrupted: cancelling what runs (once more to leave at once)\n");
      source_.request_stop();
    }
  }

  std::stop_source source_;
  std::jthread waiter_;
};

// One line on the terminal: how many gates are done, and for how long the rest has been running (a
// count over a large table takes minutes, and silence looks like a hang).
class Progress {
 public:
  Progress() {
    ticker_ = std::jthread([this](const std::stop_token& stop) {
      std::unique_lock lock(mutex_);
      while (!wake_.wait_for(lock, stop, std::chrono::seconds(1), [] { return false; }) &&
             !stop.stop_requested()) {
        if (total_ > 0 && done_ < total_) Show();
      }
    });
  }
  void Set(size_t done, size_t total) {
    std::lock_guard lock(mutex_);
    done_ = done;
    total_ = total;
    if (done == total) {
      std::fputs("\r\x1b[K", stderr);
      std::fflush(stderr);
    } else {
      Show();
    }
  }

 private:
  void Show() {
    auto seconds =
        std::chrono::duration_cast<std::chrono::seconds>(std::chrono::steady_clock::now() - begin_);
    std::fprintf(stderr, "\r%zu of %zu gates, %lld s\x1b[K", done_, total_,
                 static_cast<long long>(seconds.count()));
    std::fflush(stderr);
  }

  std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
  std::mutex mutex_;
  std::condition_variable_any wake_;
  size_t done_ = 0, total_ = 0;
  std::jthread ticker_;  // last: it ends before the rest does
};

// What the databases would have been asked, by gate and subject, as SQL that can be pasted.
void PrintStatements(const verdict::Verdict& verdict) {
  size_t count = 0;
  for (const verdict::GateResult& gate : verdict.gates) {
    for (const Unknown& unknown : gate.unknown) {
      for (const Value& statement : unknown.evidence["statements"].items()) {
        std::string sql = Printable(statement.AsString(), true);
        fmt::print("-- {} {}\n{};\n", gate.gate, Printable(gate.subject), sql);
        ++count;
      }
    }
  }
  fmt::print(stderr, "dry run: {} statements, none was sent and nothing was judged\n", count);
}

// "databases: 24 statements, 1.3 s"
void PrintDatabaseTime(const verdict::Verdict& verdict) {
  int64_t statements = 0, ms = 0;
  for (const auto& [side, usage] : verdict.timings["databases"].members()) {
    statements += usage["statements"].AsInt();
    ms += usage["ms"].AsInt();
  }
  if (statements == 0) return;
  fmt::print(stderr, "databases: {} statements, {}.{} s\n", statements, ms / 1000, ms % 1000 / 100);
}

int Fail(const Error& error) {
  PrintError(error);
  return 2;
}

}  // namespace

Result<void> FillFromEnvironment(CheckRequest& request) {
  Environment environment = ProcessEnvironment();
  request.environment = environment;
  if (request.at.empty()) {
    request.at = Now();
  } else if (!policy::ParseInstant(request.at)) {
    return MakeError(fmt::format("--at: '{}' is no time", Printable(request.at)),
                     "write it as 2026-11-24T09:30:00Z, or with an offset");
  }
  std::optional<std::string> both = environment("LAYERGATE_URL");
  auto fill = [&](std::string& field, const char* variable,
                  const std::optional<std::string>& otherwise) {
    if (!field.empty()) return;
    if (auto value = environment(variable)) {
      field = *value;
    } else if (otherwise) {
      field = *otherwise;
    }
  };
  // A target given by flag wins over a URL in the environment.
  if (request.target_base.empty()) fill(request.base_url, "LAYERGATE_BASE_URL", both);
  if (request.target_head.empty()) fill(request.head_url, "LAYERGATE_HEAD_URL", both);
  fill(request.duckdb_library, "LAYERGATE_DUCKDB_LIBRARY", std::nullopt);
  LAYERGATE_TRY(PullRequestClaims claims, ReadPullRequestClaims(environment));
  if (request.pull_request_description.empty())
    request.pull_request_description = claims.description;
  request.event_head = claims.head;
  request.event_base = claims.base;
  for (std::string& label : claims.labels) request.pull_request_labels.push_back(std::move(label));
  return {};
}

int RunCheck(CheckArguments arguments, const GateRegistry& gates) {
  // Mistyped outputs are found before the work is done, not after.
  Result<std::vector<report::Output>> outputs = report::ParseOutputs(arguments.outputs);
  if (!outputs) return Fail(outputs.error());
  Result<void> filled = FillFromEnvironment(arguments.request);
  if (!filled) return Fail(filled.error());

  std::optional<Progress> progress;
  if (!arguments.quiet && isatty(STDERR_FILENO) == 1) {
    progress.emplace();
    arguments.request.progress = [&progress](size_t done, size_t total) {
      progress->Set(done, total);
    };
  }
  Result<verdict::Verdict> verdict = [&] {
    Interrupts interrupts;
    arguments.request.stop = interrupts.token();
    return Check(arguments.request, gates);
  }();
  progress.reset();
  if (!verdict) return Fail(verdict.error());
  if (arguments.request.dry_run) {
    PrintStatements(*verdict);
    return 0;
  }
  if (!arguments.quiet) PrintDatabaseTime(*verdict);

  report::RenderOptions options;
  options.verbose = arguments.verbose;
  Result<void> written = report::WriteOutputs(*verdict, *outputs, options);
  if (!written) return Fail(written.error());
  // The report for people, unless a format took standard output for itself.
  if (!arguments.quiet && !report::WritesToStandardOutput(*outputs)) {
    options.color = UseColor(arguments.color);
    options.width = TerminalWidth();
    Result<std::string> text = report::Render(*verdict, "text", options);
    if (!text) return Fail(text.error());
    std::fputs(text->c_str(), stdout);
  }
  return arguments.exit_zero ? 0 : verdict->exit_code;
}

}  // namespace layergate::cli
