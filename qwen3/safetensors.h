// Weights in the safetensors format: an 8-byte little-endian length, a JSON header of that length that gives
// every tensor's dtype, shape and place, then the data. Files are mapped, not read, so that weights which are
// used as they lie cost no copy and are shared between processes. (The format: huggingface/safetensors,
// README, "Format".)
#ifndef PRIVET_QWEN3_SAFETENSORS_H_
#define PRIVET_QWEN3_SAFETENSORS_H_

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace privet {

enum class TensorDtype { F32, F16, BF16, Other };

// A tensor inside a mapped file: row-major, little-endian, not necessarily aligned. Valid as long as its
// file.
struct TensorRef {
  TensorDtype dtype = TensorDtype::Other;
  std::string dtype_name;  // as the header writes it
  std::vector<int64_t> shape;
  const std::byte* data = nullptr;
  size_t bytes = 0;
  int64_t elements() const;
};

using TensorMap = std::map<std::string, TensorRef, std::less<>>;

// The tensors of a file whose whole content is `bytes`; data points into `bytes`. INVALID_ARGUMENT names
// `file`, and the tensor where there is one. Refused: a header over 16 MiB or that is not JSON, an unknown
// dtype, a shape whose size is not that of its place, and places that overlap, leave gaps or reach beyond the
// file.
absl::StatusOr<TensorMap> ParseSafetensors(std::string_view bytes, std::string_view file);

// The tensors of a folder or of one file. Immutable, thread-safe.
class SafetensorsFolder {
 public:
  // `stem`.safetensors, or the shards that `stem`.safetensors.index.json names.
  static absl::StatusOr<std::shared_ptr<const SafetensorsFolder>> Open(const std::filesystem::path& folder,
                                                                       std::string_view stem = "model");
  ~SafetensorsFolder();
  SafetensorsFolder(const SafetensorsFolder&) = delete;
  SafetensorsFolder& operator=(const SafetensorsFolder&) = delete;

  // nullptr when there is no tensor of this name.
  const TensorRef* Find(std::string_view name) const;
  const TensorMap& tensors() const { return tensors_; }
  // The file in which a tensor lies, for messages; the folder when there is none.
  std::string FileOf(std::string_view name) const;

 private:
  struct Mapping;
  SafetensorsFolder();
  absl::Status AddFile(const std::filesystem::path& file);

  std::filesystem::path folder_;
  std::vector<std::unique_ptr<Mapping>> mappings_;
  TensorMap tensors_;
};

// Converts a tensor to fp32 at `out`, which has room for tensor.elements(). False for dtypes other than F32,
// F16, BF16.
bool ReadAsFloat(const TensorRef& tensor, float* out);

// Writes tensors as one file, through a temporary file beside it that then takes its name. `values` gives a
// tensor's values by its index, each once and in order; they are valid until the next are asked for, so that
// one tensor at a time need be in memory. Its error ends the writing, and nothing is left.
struct TensorSpec {
  std::string name;
  std::vector<int64_t> shape;
  TensorDtype dtype = TensorDtype::F32;  // or BF16, to which values are rounded
};
absl::Status WriteSafetensors(const std::filesystem::path& file, const std::vector<TensorSpec>& tensors,
                              const std::function<absl::StatusOr<const float*>(size_t)>& values);

// The same of tensors that are all in memory, in fp32.
struct FloatTensor {
  std::string name;
  std::vector<int64_t> shape;
  const float* data = nullptr;
};
absl::Status WriteSafetensors(const std::filesystem::path& file, const std::vector<FloatTensor>& tensors);

}  // namespace privet

#endif  // PRIVET_QWEN3_SAFETENSORS_H_
