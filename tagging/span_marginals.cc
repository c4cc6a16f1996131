#include "tagging/span_marginals.h"

#include <algorithm>
#include <tuple>
#include <utility>

namespace privet {
namespace {

// The sum of a_i b_i + c_i d for four chains of additions at once: one would wait for itself.
double SumOfProducts(const double* a, std::span<const float> b, std::span<const float> c, double d) {
  double sums[4] = {0, 0, 0, 0};
  size_t i = 0;
  for (; i + 4 <= b.size(); i += 4) {
    for (size_t k = 0; k < 4; ++k) sums[k] += a[i + k] * b[i + k] + c[i + k] * d;
  }
  for (; i < b.size(); ++i) sums[0] += a[i] * b[i] + c[i] * d;
  return (sums[0] + sums[1]) + (sums[2] + sums[3]);
}

// The most probable spans so far, at most `most` of them.
class Strongest {
 public:
  explicit Strongest(size_t most) : most_(most) {}

  // What is less probable cannot be among them.
  double floor() const { return floor_; }

  void Add(const TaggedSpan& span) {
    found_.push_back(span);
    if (found_.size() >= 2 * most_ + kRoom) DropWeakest();
  }

  std::vector<TaggedSpan> Take() {
    DropWeakest();
    std::sort(found_.begin(), found_.end(), [](const TaggedSpan& a, const TaggedSpan& b) {
      return std::tie(a.tokens, a.type) < std::tie(b.tokens, b.type);
    });
    return std::move(found_);
  }

 private:
  // Cuts are made when there are twice too many, so that adding is O(1) on average.
  static constexpr size_t kRoom = 64;

  void DropWeakest() {
    if (found_.size() <= most_) return;
    const auto end = found_.begin() + static_cast<ptrdiff_t>(most_);
    std::nth_element(found_.begin(), end, found_.end(), [](const TaggedSpan& a, const TaggedSpan& b) {
      return std::tie(b.probability, a.tokens, a.type) < std::tie(a.probability, b.tokens, b.type);
    });
    // The best of those that go; what is kept is at least as probable.
    floor_ = end->probability;
    found_.resize(most_);
  }

