#include <ATen/Context.h>
#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/randn.h>
#include <gtest/gtest.h>
#include <torch/csrc/autograd/autograd.h>

#include <functional>
#include <vector>

#include "qwen3/ops.h"

// The kernels of a CUDA device against those of the CPU, which get the same numbers: rounded to what the
// device stores, and then taken in fp32.
namespace privet {
namespace {

using Formula = std::function<at::Tensor(const std::vector<at::Tensor>&)>;

class OpsCudaTest : public testing::TestWithParam<at::ScalarType> {
 protected:
  void SetUp() override {
    if (!at::hasCUDA()) GTEST_SKIP() << "there is no CUDA device";
    at::manual_seed(1);
  }

  // In shares of the largest number: what is stored in bf16 is off by 2^-8 of itself at most.
  static void ExpectNear(const at::Tensor& found, const at::Tensor& expected, const std::string& what) {
    ASSERT_TRUE(found.is_cuda()) << what;
    ASSERT_EQ(found.scalar_type(), GetParam()) << what;
    ASSERT_EQ(found.sizes(), expected.sizes()) << what;
    const double largest = expected.abs().max().item<double>();
    const double off = (found.cpu().to(at::kFloat) - expected).abs().max().item<double>();
    EXPECT_GT(largest, 1e-3) << what;
    EXPECT_LT(off / largest, GetParam() == at::kBFloat16 ? 4e-3 : 2e-5) << what;
  }

