#include "qwen3/token_model.h"

#include <dlfcn.h>
#include <sys/auxv.h>

#include <cstdlib>
#include <filesystem>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "qwen3/models_library.h"

namespace privet {
namespace {

using LoadFunction = decltype(&PrivetLoadTokenModel);

// The folder that the program was started from; empty when that is not known.
std::filesystem::path ProgramFolder() {
  std::error_code ignored;
  const std::filesystem::path program = std::filesystem::read_symlink("/proc/self/exe", ignored);
  if (!program.empty()) return program.parent_path();
  // Without /proc, as in a bare chroot: the path that the kernel was given.
  // NOLINTNEXTLINE(performance-no-int-to-ptr): how getauxval gives a path
  const auto* const name = reinterpret_cast<const char*>(getauxval(AT_EXECFN));
  return name == nullptr ? std::filesystem::path() : std::filesystem::absolute(name, ignored).parent_path();
}

// The OpenMP runtime that comes with libtorch lets threads spin while they wait for one another, for
// milliseconds. Where cores have other work too, as in a server, that is time taken from the very thread that
// is waited for: seven times the time of a long document. It reads its settings when it is loaded, which is
// later than this.
void LetWaitingThreadsSleep() {
  if (std::getenv("OMP_WAIT_POLICY") == nullptr) setenv("GOMP_SPINCOUNT", "1000", /*overwrite=*/0);
}

absl::StatusOr<LoadFunction> OpenLibrary() {
  LetWaitingThreadsSleep();
  std::error_code ignored;
  const std::filesystem::path folder = ProgramFolder();
  std::string reason;
  for (const std::filesystem::path& place :
       {folder / kModelsLibrary, folder.parent_path() / "lib" / kModelsLibrary,
        std::filesystem::path(kModelsLibrary)}) {
    if (place.is_absolute() && !std::filesystem::exists(place, ignored)) continue;
    // Never closed: libtorch cannot be.
    if (void* const library = dlopen(place.c_str(), RTLD_NOW | RTLD_LOCAL)) {
      if (void* const load = dlsym(library, "PrivetLoadTokenModel"))
        return reinterpret_cast<LoadFunction>(load);
    }
    reason = dlerror();
    if (place.is_absolute()) break;  // it is there, so what is wrong with it matters
  }
  return absl::FailedPreconditionError(absl::StrCat(
      "models need ", kModelsLibrary, ", which -DPRIVET_MODELS=ON builds, and libtorch: ", reason,
      "; leave the bundle out to use rules alone"));
}

}  // namespace

absl::StatusOr<std::shared_ptr<const TokenModel>> LoadTokenModel(const ModelFolder& folder,
                                                                 const TokenModelOptions& options,
                                                                 const std::optional<LinearMap>& map) {
  static const auto* const load = new absl::StatusOr<LoadFunction>(OpenLibrary());
  if (!load->ok()) return load->status();
  absl::StatusOr<std::shared_ptr<const TokenModel>> model;
  (**load)(folder, options, map, &model);
  return model;
}

}  // namespace privet
