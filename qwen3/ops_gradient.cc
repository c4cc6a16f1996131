#include "qwen3/ops_gradient.h"

#include <ATen/Parallel.h>
#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/_scaled_dot_product_flash_attention_for_cpu.h>
#include <ATen/ops/_scaled_dot_product_flash_attention_for_cpu_backward.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/empty_like.h>
#include <ATen/ops/zeros.h>
#include <torch/csrc/autograd/custom_function.h>

#include <algorithm>
#include <utility>

#include "qwen3/kernels/row_gradients.h"
#include "qwen3/kernels/rows.h"
#ifdef PRIVET_CUDA
#include "qwen3/ops_cuda.h"
#endif

namespace privet {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::Function;
using torch::autograd::variable_list;

// Rows of a task; each thread sums weight gradients on its own, so a task should be large.
int64_t RowsPerTask(int64_t rows) {
  return std::max<int64_t>(64, (rows + at::get_num_threads() - 1) / at::get_num_threads());
}

// Calls f(begin, end, weight gradient or nullptr) over all rows, and gives the sum of the weight gradients.
template <typename F>
at::Tensor SumOverTasks(int64_t rows, const at::Tensor& weight, bool wanted, const F& f) {
  const int64_t rows_per_task = RowsPerTask(rows);
  const int64_t tasks = std::max<int64_t>(1, (rows + rows_per_task - 1) / rows_per_task);
  const int64_t width = weight.numel();
  at::Tensor partial = wanted ? at::zeros({tasks, width}, weight.options()) : at::Tensor();
  float* const sums = wanted ? partial.mutable_data_ptr<float>() : nullptr;
  at::parallel_for(0, tasks, 1, [&](int64_t first, int64_t last) {
    for (int64_t task = first; task < last; ++task) {
      f(task * rows_per_task, std::min(rows, (task + 1) * rows_per_task),
        wanted ? sums + task * width : nullptr);
    }
  });
  return wanted ? partial.sum(0).view_as(weight) : at::Tensor();
}

struct RmsNormFunction : Function<RmsNormFunction> {
  static at::Tensor forward(AutogradContext* context, const at::Tensor& x, const at::Tensor& weight,
                            double epsilon) {
    const at::Tensor dense = x.contiguous();
    context->save_for_backward({dense, weight});
    context->saved_data["epsilon"] = epsilon;
    return RmsNorm(dense, weight, epsilon);
  }

  static variable_list backward(AutogradContext* context, const variable_list& gradients) {
    const variable_list saved = context->get_saved_variables();
    const at::Tensor& x = saved[0];
    const at::Tensor& weight = saved[1];
    const auto epsilon = static_cast<float>(context->saved_data["epsilon"].toDouble());
    const at::Tensor out_gradient = gradients[0].contiguous();
#ifdef PRIVET_CUDA
    if (x.is_cuda()) {
      auto [of_x, of_weight] =
          RmsNormGradientOnCuda(x, weight, epsilon, out_gradient, context->needs_input_grad(1));
      return {std::move(of_x), std::move(of_weight), at::Tensor()};
    }
#endif
    at::Tensor x_gradient = at::empty_like(x);
    const int64_t width = x.size(-1);
    const float* const from = x.const_data_ptr<float>();
    const float* const scale = weight.const_data_ptr<float>();
    const float* const above = out_gradient.const_data_ptr<float>();
    float* const to = x_gradient.mutable_data_ptr<float>();
    at::Tensor weight_gradient = SumOverTasks(
        x.numel() / width, weight, context->needs_input_grad(1), [&](int64_t begin, int64_t end, float* sum) {
          RmsNormRowsGradient(from + begin * width, scale, epsilon, above + begin * width, end - begin, width,
                              to + begin * width, sum);
        });
    return {std::move(x_gradient), std::move(weight_gradient), at::Tensor()};
  }
};

struct NormalizeAndRotateFunction : Function<NormalizeAndRotateFunction> {
  static at::Tensor forward(AutogradContext* context, const at::Tensor& x, const at::Tensor& weight,
                            const at::Tensor& cosine, const at::Tensor& sine, double epsilon) {
    context->save_for_backward({x, weight, cosine, sine});
    context->saved_data["epsilon"] = epsilon;
    return NormalizeAndRotate(x, weight, epsilon, {cosine, sine});
  }

