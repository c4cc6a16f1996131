#include "training/learn/span_objective.h"

#include <ATen/Parallel.h>
#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/zeros.h>
#include <torch/csrc/autograd/custom_function.h>

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "training/learn/span_set.h"

namespace privet {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::Function;
using torch::autograd::variable_list;

// The summed loss of all lattices, computed on the CPU. potentials [candidates of all, types].
struct SpanSetFunction : Function<SpanSetFunction> {
  static at::Tensor forward(AutogradContext* context, const at::Tensor& potentials,
                            const std::vector<SpanLattice>* lattices) {
    const at::Tensor values = potentials.to(at::kCPU, at::kFloat).contiguous();
    const auto types = static_cast<size_t>(potentials.size(1));
    at::Tensor gradient = at::zeros(values.sizes(), values.options());
    const float* const from = values.const_data_ptr<float>();
    float* const to = gradient.mutable_data_ptr<float>();
    std::vector<size_t> offsets = {0};
    for (const SpanLattice& lattice : *lattices)
      offsets.push_back(offsets.back() + lattice.candidates.size() * types);
    std::vector<double> losses(lattices->size());
    at::parallel_for(0, static_cast<int64_t>(lattices->size()), 1, [&](int64_t first, int64_t last) {
      for (auto i = static_cast<size_t>(first); i < static_cast<size_t>(last); ++i) {
        const size_t size = offsets[i + 1] - offsets[i];
        losses[i] = SpanSetLoss((*lattices)[i], {from + offsets[i], size}, {to + offsets[i], size});
      }
    });
    double sum = 0;
    for (const double loss : losses) sum += loss;
    context->save_for_backward({gradient.to(potentials.device())});
    return at::zeros({}, potentials.options()).fill_(sum);
  }

  static variable_list backward(AutogradContext* context, const variable_list& gradients) {
    return {context->get_saved_variables()[0] * gradients[0], at::Tensor()};
  }
};

// Softmax over one span's potentials and none's, which is 0.
std::vector<double> ProbabilitiesOf(std::span<const float> potentials) {
  const double highest = std::max(0.0F, *std::max_element(potentials.begin(), potentials.end()));
  double sum = std::exp(-highest);
  for (const float potential : potentials) sum += std::exp(potential - highest);
  std::vector<double> probabilities;
  for (const float potential : potentials) probabilities.push_back(std::exp(potential - highest) / sum);
  return probabilities;
}

WindowFindings FindingsOf(size_t tokens, const std::vector<TokenRange>& candidates,
                          std::span<const float> potentials, std::span<const EntityType> types) {
  WindowFindings findings;
  for (const ChosenSpan& span : BestSpanSet(tokens, candidates, types.size(), potentials))
    findings.best.push_back({candidates[span.candidate], types[span.type]});
  for (size_t i = 0; i < candidates.size(); ++i) {
    const std::vector<double> probabilities =
        ProbabilitiesOf(potentials.subspan(i * types.size(), types.size()));
    for (size_t type = 0; type < types.size(); ++type) {
      if (probabilities[type] >= kLowestDevProbability)
        findings.likely.push_back({candidates[i], types[type], probabilities[type]});
    }
  }
  return findings;
}

}  // namespace

at::Tensor SpanSetObjective::SummedLoss(const at::Tensor& rows, const Targets& targets) const {
  std::vector<TokenRange> spans;
  for (size_t i = 0; i < targets.lattices.size(); ++i) {
    const auto first = static_cast<size_t>(targets.offsets[i]);
    for (const TokenRange& candidate : targets.lattices[i].candidates)
      spans.push_back({first + candidate.begin, first + candidate.end});
  }
  return SpanSetFunction::apply(SpanPotentials(*model_.span_head(), rows, spans), &targets.lattices);
}

double SpanSetObjective::Weight(const Targets& targets) const {
  size_t choices = 0;
  for (const SpanLattice& lattice : targets.lattices) choices += 1 + lattice.candidates.size();
  return static_cast<double>(choices);
}

absl::StatusOr<DevScores> ScoreSpanDev(std::span<const DevText> texts, const LabelScheme& scheme,
                                       TrainableModel* model, int64_t batch_tokens, double at) {
  const auto find = [&](const PackedTokens& tokens,
                        std::span<const DevWindow> windows) -> absl::StatusOr<std::vector<WindowFindings>> {
    const at::NoGradGuard no_gradients;
    std::vector<std::vector<TokenRange>> candidates(windows.size());
    std::vector<TokenRange> spans;  // of all windows, in the batch's tokens
    for (size_t i = 0; i < windows.size(); ++i) {
      const auto [begin, end] = windows[i].window->tokens;
      const auto first = static_cast<size_t>(tokens.offsets[i]);
      for (const TokenRange& range :
           ProposedRanges(windows[i].text->record, windows[i].text->token_bytes, scheme)) {
        if (range.begin < begin || range.end > end) continue;
        candidates[i].push_back({range.begin - begin, range.end - begin});
        spans.push_back({first + range.begin - begin, first + range.end - begin});
      }
    }
    const at::Tensor potentials = SpanPotentials(*model->span_head(), model->Forward(tokens, false), spans)
                                      .to(at::kCPU, at::kFloat)
                                      .contiguous();
    const std::span<const float> values(potentials.const_data_ptr<float>(),
                                        static_cast<size_t>(potentials.numel()));
    std::vector<WindowFindings> findings;
    size_t next = 0;
    for (size_t i = 0; i < windows.size(); ++i) {
      const size_t size = candidates[i].size() * scheme.types().size();
      findings.push_back(FindingsOf(windows[i].window->tokens.size(), candidates[i],
                                    values.subspan(next, size), scheme.types()));
      next += size;
    }
    return findings;
  };
  return ScoreDev(texts, scheme, find, batch_tokens, at);
}

}  // namespace privet
