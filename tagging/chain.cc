#include "tagging/chain.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace privet {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();

// A maximum of which nothing can be taken away says that the row is no row of scores.
struct RowMaximum {
  float value;
  bool finite;
};
RowMaximum MaximumOf(std::span<const float> row) {
  float most = -kInfinity;
  bool sound = true;
  for (const float score : row) {
    sound &= score < kInfinity;  // NaN is not
    most = std::max(most, score);
  }
  return {most, sound && most > -kInfinity};
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

  // Which label each column of a row takes its score from.
  constexpr size_t kNone = ~size_t{0};
  std::vector<size_t> source = {scheme.outside_label()};
  const auto add_steps = [&](Tag tag) {
    chain.column_[static_cast<size_t>(tag)] = source.size();
    for (size_t t = 0; t < chain.types_.size(); ++t) source.push_back(scheme.LabelOf(tag, t).value_or(kNone));
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
  for (size_t token = 0; token < chain.tokens_; ++token) {
    const std::span<const float> row = scores.subspan(token * labels, labels);
    const RowMaximum most = MaximumOf(row);
    if (!most.finite) {
      return absl::InvalidArgumentError(absl::StrCat("the scores of token ", token,
                                                     " are not numbers; the model's weights may be damaged"));
    }
    for (const size_t label : source) {
      *weight++ = label == kNone ? 0 : std::exp(std::max(row[label] - most.value, kLowestScore));
    }
  }
  return chain;
}

}  // namespace privet
