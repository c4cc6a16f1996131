#include "training/learn/hidden_tokens.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

namespace privet {
namespace {

PackedTokens Sequences(int count, int length) {
  PackedTokens tokens;
  for (int i = 0; i < count; ++i) {
    tokens.ids.insert(tokens.ids.end(), static_cast<size_t>(length), 7);
    tokens.offsets.push_back(static_cast<int32_t>(tokens.ids.size()));
  }
  return tokens;
}

TEST(ChooseHiddenTest, HidesTheShareWhateverTheLongestRun) {
  const PackedTokens tokens = Sequences(100, 1000);
  for (const int64_t longest : {1, 3, 10}) {
    for (const double share : {0.05, 0.15, 0.5}) {
      const auto hidden = static_cast<double>(ChooseHidden(tokens, share, longest, 1).size());
      EXPECT_NEAR(hidden / 100'000, share, 0.02 * share + 0.005) << longest;
    }
  }
  EXPECT_TRUE(ChooseHidden(tokens, 0, 3, 1).empty());
}

TEST(ChooseHiddenTest, RunsAreAsLongAsTheyMayBe) {
  // Where runs seldom touch, the longest of them is 3.
  const std::vector<int32_t> hidden = ChooseHidden(Sequences(1, 100'000), 0.01, 3, 1);
  std::vector<int> runs(8);
  int length = 0;
  for (size_t i = 0; i < hidden.size(); ++i) {
    ++length;
    if (i + 1 < hidden.size() && hidden[i + 1] == hidden[i] + 1) continue;
    ++runs[static_cast<size_t>(std::min(length, 7))];
    length = 0;
  }
  for (const size_t usual : {1, 2, 3}) EXPECT_GT(runs[usual], 100) << usual;
  for (const size_t touching : {4, 5, 6}) EXPECT_LT(runs[touching], 20) << touching;
}

TEST(ChooseHiddenTest, ARunEndsWithItsSequence) {
  // A single token is a sequence of its own: with runs of up to 64 the share would be far higher if they went
  // on.
  const auto alone = ChooseHidden(Sequences(10'000, 1), 0.15, 64, 1).size();
  EXPECT_LT(alone, 200);
}

TEST(ChooseHiddenTest, TheSeedDecides) {
  const PackedTokens tokens = Sequences(3, 50);
  EXPECT_EQ(ChooseHidden(tokens, 0.15, 3, 5), ChooseHidden(tokens, 0.15, 3, 5));
  EXPECT_NE(ChooseHidden(tokens, 0.15, 3, 5), ChooseHidden(tokens, 0.15, 3, 6));
}

}  // namespace
}  // namespace privet
