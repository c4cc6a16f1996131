// What libprivet_models.so offers to programs that load it.
#ifndef PRIVET_QWEN3_MODELS_LIBRARY_H_
#define PRIVET_QWEN3_MODELS_LIBRARY_H_

#include <memory>
#include <optional>

#include "absl/status/statusor.h"
#include "qwen3/token_model.h"

namespace privet {

inline constexpr const char* kModelsLibrary = "libprivet_models.so";

// LoadTokenModel, for a program that was built together with the library: both see the same types.
extern "C" __attribute__((visibility("default"))) void PrivetLoadTokenModel(
    const ModelFolder& folder, const TokenModelOptions& options, const std::optional<LinearMap>& map,
    absl::StatusOr<std::shared_ptr<const TokenModel>>* model);

}  // namespace privet

#endif  // PRIVET_QWEN3_MODELS_LIBRARY_H_
