#include "core/available_cores.h"

#include <sched.h>

#include <algorithm>
#include <cstdint>
#include <fstream>
#include <string>
#include <thread>

namespace privet {
namespace {

// "QUOTA PERIOD" in microseconds, or "max PERIOD"; nothing for the latter and for a file that is not there.
std::optional<int> CoresOf(const std::filesystem::path& cpu_max) {
  std::ifstream in(cpu_max);
  int64_t quota = 0, period = 0;
  if (!(in >> quota >> period) || quota < 1 || period < 1) return std::nullopt;
  return static_cast<int>(std::clamp<int64_t>((quota - 1) / period + 1, 1, 1 << 16));
}

}  // namespace

std::optional<int> CoresOfQuota(const std::filesystem::path& membership, const std::filesystem::path& root) {
  std::ifstream in(membership);
  std::optional<int> least;
  for (std::string line; std::getline(in, line);) {
    if (!line.starts_with("0::/")) continue;  // the others are of cgroup v1
    std::filesystem::path group = std::filesystem::path(line.substr(3)).relative_path();
    while (true) {
      const std::optional<int> cores = CoresOf(root / group / "cpu.max");
      if (cores.has_value()) least = std::min(least.value_or(*cores), *cores);
      if (group.empty()) break;
      group = group.parent_path();
    }
  }
  return least;
}

int AvailableCores() {
  // hardware_concurrency() counts what the machine has.
  cpu_set_t allowed;
  const int cores = sched_getaffinity(0, sizeof(allowed), &allowed) == 0
                        ? CPU_COUNT(&allowed)
                        : std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
  return std::min(cores, CoresOfQuota("/proc/self/cgroup", "/sys/fs/cgroup").value_or(cores));
}

}  // namespace privet
