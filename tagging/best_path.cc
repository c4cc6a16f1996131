#include "tagging/best_path.h"

#include <algorithm>

namespace privet {
namespace {

// The best way to be closed behind a token: with what span that ends there, if with any.
struct Closing {
  size_t begin = 0;
  size_t type_index = 0;
  bool in_span = false;
};

}  // namespace

std::vector<PathSpan> BestPath(const Chain& chain) {
  const size_t types = chain.types().size();
  // Products of the best labelling that ends in each state, scaled so that the greatest is one.
  double closed = 1;
  std::vector<double> open(types, 0.0);
  std::vector<size_t> opened_at(types, 0);  // where the span began that the state's labelling is in
  std::vector<Closing> closings(chain.tokens());
  for (size_t k = 0; k < chain.tokens(); ++k) {
    const std::span<const float> begin = chain.Steps(Tag::Begin, k);
    const std::span<const float> inside = chain.Steps(Tag::Inside, k);
    const std::span<const float> end = chain.Steps(Tag::End, k);
    const std::span<const float> single = chain.Steps(Tag::Single, k);
    double closed_now = closed * chain.outside(k);
    double most = closed_now;
    for (size_t t = 0; t < types; ++t) {
      if (const double alone = closed * single[t]; alone > closed_now) {
        closed_now = alone;
        closings[k] = {k, t, true};
      }
      if (const double whole = open[t] * end[t]; whole > closed_now) {
        closed_now = whole;
        closings[k] = {opened_at[t], t, true};
      }
      const double begins = closed * begin[t];
      open[t] *= inside[t];
      if (begins > open[t]) {
        open[t] = begins;
        opened_at[t] = k;
      }
      most = std::max(most, open[t]);
    }
    most = std::max(most, closed_now);
    closed = closed_now / most;
    for (double& mass : open) mass /= most;
  }

  std::vector<PathSpan> path;
  for (size_t k = chain.tokens(); k > 0;) {
    const Closing& closing = closings[k - 1];
    if (closing.in_span) path.push_back({{closing.begin, k}, chain.types()[closing.type_index]});
    k = closing.in_span ? closing.begin : k - 1;
  }
  std::reverse(path.begin(), path.end());
  return path;
}

}  // namespace privet
