#include "training/learn/layer_checkpoint.h"

#include <ATen/Context.h>
#include <ATen/core/grad_mode.h>
#include <ATen/core/ivalue.h>
#include <ATen/ops/zeros.h>
#include <torch/csrc/autograd/autograd.h>
#include <torch/csrc/autograd/custom_function.h>

#include <mutex>
#include <utility>

namespace privet {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::Function;
using torch::autograd::variable_list;

using Layer = std::function<at::Tensor(const at::Tensor&)>;

at::Tensor RandomState(const at::Device& device) {
  at::Generator generator = at::globalContext().defaultGenerator(device);
  const std::scoped_lock lock(generator.mutex());
  return generator.get_state();
}

void SetRandomState(const at::Device& device, const at::Tensor& state) {
  at::Generator generator = at::globalContext().defaultGenerator(device);
  const std::scoped_lock lock(generator.mutex());
  generator.set_state(state);
}

struct Recipe : torch::CustomClassHolder {
  Layer layer;
  at::Tensor random_state;
  bool input_wants_gradient = false;
};

struct CheckpointFunction : Function<CheckpointFunction> {
  // `anchor` wants a gradient, so that there is a backward pass even where only leaves inside the layer want
  // one.
  static at::Tensor forward(AutogradContext* context, const at::Tensor& input, const at::Tensor& /*anchor*/,
                            c10::intrusive_ptr<Recipe> recipe) {
    context->save_for_backward({input});
    at::Tensor output = recipe->layer(input);
    context->saved_data["recipe"] = c10::IValue::make_capsule(std::move(recipe));
    return output;
  }

  static variable_list backward(AutogradContext* context, const variable_list& gradients) {
    const auto capsule = context->saved_data["recipe"].toCapsule();
    const auto* const recipe = static_cast<const Recipe*>(capsule.get());
    const at::Device device = gradients[0].device();
    const at::Tensor now = RandomState(device);
    SetRandomState(device, recipe->random_state);
    const at::AutoGradMode with_gradients(true);
    at::Tensor leaf = context->get_saved_variables()[0].detach();
    leaf.requires_grad_(recipe->input_wants_gradient);
    torch::autograd::backward({recipe->layer(leaf)}, {gradients[0]});
    SetRandomState(device, now);
    return {leaf.grad(), at::Tensor(), at::Tensor()};
  }
};

}  // namespace

at::Tensor RunCheckpointed(const at::Tensor& input, Layer layer) {
  auto recipe = c10::make_intrusive<Recipe>();
  recipe->layer = std::move(layer);
  recipe->random_state = RandomState(input.device());
  recipe->input_wants_gradient = input.requires_grad();
  at::Tensor anchor = at::zeros({1}, at::kFloat);
  anchor.requires_grad_(true);
  return CheckpointFunction::apply(input, anchor, std::move(recipe));
}

}  // namespace privet
