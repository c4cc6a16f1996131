// Gradient checkpointing: computing a layer again instead of keeping what it computed (Chen et al. 2016).
#ifndef PRIVET_TRAINING_LEARN_LAYER_CHECKPOINT_H_
#define PRIVET_TRAINING_LEARN_LAYER_CHECKPOINT_H_

#include <ATen/core/Tensor.h>

#include <functional>

namespace privet {

// layer(input), of which autograd keeps only the input; the backward pass runs the layer again, with the same
// random numbers, and adds to the gradients of the leaves inside it.
at::Tensor RunCheckpointed(const at::Tensor& input, std::function<at::Tensor(const at::Tensor&)> layer);

}  // namespace privet

#endif  // PRIVET_TRAINING_LEARN_LAYER_CHECKPOINT_H_
