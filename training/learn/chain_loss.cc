#include "training/learn/chain_loss.h"

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "training/learn/log_add.h"

namespace privet {
namespace {

// The states between two tokens: closed (0), or open in a type (1 + type index); see tagging/chain.h. In BIO
// a span may end at any token, so a label leads to several states.
struct Step {
  size_t from;
  size_t to;
  size_t label;
};

std::vector<Step> StepsOf(const LabelScheme& scheme) {
  std::vector<Step> steps = {{0, 0, scheme.outside_label()}};
  const bool bio = scheme.format() == TagFormat::Bio;
  for (size_t type = 0; type < scheme.types().size(); ++type) {
    const auto add = [&](Tag tag, size_t from, size_t to) {
      if (const auto label = scheme.LabelOf(tag, type)) steps.push_back({from, to, *label});
    };
    const size_t open = 1 + type;
    add(Tag::Begin, 0, open);
    add(Tag::Inside, open, open);
    add(bio ? Tag::Begin : Tag::Single, 0, 0);
    add(bio ? Tag::Inside : Tag::End, open, 0);
  }
  return steps;
}

// The log of the summed mass; with `sign`, adds sign * P(label at token) to the gradient.
double LogMass(const std::vector<Step>& steps, size_t states, size_t labels, std::span<const float> scores,
               const uint8_t* allowed, double sign, std::span<float> gradient) {
  const size_t tokens = scores.size() / labels;
  std::vector<double> forward((tokens + 1) * states, kImpossible);
  forward[0] = 0;
  const auto open = [&](size_t token, const Step& step) {
    return allowed == nullptr || allowed[token * labels + step.label] != 0;
  };
  for (size_t t = 0; t < tokens; ++t) {
    for (const Step& step : steps) {
      if (!open(t, step)) continue;
      double& to = forward[(t + 1) * states + step.to];
      to = LogAdd(to, forward[t * states + step.from] + scores[t * labels + step.label]);
    }
  }
  const double total = forward[tokens * states];
  std::vector<double> after(states, kImpossible);
  std::vector<double> before(states);
  after[0] = 0;
  for (size_t t = tokens; t-- > 0;) {
    std::fill(before.begin(), before.end(), kImpossible);
    for (const Step& step : steps) {
      if (!open(t, step)) continue;
      const double here = scores[t * labels + step.label] + after[step.to];
      before[step.from] = LogAdd(before[step.from], here);
      const double mass = forward[t * states + step.from] + here - total;
      if (mass > -40) gradient[t * labels + step.label] += static_cast<float>(sign * std::exp(mass));
    }
    std::swap(before, after);
  }
  return total;
}

}  // namespace

double ChainLoss(const LabelScheme& scheme, std::span<const float> scores, std::span<const uint8_t> allowed,
                 std::span<float> gradient) {
  const std::vector<Step> steps = StepsOf(scheme);
  const size_t states = scheme.types().size() + 1;
  std::fill(gradient.begin(), gradient.end(), 0.0F);
  const double all = LogMass(steps, states, scheme.label_count(), scores, nullptr, 1, gradient);
  const double right = LogMass(steps, states, scheme.label_count(), scores, allowed.data(), -1, gradient);
  return all - right;
}

}  // namespace privet
