// The direction of a Muon step.
#ifndef PRIVET_TRAINING_LEARN_MUON_H_
#define PRIVET_TRAINING_LEARN_MUON_H_

#include <ATen/core/Tensor.h>

namespace privet {

// The orthogonal matrix next to `matrix` [rows, columns] (U V^T of its singular value decomposition),
// roughly: five Newton-Schulz steps leave singular values between 0.7 and 1.2 (Jordan et al. 2024, "Muon: An
// optimizer for hidden layers in neural networks", with its coefficients). With `bf16` the products are taken
// in bf16, which its author found to be enough; the result is in fp32.
at::Tensor Orthogonalize(const at::Tensor& matrix, bool bf16);

// Times an orthogonal matrix of this shape, it makes the root mean square of its numbers 0.2, which is about
// that of an AdamW step, so that both can have one learning rate (Liu et al. 2025, "Muon is Scalable for LLM
// Training", section 2.2).
double MuonScale(int64_t rows, int64_t columns);

}  // namespace privet

#endif  // PRIVET_TRAINING_LEARN_MUON_H_
