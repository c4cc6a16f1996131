#include "qwen3/ops.h"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/randn.h>
#include <gtest/gtest.h>

namespace privet {
namespace {

float LargestDifference(const at::Tensor& a, const at::Tensor& b) {
  return a.sub(b).abs().max().item<float>();
}

// Inference runs on the fused kernels, training on ATen; a checkpoint must mean the same in both.
class OpsTest : public testing::Test {
 protected:
  // `f` without gradients, and with them.
  template <typename F>
  void ExpectSameInTraining(const at::Tensor& x, const F& f) {
    at::Tensor inference;
    {
      const at::NoGradGuard no_gradients;
      inference = f(x);
    }
    const at::Tensor training = f(x.detach().clone().requires_grad_(true));
    EXPECT_TRUE(training.requires_grad());
    EXPECT_LT(LargestDifference(inference, training.detach()), 1e-5);
  }
};

TEST_F(OpsTest, RmsNorm) {
  const at::Tensor weight = at::randn({70});
  ExpectSameInTraining(at::randn({9, 70}), [&](const at::Tensor& x) { return RmsNorm(x, weight, 1e-6); });
}

TEST_F(OpsTest, NormalizeAndRotate) {
  const at::Tensor weight = at::randn({24});
  const RotaryTable rotary = MakeRotaryTable({0, 4, 11}, std::vector<float>(12, 0.3F), 1.5F, at::kCPU);
  // Queries are a slice of the joint projection.
  ExpectSameInTraining(at::randn({11, 5, 24}), [&](const at::Tensor& x) {
    return NormalizeAndRotate(x.narrow(1, 1, 3), weight, 1e-6, rotary);
  });
}

TEST_F(OpsTest, SwiGlu) {
  ExpectSameInTraining(at::randn({7, 66}), [](const at::Tensor& x) { return SwiGlu(x); });
}

TEST_F(OpsTest, SwiGluOfBf16IsThatOfFp32Rounded) {
  const at::Tensor gate_up = at::randn({7, 66}).mul(20).to(at::kBFloat16);
  const at::Tensor made = SwiGlu(gate_up);
  EXPECT_EQ(made.scalar_type(), at::kBFloat16);
  EXPECT_TRUE(made.equal(SwiGlu(gate_up.to(at::kFloat)).to(at::kBFloat16)));
}

TEST_F(OpsTest, PositionsStartAnewInEachSequence) {
  const RotaryTable rotary = MakeRotaryTable({0, 2, 2, 5}, {1.0F, 0.5F}, 1.0F, at::kCPU);
  ASSERT_EQ(rotary.cosine.size(0), 5);
  EXPECT_EQ(rotary.cosine[0][0].item<float>(), 1);
  EXPECT_EQ(rotary.cosine[2][0].item<float>(), 1);
  EXPECT_EQ(LargestDifference(rotary.sine.narrow(0, 0, 2), rotary.sine.narrow(0, 2, 2)), 0);
}

}  // namespace
}  // namespace privet