  size_t most_;
  double floor_ = 0;
  std::vector<TaggedSpan> found_;
};

double ClampedToOne(double probability) { return std::min(probability, 1.0); }

}  // namespace

SpanMarginals::SpanMarginals(Chain chain) : chain_(std::move(chain)) {
  const size_t tokens = chain_.tokens();
  const size_t types = chain_.types().size();
  scale_.resize(tokens);
  closed_before_.resize(tokens);
  closed_after_.resize(tokens);
  open_after_.resize(tokens * types);
  if (tokens == 0) return;

  std::vector<double> open(types, 0.0);
  double closed = 1;
  for (size_t k = 0; k < tokens; ++k) {
    closed_before_[k] = closed;
    const std::span<const float> begin = chain_.Steps(Tag::Begin, k);
    const std::span<const float> inside = chain_.Steps(Tag::Inside, k);
    const double closed_now =
        closed * chain_.outside(k) +
        SumOfProducts(open.data(), chain_.Steps(Tag::End, k), chain_.Steps(Tag::Single, k), closed);
    for (size_t t = 0; t < types; ++t) open[t] = open[t] * inside[t] + closed * begin[t];
    double sum = closed_now;
    for (size_t t = 0; t < types; ++t) sum += open[t];
    scale_[k] = 1 / sum;
    closed = closed_now * scale_[k];
    for (size_t t = 0; t < types; ++t) open[t] *= scale_[k];
  }

  // Z is what is closed behind the last token, times all scales.
  double closed_behind = 1 / closed;
  std::fill(open.begin(), open.end(), 0.0);
  for (size_t k = tokens; k-- > 0;) {
    closed_after_[k] = closed_behind;
    std::copy(open.begin(), open.end(), open_after_.begin() + static_cast<ptrdiff_t>(k * types));
    const std::span<const float> inside = chain_.Steps(Tag::Inside, k);
    const std::span<const float> end = chain_.Steps(Tag::End, k);
    const double closed_here =
        closed_behind * chain_.outside(k) +
        SumOfProducts(open.data(), chain_.Steps(Tag::Begin, k), chain_.Steps(Tag::Single, k), closed_behind);
    for (size_t t = 0; t < types; ++t) {
      open[t] = (open[t] * inside[t] + closed_behind * end[t]) * scale_[k];
    }
    closed_behind = closed_here * scale_[k];
  }
}

std::vector<TaggedSpan> SpanMarginals::FindSpans(const TypeThresholds& tau, size_t max_spans) const {
  // Rounding must not stop a span that then reaches its tau.
  constexpr double kRounding = 1 - 1e-9;
  const std::span<const EntityType> type_of = chain_.types();
  const size_t types = type_of.size();
  std::vector<double> tau_of(types);
  for (size_t t = 0; t < types; ++t) tau_of[t] = std::max(tau[IndexOf(type_of[t])], kLowestTau);

  Strongest strongest(max_spans);
  for (size_t i = 0; i < chain_.tokens(); ++i) {
    const double begins = closed_before_[i] * scale_[i];
    const std::span<const float> begin = chain_.Steps(Tag::Begin, i);
    const std::span<const float> single = chain_.Steps(Tag::Single, i);
    const double* open_after = open_after_.data() + i * types;
    // Where nothing begins, nearly everywhere, this says so at the speed of SIMD.
    int any = 0;
    for (size_t t = 0; t < types; ++t) {
      const double alone_or_longer = begins * (single[t] * closed_after_[i] + begin[t] * open_after[t]);
      any |= alone_or_longer >= kRounding * tau_of[t] ? 1 : 0;
    }
    for (size_t t = 0; any != 0 && t < types; ++t) {
      const double alone = begins * single[t] * closed_after_[i];
      if (alone >= std::max(tau_of[t], strongest.floor())) {
        strongest.Add({{i, i + 1}, type_of[t], ClampedToOne(alone)});
      }
      double mass = begins * begin[t];  // of all that opens here, up to and with token j - 1
      double reach = mass * open_after[t];
      for (size_t j = i + 1;
           reach >= kRounding * std::max(tau_of[t], strongest.floor()) && j < chain_.tokens(); ++j) {
        mass *= scale_[j];
        const double whole = mass * chain_.Steps(Tag::End, j)[t] * closed_after_[j];
        if (whole >= std::max(tau_of[t], strongest.floor())) {
          strongest.Add({{i, j + 1}, type_of[t], ClampedToOne(whole)});
        }
        mass *= chain_.Steps(Tag::Inside, j)[t];
        reach = mass * open_after_[j * types + t];
      }
    }
  }
  return strongest.Take();
}

double SpanMarginals::Probability(TokenRange span, size_t type_index) const {
  const size_t last = span.end - 1;
  const double begins = closed_before_[span.begin] * scale_[span.begin];
  if (span.size() == 1) {
    return ClampedToOne(begins * chain_.Steps(Tag::Single, last)[type_index] * closed_after_[last]);
  }
  double mass = begins * chain_.Steps(Tag::Begin, span.begin)[type_index];
  for (size_t j = span.begin + 1; j < last; ++j) mass *= chain_.Steps(Tag::Inside, j)[type_index] * scale_[j];
  return ClampedToOne(mass * scale_[last] * chain_.Steps(Tag::End, last)[type_index] * closed_after_[last]);
}

double SpanMarginals::Probability(TokenRange span, EntityType type) const {
  const std::span<const EntityType> types = chain_.types();
  const auto found = std::find(types.begin(), types.end(), type);
  return found == types.end() ? 0 : Probability(span, static_cast<size_t>(found - types.begin()));
}

SpanReading SpanMarginals::Read(TokenRange span) const {
  const std::span<const EntityType> types = chain_.types();
  std::array<double, kEntityTypeCount> probabilities{};
  TypeSet known;
  for (size_t t = 0; t < types.size(); ++t) {
    known.set(IndexOf(types[t]));
    probabilities[IndexOf(types[t])] = Probability(span, t);
  }
  return ReadingOf(known, probabilities);
}

}  // namespace privet
