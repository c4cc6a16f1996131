// What numbers a model computes in.
#ifndef PRIVET_QWEN3_PRECISION_H_
#define PRIVET_QWEN3_PRECISION_H_

#include <array>
#include <cstddef>
#include <optional>
#include <string_view>

namespace privet {

enum class Precision {
  Auto,  // Bf16 on CUDA and on CPUs with tiles for it (AMX), Int8 on others with VNNI or AVX2, else Fp32
  Fp32,
  Bf16,  // on a CPU matrix products only, with all else in fp32
  Int8,  // weights of linear layers in int8, activations quantised per token; CPU only
};

// By Precision; what configuration files and flags say.
inline constexpr std::array<std::string_view, 4> kPrecisionNames = {"auto", "fp32", "bf16", "int8"};

inline std::string_view NameOf(Precision precision) {
  return kPrecisionNames[static_cast<size_t>(precision)];
}

inline std::optional<Precision> ParsePrecision(std::string_view name) {
  for (size_t i = 0; i < kPrecisionNames.size(); ++i) {
    if (kPrecisionNames[i] == name) return static_cast<Precision>(i);
  }
  return std::nullopt;
}

}  // namespace privet

#endif  // PRIVET_QWEN3_PRECISION_H_
