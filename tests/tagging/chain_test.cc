#include "tagging/chain.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace privet {
namespace {

using ::testing::ElementsAre;
using ::testing::FloatNear;

LabelScheme SchemeOf(const std::vector<std::string>& labels) { return *LabelScheme::FromLabels(labels); }

TEST(ChainTest, SortsEachTokensWeightsByTagAndType) {
  const LabelScheme scheme = SchemeOf({"S-QQ", "B-VIN", "E-VIN", "O", "I-VIN"});
  const std::vector<float> scores = {-1, -2, -3, 0, -5, 7, 7, 9, 8, 7};
  const auto chain = Chain::FromScores(scheme, scores);
  ASSERT_TRUE(chain.ok()) << chain.status();
  EXPECT_EQ(chain->tokens(), 2u);
  EXPECT_THAT(chain->types(), ElementsAre(EntityType::QQ, EntityType::VIN));
  const auto exp = [](float x) { return FloatNear(std::exp(x), 1e-6F); };
  EXPECT_THAT(chain->outside(0), exp(0));
  EXPECT_THAT(chain->Steps(Tag::Begin, 0), ElementsAre(0, exp(-2)));
  EXPECT_THAT(chain->Steps(Tag::Inside, 0), ElementsAre(0, exp(-5)));
  EXPECT_THAT(chain->Steps(Tag::End, 0), ElementsAre(0, exp(-3)));
  EXPECT_THAT(chain->Steps(Tag::Single, 0), ElementsAre(exp(-1), 0));
  EXPECT_THAT(chain->outside(1), exp(-1));
  EXPECT_THAT(chain->Steps(Tag::End, 1), ElementsAre(0, exp(0)));
}

TEST(ChainTest, BioEndsASpanWithTheWeightOfWhatItEndsWith) {
  const auto chain = Chain::FromScores(SchemeOf({"O", "B-QQ", "I-QQ"}), std::vector<float>{0, -1, -2});
  ASSERT_TRUE(chain.ok());
  EXPECT_EQ(chain->Steps(Tag::Single, 0)[0], chain->Steps(Tag::Begin, 0)[0]);
  EXPECT_EQ(chain->Steps(Tag::End, 0)[0], chain->Steps(Tag::Inside, 0)[0]);
  EXPECT_NE(chain->Steps(Tag::End, 0)[0], chain->Steps(Tag::Begin, 0)[0]);
}

TEST(ChainTest, WeighsByExpWithinFloatPrecision) {
  const LabelScheme scheme = SchemeOf({"O", "B-QQ"});
  for (int i = 0; i < 6200; ++i) {
    const float score = -0.0137F * static_cast<float>(i);
    const auto chain = Chain::FromScores(scheme, std::vector<float>{0, score});
    const double exact = std::exp(static_cast<double>(std::max(score, Chain::kLowestScore)));
    ASSERT_NEAR(chain->Steps(Tag::Begin, 0)[0] / exact, 1, 5e-7) << score;
  }
}

TEST(ChainTest, NothingIsImpossibleForALabelThatExists) {
  const LabelScheme scheme = SchemeOf({"O", "B-QQ", "I-QQ"});
  const auto chain = Chain::FromScores(scheme, std::vector<float>{-INFINITY, 3e38F, -3e38F});
  ASSERT_TRUE(chain.ok());
  EXPECT_GT(chain->outside(0), 0);
  EXPECT_GT(chain->Steps(Tag::Inside, 0)[0], 0);
  EXPECT_EQ(chain->Steps(Tag::Begin, 0)[0], 1);
}

TEST(ChainTest, RefusesWhatIsNoScore) {
  const LabelScheme scheme = SchemeOf({"O", "B-QQ"});
  const float nan = std::numeric_limits<float>::quiet_NaN();
  for (const std::vector<float>& row :
       {std::vector<float>{0, nan}, {nan, 0}, {INFINITY, 0}, {-INFINITY, -INFINITY}}) {
    std::vector<float> scores = {0, -1};
    scores.insert(scores.end(), row.begin(), row.end());
    EXPECT_EQ(Chain::FromScores(scheme, scores).status().message(),
              "the scores of token 1 are not numbers; the model's weights may be damaged");
  }
  EXPECT_EQ(Chain::FromScores(scheme, std::vector<float>(5, 0)).status().message(),
            "5 scores do not fill rows of 2 labels");
}

}  // namespace
}  // namespace privet
