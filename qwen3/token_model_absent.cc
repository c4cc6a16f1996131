// The token model of a program that was built without libtorch: there is none, and Load says so.
#include "qwen3/token_model.h"

#include <utility>

namespace privet {

struct TokenModel::State {
  Qwen3Config config;
};

TokenModel::TokenModel(std::unique_ptr<const State> state) : state_(std::move(state)) {}
TokenModel::~TokenModel() = default;

absl::StatusOr<std::shared_ptr<const TokenModel>> TokenModel::Load(const ModelFolder&,
                                                                   const TokenModelOptions&,
                                                                   const std::optional<LinearMap>&) {
  return absl::FailedPreconditionError(
      "this program was built without libtorch and runs no models; build it with -DPRIVET_MODELS=ON, or "
      "leave "
      "the bundle out to use rules alone");
}

absl::StatusOr<TokenRows> TokenModel::Forward(const PackedTokens&) const {
  return absl::FailedPreconditionError("built without libtorch");
}

const Qwen3Config& TokenModel::config() const { return state_->config; }
Precision TokenModel::precision() const { return Precision::Fp32; }
std::string TokenModel::device() const { return "cpu"; }

}  // namespace privet