  static variable_list backward(AutogradContext* context, const variable_list& gradients) {
    const variable_list saved = context->get_saved_variables();
    const at::Tensor& x = saved[0];
    const at::Tensor& weight = saved[1];
    const auto epsilon = static_cast<float>(context->saved_data["epsilon"].toDouble());
    const at::Tensor out_gradient = gradients[0].contiguous();
#ifdef PRIVET_CUDA
    if (x.is_cuda()) {
      auto [of_x, of_weight] = NormalizeAndRotateGradientOnCuda(x, weight, epsilon, {saved[2], saved[3]},
                                                                out_gradient, context->needs_input_grad(1));
      return {std::move(of_x), std::move(of_weight), at::Tensor(), at::Tensor(), at::Tensor()};
    }
#endif
    const int64_t heads = x.size(1);
    const int64_t head_dim = x.size(2);
    const int64_t half = head_dim / 2;
    const int64_t stride = x.stride(0);
    at::Tensor x_gradient = at::empty(x.sizes(), x.options().memory_format(at::MemoryFormat::Contiguous));
    const float* const from = x.const_data_ptr<float>();
    const float* const scale = weight.const_data_ptr<float>();
    const float* const cosine = saved[2].const_data_ptr<float>();
    const float* const sine = saved[3].const_data_ptr<float>();
    const float* const above = out_gradient.const_data_ptr<float>();
    float* const to = x_gradient.mutable_data_ptr<float>();
    const int64_t width = heads * head_dim;
    at::Tensor weight_gradient = SumOverTasks(
        x.size(0), weight, context->needs_input_grad(1), [&](int64_t begin, int64_t end, float* sum) {
          NormalizeAndRotateHeadsGradient(from + begin * stride, stride, scale, epsilon,
                                          cosine + begin * half, sine + begin * half, above + begin * width,
                                          end - begin, heads, head_dim, to + begin * width, width, sum);
        });
    return {std::move(x_gradient), std::move(weight_gradient), at::Tensor(), at::Tensor(), at::Tensor()};
  }
};

struct SwiGluFunction : Function<SwiGluFunction> {
  static at::Tensor forward(AutogradContext* context, const at::Tensor& gate_up) {
    const at::Tensor dense = gate_up.contiguous();
    context->save_for_backward({dense});
    return SwiGlu(dense);
  }

  static variable_list backward(AutogradContext* context, const variable_list& gradients) {
    const at::Tensor gate_up = context->get_saved_variables()[0];
    const at::Tensor out_gradient = gradients[0].to(gate_up.scalar_type()).contiguous();
#ifdef PRIVET_CUDA
    if (gate_up.is_cuda()) return {SwiGluGradientOnCuda(gate_up, out_gradient)};
#endif
    at::Tensor gradient = at::empty_like(gate_up);
    const int64_t width = gate_up.size(1) / 2;
    const auto run = [&](const auto* from, const auto* above, auto* to) {
      at::parallel_for(0, gate_up.size(0), RowsPerTask(gate_up.size(0)), [&](int64_t begin, int64_t end) {
        SwiGluRowsGradient(from + begin * 2 * width, above + begin * width, end - begin, width,
                           to + begin * 2 * width);
      });
    };
    if (gate_up.scalar_type() == at::kBFloat16) {
      run(static_cast<const uint16_t*>(gate_up.const_data_ptr()),
          static_cast<const uint16_t*>(out_gradient.const_data_ptr()),
          static_cast<uint16_t*>(gradient.mutable_data_ptr()));
    } else {
      run(gate_up.const_data_ptr<float>(), out_gradient.const_data_ptr<float>(),
          gradient.mutable_data_ptr<float>());
    }
    return {std::move(gradient)};
  }
};

// [length, heads, head_dim] of one sequence as the [1, heads, length, head_dim] that ATen wants, each key and
// value head once for every query head that reads it.
at::Tensor HeadsFirst(const at::Tensor& packed, int64_t begin, int64_t length, int64_t copies) {
  const at::Tensor heads = packed.narrow(0, begin, length).transpose(0, 1).unsqueeze(0);
  return copies == 1 ? heads : heads.repeat_interleave(copies, 1);
}

// Calls f(i, begin, length) for each sequence that is not empty, on all threads.
template <typename F>
void ForEachSequence(const std::vector<int64_t>& offsets, const F& f) {
  at::parallel_for(0, static_cast<int64_t>(offsets.size()) - 1, 1, [&](int64_t first, int64_t last) {
    const at::NoGradGuard no_gradients;  // of this thread
    for (int64_t i = first; i < last; ++i) {
      const int64_t begin = offsets[static_cast<size_t>(i)];
      const int64_t length = offsets[static_cast<size_t>(i) + 1] - begin;
      if (length > 0) f(static_cast<size_t>(i), begin, length);
    }
  });
}

struct AttentionFunction : Function<AttentionFunction> {
  static at::Tensor forward(AutogradContext* context, const at::Tensor& query, const at::Tensor& key,
                            const at::Tensor& value, const std::vector<int64_t>& offsets, bool causal) {
    const int64_t copies = query.size(1) / key.size(1);
    at::Tensor out = at::empty(query.sizes(), query.options().memory_format(at::MemoryFormat::Contiguous));
    variable_list log_sums(offsets.size() - 1);
    ForEachSequence(offsets, [&](size_t i, int64_t begin, int64_t length) {
      auto [attended, log_sum] = at::_scaled_dot_product_flash_attention_for_cpu(
          HeadsFirst(query, begin, length, 1), HeadsFirst(key, begin, length, copies),
          HeadsFirst(value, begin, length, copies), /*dropout_p=*/0.0, causal);
      out.narrow(0, begin, length).copy_(attended.squeeze(0).transpose(0, 1));
      log_sums[i] = std::move(log_sum);
    });
    variable_list saved = {query, key, value, out};
    saved.insert(saved.end(), log_sums.begin(), log_sums.end());
    context->save_for_backward(saved);
    context->saved_data["offsets"] = offsets;
    context->saved_data["causal"] = causal;
    return out;
  }

