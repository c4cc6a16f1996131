#include "training/judge/comparison.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <vector>

namespace privet {
namespace {

// Texts with four entities each, of which a way finds each with this probability, and never anything wrong.
std::vector<Counts> Finds(double probability, size_t texts, unsigned seed) {
  std::mt19937 random(seed);
  std::bernoulli_distribution found(probability);
  std::vector<Counts> counts(texts, Counts{.entities = 4});
  for (Counts& text : counts) {
    for (int i = 0; i < 4; ++i) text.found += found(random) ? 1 : 0;
    text.findings = text.right = text.found;
  }
  return counts;
}

TEST(CompareF1Test, SeesADifferenceThatIsThereInManyTexts) {
  const F1Difference difference = CompareF1(Finds(0.9, 500, 1), Finds(0.8, 500, 2));
  EXPECT_GT(difference.low, 0.02);
  EXPECT_LT(difference.high, 0.10);
}

TEST(CompareF1Test, SeesNoneInAFewTextsWhereSomeAreBetterAndSomeWorse) {
  std::vector<Counts> a(8, Counts{.entities = 4, .found = 3, .findings = 3, .right = 3}), b = a;
  for (size_t i = 0; i < 5; ++i) a[i].found = a[i].findings = a[i].right = 4;
  for (size_t i = 5; i < 8; ++i) b[i].found = b[i].findings = b[i].right = 4;
  const F1Difference difference = CompareF1(a, b);
  EXPECT_LT(difference.low, 0);
  EXPECT_GT(difference.high, 0);
}

// Of two ways that are equally good about one in twenty seems better or worse than the other.
TEST(CompareF1Test, SeldomSeesOneWhereThereIsNone) {
  int seen = 0;
  for (unsigned seed = 0; seed < 100; ++seed) {
    const F1Difference difference = CompareF1(Finds(0.8, 100, 2 * seed), Finds(0.8, 100, 2 * seed + 1));
    if (difference.low > 0 || difference.high < 0) ++seen;
  }
  EXPECT_GE(seen, 1);
  EXPECT_LE(seen, 12);
}

TEST(CompareF1Test, TakesTextsInPairs) {
  const std::vector<Counts> a = Finds(0.5, 50, 1);
  std::vector<Counts> b = a;
  for (Counts& text : b) text.findings += 1;  // one wrong finding in every text
  EXPECT_GT(CompareF1(a, b).low, 0);
  const F1Difference none = CompareF1(a, a);
  EXPECT_EQ(none.low, 0);
  EXPECT_EQ(none.high, 0);
}

TEST(CompareF1Test, OfNoTextsThereIsNoDifference) {
  const F1Difference none = CompareF1({}, {});
  EXPECT_EQ(none.low, 0);
  EXPECT_EQ(none.high, 0);
}

TEST(CompareF1Test, IsShownWithItsSign) {
  EXPECT_EQ(InWords({-0.002, 0.011}), " (-0.002 to +0.011 in 95% of 1000 resamplings of the texts)");
}

}  // namespace
}  // namespace privet
