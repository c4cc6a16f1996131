#include <ATen/TensorOperators.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/randn.h>
#include <ATen/ops/rsqrt.h>
#include <ATen/ops/silu.h>
#include <gtest/gtest.h>
#include <torch/csrc/autograd/autograd.h>

#include <functional>
#include <vector>

#include "qwen3/ops.h"

// The hand-written gradients against those that autograd finds for the formulas spelled out in ATen.
namespace privet {
namespace {

using Formula = std::function<at::Tensor(const std::vector<at::Tensor>&)>;

std::vector<at::Tensor> GradientsOf(const Formula& formula, const std::vector<at::Tensor>& inputs,
                                    const at::Tensor& out_gradient) {
  std::vector<at::Tensor> leaves;
  for (const at::Tensor& input : inputs) leaves.push_back(input.detach().clone().requires_grad_(true));
  return torch::autograd::grad({formula(leaves)}, leaves, {out_gradient});
}

void ExpectSameGradients(const std::vector<at::Tensor>& inputs, const Formula& ours,
                         const Formula& spelled_out) {
  const at::Tensor out = spelled_out(inputs);
  EXPECT_LT((ours(inputs) - out).abs().max().item<float>(), 2e-5);
  const at::Tensor out_gradient = at::randn(out.sizes());
  const auto expected = GradientsOf(spelled_out, inputs, out_gradient);
  const auto found = GradientsOf(ours, inputs, out_gradient);
  ASSERT_EQ(found.size(), expected.size());
  for (size_t i = 0; i < found.size(); ++i) {
    ASSERT_EQ(found[i].sizes(), expected[i].sizes());
    EXPECT_LT((found[i] - expected[i]).abs().max().item<float>(), 2e-4) << "of input " << i;
    EXPECT_GT(found[i].abs().max().item<float>(), 1e-3) << "of input " << i;
  }
}

at::Tensor Normalize(const at::Tensor& x, const at::Tensor& weight) {
  return x * at::rsqrt(x.square().mean(-1, true) + 1e-6) * weight;
}

TEST(OpsGradient, RmsNorm) {
  ExpectSameGradients(
      {at::randn({300, 70}), at::randn({70})}, [](const auto& in) { return RmsNorm(in[0], in[1], 1e-6); },
      [](const auto& in) { return Normalize(in[0], in[1]); });
}

TEST(OpsGradient, NormalizeAndRotateOfASliceOfTheJointProjection) {
  const RotaryTable rotary = MakeRotaryTable({0, 4, 11}, std::vector<float>(12, 0.3F), 1.5F, at::kCPU);
  ExpectSameGradients(
      {at::randn({11, 5, 24}), at::randn({24})},
      [&](const auto& in) { return NormalizeAndRotate(in[0].narrow(1, 1, 3), in[1], 1e-6, rotary); },
      [&](const auto& in) {
        const at::Tensor x = Normalize(in[0].narrow(1, 1, 3), in[1]);
        const at::Tensor a = x.narrow(2, 0, 12);
        const at::Tensor b = x.narrow(2, 12, 12);
        const at::Tensor cosine = rotary.cosine.unsqueeze(1);
        const at::Tensor sine = rotary.sine.unsqueeze(1);
        return at::cat({a * cosine - b * sine, b * cosine + a * sine}, 2);
      });
}

TEST(OpsGradient, SwiGlu) {
  ExpectSameGradients(
      {at::randn({70, 66})}, [](const auto& in) { return SwiGlu(in[0]); },
      [](const auto& in) { return at::silu(in[0].narrow(1, 0, 33)) * in[0].narrow(1, 33, 33); });
}

TEST(OpsGradient, SwiGluOfBf16IsThatOfFp32Rounded) {
  const at::Tensor drawn = at::randn({70, 66}).mul(3).to(at::kBFloat16);
  const at::Tensor above = at::randn({70, 33}).to(at::kBFloat16);
  const auto gradient = [&](at::ScalarType type) {
    at::Tensor in = drawn.to(type, /*non_blocking=*/false, /*copy=*/true).requires_grad_(true);
    SwiGlu(in).backward(above.to(type));
    return in.grad().to(at::kBFloat16);
  };
  EXPECT_TRUE(gradient(at::kBFloat16).equal(gradient(at::kFloat)));
}

TEST(OpsGradient, AttentionInsideEachSequenceWithSharedKeys) {
  const std::vector<int32_t> offsets = {0, 5, 5, 6, 45};
  for (const bool causal : {false, true}) {
    ExpectSameGradients(
        {at::randn({45, 4, 16}), at::randn({45, 2, 16}), at::randn({45, 2, 16})},
        [&](const auto& in) {
          return Attention(in[0], in[1], in[2], MakeSequenceBounds(offsets, at::kCPU), causal);
        },
        [&](const auto& in) {
          std::vector<at::Tensor> out;
          for (const auto& [begin, length] : {std::pair(0, 5), std::pair(5, 1), std::pair(6, 39)}) {
            const auto heads = [&](const at::Tensor& x) {
              const at::Tensor first = x.narrow(0, begin, length).transpose(0, 1);
              return first.size(0) == 4 ? first : first.repeat_interleave(2, 0);
            };
            at::Tensor scores = heads(in[0]).matmul(heads(in[1]).transpose(1, 2)) / 4;
            if (causal) scores = scores + (at::ones({length, length}) * -1e9).triu(1);
            out.push_back(scores.softmax(-1).matmul(heads(in[2])).transpose(0, 1).reshape({length, 64}));
          }
          return at::cat(out, 0);
        });
  }
}

}  // namespace
}  // namespace privet
