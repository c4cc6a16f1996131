// Frozen matrices in four bits: NormalFloat with double quantisation (QLoRA, Dettmers et al. 2023, arXiv
// 2305.14314, section 3).
#ifndef PRIVET_TRAINING_LEARN_NF4_H_
#define PRIVET_TRAINING_LEARN_NF4_H_

#include <ATen/core/Tensor.h>

#include <array>
#include <cstdint>
#include <memory>

namespace privet {

// The 16 values that a weight divided by its block's largest may take (appendix E).
inline constexpr std::array<float, 16> kNf4Values = {-1.0F,
                                                     -0.6961928009986877F,
                                                     -0.5250730514526367F,
                                                     -0.39491748809814453F,
                                                     -0.28444138169288635F,
                                                     -0.18477343022823334F,
                                                     -0.09105003625154495F,
                                                     0.0F,
                                                     0.07958029955625534F,
                                                     0.16093020141124725F,
                                                     0.24611230194568634F,
                                                     0.33791524171829224F,
                                                     0.44070982933044434F,
                                                     0.5626170039176941F,
                                                     0.7229568362236023F,
                                                     1.0F};
inline constexpr int64_t kNf4Block = 64;        // weights that share a scale
inline constexpr int64_t kNf4ScaleBlock = 256;  // scales that share a step

// 4.127 bits a weight: each block of 64 weights in row order has a scale, its largest absolute value. Of the
// scales the mean is taken off, and the rest is kept in whole steps, -127 to 127, of a size that 256 of them
// share. (The paper takes 8-bit floats there; even steps come closer to what is left, which is centred and
// narrow.) A weight gets the code that comes closest with the scale as it is kept. Immutable, thread-safe.
class Nf4Matrix {
 public:
  // weight [rows, columns] in fp32; kept on `device`. What is not finite makes all of the matrix not finite.
  Nf4Matrix(const at::Tensor& weight, const at::Device& device);

  // The weights that the codes stand for, in memory of their own.
  at::Tensor Dense(at::ScalarType type) const;
  // The same into a dense tensor [rows, columns] of fp32 or bf16 on the CPU, where the matrix must be, too.
  void WriteDense(at::Tensor* dense) const;
  // The same as Dense() by ATen's operations, as it is done on CUDA devices.
  at::Tensor DenseByOperations(at::ScalarType type) const;

  int64_t rows() const { return rows_; }
  int64_t columns() const { return columns_; }
  size_t bytes() const {
    return codes_.nbytes() + scales_.nbytes() + steps_.nbytes() + values_.nbytes() + sizeof(mean_);
  }
  at::Device device() const { return codes_.device(); }

 private:
  int64_t rows_;
  int64_t columns_;
  at::Tensor codes_;   // [blocks, 32] uint8: two weights a byte, the earlier one in the low bits
  at::Tensor scales_;  // [blocks] int8: steps above the mean
  at::Tensor steps_;   // [blocks / 256, rounded up] fp32
  at::Tensor values_;  // of the codes, where the matrix is
  float mean_ = 0;     // of the scales
};

// x [tokens, columns] -> x W^T [tokens, rows], in x's dtype. Gradients flow to x. Neither direction keeps the
// dense weights: each makes them anew.
at::Tensor Nf4Linear(const at::Tensor& x, const std::shared_ptr<const Nf4Matrix>& matrix);

}  // namespace privet

#endif  // PRIVET_TRAINING_LEARN_NF4_H_
