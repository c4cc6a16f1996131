// The chain of tags that every valid labelling of a window walks, with the weights of its steps.
#ifndef PRIVET_TAGGING_CHAIN_H_
#define PRIVET_TAGGING_CHAIN_H_

#include <array>
#include <cstddef>
#include <span>
#include <vector>

#include "absl/status/statusor.h"
#include "core/taxonomy.h"
#include "tagging/label_scheme.h"

namespace privet {

// Between two tokens a labelling is either closed (in no span) or open in one type. So a token takes one of
// these steps, T being any type:
//   closed -> closed   O, or S-T        closed -> open T   B-T
//   open T -> open T   I-T              open T -> closed   E-T
// and it begins and ends closed. With n types that is n + 1 states, not 4n + 1 labels, and O(tokens * types)
// work for everything below.
//
// BIO walks the same chain: each BIO sequence is one BIOES sequence, in which a B that nothing continues is
// written S and the last I of a span is written E. So in BIO a step S takes the score of B, and E that of I.
//
// Immutable. Holds four bytes a score.
class Chain {
 public:
  // `scores` is [tokens x scheme.label_count()], row-major: log-probabilities, or logits (a constant added to
  // a token's row changes nothing that is computed from a chain). A step weighs exp(score - the row's
  // maximum), but never less than exp(kLowestScore), -infinity too: so no labelling is impossible, however
  // extreme the scores. INVALID_ARGUMENT, with the token, where a score is NaN or +infinity, or a row has
  // nothing above -infinity; and where scores do not fill whole rows.
  static absl::StatusOr<Chain> FromScores(const LabelScheme& scheme, std::span<const float> scores);

  // From each state each other is two steps away at most, so masses of states that are scaled to sum to one
  // at every token stay above exp(2 * kLowestScore) / (types + 1), or 1e-72: doubles lose none of them.
  static constexpr float kLowestScore = -80;

  size_t tokens() const { return tokens_; }
  std::span<const EntityType> types() const { return types_; }

  // The weight of a token's step O.
  float outside(size_t token) const { return weights_[token * row_size_]; }
  // The weights of a token's steps of one tag other than Outside, one a type, in the order of types(); 0
  // where the scheme has no such label.
  std::span<const float> Steps(Tag tag, size_t token) const {
    return {weights_.data() + token * row_size_ + column_[static_cast<size_t>(tag)], types_.size()};
  }

 private:
  Chain() = default;

  size_t tokens_ = 0;
  std::vector<EntityType> types_;
  size_t row_size_ = 0;
  std::array<size_t, kTagCount> column_{};  // of a tag's steps; in BIO, S shares those of B, and E of I
  std::vector<float> weights_;              // [tokens x row_size_]: O, then B, I and in BIOES E, S
};

}  // namespace privet

#endif  // PRIVET_TAGGING_CHAIN_H_
