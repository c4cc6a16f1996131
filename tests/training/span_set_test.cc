#include "training/learn/span_set.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <random>
#include <vector>

namespace privet {
namespace {

using testing::IsEmpty;

constexpr size_t kTypes = 2;
constexpr SpanTruth W = SpanTruth::Wrong;
constexpr SpanTruth R = SpanTruth::Right;
constexpr SpanTruth O = SpanTruth::Open;

// Eight tokens with two entities, [1, 3) of the first type and [5, 6) of the second; borders beside them; and
// candidates of which the first type is open, one of them in an entity's way.
const SpanLattice kLattice = {
    8,
    {{0, 2}, {1, 2}, {1, 3}, {1, 4}, {2, 3}, {3, 5}, {4, 6}, {5, 6}, {5, 8}, {7, 8}},
    {W, W, W, W, R, W, W, W, O, W, O, W, W, W, W, R, W, W, O, W},
};

std::vector<float> RandomPotentials(const SpanLattice& lattice, uint32_t seed) {
  std::mt19937 random(seed);
  std::normal_distribution<float> normal(0, 2);
  std::vector<float> potentials(lattice.candidates.size() * kTypes);
  for (float& potential : potentials) potential = normal(random);
  return potentials;
}

using Set = std::vector<ChosenSpan>;

// All sets without overlaps, one by one.
void ForEachSet(const SpanLattice& lattice, const std::function<void(const Set&)>& visit) {
  Set set;
  const std::function<void(size_t)> extend = [&](size_t first) {
    visit(set);
    for (size_t candidate = first; candidate < lattice.candidates.size(); ++candidate) {
      if (!set.empty() &&
          lattice.candidates[candidate].begin < lattice.candidates[set.back().candidate].end) {
        continue;
      }
      for (size_t type = 0; type < kTypes; ++type) {
        set.push_back({candidate, type});
        extend(candidate + 1);
        set.pop_back();
      }
    }
  };
  extend(0);
}

double Mass(const Set& set, const std::vector<float>& potentials) {
  double sum = 0;
  for (const ChosenSpan& span : set) sum += potentials[span.candidate * kTypes + span.type];
  return std::exp(sum);
}

bool MayBeRight(const SpanLattice& lattice, const Set& set) {
  size_t right = 0;
  for (const ChosenSpan& span : set) {
    const SpanTruth truth = lattice.truth[span.candidate * kTypes + span.type];
    if (truth == W) return false;
    right += truth == R ? 1 : 0;
  }
  return right == static_cast<size_t>(std::count(lattice.truth.begin(), lattice.truth.end(), R));
}

TEST(SpanSetTest, TheMassIsThatOfAllSetsOneByOne) {
  for (uint32_t seed = 0; seed < 20; ++seed) {
    const std::vector<float> potentials = RandomPotentials(kLattice, seed);
    double mass = 0;
    ForEachSet(kLattice, [&](const Set& set) { mass += Mass(set, potentials); });
    EXPECT_NEAR(LogMassOfSpanSets(kLattice, potentials), std::log(mass), 1e-9);
  }
}

TEST(SpanSetTest, TheLossIsTheShareOfTheSetsThatMayBeRight) {
  for (uint32_t seed = 0; seed < 20; ++seed) {
    const std::vector<float> potentials = RandomPotentials(kLattice, seed);
    double all = 0;
    double right = 0;
    ForEachSet(kLattice, [&](const Set& set) {
      all += Mass(set, potentials);
      if (MayBeRight(kLattice, set)) right += Mass(set, potentials);
    });
    std::vector<float> gradient(potentials.size());
    EXPECT_NEAR(SpanSetLoss(kLattice, potentials, gradient), std::log(all / right), 1e-9);
  }
}

TEST(SpanSetTest, TheGradientIsThatOfFiniteDifferences) {
  std::vector<float> potentials = RandomPotentials(kLattice, 1);
  std::vector<float> gradient(potentials.size());
  std::vector<float> ignored(potentials.size());
  SpanSetLoss(kLattice, potentials, gradient);
  for (size_t i = 0; i < potentials.size(); ++i) {
    const float before = potentials[i];
    constexpr float kStep = 1.0F / 256;
    potentials[i] = before + kStep;
    const double above = SpanSetLoss(kLattice, potentials, ignored);
    potentials[i] = before - kStep;
    const double below = SpanSetLoss(kLattice, potentials, ignored);
    potentials[i] = before;
    EXPECT_NEAR(gradient[i], (above - below) / (2 * kStep), 1e-5) << i;
  }
}

TEST(SpanSetTest, ExtremePotentialsLoseNothing) {
  std::vector<float> potentials(kLattice.candidates.size() * kTypes, -500);
  std::vector<float> gradient(potentials.size());
  EXPECT_NEAR(SpanSetLoss(kLattice, potentials, gradient), 1000, 1e-6) << "two entities, each e^-500";
  EXPECT_NEAR(gradient[2 * kTypes], -1, 1e-6);
  potentials[2 * kTypes] = potentials[7 * kTypes + 1] = 500;
  EXPECT_NEAR(SpanSetLoss(kLattice, potentials, gradient), 0, 1e-6);
}

TEST(SpanSetTest, WithoutCandidatesThereIsNothingToLearn) {
  EXPECT_EQ(SpanSetLoss({5, {}, {}}, {}, {}), 0);
  EXPECT_EQ(LogMassOfSpanSets({5, {}, {}}, {}), 0);
  EXPECT_THAT(BestSpanSet(5, {}, kTypes, {}), IsEmpty());
}

TEST(SpanSetTest, TheBestSetHasTheMostMass) {
  for (uint32_t seed = 0; seed < 20; ++seed) {
    const std::vector<float> potentials = RandomPotentials(kLattice, seed);
    Set best;
    ForEachSet(kLattice, [&](const Set& set) {
      if (Mass(set, potentials) > Mass(best, potentials)) best = set;
    });
    EXPECT_EQ(BestSpanSet(kLattice.tokens, kLattice.candidates, kTypes, potentials), best);
  }
}

TEST(SpanSetTest, WhereNothingIsLikelierThanNotTheBestSetIsEmpty) {
  const std::vector<float> potentials(kLattice.candidates.size() * kTypes, -0.5F);
  EXPECT_THAT(BestSpanSet(kLattice.tokens, kLattice.candidates, kTypes, potentials), IsEmpty());
}

}  // namespace
}  // namespace privet
