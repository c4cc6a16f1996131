#include "tagging/best_path.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "brute_force.h"

namespace privet {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using enum EntityType;

// The weight of the labelling that writes these spans.
long double WeightOf(const LabelScheme& scheme, std::span<const float> scores,
                     const std::vector<PathSpan>& spans) {
  long double weight = -1;
  ForEachLabelling(scheme, scores, [&](std::span<const size_t> labelling, long double of_labelling) {
    const std::vector<PlainSpan> plain = SpansOf(scheme, labelling);
    const bool same = std::equal(
        plain.begin(), plain.end(), spans.begin(), spans.end(),
        [](const PlainSpan& a, const PathSpan& b) { return a.tokens == b.tokens && a.type == b.type; });
    if (same) weight = of_labelling;
  });
  return weight;
}

TEST(BestPathTest, AgreesWithEnumeration) {
  std::mt19937 random(7);
  size_t with_spans = 0;
  for (int round = 0; round < 1500; ++round) {
    const std::vector<std::string> labels = RandomLabels(&random);
    const LabelScheme scheme = *LabelScheme::FromLabels(labels);
    const size_t tokens = random() % 6;
    const std::vector<float> scores = RandomScores(tokens, labels.size(), 3, round % 3 == 0, &random);
    const auto chain = Chain::FromScores(scheme, scores);
    ASSERT_TRUE(chain.ok()) << chain.status();
    const std::vector<PathSpan> path = BestPath(*chain);
    long double most = 0;
    ForEachLabelling(scheme, scores, [&](auto, long double weight) { most = std::max(most, weight); });
    // Extreme scores make ties, so the weights are compared, not the spans.
    ASSERT_NEAR(static_cast<double>(WeightOf(scheme, scores, path) / most), 1, 1e-5) << "round " << round;
    with_spans += path.empty() ? 0 : 1;
  }
  EXPECT_GT(with_spans, 500u);
}

TEST(BestPathTest, NeverWritesAnInvalidLabelling) {
  // Token by token the best labels are I-QQ, O, E-QQ; no two of these may stand side by side.
  const LabelScheme scheme =
      *LabelScheme::FromLabels(std::vector<std::string>{"O", "B-QQ", "I-QQ", "E-QQ", "S-QQ"});
  const std::vector<float> scores = {-3, -1, 0,  -9, -9,  //
                                     0,  -9, -1, -9, -9,  //
                                     -3, -9, -9, 0,  -9};
  EXPECT_THAT(BestPath(*Chain::FromScores(scheme, scores)), ElementsAre(PathSpan{{0, 3}, QQ}));
}

TEST(BestPathTest, LeavesTiesOutside) {
  const LabelScheme scheme = *LabelScheme::FromLabels(std::vector<std::string>{"O", "B-QQ", "I-QQ"});
  EXPECT_THAT(BestPath(*Chain::FromScores(scheme, std::vector<float>(30, 0))), IsEmpty());
  EXPECT_THAT(BestPath(*Chain::FromScores(scheme, {})), IsEmpty());
}

TEST(BestPathTest, KeepsItsWayThroughLongWindowsOfHopelessScores) {
  // One span over the whole window, though each of its steps is as unlikely as can be, until the last.
  const LabelScheme scheme = *LabelScheme::FromLabels(std::vector<std::string>{"O", "B-QQ", "I-QQ"});
  constexpr size_t kTokens = 2048;
  std::vector<float> scores;
  for (size_t i = 0; i < kTokens; ++i) {
    const float row[] = {i + 1 < kTokens ? -100.F : -300.F, i == 0 ? 0.F : -200.F, i == 0 ? -200.F : 0.F};
    scores.insert(scores.end(), std::begin(row), std::end(row));
  }
  EXPECT_THAT(BestPath(*Chain::FromScores(scheme, scores)), ElementsAre(PathSpan{{0, kTokens}, QQ}));
}

}  // namespace
}  // namespace privet
