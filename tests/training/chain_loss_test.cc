#include "training/learn/chain_loss.h"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <random>
#include <string>
#include <vector>

namespace privet {
namespace {

const std::vector<std::string> kBioes = {"O",         "B-PERSON",  "I-PERSON",  "E-PERSON", "S-PERSON",
                                         "B-ADDRESS", "I-ADDRESS", "E-ADDRESS", "S-ADDRESS"};
const std::vector<std::string> kBio = {"O", "B-PERSON", "I-PERSON", "B-ADDRESS", "I-ADDRESS"};

// The log of the mass of all valid labellings that `allowed` lets pass, one by one.
double LogMassByEnumeration(const LabelScheme& scheme, const std::vector<float>& scores,
                            const std::vector<uint8_t>& allowed) {
  const size_t labels = scheme.label_count();
  const size_t tokens = scores.size() / labels;
  double mass = 0;
  std::vector<size_t> labelling(tokens);
  const std::function<void(size_t, double)> extend = [&](size_t token, double score) {
    if (token == tokens) {
      if (scheme.MayEnd(labelling.back())) mass += std::exp(score);
      return;
    }
    for (size_t label = 0; label < labels; ++label) {
      if (allowed[token * labels + label] == 0) continue;
      if (token == 0 ? !scheme.MayStart(label) : !scheme.MayFollow(labelling[token - 1], label)) continue;
      labelling[token] = label;
      extend(token + 1, score + scores[token * labels + label]);
    }
  };
  extend(0, 0);
  return std::log(mass);
}

class ChainLossTest : public testing::TestWithParam<std::vector<std::string>> {
 protected:
  ChainLossTest() : scheme_(LabelScheme::FromLabels(GetParam()).value()) {
    std::mt19937 random(3);
    std::normal_distribution<float> normal(0, 2);
    scores_.resize(kTokens * scheme_.label_count());
    for (float& score : scores_) score = normal(random);
    allowed_.resize(scores_.size());
    const auto allow = [&](size_t token, const char* label) {
      for (size_t i = 0; i < GetParam().size(); ++i)
        allowed_[token * GetParam().size() + i] |= GetParam()[i] == label;
    };
    // "PERSON PERSON O ?": of the last token nothing is known.
    allow(0, "B-PERSON");
    allow(1, "E-PERSON");
    allow(1, "I-PERSON");
    allow(2, "O");
    for (size_t i = 0; i < GetParam().size(); ++i) allowed_[3 * GetParam().size() + i] = 1;
  }

  double Loss(std::vector<float>* gradient = nullptr) const {
    std::vector<float> here(scores_.size());
    const double loss = ChainLoss(scheme_, scores_, allowed_, here);
    if (gradient != nullptr) *gradient = here;
    return loss;
  }

  static constexpr size_t kTokens = 4;
  LabelScheme scheme_;
  std::vector<float> scores_;
  std::vector<uint8_t> allowed_;
};

TEST_P(ChainLossTest, IsTheShareOfTheAllowedLabellings) {
  const std::vector<uint8_t> all(scores_.size(), 1);
  EXPECT_NEAR(Loss(),
              LogMassByEnumeration(scheme_, scores_, all) - LogMassByEnumeration(scheme_, scores_, allowed_),
              1e-5);
}

TEST_P(ChainLossTest, TheGradientIsThatOfFiniteDifferences) {
  std::vector<float> gradient;
  Loss(&gradient);
  for (size_t i = 0; i < scores_.size(); ++i) {
    const float before = scores_[i];
    scores_[i] = before + 1e-2F;
    const double above = Loss();
    scores_[i] = before - 1e-2F;
    const double below = Loss();
    scores_[i] = before;
    EXPECT_NEAR(gradient[i], (above - below) / 2e-2, 1e-3) << i;
  }
}

INSTANTIATE_TEST_SUITE_P(Formats, ChainLossTest, testing::Values(kBioes, kBio));

}  // namespace
}  // namespace privet
