#include "qwen3/linear.h"

#include <ATen/Parallel.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/linear.h>

#include <algorithm>
#include <cmath>
#include <memory>

#include "absl/strings/str_cat.h"
#include "qwen3/kernels/int8_gemm.h"

namespace privet {
namespace {

at::Tensor ForwardInt8(const at::Tensor& x, const Int8Weights& weights) {
  const Int8Kernel& kernel = BestInt8Kernel();
  const at::Tensor dense = x.contiguous();
  const int64_t tokens = dense.size(0);
  const int64_t row_bytes = Int8RowBytes(weights.depth());
  at::Tensor y = at::empty({tokens, weights.columns()}, dense.options());
  const float* const from = dense.const_data_ptr<float>();
  float* const to = y.mutable_data_ptr<float>();
  const auto rows = std::make_unique_for_overwrite<uint8_t[]>(static_cast<size_t>(tokens * row_bytes));
  const auto scales = std::make_unique_for_overwrite<float[]>(static_cast<size_t>(tokens));
  const auto quantize = [&](int64_t begin, int64_t end) {
    QuantizeRows(from + begin * weights.depth(), end - begin, weights.depth(), rows.get() + begin * row_bytes,
                 scales.get() + begin);
  };

  // Threads share out the tokens; when those are few, the columns.
  const int64_t threads = at::get_num_threads();
  if (tokens >= threads * 2 * kernel.max_rows) {
    at::parallel_for(0, tokens, kernel.max_rows, [&](int64_t begin, int64_t end) {
      quantize(begin, end);
      MultiplyInt8(kernel, rows.get() + begin * row_bytes, scales.get() + begin, end - begin, weights, 0,
                   weights.panels(), to + begin * weights.columns());
    });
  } else {
    quantize(0, tokens);
    at::parallel_for(0, weights.panels(), int64_t{4} * kernel.max_panels, [&](int64_t begin, int64_t end) {
      MultiplyInt8(kernel, rows.get(), scales.get(), tokens, weights, begin, end, to);
    });
  }
  return y;
}

}  // namespace

absl::StatusOr<Linear> Linear::Int8(const at::Tensor& weight) {
  const at::Tensor dense = weight.contiguous();
  if (dense.size(1) > kMaxInt8Depth) {
    return absl::InvalidArgumentError(
        absl::StrCat("is ", dense.size(1), " wide, int8 takes up to ", kMaxInt8Depth, "; use fp32 or bf16"));
  }
  const float* const values = dense.const_data_ptr<float>();
  if (!std::all_of(values, values + dense.numel(), [](float value) { return std::isfinite(value); }))
    return absl::InvalidArgumentError("holds what is no number; take another checkpoint");
  Linear linear;
  linear.int8_ =
      std::make_shared<const Int8Weights>(dense.const_data_ptr<float>(), dense.size(0), dense.size(1));
  return linear;
}

at::Tensor Linear::Forward(const at::Tensor& x) const { return ForwardAsMultiplied(x).to(x.scalar_type()); }

at::Tensor Linear::ForwardAsMultiplied(const at::Tensor& x) const {
  if (int8_ != nullptr) return ForwardInt8(x, *int8_);
  const at::Tensor in = bf16_products_ ? x.to(at::kBFloat16) : x;
  at::Tensor y =
      product_ ? product_(in) : at::linear(in, bf16_products_ ? weight_.to(at::kBFloat16) : weight_);
  if (adapt_) y = adapt_(in, y);
  return y;
}

}  // namespace privet
