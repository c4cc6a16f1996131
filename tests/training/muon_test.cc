#include "training/learn/muon.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/linalg_svd.h>
#include <ATen/ops/randn.h>
#include <gtest/gtest.h>

namespace privet {
namespace {

// Most singular values of a step's direction are near 1, those of the gradient anywhere.
void ExpectNearlyOrthogonal(const at::Tensor& made) {
  const at::Tensor singular = std::get<1>(at::linalg_svd(made, /*full_matrices=*/false));
  EXPECT_GT(singular.min().item<double>(), 0.5);
  EXPECT_LT(singular.max().item<double>(), 1.3);
}

TEST(MuonTest, ADirectionIsNearlyOrthogonal) {
  for (const auto& [rows, columns] : {std::pair(64, 64), std::pair(48, 192), std::pair(192, 48)}) {
    const at::Tensor gradient = at::randn({rows, columns}) * 1e-3;
    for (const bool bf16 : {false, true}) {
      const at::Tensor made = Orthogonalize(gradient, bf16);
      EXPECT_EQ(made.sizes(), gradient.sizes());
      if (rows != columns) ExpectNearlyOrthogonal(made);  // a square one may have values at 0
      // It goes with the gradient: their product is the sum of the singular values, roughly.
      const double nuclear =
          std::get<1>(at::linalg_svd(gradient, /*full_matrices=*/false)).sum().item<double>();
      EXPECT_NEAR((made * gradient).sum().item<double>() / nuclear, 1, 0.25);
    }
  }
}

TEST(MuonTest, AnEmptyGradientGivesNoDirection) {
  EXPECT_EQ(Orthogonalize(at::randn({8, 4}) * 0, false).abs().max().item<double>(), 0);
}

TEST(MuonTest, AStepIsAsLargeAsOneOfAdamW) {
  const at::Tensor made = Orthogonalize(at::randn({512, 128}), false) * MuonScale(512, 128);
  EXPECT_NEAR(made.square().mean().sqrt().item<double>(), 0.2 * 0.9, 0.05);
}

}  // namespace
}  // namespace privet
