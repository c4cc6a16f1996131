#include "training/learn/nf4.h"

#include <ATen/Parallel.h>
#include <ATen/TensorOperators.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/linear.h>
#include <ATen/ops/mm.h>
#include <ATen/ops/stack.h>
#include <ATen/ops/tensor.h>
#include <ATen/ops/zeros.h>
#include <c10/util/BFloat16.h>
#include <torch/csrc/autograd/custom_function.h>

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

namespace privet {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::Function;
using torch::autograd::variable_list;

constexpr int64_t kBlockBytes = kNf4Block / 2;
constexpr float kMostSteps = 127;

// Half way between neighbours.
constexpr std::array<float, 15> kBorders = [] {
  std::array<float, 15> borders = {};
  for (size_t i = 0; i < borders.size(); ++i) borders[i] = (kNf4Values[i] + kNf4Values[i + 1]) / 2;
  return borders;
}();

uint8_t CodeOf(float value) {
  uint8_t code = 0;
  for (const float border : kBorders) code = static_cast<uint8_t>(code + (value > border ? 1 : 0));
  return code;
}

// Not a number where one of them is not finite.
float LargestOf(const float* begin, const float* end) {
  float largest = 0;
  float poison = 0;
  for (; begin != end; ++begin) {
    largest = std::max(largest, std::abs(*begin));
    poison += *begin * 0;
  }
  return largest + poison;
}

template <typename T>
void WriteBlock(const uint8_t* codes, float scale, int64_t count, T* to) {
  std::array<T, 16> values;
  for (size_t i = 0; i < values.size(); ++i) values[i] = static_cast<T>(kNf4Values[i] * scale);
  for (int64_t i = 0; i + 1 < count; i += 2) {
    to[i] = values[codes[i / 2] & 15];
    to[i + 1] = values[codes[i / 2] >> 4];
  }
  if (count % 2 == 1) to[count - 1] = values[codes[count / 2] & 15];
}

}  // namespace

Nf4Matrix::Nf4Matrix(const at::Tensor& weight, const at::Device& device)
    : rows_(weight.size(0)), columns_(weight.size(1)) {
  const at::Tensor dense = weight.detach().to(at::kCPU, at::kFloat).contiguous();
  const float* const from = dense.const_data_ptr<float>();
  const int64_t count = dense.numel();
  const int64_t blocks = (count + kNf4Block - 1) / kNf4Block;
  const auto begin_of = [&](int64_t block) { return from + block * kNf4Block; };
  const auto end_of = [&](int64_t block) { return from + std::min(count, (block + 1) * kNf4Block); };

  std::vector<float> scales(static_cast<size_t>(blocks));
  at::parallel_for(0, blocks, 1024, [&](int64_t first, int64_t last) {
    for (int64_t block = first; block < last; ++block)
      scales[static_cast<size_t>(block)] = LargestOf(begin_of(block), end_of(block));
  });
  double sum = 0;
  for (const float scale : scales) sum += scale;
  mean_ = blocks == 0 ? 0 : static_cast<float>(sum / static_cast<double>(blocks));

  codes_ = at::zeros({blocks, kBlockBytes}, at::kByte);
  scales_ = at::zeros({blocks}, at::kChar);
  steps_ = at::zeros({(blocks + kNf4ScaleBlock - 1) / kNf4ScaleBlock}, at::kFloat);
  auto* const codes = codes_.mutable_data_ptr<uint8_t>();
  auto* const kept = scales_.mutable_data_ptr<int8_t>();
  auto* const steps = steps_.mutable_data_ptr<float>();
  at::parallel_for(0, steps_.numel(), 1, [&](int64_t first, int64_t last) {
    for (int64_t group = first; group < last; ++group) {
      const int64_t begin = group * kNf4ScaleBlock;
      const int64_t end = std::min(blocks, begin + kNf4ScaleBlock);
      float farthest = 0;
      for (int64_t block = begin; block < end; ++block)
        farthest = std::max(farthest, std::abs(scales[static_cast<size_t>(block)] - mean_));
      const float step = farthest / kMostSteps;
      steps[group] = step;
      for (int64_t block = begin; block < end; ++block) {
        const float in_steps = (scales[static_cast<size_t>(block)] - mean_) / step;
        // Where step is 0 or something not finite, the mean alone tells.
        if (std::abs(in_steps) <= kMostSteps + 1)
          kept[block] = static_cast<int8_t>(std::clamp(std::nearbyint(in_steps), -kMostSteps, kMostSteps));
        const float scale = mean_ + step * static_cast<float>(kept[block]);
        const float inverse = scale > 0 ? 1 / scale : 0;
        int64_t i = 0;
        for (const float* value = begin_of(block); value != end_of(block); ++value, ++i) {
          codes[block * kBlockBytes + i / 2] = static_cast<uint8_t>(
              codes[block * kBlockBytes + i / 2] | (CodeOf(*value * inverse) << (i % 2 == 0 ? 0 : 4)));
        }
      }
    }
  });
  codes_ = codes_.to(device);
  scales_ = scales_.to(device);
  steps_ = steps_.to(device);
  values_ = at::tensor(at::ArrayRef<float>(kNf4Values)).to(device);
}

