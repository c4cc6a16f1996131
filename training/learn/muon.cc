#include "training/learn/muon.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/addmm.h>
#include <ATen/ops/mm.h>

#include <algorithm>
#include <cmath>

namespace privet {

at::Tensor Orthogonalize(const at::Tensor& matrix, bool bf16) {
  constexpr double kLinear = 3.4445;
  constexpr double kCubic = -4.7750;
  constexpr double kQuintic = 2.0315;
  constexpr int kSteps = 5;
  const bool tall = matrix.size(0) > matrix.size(1);  // the products below are then smaller of the transpose
  at::Tensor x = matrix / matrix.norm().add(1e-7);
  if (tall) x = x.t();
  x = x.to(bf16 ? at::kBFloat16 : at::kFloat).contiguous();
  for (int step = 0; step < kSteps; ++step) {
    const at::Tensor gram = at::mm(x, x.t());
    const at::Tensor factor = at::addmm(gram, gram, gram, kCubic, kQuintic);
    x = at::addmm(x, factor, x, kLinear, 1);
  }
  x = x.to(at::kFloat);
  return tall ? x.t() : x;
}

double MuonScale(int64_t rows, int64_t columns) {
  return 0.2 * std::sqrt(static_cast<double>(std::max(rows, columns)));
}

}  // namespace privet
