// Any bytes as a safetensors file: refused with the file's name, or tensors that lie inside the bytes and can
// be read. The same bytes as config.json and adapter_config.json: refused with a reason, or within the
// documented bounds.
#include "qwen3/safetensors.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <iostream>
#include <string>
#include <string_view>
#include <vector>

#include "qwen3/adapter_config.h"
#include "qwen3/config.h"
#include "qwen3/rope.h"

namespace privet {
namespace {

void Check(bool holds, std::string_view what) {
  if (holds) return;
  std::cerr << "does not hold: " << what << "\n";
  std::abort();
}

void CheckRefusal(const absl::Status& status) {
  Check(status.code() == absl::StatusCode::kInvalidArgument && status.message().find("f: ") == 0,
        "an error is the file's fault and names it");
}

void ReadTensors(std::string_view bytes) {
  const auto tensors = ParseSafetensors(bytes, "f");
  if (!tensors.ok()) return CheckRefusal(tensors.status());
  for (const auto& [name, tensor] : *tensors) {
    const auto* begin = reinterpret_cast<const char*>(tensor.data);
    Check(begin >= bytes.data() && begin + tensor.bytes <= bytes.data() + bytes.size(),
          "tensors lie in the file");
    if (tensor.dtype == TensorDtype::Other) continue;
    Check(static_cast<size_t>(tensor.elements()) <= tensor.bytes, "no more elements than bytes");
    std::vector<float> values(static_cast<size_t>(tensor.elements()));
    Check(ReadAsFloat(tensor, values.data()), "floats can be read");
  }
}

void ReadConfigs(std::string_view bytes) {
  const auto config = ParseQwen3Config(bytes, "f");
  if (config.ok()) {
    Check(config->heads % config->kv_heads == 0 && config->head_dim % 2 == 0, "heads fit together");
    Check(config->bidirectional_begin >= 0 && config->bidirectional_begin <= config->bidirectional_end &&
              config->bidirectional_end <= config->layers,
          "the attention pattern lies in the layers");
    Check(RopeFrequencies(*config).size() == static_cast<size_t>(config->head_dim / 2),
          "there are frequencies");
  } else {
    CheckRefusal(config.status());
  }
  const auto adapter = ParseAdapterConfig(bytes, "f");
  if (!adapter.ok()) return CheckRefusal(adapter.status());
  Check(adapter->RankOf("model.layers.0.mlp.up_proj") >= 0, "a rank is no negative number");
}

}  // namespace
}  // namespace privet

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  privet::ReadTensors(bytes);
  privet::ReadConfigs(bytes);
  // Few mutations keep the length in front right; so the bytes are tried as header and data too, parted at
  // the first 0.
  const size_t header_bytes = std::min(bytes.find('\0'), bytes.size());
  const uint64_t length = header_bytes;
  std::string file(sizeof length, '\0');
  std::memcpy(file.data(), &length, sizeof length);
  privet::ReadTensors(
      file.append(bytes.substr(0, header_bytes)).append(bytes.substr(std::min(header_bytes + 1, size))));
  return 0;
}
