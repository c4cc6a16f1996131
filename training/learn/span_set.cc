#include "training/learn/span_set.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "training/learn/log_add.h"

namespace privet {
namespace {

// A step from position to position: over a token that is in no span, or over a candidate of a type.
struct Steps {
  const SpanLattice& lattice;
  std::span<const float> potentials;
  size_t types;
  // By token: whether an entity that is right covers it. Empty: every set counts, right or not.
  std::vector<bool> held;

  bool MaySkip(size_t token) const { return held.empty() || !held[token]; }
  bool MayTake(size_t candidate, size_t type) const {
    if (held.empty()) return true;
    const SpanTruth truth = lattice.truth[candidate * types + type];
    if (truth != SpanTruth::Open) return truth == SpanTruth::Right;
    const TokenRange& range = lattice.candidates[candidate];
    return std::none_of(held.begin() + static_cast<ptrdiff_t>(range.begin),
                        held.begin() + static_cast<ptrdiff_t>(range.end), [](bool token) { return token; });
  }
  double Potential(size_t candidate, size_t type) const { return potentials[candidate * types + type]; }
};

// by_end[i]: the candidates in order of their ends. Those of one end are together.
std::vector<size_t> OrderByEnd(std::span<const TokenRange> candidates) {
  std::vector<size_t> order(candidates.size());
  for (size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::stable_sort(order.begin(), order.end(),
                   [&](size_t a, size_t b) { return candidates[a].end < candidates[b].end; });
  return order;
}

// The log mass of all ways to each position.
std::vector<double> Forward(const Steps& steps) {
  const SpanLattice& lattice = steps.lattice;
  std::vector<double> mass(lattice.tokens + 1, kImpossible);
  mass[0] = 0;
  const std::vector<size_t> order = OrderByEnd(lattice.candidates);
  size_t next = 0;
  for (size_t at = 1; at <= lattice.tokens; ++at) {
    if (steps.MaySkip(at - 1)) mass[at] = mass[at - 1];
    for (; next < order.size() && lattice.candidates[order[next]].end == at; ++next) {
      const double before = mass[lattice.candidates[order[next]].begin];
      if (before == kImpossible) continue;
      for (size_t type = 0; type < steps.types; ++type) {
        if (steps.MayTake(order[next], type))
          mass[at] = LogAdd(mass[at], before + steps.Potential(order[next], type));
      }
    }
  }
  return mass;
}

// The log mass; adds sign * P(candidate is in the set, of this type) to the gradient.
double LogMass(const Steps& steps, double sign, std::span<float> gradient) {
  const SpanLattice& lattice = steps.lattice;
  const std::vector<double> forward = Forward(steps);
  const double total = forward[lattice.tokens];
  std::vector<double> after(lattice.tokens + 1, kImpossible);  // the log mass of all ways on from a position
  after[lattice.tokens] = 0;
  size_t next = lattice.candidates.size();
  for (size_t at = lattice.tokens; at-- > 0;) {
    if (steps.MaySkip(at)) after[at] = after[at + 1];
    for (; next > 0 && lattice.candidates[next - 1].begin == at; --next) {
      const size_t candidate = next - 1;
      const double behind = after[lattice.candidates[candidate].end];
      if (behind == kImpossible) continue;
      for (size_t type = 0; type < steps.types; ++type) {
        if (!steps.MayTake(candidate, type)) continue;
        const double here = steps.Potential(candidate, type) + behind;
        after[at] = LogAdd(after[at], here);
        const double share = forward[at] + here - total;
        if (share > -40)
          gradient[candidate * steps.types + type] += static_cast<float>(sign * std::exp(share));
      }
    }
  }
  return total;
}

size_t TypesOf(const SpanLattice& lattice, std::span<const float> potentials) {
  return lattice.candidates.empty() ? 0 : potentials.size() / lattice.candidates.size();
}

}  // namespace

double SpanSetLoss(const SpanLattice& lattice, std::span<const float> potentials, std::span<float> gradient) {
  std::fill(gradient.begin(), gradient.end(), 0.0F);
  Steps steps = {lattice, potentials, TypesOf(lattice, potentials), {}};
  const double all = LogMass(steps, 1, gradient);
  steps.held.assign(lattice.tokens, false);
  for (size_t i = 0; i < lattice.truth.size(); ++i) {
    if (lattice.truth[i] != SpanTruth::Right) continue;
    const TokenRange& range = lattice.candidates[i / steps.types];
    std::fill(steps.held.begin() + static_cast<ptrdiff_t>(range.begin),
              steps.held.begin() + static_cast<ptrdiff_t>(range.end), true);
  }
  return all - LogMass(steps, -1, gradient);
}

double LogMassOfSpanSets(const SpanLattice& lattice, std::span<const float> potentials) {
  return Forward({lattice, potentials, TypesOf(lattice, potentials), {}})[lattice.tokens];
}

std::vector<ChosenSpan> BestSpanSet(size_t tokens, std::span<const TokenRange> candidates, size_t types,
                                    std::span<const float> potentials) {
  const std::vector<size_t> order = OrderByEnd(candidates);
  std::vector<double> best(tokens + 1, 0.0);
  std::vector<size_t> taken(tokens + 1, candidates.size());  // by position: what ends there in the best set
  size_t next = 0;
  for (size_t at = 1; at <= tokens; ++at) {
    best[at] = best[at - 1];
    for (; next < order.size() && candidates[order[next]].end == at; ++next) {
      const std::span<const float> of_types = potentials.subspan(order[next] * types, types);
      const double here =
          best[candidates[order[next]].begin] + *std::max_element(of_types.begin(), of_types.end());
      if (here <= best[at]) continue;
      best[at] = here;
      taken[at] = order[next];
    }
  }
  std::vector<ChosenSpan> chosen;
  for (size_t at = tokens; at > 0;) {
    if (taken[at] == candidates.size()) {
      --at;
      continue;
    }
    const std::span<const float> of_types = potentials.subspan(taken[at] * types, types);
    const auto type = std::max_element(of_types.begin(), of_types.end()) - of_types.begin();
    chosen.push_back({taken[at], static_cast<size_t>(type)});
    at = candidates[taken[at]].begin;
  }
  std::reverse(chosen.begin(), chosen.end());
  return chosen;
}

}  // namespace privet