  static variable_list backward(AutogradContext* context, const variable_list& gradients) {
    const variable_list saved = context->get_saved_variables();
    const at::Tensor& query = saved[0];
    const at::Tensor& key = saved[1];
    const at::Tensor& value = saved[2];
    const at::Tensor& out = saved[3];
    const std::vector<int64_t> offsets = context->saved_data["offsets"].toIntVector();
    const bool causal = context->saved_data["causal"].toBool();
    const int64_t copies = query.size(1) / key.size(1);
    const at::Tensor out_gradient = gradients[0].view_as(out);
    const auto options = query.options().memory_format(at::MemoryFormat::Contiguous);
    at::Tensor query_gradient = at::empty(query.sizes(), options);
    at::Tensor key_gradient = at::empty(key.sizes(), options);
    at::Tensor value_gradient = at::empty(value.sizes(), options);
    // Of heads that were read by several queries the gradients add up.
    const auto put = [copies](const at::Tensor& gradient, const at::Tensor& target) {
      const at::Tensor last = gradient.squeeze(0).transpose(0, 1);
      if (last.size(1) == target.size(1)) {
        target.copy_(last);
      } else {
        target.copy_(last.reshape({last.size(0), target.size(1), copies, last.size(2)}).sum(2));
      }
    };
    ForEachSequence(offsets, [&](size_t i, int64_t begin, int64_t length) {
      const auto [of_query, of_key, of_value] = at::_scaled_dot_product_flash_attention_for_cpu_backward(
          HeadsFirst(out_gradient, begin, length, 1), HeadsFirst(query, begin, length, 1),
          HeadsFirst(key, begin, length, copies), HeadsFirst(value, begin, length, copies),
          HeadsFirst(out, begin, length, 1), saved[4 + i], /*dropout_p=*/0.0, causal);
      put(of_query, query_gradient.narrow(0, begin, length));
      put(of_key, key_gradient.narrow(0, begin, length));
      put(of_value, value_gradient.narrow(0, begin, length));
    });
    return {std::move(query_gradient), std::move(key_gradient), std::move(value_gradient), at::Tensor(),
            at::Tensor()};
  }
};

}  // namespace

at::Tensor RmsNormWithGradient(const at::Tensor& x, const at::Tensor& weight, double epsilon) {
  return RmsNormFunction::apply(x, weight, epsilon);
}

at::Tensor NormalizeAndRotateWithGradient(const at::Tensor& x, const at::Tensor& weight, double epsilon,
                                          const RotaryTable& rotary) {
  return NormalizeAndRotateFunction::apply(x, weight, rotary.cosine, rotary.sine, epsilon);
}

at::Tensor SwiGluWithGradient(const at::Tensor& gate_up) { return SwiGluFunction::apply(gate_up); }

at::Tensor AttentionWithGradient(const at::Tensor& query, const at::Tensor& key, const at::Tensor& value,
                                 const std::vector<int32_t>& offsets, bool causal) {
  return AttentionFunction::apply(query, key, value, std::vector<int64_t>(offsets.begin(), offsets.end()),
                                  causal)
      .view({query.size(0), query.size(1) * query.size(2)});
}

}  // namespace privet
