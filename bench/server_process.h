// A privet-server that a benchmark starts for itself.
#ifndef PRIVET_BENCH_SERVER_PROCESS_H_
#define PRIVET_BENCH_SERVER_PROCESS_H_

#include <sys/types.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace privet::bench {

// Listens on a free port of the loopback interface. Stopped with the object, and by the kernel should this
// process die before.
class ServerProcess {
 public:
  // Starts `program` with `flags` besides those for the port, metrics and logs, and waits until it listens,
  // at most `seconds`. It must be called before this process has other threads. FAILED_PRECONDITION when the
  // server ends instead (it has said on stderr why), DEADLINE_EXCEEDED when it takes too long.
  static absl::StatusOr<std::unique_ptr<ServerProcess>> Start(const std::string& program,
                                                              const std::vector<std::string>& flags,
                                                              double seconds);
  ~ServerProcess();
  ServerProcess(const ServerProcess&) = delete;
  ServerProcess& operator=(const ServerProcess&) = delete;

  std::string address() const;
  // User and system time of all its threads so far.
  double CpuSeconds() const;

 private:
  explicit ServerProcess(pid_t pid) : pid_(pid) {}
  pid_t pid_;
  int port_ = 0;
};

}  // namespace privet::bench

#endif  // PRIVET_BENCH_SERVER_PROCESS_H_
