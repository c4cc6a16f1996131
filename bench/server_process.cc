#include "server_process.h"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <thread>

#include "absl/strings/str_cat.h"

namespace privet::bench {
namespace {

// Of a file that holds nothing but a number and a line end; 0 while it is not whole.
int ReadPort(const std::filesystem::path& file) {
  std::ifstream in(file);
  int port = 0;
  in >> port;
  return in && in.get() == '\n' ? port : 0;
}

}  // namespace

absl::StatusOr<std::unique_ptr<ServerProcess>> ServerProcess::Start(const std::string& program,
                                                                    const std::vector<std::string>& flags,
                                                                    double seconds) {
  std::string folder = (std::filesystem::temp_directory_path() / "privet-bench-XXXXXX").string();
  if (mkdtemp(folder.data()) == nullptr) return absl::InternalError("cannot make a temporary folder");
  const std::filesystem::path port_file = std::filesystem::path(folder) / "port";
  std::vector<std::string> words = {program,
                                    "--listen-address",
                                    "127.0.0.1",
                                    "--listen-port",
                                    "0",
                                    "--listen-port-file",
                                    port_file.string(),
                                    "--metrics-port",
                                    "-1",
                                    "--log-calls",
                                    "false"};
  words.insert(words.end(), flags.begin(), flags.end());
  std::vector<char*> argv;
  argv.reserve(words.size() + 1);
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);

  const pid_t parent = getpid();
  const pid_t pid = fork();
  if (pid < 0) return absl::ResourceExhaustedError("cannot start a process");
  if (pid == 0) {
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (getppid() != parent) _exit(1);  // it died before the line above
    execv(program.c_str(), argv.data());
    _exit(127);
  }
  std::unique_ptr<ServerProcess> server(new ServerProcess(pid));
  const auto give_up =
      std::chrono::steady_clock::now() + std::chrono::milliseconds(static_cast<int64_t>(seconds * 1e3));
  absl::Status status = absl::DeadlineExceededError(absl::StrCat(program, ": does not listen"));
  while (std::chrono::steady_clock::now() < give_up) {
    server->port_ = ReadPort(port_file);
    if (server->port_ != 0) {
      status = absl::OkStatus();
      break;
    }
    if (waitpid(pid, nullptr, WNOHANG) == pid) {
      server->pid_ = 0;
      status = absl::FailedPreconditionError(absl::StrCat(program, ": did not start"));
      break;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  std::error_code ignored;
  std::filesystem::remove_all(folder, ignored);
  if (!status.ok()) return status;
  return server;
}

ServerProcess::~ServerProcess() {
  if (pid_ == 0) return;
  kill(pid_, SIGTERM);
  waitpid(pid_, nullptr, 0);
}

std::string ServerProcess::address() const { return absl::StrCat("127.0.0.1:", port_); }

double ServerProcess::CpuSeconds() const {
  std::ifstream in(absl::StrCat("/proc/", pid_, "/stat"));
  std::string word;
  // The second field is the program's name in brackets, which has no space; utime and stime are the 14th and
  // 15th (proc(5)).
  for (int field = 1; field < 14; ++field) in >> word;
  double user = 0, system = 0;
  in >> user >> system;
  return in ? (user + system) / static_cast<double>(sysconf(_SC_CLK_TCK)) : 0;
}

}  // namespace privet::bench