at::Tensor Nf4Matrix::Dense(at::ScalarType type) const {
  if (!codes_.is_cpu()) return DenseByOperations(type);
  if (type != at::kFloat && type != at::kBFloat16) return Dense(at::kFloat).to(type);
  at::Tensor dense = at::empty({rows_, columns_}, type);
  WriteDense(&dense);
  return dense;
}

void Nf4Matrix::WriteDense(at::Tensor* dense) const {
  const auto* const codes = codes_.const_data_ptr<uint8_t>();
  const auto* const scales = scales_.const_data_ptr<int8_t>();
  const auto* const steps = steps_.const_data_ptr<float>();
  const auto write = [&](auto* to) {
    at::parallel_for(0, scales_.numel(), 1024, [&](int64_t first, int64_t last) {
      for (int64_t block = first; block < last; ++block) {
        const float scale = mean_ + steps[block / kNf4ScaleBlock] * static_cast<float>(scales[block]);
        WriteBlock(codes + block * kBlockBytes, scale,
                   std::min(kNf4Block, rows_ * columns_ - block * kNf4Block), to + block * kNf4Block);
      }
    });
  };
  if (dense->scalar_type() == at::kFloat) {
    write(dense->mutable_data_ptr<float>());
  } else {
    write(dense->mutable_data_ptr<at::BFloat16>());
  }
}

at::Tensor Nf4Matrix::DenseByOperations(at::ScalarType type) const {
  const at::Tensor index = at::stack({codes_.bitwise_and(15), codes_.bitwise_right_shift(4)}, -1).view({-1});
  const at::Tensor steps = steps_.repeat_interleave(kNf4ScaleBlock).narrow(0, 0, scales_.numel());
  const at::Tensor scales = steps * scales_.to(at::kFloat) + mean_;
  const at::Tensor blocks =
      values_.index_select(0, index.to(at::kInt)).view({-1, kNf4Block}) * scales.unsqueeze(1);
  return blocks.to(type).view({-1}).narrow(0, 0, rows_ * columns_).view({rows_, columns_});
}

namespace {

// The dense weights for one product, valid until this thread's next. On a CPU in a buffer that each thread
// keeps, as large as its largest matrix: aligned blocks that are made and freed between others leave holes in
// glibc's heap that the next does not fit in, until as much is resident as if all had been kept.
at::Tensor DenseForOneProduct(const Nf4Matrix& matrix, at::ScalarType type) {
  if (!matrix.device().is_cpu() || (type != at::kFloat && type != at::kBFloat16)) return matrix.Dense(type);
  thread_local at::Tensor buffer;
  const auto bytes = matrix.rows() * matrix.columns() * static_cast<int64_t>(c10::elementSize(type));
  if (!buffer.defined() || buffer.numel() < bytes) buffer = at::empty({bytes}, at::kByte);
  at::Tensor dense = buffer.narrow(0, 0, bytes).view(type).view({matrix.rows(), matrix.columns()});
  matrix.WriteDense(&dense);
  return dense;
}

struct Holder : torch::CustomClassHolder {
  std::shared_ptr<const Nf4Matrix> matrix;
};

struct Nf4LinearFunction : Function<Nf4LinearFunction> {
  static at::Tensor forward(AutogradContext* context, const at::Tensor& x,
                            c10::intrusive_ptr<Holder> holder) {
    at::Tensor y = at::linear(x, DenseForOneProduct(*holder->matrix, x.scalar_type()));
    context->saved_data["matrix"] = c10::IValue::make_capsule(std::move(holder));
    return y;
  }

  static variable_list backward(AutogradContext* context, const variable_list& gradients) {
    const auto capsule = context->saved_data["matrix"].toCapsule();
    const auto* const holder = static_cast<const Holder*>(capsule.get());
    return {at::mm(gradients[0], DenseForOneProduct(*holder->matrix, gradients[0].scalar_type())),
            at::Tensor()};
  }
};

}  // namespace

at::Tensor Nf4Linear(const at::Tensor& x, const std::shared_ptr<const Nf4Matrix>& matrix) {
  auto holder = c10::make_intrusive<Holder>();
  holder->matrix = matrix;
  return Nf4LinearFunction::apply(x, std::move(holder));
}

}  // namespace privet
