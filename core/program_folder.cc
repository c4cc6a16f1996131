#include "core/program_folder.h"

#include <sys/auxv.h>

#include <system_error>

namespace privet {

std::filesystem::path ProgramFolder() {
  std::error_code ignored;
  const std::filesystem::path program = std::filesystem::read_symlink("/proc/self/exe", ignored);
  if (!program.empty()) return program.parent_path();
  // Without /proc, as in a bare chroot: the path that the kernel was given.
  // NOLINTNEXTLINE(performance-no-int-to-ptr): how getauxval gives a path
  const auto* const name = reinterpret_cast<const char*>(getauxval(AT_EXECFN));
  return name == nullptr ? std::filesystem::path() : std::filesystem::absolute(name, ignored).parent_path();
}

}  // namespace privet
