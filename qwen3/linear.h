// A linear layer without bias, in the precision that the model runs in.
#ifndef PRIVET_QWEN3_LINEAR_H_
#define PRIVET_QWEN3_LINEAR_H_

#include <ATen/core/Tensor.h>

#include <functional>
#include <memory>

#include "absl/status/statusor.h"

namespace privet {

class Int8Weights;

// y = x W^T. A value: copies share the weights, which never change. Thread-safe.
class Linear {
 public:
  Linear() = default;
  // `weight` is [out, in], fp32 or bf16, on the device where it will be used. Multiplies in the weight's
  // dtype; in bf16 where `bf16_products`, whatever the dtypes of weight and x.
  explicit Linear(at::Tensor weight, bool bf16_products = false)
      : weight_(std::move(weight)), bf16_products_(bf16_products) {}
  // While an adapter is being trained: `adapt` makes the layer's output of x and x W^T.
  using Adapt = std::function<at::Tensor(const at::Tensor& x, const at::Tensor& y)>;
  Linear(at::Tensor weight, bool bf16_products, Adapt adapt)
      : weight_(std::move(weight)), bf16_products_(bf16_products), adapt_(std::move(adapt)) {}
  // While a frozen weight lies in another form: `product` makes x W^T of x.
  using Product = std::function<at::Tensor(const at::Tensor& x)>;
  Linear(Product product, bool bf16_products, Adapt adapt)
      : bf16_products_(bf16_products), adapt_(std::move(adapt)), product_(std::move(product)) {}
  // Quantises a fp32 weight on the CPU; see kernels/int8_gemm.h. The fp32 weight is not kept.
  // INVALID_ARGUMENT where int8 could not hold it: a number that is none would become a zero, and nobody
  // would see it.
  static absl::StatusOr<Linear> Int8(const at::Tensor& weight);

  // x [tokens, in] -> [tokens, out], in x's dtype.
  at::Tensor Forward(const at::Tensor& x) const;
  // The same in the dtype in which it was multiplied: bf16 where `bf16_products`, so that nothing is
  // converted on the way to what can go on with that.
  at::Tensor ForwardAsMultiplied(const at::Tensor& x) const;

 private:
  at::Tensor weight_;  // undefined when int8, and where there is a product
  bool bf16_products_ = false;
  Adapt adapt_;  // empty: nothing to add
  Product product_;
  std::shared_ptr<const Int8Weights> int8_;
};

}  // namespace privet

#endif  // PRIVET_QWEN3_LINEAR_H_
