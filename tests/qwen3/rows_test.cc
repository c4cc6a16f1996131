#include "qwen3/kernels/rows.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace privet {
namespace {

std::vector<float> Wave(int64_t count, float step, float scale) {
  std::vector<float> values;
  for (int64_t i = 0; i < count; ++i) values.push_back(scale * std::sin(step * static_cast<float>(i + 1)));
  return values;
}

TEST(RowsTest, RmsNormIsItsFormulaInDoubles) {
  for (const int64_t width : {1, 7, 16, 48, 384, 1000}) {
    const auto x = Wave(3 * width, 0.7F, 5);
    const auto weight = Wave(width, 0.3F, 1);
    std::vector<float> out(x.size());
    RmsNormRows(x.data(), weight.data(), 1e-6F, 3, width, out.data());
    for (int64_t r = 0; r < 3; ++r) {
      double squares = 0;
      for (int64_t i = 0; i < width; ++i) squares += std::pow(x[static_cast<size_t>(r * width + i)], 2.0);
      for (int64_t i = 0; i < width; ++i) {
        const auto at = static_cast<size_t>(r * width + i);
        EXPECT_NEAR(
            out[at],
            x[at] / std::sqrt(squares / static_cast<double>(width) + 1e-6) * weight[static_cast<size_t>(i)],
            1e-5);
      }
    }
  }
}

TEST(RowsTest, HeadsAreNormalisedThenTurnedByTheirAngle) {
  constexpr int64_t kTokens = 3;
  constexpr int64_t kHeads = 2;
  constexpr int64_t kHeadDim = 20;
  constexpr int64_t kHalf = kHeadDim / 2;
  constexpr int64_t kStride = kHeads * kHeadDim + 5;
  const auto x = Wave(kTokens * kStride, 0.9F, 2);
  const auto weight = Wave(kHeadDim, 0.2F, 1);
  const auto angles = Wave(kTokens * kHalf, 0.4F, 3);
  std::vector<float> cosine, sine;
  for (const float angle : angles) {
    cosine.push_back(std::cos(angle));
    sine.push_back(std::sin(angle));
  }
  std::vector<float> out(kTokens * kHeads * kHeadDim);
  NormalizeAndRotateHeads(x.data(), kStride, weight.data(), 1e-6F, cosine.data(), sine.data(), kTokens,
                          kHeads, kHeadDim, out.data());
  for (int64_t t = 0; t < kTokens; ++t) {
    for (int64_t h = 0; h < kHeads; ++h) {
      std::vector<float> normalized(kHeadDim);
      RmsNormRows(x.data() + t * kStride + h * kHeadDim, weight.data(), 1e-6F, 1, kHeadDim,
                  normalized.data());
      for (int64_t i = 0; i < kHalf; ++i) {
        const double angle = angles[static_cast<size_t>(t * kHalf + i)];
        const double a = normalized[static_cast<size_t>(i)];
        const double b = normalized[static_cast<size_t>(kHalf + i)];
        const auto at = static_cast<size_t>((t * kHeads + h) * kHeadDim + i);
        EXPECT_NEAR(out[at], a * std::cos(angle) - b * std::sin(angle), 1e-5);
        EXPECT_NEAR(out[at + kHalf], b * std::cos(angle) + a * std::sin(angle), 1e-5);
      }
    }
  }
}

TEST(RowsTest, SwiGluHoldsFromTinyToHugeGates) {
  std::vector<float> gates = {0, -0.0F, 1e-30F, -1e-30F, 88, -88, 1000, -1000, 3e38F, -1e6F};
  for (int i = -270; i <= 270; ++i) gates.push_back(0.37F * static_cast<float>(i));
  const auto width = static_cast<int64_t>(gates.size());
  std::vector<float> gate_up = gates;
  gate_up.resize(2 * gates.size(), 1.0F);
  std::vector<float> out(gates.size());
  SwiGluRows(gate_up.data(), 1, width, out.data());
  for (size_t i = 0; i < gates.size(); ++i) {
    const double exact = gates[i] / (1 + std::exp(-static_cast<double>(gates[i])));
    EXPECT_NEAR(out[i], exact, 1e-30 + std::abs(exact) * 1e-6) << gates[i];
  }
}

}  // namespace
}  // namespace privet
