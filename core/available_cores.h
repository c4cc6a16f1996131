// How many cores this process may use, which in a container is often fewer than the machine has.
#ifndef PRIVET_CORE_AVAILABLE_CORES_H_
#define PRIVET_CORE_AVAILABLE_CORES_H_

#include <filesystem>
#include <optional>

namespace privet {

// The cores that the process may run on (its affinity), and no more than its control group's quota pays for,
// rounded up: a limit of 1.5 CPUs is 2. At least 1. Thread-safe; reads a few small files.
int AvailableCores();

// The part of AvailableCores that reads files. `membership` is /proc/self/cgroup, `root` where the control
// groups are mounted, /sys/fs/cgroup. The smallest cpu.max from the process's group up to `root` (cgroup v2),
// in whole cores rounded up; nothing where there is no limit, or no cgroup v2. See "cgroup-v2" in the
// kernel's admin guide.
std::optional<int> CoresOfQuota(const std::filesystem::path& membership, const std::filesystem::path& root);

}  // namespace privet

#endif  // PRIVET_CORE_AVAILABLE_CORES_H_
