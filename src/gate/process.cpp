#include "gate/process.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <ctime>

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#ifdef __linux__
#include <sys/prctl.h>
#endif

#include "core/text.h"

namespace layergate {
namespace {

using Clock = std::chrono::steady_clock;

constexpr size_t kErrorsKept = 2000;

// A file descriptor that closes itself.
class Fd {
 public:
  Fd() = default;
  explicit Fd(int fd) : fd_(fd) {}
  ~Fd() { Close(); }
  Fd(const Fd&) = delete;
  Fd& operator=(const Fd&) = delete;
  Fd(Fd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Fd& operator=(Fd&& other) noexcept {
    if (this != &other) {
      Close();
      fd_ = std::exchange(other.fd_, -1);
    }
    return *this;
  }
  int get() const { return fd_; }
  bool open() const { return fd_ >= 0; }
  void Close() {
    if (fd_ >= 0) ::close(fd_);
    fd_ = -1;
  }

 private:
  int fd_ = -1;
};

struct Pipe {
  Fd read, write;
};

Result<Pipe> MakePipe() {
  int fds[2];
  if (::pipe2(fds, O_CLOEXEC) != 0) {
    return MakeError(fmt::format("no pipe could be made: {}", std::strerror(errno)));
  }
  return Pipe{Fd(fds[0]), Fd(fds[1])};
}

// A write to a child that is gone must give an error, not a signal that ends this program.
class NoPipeSignal {
 public:
  NoPipeSignal() {
    sigemptyset(&pipe_);
    sigaddset(&pipe_, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &pipe_, &before_);
  }
  ~NoPipeSignal() {
    timespec at_once{0, 0};
    while (sigtimedwait(&pipe_, nullptr, &at_once) > 0) {
    }
    pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  }
  NoPipeSignal(const NoPipeSignal&) = delete;
  NoPipeSignal& operator=(const NoPipeSignal&) = delete;

