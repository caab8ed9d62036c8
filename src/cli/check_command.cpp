#include "cli/check_command.h"

#include <csignal>
#include <cstdio>
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
  LAYERGATE_TRY(PullRequestClaims claims, ReadPullRequestClaims(environment));
  if (request.pull_request_description.empty())
    request.pull_request_description = claims.description;
  request.event_head = claims.head;
  request.event_base = claims.base;
  for (std::string& label : claims.labels) request.pull_request_labels.push_back(std::move(label));
  return {};
}

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
      if (signal < 0) continue;
      if (source_.stop_requested()) _exit(128 + signal);
      std::fprintf(stderr, "interrupted: cancelling what runs (once more to leave at once)\n");
      source_.request_stop();
    }
  }

  std::stop_source source_;
  std::jthread waiter_;
};

int Fail(const Error& error) {
  PrintError(error);
  return 2;
}

}  // namespace

int RunCheck(CheckArguments arguments, const GateRegistry& gates) {
  // Mistyped outputs are found before the work is done, not after.
  Result<std::vector<report::Output>> outputs = report::ParseOutputs(arguments.outputs);
  if (!outputs) return Fail(outputs.error());
  Result<void> filled = FillFromEnvironment(arguments.request);
  if (!filled) return Fail(filled.error());

  bool show_progress = !arguments.quiet && isatty(STDERR_FILENO) == 1;
  if (show_progress) {
    arguments.request.progress = [](size_t done, size_t total) {
      std::fprintf(stderr, "\r%zu of %zu gates%s", done, total, done == total ? "\r\x1b[K" : "");
      std::fflush(stderr);
    };
  }
  Result<verdict::Verdict> verdict = [&] {
    Interrupts interrupts;
    arguments.request.stop = interrupts.token();
    return Check(arguments.request, gates);
  }();
  if (!verdict) return Fail(verdict.error());

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
