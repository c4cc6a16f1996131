// A matrix of the model that is trained: dense, or frozen in four bits.
#ifndef PRIVET_TRAINING_LEARN_BASE_MATRIX_H_
#define PRIVET_TRAINING_LEARN_BASE_MATRIX_H_

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <memory>
#include <utility>

#include "qwen3/linear.h"
#include "training/learn/nf4.h"

namespace privet {

// [rows, columns] = [out, in]. A value: copies share the weights.
class BaseMatrix {
 public:
  BaseMatrix() = default;
  BaseMatrix(at::Tensor dense) : dense_(std::move(dense)) {}  // fp32
  // Quantises; the dense weight is not kept.
  static BaseMatrix Nf4(const at::Tensor& weight);

  // The weights in fp32: in NF4 made anew, so do not keep them.
  at::Tensor Values() const { return nf4_ != nullptr ? nf4_->Dense(at::kFloat) : dense_; }
  // What an optimiser moves; undefined in NF4.
  at::Tensor* dense() { return &dense_; }

  int64_t rows() const { return nf4_ != nullptr ? nf4_->rows() : dense_.size(0); }
  int64_t columns() const { return nf4_ != nullptr ? nf4_->columns() : dense_.size(1); }
  int64_t numel() const { return rows() * columns(); }
  size_t nbytes() const { return nf4_ != nullptr ? nf4_->bytes() : dense_.nbytes(); }
  at::Device device() const { return nf4_ != nullptr ? nf4_->device() : dense_.device(); }

  // The layer that multiplies with it; `adapt` may be empty.
  Linear AsLinear(bool bf16_products, Linear::Adapt adapt) const;

 private:
  at::Tensor dense_;
  std::shared_ptr<const Nf4Matrix> nf4_;
};

inline BaseMatrix BaseMatrix::Nf4(const at::Tensor& weight) {
  BaseMatrix matrix;
  matrix.nf4_ = std::make_shared<const Nf4Matrix>(weight, weight.device());
  return matrix;
}

inline Linear BaseMatrix::AsLinear(bool bf16_products, Linear::Adapt adapt) const {
  if (nf4_ == nullptr) return {dense_, bf16_products, std::move(adapt)};
  return {[nf4 = nf4_](const at::Tensor& x) { return Nf4Linear(x, nf4); }, bf16_products, std::move(adapt)};
}

}  // namespace privet

#endif  // PRIVET_TRAINING_LEARN_BASE_MATRIX_H_
