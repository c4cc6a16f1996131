#include "qwen3/kernels/int8_gemm.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

namespace privet {
namespace {

std::vector<float> RandomMatrix(int64_t rows, int64_t columns, uint32_t seed) {
  std::mt19937 random(seed);
  std::normal_distribution<float> normal;
  std::vector<float> values(static_cast<size_t>(rows * columns));
  for (float& value : values) value = normal(random);
  return values;
}

std::vector<float> Multiply(const Int8Kernel& kernel, const std::vector<float>& x, int64_t rows,
                            const Int8Weights& weights) {
  std::vector<uint8_t> quantized(static_cast<size_t>(rows * Int8RowBytes(weights.depth())));
  std::vector<float> scales(static_cast<size_t>(rows));
  std::vector<float> y(static_cast<size_t>(rows * weights.columns()), NAN);
  QuantizeRows(x.data(), rows, weights.depth(), quantized.data(), scales.data());
  MultiplyInt8(kernel, quantized.data(), scales.data(), rows, weights, 0, weights.panels(), y.data());
  return y;
}

struct Quantized {
  std::vector<int> values;
  float scale;
};

Quantized Quantize(const float* row, int64_t depth, float most) {
  float largest = 0;
  for (int64_t i = 0; i < depth; ++i) largest = std::max(largest, std::abs(row[i]));
  Quantized quantized{{}, largest / most};
  const float inverse = largest > 0 ? most / largest : 0.0F;
  for (int64_t i = 0; i < depth; ++i) {
    quantized.values.push_back(static_cast<int>(std::nearbyint(row[i] * inverse)));
  }
  return quantized;
}

// Three loops in 64-bit integers.
std::vector<float> Reference(const std::vector<float>& x, int64_t rows, const std::vector<float>& w,
                             int64_t columns, int64_t depth, int largest_weight) {
  std::vector<float> y;
  std::vector<Quantized> weights;
  for (int64_t c = 0; c < columns; ++c)
    weights.push_back(Quantize(w.data() + c * depth, depth, static_cast<float>(largest_weight)));
  for (int64_t r = 0; r < rows; ++r) {
    const Quantized row = Quantize(x.data() + r * depth, depth, 127.0F);
    for (const Quantized& weight : weights) {
      int64_t sum = 0;
      for (size_t k = 0; k < row.values.size(); ++k) sum += int64_t{row.values[k]} * weight.values[k];
      y.push_back(static_cast<float>(sum) * (row.scale * weight.scale));
    }
  }
  return y;
}

const std::vector<const Int8Kernel*>& AllKernels() {
  static const std::vector<const Int8Kernel*> all = {
      &kInt8Portable,
#ifdef __x86_64__
      &kInt8Avx2,
      &kInt8Avx512Vnni,
#ifndef __clang__
      &kInt8AvxVnni,
#endif
#endif
  };
  return all;
}

class Int8KernelTest : public testing::TestWithParam<const Int8Kernel*> {
 protected:
  void SetUp() override {
    const auto supported = SupportedInt8Kernels();
    if (std::find(supported.begin(), supported.end(), GetParam()) == supported.end()) {
      GTEST_SKIP() << "this CPU has no " << GetParam()->name;
    }
  }
};

// Rows, columns and depths on every side of the kernels' tiles.
TEST_P(Int8KernelTest, GivesWhatThreeLoopsGive) {
  struct Shape {
    int64_t rows, columns, depth;
  };
  for (const auto [rows, columns, depth] : {Shape{1, 1, 1},
                                            {1, 16, 4},
                                            {2, 17, 5},
                                            {3, 31, 7},
                                            {5, 33, 64},
                                            {11, 48, 13},
                                            {12, 64, 384},
                                            {13, 65, 100},
                                            {25, 40, 1024},
                                            {60, 9, 2050},
                                            {300, 32, 700}}) {
    const auto x = RandomMatrix(rows, depth, 1);
    const auto w = RandomMatrix(columns, depth, 2);
    EXPECT_EQ(Multiply(*GetParam(), x, rows, Int8Weights(w.data(), columns, depth, *GetParam())),
              Reference(x, rows, w, columns, depth, GetParam()->largest_weight))
        << rows << " x " << columns << " x " << depth;
  }
}

// Products of the largest values saturate 16-bit sums, and would overflow a careless 32-bit one.
TEST_P(Int8KernelTest, DoesNotSaturate) {
  constexpr int64_t kDepth = kMaxInt8Depth;
  std::vector<float> x(kDepth, 1.0F);
  std::vector<float> w(2 * kDepth, 1.0F);
  std::fill(w.begin() + kDepth, w.end(), -1.0F);
  const std::vector<float> y = Multiply(*GetParam(), x, 1, Int8Weights(w.data(), 2, kDepth, *GetParam()));
  EXPECT_NEAR(y[0], kDepth, 0.01 * kDepth);
  EXPECT_NEAR(y[1], -kDepth, 0.01 * kDepth);
  EXPECT_EQ(y, Reference(x, 1, w, 2, kDepth, GetParam()->largest_weight));
}

TEST_P(Int8KernelTest, ZerosGiveZeros) {
  const std::vector<float> x(60, 0.0F);
  const auto w = RandomMatrix(5, 20, 3);
  EXPECT_EQ(Multiply(*GetParam(), x, 3, Int8Weights(w.data(), 5, 20, *GetParam())),
            std::vector<float>(15, 0.0F));
}

INSTANTIATE_TEST_SUITE_P(Kernels, Int8KernelTest, testing::ValuesIn(AllKernels()), [](const auto& test) {
  std::string name = test.param->name;
  std::erase_if(name, [](char c) { return !std::isalnum(static_cast<unsigned char>(c)); });
  return name;
});

TEST(Int8GemmTest, ARowDoesNotDependOnTheOthers) {
  constexpr int64_t kRows = 40;
  constexpr int64_t kDepth = 96;
  const auto x = RandomMatrix(kRows, kDepth, 4);
  const auto w = RandomMatrix(70, kDepth, 5);
  const Int8Weights weights(w.data(), 70, kDepth);
  const auto together = Multiply(BestInt8Kernel(), x, kRows, weights);
  for (int64_t r = 0; r < kRows; ++r) {
    const std::vector<float> row(x.begin() + r * kDepth, x.begin() + (r + 1) * kDepth);
    const auto alone = Multiply(BestInt8Kernel(), row, 1, weights);
    EXPECT_TRUE(std::equal(alone.begin(), alone.end(), together.begin() + r * 70)) << r;
  }
}

}  // namespace
}  // namespace privet
