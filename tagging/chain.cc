#include "tagging/chain.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace privet {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();

// The maximum, or NaN where the row is no row of scores.
float MaximumOf(std::span<const float> row) {
  int unsound = 0;
  for (const float score : row) unsound |= score < kInfinity ? 0 : 1;  // NaN is not less
  // In lanes: a single maximum would wait for itself at every step.
  constexpr size_t kLanes = 8;
  float most[kLanes];
  std::fill(most, most + kLanes, -kInfinity);
  size_t i = 0;
  for (; i + kLanes <= row.size(); i += kLanes) {
    for (size_t lane = 0; lane < kLanes; ++lane) {
      const float score = row[i + lane];
      most[lane] = score > most[lane] ? score : most[lane];
    }
  }
  for (; i < row.size(); ++i) most[0] = std::max(most[0], row[i]);
  const float maximum = *std::max_element(most, most + kLanes);
  return unsound == 0 && maximum > -kInfinity ? maximum : std::numeric_limits<float>::quiet_NaN();
}

// exp(x) for x in [-80, 0] within 2e-7 of itself: 2^n times the Taylor polynomial of the rest, |rest| <=
// ln(2) / 2. Unlike a call of std::exp a loop over it becomes SIMD, and exponentials are most of the work of
// a chain.
float Exp(float x) {
  constexpr float kRounds = 0x1.8p23F;  // adding and subtracting it rounds to a whole number
  constexpr float kLn2High = 0.693359375F, kLn2Low = -2.12194440e-4F;  // n * kLn2High is exact
  const float n = (x * 1.44269504F + kRounds) - kRounds;
  const float rest = (x - n * kLn2High) - n * kLn2Low;
  float sum = 1.F / 5040;
  sum = sum * rest + 1.F / 720;
  sum = sum * rest + 1.F / 120;
  sum = sum * rest + 1.F / 24;
  sum = sum * rest + 1.F / 6;
  sum = sum * rest + 1.F / 2;
  sum = sum * rest + 1;
  sum = sum * rest + 1;
  return sum * std::bit_cast<float>((static_cast<int32_t>(n) + 127) << 23);
}

// One weight a label.
void WeighRow(std::span<const float> row, float most, float* __restrict weights) {
  for (size_t i = 0; i < row.size(); ++i) {
    const float score = row[i] - most;
    weights[i] = Exp(score > Chain::kLowestScore ? score : Chain::kLowestScore);
  }
}

}  // namespace

absl::StatusOr<Chain> Chain::FromScores(const LabelScheme& scheme, std::span<const float> scores) {
  const size_t labels = scheme.label_count();
  if (scores.size() % labels != 0) {
    return absl::InvalidArgumentError(
        absl::StrCat(scores.size(), " scores do not fill rows of ", labels, " labels"));
  }
  Chain chain;
  chain.tokens_ = scores.size() / labels;
  chain.types_.assign(scheme.types().begin(), scheme.types().end());

  // Which label each column of a row takes its weight from; behind the last is one that weighs nothing.
  std::vector<size_t> source = {scheme.outside_label()};
  const auto add_steps = [&](Tag tag) {
    chain.column_[static_cast<size_t>(tag)] = source.size();
    for (size_t t = 0; t < chain.types_.size(); ++t)
      source.push_back(scheme.LabelOf(tag, t).value_or(labels));
  };
  const auto column = [&](Tag tag) -> size_t& { return chain.column_[static_cast<size_t>(tag)]; };
  add_steps(Tag::Begin);
  add_steps(Tag::Inside);
  if (scheme.format() == TagFormat::Bioes) {
    add_steps(Tag::End);
    add_steps(Tag::Single);
  } else {
    column(Tag::End) = column(Tag::Inside);
    column(Tag::Single) = column(Tag::Begin);
  }

  chain.row_size_ = source.size();
  chain.weights_.resize(chain.tokens_ * chain.row_size_);
  float* weight = chain.weights_.data();
  std::vector<float> by_label(labels + 1, 0.F);
  for (size_t token = 0; token < chain.tokens_; ++token) {
    const std::span<const float> row = scores.subspan(token * labels, labels);
    const float most = MaximumOf(row);
    if (std::isnan(most)) {
      return absl::InvalidArgumentError(absl::StrCat("the scores of token ", token,
                                                     " are not numbers; the model's weights may be damaged"));
    }
    WeighRow(row, most, by_label.data());
    for (const size_t label : source) *weight++ = by_label[label];
  }
  return chain;
}

}  // namespace privet
