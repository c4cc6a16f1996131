// A Qwen3 encoder and the linear map behind it, as one function from tokens to rows of numbers. Rooms above
// compute with models through this header, which sees no torch.
#ifndef PRIVET_QWEN3_TOKEN_MODEL_H_
#define PRIVET_QWEN3_TOKEN_MODEL_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "qwen3/config.h"
#include "qwen3/model_folder.h"
#include "qwen3/packed_tokens.h"
#include "qwen3/precision.h"

namespace privet {

struct TokenModelOptions {
  std::string device = "auto";  // "auto" (CUDA where this build and machine have it), "cpu", "cuda", "cuda:N"
  Precision precision = Precision::Auto;
  int threads = 0;  // of one forward on a CPU; 0: one for each core that the process may use
};

// y = weight x + bias.
struct LinearMap {
  int64_t outputs = 0;
  std::vector<float> weight;  // [outputs, hidden_size], row-major
  std::vector<float> bias;    // [outputs], or empty for none
};

// One row of `width` numbers a token, row-major, on the CPU.
struct TokenRows {
  size_t width = 0;
  std::vector<float> values;

  std::span<const float> Rows(size_t begin, size_t end) const {
    return std::span<const float>(values).subspan(begin * width, (end - begin) * width);
  }
};

// Immutable and thread-safe; callers at once share the machine's cores, so one at a time is fastest.
class TokenModel {
 public:
  virtual ~TokenModel() = default;

  // The row of each token of each sequence. A sequence's rows do not depend on what it is packed with (up to
  // rounding, below 1e-5; exactly in int8). INVALID_ARGUMENT for ids outside the vocabulary;
  // RESOURCE_EXHAUSTED where memory does not suffice.
  virtual absl::StatusOr<TokenRows> Forward(const PackedTokens& tokens) const = 0;

  virtual const Qwen3Config& config() const = 0;
  virtual Precision precision() const = 0;  // never Auto
  virtual std::string device() const = 0;   // "cpu", "cuda:0"
};

// Whether this program was built to run models (-DPRIVET_MODELS=ON); one that was not runs rules alone.
bool BuiltWithModels();

// The weights of `folder`, merged with its adapter where it is one. Rows come from `map`; without it from the
// checkpoint's own head: score.weight [labels, hidden] and, where there is one, score.bias [labels], with the
// labels of id2label. Errors name file and tensor or key; FAILED_PRECONDITION where the device is not there.
//
// What computes is a library of its own, libprivet_models.so, which is looked for beside the program, in
// ../lib from there and where the system keeps libraries, and loaded when the first model is: libtorch takes
// half a second and 90 MB to start, which programs that run rules alone need not pay, nor have it installed.
// FAILED_PRECONDITION where it is missing.
absl::StatusOr<std::shared_ptr<const TokenModel>> LoadTokenModel(const ModelFolder& folder,
                                                                 const TokenModelOptions& options,
                                                                 const std::optional<LinearMap>& map = {});

}  // namespace privet

#endif  // PRIVET_QWEN3_TOKEN_MODEL_H_