 private:
  sigset_t pipe_{}, before_{};
};

// The program's path: PATH is searched here, because after fork() little is allowed.
std::string FindProgram(const ProcessRequest& request) {
  const std::string& program = request.command.front();
  if (program.find('/') != std::string::npos) {
    return program[0] == '/' ? program : request.folder + "/" + program;
  }
  for (const auto& [name, value] : request.environment) {
    if (name != "PATH") continue;
    for (std::string_view folder : Split(value, ':')) {
      if (folder.empty() || folder[0] != '/') continue;
      std::string path = fmt::format("{}/{}", folder, program);
      if (::access(path.c_str(), X_OK) == 0) return path;
    }
  }
  return {};
}

void SetLimit(int what, rlim_t value) {
  rlimit limit{value, value};
  ::setrlimit(static_cast<decltype(RLIMIT_AS)>(what), &limit);
}

void CloseAllFrom(int first, int but) {
  // What is kept goes to the lowest number, so that the rest is one range.
  if (but != first) {
    ::dup2(but, first);
    ::fcntl(first, F_SETFD, FD_CLOEXEC);
  }
#ifdef SYS_close_range
  if (::syscall(SYS_close_range, static_cast<unsigned>(first + 1), ~0U, 0) == 0) return;
#endif
  for (int fd = first + 1; fd < 4096; ++fd) ::close(fd);
}

// Between fork() and exec only functions that are safe in a signal handler may be called.
[[noreturn]] void BecomeChild(const char* program, char* const* argv, char* const* environment,
                              const char* folder, int in, int out, int err, int status,
                              size_t memory, rlim_t cpu_seconds) {
  ::setpgid(0, 0);
#ifdef __linux__
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
#endif
  ::dup2(in, 0);
  ::dup2(out, 1);
  ::dup2(err, 2);
  CloseAllFrom(3, status);
  SetLimit(RLIMIT_AS, memory);
  SetLimit(RLIMIT_CPU, cpu_seconds);
  SetLimit(RLIMIT_CORE, 0);
  SetLimit(RLIMIT_FSIZE, rlim_t{64} << 20);
  SetLimit(RLIMIT_NOFILE, 256);
  for (int signal = 1; signal < 32; ++signal) ::signal(signal, SIG_DFL);
  sigset_t none;
  sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  if (::chdir(folder) == 0) ::execve(program, argv, environment);
  int error = errno;
  ssize_t ignored = ::write(3, &error, sizeof error);
  (void)ignored;
  ::_exit(127);
}

std::vector<char*> Pointers(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (std::string& text : texts) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

class Child {
 public:
  explicit Child(const ProcessRequest& request) : request_(request) {}
  ~Child() {
    if (pid_ <= 0) return;
    ::kill(-pid_, SIGKILL);
    if (!reaped_) ::waitpid(pid_, &status_, 0);
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  Result<void> Start() {
    std::string program = FindProgram(request_);
    if (program.empty()) {
      return MakeError(
          fmt::format("there is no program '{}' on the PATH", Printable(request_.command.front())));
    }
    LAYERGATE_TRY(Pipe in, MakePipe());
    LAYERGATE_TRY(Pipe out, MakePipe());
    LAYERGATE_TRY(Pipe err, MakePipe());
    LAYERGATE_TRY(Pipe status, MakePipe());
    std::vector<std::string> words = request_.command, environment;
    for (const auto& [name, value] : request_.environment)
      environment.push_back(name + "=" + value);
    std::vector<char*> argv = Pointers(words), envp = Pointers(environment);
    auto seconds = std::chrono::duration_cast<std::chrono::seconds>(request_.timeout).count();
    pid_ = ::fork();
    if (pid_ < 0) return MakeError(fmt::format("fork: {}", std::strerror(errno)));
    if (pid_ == 0) {
      BecomeChild(program.c_str(), argv.data(), envp.data(), request_.folder.c_str(), in.read.get(),
                  out.write.get(), err.write.get(), status.write.get(), request_.memory_bytes,
                  static_cast<rlim_t>(seconds + 1));
    }
    ::setpgid(pid_, pid_);  // here too: whoever is first
    status.write.Close();
    int error = 0;
    if (::read(status.read.get(), &error, sizeof error) == sizeof error) {
      return MakeError(fmt::format("'{}' could not be started: {}",
                                   Printable(request_.command.front()), std::strerror(error)));
    }
    in_ = std::move(in.write);
    out_ = std::move(out.read);
    err_ = std::move(err.read);
    for (const Fd* fd : {&in_, &out_, &err_}) ::fcntl(fd->get(), F_SETFL, O_NONBLOCK);
    return {};
  }

  ProcessOutcome Finish() {
    ProcessOutcome outcome;
    auto deadline = Clock::now() + request_.timeout;
    while (true) {
      Exchange(outcome);
      if (outcome.output.size() > request_.most_output) {
        return Ended(outcome, ProcessOutcome::End::kTooMuchOutput);
      }
      if (HasEnded()) break;
      if (request_.stop.stop_requested()) return Ended(outcome, ProcessOutcome::End::kStopped);
      if (Clock::now() >= deadline) return Ended(outcome, ProcessOutcome::End::kTimedOut);
    }
    // Children of the child may hold its pipes open: they end with it.
    ::kill(-pid_, SIGKILL);
    in_.Close();
    Exchange(outcome);
    if (WIFEXITED(status_)) {
      outcome.code = WEXITSTATUS(status_);
      return outcome;
    }
    outcome.code = WTERMSIG(status_);
    bool out_of_time = outcome.code == SIGXCPU;
    return Ended(outcome,
                 out_of_time ? ProcessOutcome::End::kTimedOut : ProcessOutcome::End::kKilled);
  }

 private:
  static ProcessOutcome Ended(ProcessOutcome& outcome, ProcessOutcome::End end) {
    outcome.end = end;
    return std::move(outcome);
  }

  bool HasEnded() {
    if (!reaped_ && ::waitpid(pid_, &status_, WNOHANG) == pid_) reaped_ = true;
    return reaped_;
  }

  // Writes and reads what can be written and read now, waiting a little for the first of it.
  void Exchange(ProcessOutcome& outcome) {
    std::array<pollfd, 3> fds = {pollfd{in_.get(), POLLOUT, 0}, pollfd{out_.get(), POLLIN, 0},
                                 pollfd{err_.get(), POLLIN, 0}};
    constexpr int kPatienceMs = 20;
    ::poll(fds.data(), fds.size(), reaped_ ? 0 : kPatienceMs);
    if (fds[0].revents != 0) Write();
    Read(out_, outcome.output, request_.most_output + 1);
    Read(err_, outcome.errors, size_t{1} << 20);
    if (outcome.errors.size() > kErrorsKept) {
      outcome.errors.erase(0, outcome.errors.size() - kErrorsKept);
    }
  }

  void Write() {
    NoPipeSignal guard;
    std::string_view rest = std::string_view(request_.input).substr(written_);
    ssize_t n = rest.empty() ? 0 : ::write(in_.get(), rest.data(), rest.size());
    if (n > 0) written_ += static_cast<size_t>(n);
    bool gone = n < 0 && errno != EAGAIN && errno != EINTR;
    if (gone || written_ == request_.input.size()) in_.Close();
  }

  static void Read(Fd& fd, std::string& into, size_t most) {
    std::array<char, 65536> buffer{};
    while (fd.open() && into.size() < most) {
      ssize_t n = ::read(fd.get(), buffer.data(), buffer.size());
      if (n > 0) {
        into.append(buffer.data(), static_cast<size_t>(n));
        continue;
      }
      if (n == 0) fd.Close();
      return;
    }
  }

  const ProcessRequest& request_;
  pid_t pid_ = -1;
  bool reaped_ = false;
  int status_ = 0;
  size_t written_ = 0;
  Fd in_, out_, err_;
};

}  // namespace

Result<ProcessOutcome> RunProcess(const ProcessRequest& request) {
  LAYERGATE_CHECK(!request.command.empty());
  Child child(request);
  Result<void> started = child.Start();
  if (!started) return started.error();
  return child.Finish();
}

}  // namespace layergate
