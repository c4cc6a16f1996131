#include "qwen3/token_model.h"

#include <dlfcn.h>

#include <cstdlib>
#include <filesystem>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "core/program_folder.h"
#include "qwen3/models_library.h"

namespace privet {
namespace {

using LoadFunction = decltype(&PrivetLoadTokenModel);

// The OpenMP runtime that comes with libtorch lets threads spin while they wait for one another, for
// milliseconds. Where cores have other work too, as in a server, that is time taken from the very thread that
// is waited for: seven times the time of a long document. It reads its settings when it is loaded, which is
// later than this.
void LetWaitingThreadsSleep() {
  if (std::getenv("OMP_WAIT_POLICY") == nullptr) setenv("GOMP_SPINCOUNT", "1000", /*overwrite=*/0);
}

// Beside the program, or where `cmake --install` puts it. Empty where it is in neither.
std::filesystem::path LibraryBesideProgram() {
  std::error_code ignored;
  const std::filesystem::path folder = ProgramFolder();
  for (const std::filesystem::path& place : {folder, folder.parent_path() / "lib"})
    if (std::filesystem::exists(place / kModelsLibrary, ignored)) return place / kModelsLibrary;
  return {};
}

absl::StatusOr<LoadFunction> OpenLibrary() {
  LetWaitingThreadsSleep();
  std::string reason;
  for (const std::filesystem::path& place : {LibraryBesideProgram(), std::filesystem::path(kModelsLibrary)}) {
    if (place.empty()) continue;
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
      "; name the bundle 'none' to use rules alone"));
}

}  // namespace

bool BuiltWithModels() {
#ifdef PRIVET_MODELS
  return true;
#else
  return false;
#endif
}

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