  // The formula and its gradients for those of the inputs that learn.
  static void ExpectAsOnTheCpu(const std::vector<at::Tensor>& inputs, const std::vector<bool>& learns,
                               const Formula& formula) {
    const auto take = [&](const at::Device& device, at::ScalarType type, std::vector<at::Tensor>* leaves) {
      std::vector<at::Tensor> taken;
      for (size_t i = 0; i < inputs.size(); ++i) {
        taken.push_back(inputs[i].to(GetParam()).to(device, type));
        if (learns[i]) leaves->push_back(taken.back().requires_grad_(true));
      }
      return taken;
    };
    std::vector<at::Tensor> cpu_leaves, cuda_leaves;
    const auto cpu = take(at::kCPU, at::kFloat, &cpu_leaves);
    const auto cuda = take(at::kCUDA, GetParam(), &cuda_leaves);
    const at::Tensor expected = formula(cpu);
    const at::Tensor found = formula(cuda);
    ExpectNear(found.detach(), expected.detach(), "with gradients");
    {
      const at::NoGradGuard no_gradients;
      ExpectNear(formula(cuda), expected.detach(), "without gradients");
    }
    const at::Tensor above = at::randn(expected.sizes()).to(GetParam());
    const auto of_cpu = torch::autograd::grad({expected}, cpu_leaves, {above.to(at::kFloat)});
    const auto of_cuda = torch::autograd::grad({found}, cuda_leaves, {above.to(at::kCUDA)});
    ASSERT_EQ(of_cuda.size(), of_cpu.size());
    for (size_t i = 0; i < of_cpu.size(); ++i)
      ExpectNear(of_cuda[i], of_cpu[i], "gradient " + std::to_string(i));
  }
};

// Widths that are read in packs and one that is not, more rows than there are partial sums, one row.
TEST_P(OpsCudaTest, RmsNorm) {
  for (const auto& [rows, width] : {std::pair<int64_t, int64_t>(1500, 1024), {700, 70}, {3, 4096}, {1, 1}}) {
    SCOPED_TRACE(std::to_string(rows) + " rows of " + std::to_string(width));
    for (const bool weight_learns : {true, false}) {
      ExpectAsOnTheCpu({at::randn({rows, width}), at::randn({width})}, {true, weight_learns},
                       [](const auto& in) { return RmsNorm(in[0], in[1], 1e-6); });
    }
  }
}

TEST_P(OpsCudaTest, RmsNormOfRowsThatBeginBesideA16ByteBorder) {
  ExpectAsOnTheCpu({at::randn({1 + 20 * 64}), at::randn({64})}, {true, true}, [](const auto& in) {
    return RmsNorm(in[0].narrow(0, 1, 20 * 64).view({20, 64}), in[1], 1e-6);
  });
}

TEST_P(OpsCudaTest, NormalizeAndRotateOfASliceOfTheJointProjection) {
  for (const int64_t head_dim : {128, 64, 24}) {
    SCOPED_TRACE(head_dim);
    const std::vector<float> frequencies(static_cast<size_t>(head_dim / 2), 0.3F);
    const std::vector<int32_t> offsets = {0, 4, 4, 300};
    for (const bool weight_learns : {true, false}) {
      ExpectAsOnTheCpu({at::randn({300, 11, head_dim}), at::randn({head_dim})}, {true, weight_learns},
                       [&](const auto& in) {
                         const RotaryTable rotary =
                             MakeRotaryTable(offsets, frequencies, 1.5F, in[0].device());
                         return NormalizeAndRotate(in[0].narrow(1, 2, 8), in[1], 1e-6, rotary);
                       });
    }
  }
}

TEST_P(OpsCudaTest, SwiGlu) {
  for (const auto& [rows, width] : {std::pair<int64_t, int64_t>(1000, 3072), {70, 33}, {1, 8}}) {
    SCOPED_TRACE(std::to_string(rows) + " rows of " + std::to_string(width));
    ExpectAsOnTheCpu({at::randn({rows, 2 * width}) * 4}, {true},
                     [](const auto& in) { return SwiGlu(in[0]); });
  }
}

TEST_P(OpsCudaTest, SwiGluHoldsForHugeGates) {
  const at::Tensor gate_up = at::randn({1, 16});
  for (int64_t i = 0; i < 8; ++i) gate_up[0][i] = i % 2 == 0 ? 1000 : -1000;
  ExpectAsOnTheCpu({gate_up}, {true}, [](const auto& in) { return SwiGlu(in[0]); });
}

// Heads that attention in one kernel takes and heads that it does not, sequences of one token, empty ones.
TEST_P(OpsCudaTest, Attention) {
  const double most_off = GetParam() == at::kBFloat16 ? 2e-2 : 1e-4;  // of the largest number
  for (const int64_t head_dim : {64, 20, 264}) {
    for (const auto& offsets : {std::vector<int32_t>{0, 1, 5, 5, 90}, {0, 1, 1, 2, 3}}) {
      for (const bool causal : {false, true}) {
        SCOPED_TRACE(std::to_string(head_dim) + (causal ? " causal" : "") + " " + std::to_string(offsets[2]));
        const int64_t tokens = offsets.back();
        const at::NoGradGuard no_gradients;
        const auto draw = [&](int64_t heads) { return at::randn({tokens, heads, head_dim}).to(GetParam()); };
        const at::Tensor query = draw(4), key = draw(2), value = draw(2);
        const auto wide = [](const at::Tensor& x) { return x.to(at::kFloat); };
        const auto there = [](const at::Tensor& x) { return x.to(at::kCUDA); };
        const at::Tensor expected =
            Attention(wide(query), wide(key), wide(value), MakeSequenceBounds(offsets, at::kCPU), causal);
        const at::Tensor found =
            Attention(there(query), there(key), there(value), MakeSequenceBounds(offsets, at::kCUDA), causal);
        ASSERT_EQ(found.sizes(), expected.sizes());
        const double off = (found.cpu().to(at::kFloat) - expected).abs().max().item<double>();
        EXPECT_LT(off / expected.abs().max().item<double>(), most_off);
      }
    }
  }
}

TEST_P(OpsCudaTest, NoRowsGiveNoRows) {
  const auto options = at::TensorOptions(at::kCUDA).dtype(GetParam());
  EXPECT_EQ(RmsNorm(at::randn({0, 64}, options), at::randn({64}, options), 1e-6).size(0), 0);
  EXPECT_EQ(SwiGlu(at::randn({0, 64}, options)).size(0), 0);
}

INSTANTIATE_TEST_SUITE_P(Types, OpsCudaTest, testing::Values(at::kFloat, at::kBFloat16),
                         [](const auto& test) { return std::string(c10::toString(test.param)); });

}  // namespace
}  // namespace privet
