#include "training/data/sampler.h"

#include <gtest/gtest.h>

#include <map>

namespace privet {
namespace {

std::vector<Sampler::Source> TwoSources() {
  Sampler::Source even;
  even.weight = 1;
  even.tokens.assign(50, 10);
  even.copies.assign(50, 1);
  Sampler::Source heavy;
  heavy.weight = 3;
  heavy.tokens = {5, 7, 9};
  heavy.copies = {1, 2, 0};
  return {even, heavy};
}

TEST(SamplerTest, SourcesGetTheSharesOfTokensThatTheirWeightsSay) {
  Sampler sampler(1, TwoSources());
  std::map<size_t, int64_t> tokens;
  const auto sources = TwoSources();
  for (int i = 0; i < 200; ++i) {
    for (const auto& draw : sampler.NextBatch(64))
      tokens[draw.source] += sources[draw.source].tokens[draw.example];
  }
  EXPECT_NEAR(static_cast<double>(tokens[1]) / static_cast<double>(tokens[0]), 3, 0.05);
}

TEST(SamplerTest, APassHasEachExampleAsOftenAsItsCopiesSay) {
  auto sources = TwoSources();
  sources.erase(sources.begin());
  Sampler sampler(1, sources);
  std::map<size_t, int> seen;
  for (int i = 0; i < 3; ++i) ++seen[sampler.NextBatch(1)[0].example];
  EXPECT_EQ(seen, (std::map<size_t, int>{{0, 1}, {1, 2}}));
}

TEST(SamplerTest, ABatchKeepsItsBudgetButIsNeverEmpty) {
  Sampler sampler(1, TwoSources());
  const auto sources = TwoSources();
  for (int i = 0; i < 50; ++i) {
    int64_t tokens = 0;
    for (const auto& draw : sampler.NextBatch(32)) tokens += sources[draw.source].tokens[draw.example];
    EXPECT_LE(tokens, 32);
    EXPECT_GT(tokens, 0);
  }
  EXPECT_EQ(sampler.NextBatch(1).size(), 1);
}

TEST(SamplerTest, FreshExamplesComeInOrderWithTheirPass) {
  auto sources = TwoSources();
  Sampler::Source fresh;
  fresh.weight = 2;
  fresh.fresh = 3;
  // One of each pass has no tokens, and is passed over.
  fresh.fresh_tokens = [](int64_t pass, int64_t example) { return example == 1 ? 0 : 4 + pass; };
  sources.push_back(fresh);
  Sampler sampler(1, sources);
  std::vector<Sampler::Draw> drawn;
  while (drawn.size() < 5) {
    const SourcePosition before = sampler.positions()[2];
    int64_t tokens = 0;
    for (const Sampler::Draw& draw : sampler.NextBatch(40)) {
      if (draw.source != 2) continue;
      tokens += 4 + draw.pass;
      drawn.push_back(draw);
    }
    EXPECT_EQ(sampler.positions()[2].tokens_drawn - before.tokens_drawn, tokens);
  }
  drawn.resize(5);
  EXPECT_EQ(drawn, (std::vector<Sampler::Draw>{{2, 0, 0}, {2, 2, 0}, {2, 0, 1}, {2, 2, 1}, {2, 0, 2}}));
}

TEST(SamplerTest, TheSamePositionsGiveTheSameBatches) {
  Sampler sampler(5, TwoSources());
  for (int i = 0; i < 17; ++i) sampler.NextBatch(64);
  Sampler other(5, TwoSources());
  other.Restore(sampler.positions());
  for (int i = 0; i < 40; ++i) EXPECT_EQ(sampler.NextBatch(64), other.NextBatch(64));
  Sampler another_seed(6, TwoSources());
  another_seed.Restore(sampler.positions());
  bool differs = false;
  for (int i = 0; i < 10; ++i) differs |= sampler.NextBatch(64) != another_seed.NextBatch(64);
  EXPECT_TRUE(differs);
}

TEST(SamplerTest, ASourceThatShrankBeginsItsNextPass) {
  Sampler::Source fresh;
  fresh.fresh = 40;
  fresh.fresh_tokens = [](int64_t, int64_t) { return 10; };
  std::vector<Sampler::Source> sources = TwoSources();
  sources.push_back(fresh);
  Sampler before(5, sources);
  for (int i = 0; i < 9; ++i) before.NextBatch(64);
  sources[0].tokens.resize(2);
  sources[0].copies.resize(2);
  sources[2].fresh = 3;
  sources[2].fresh_tokens = [](int64_t, int64_t example) {
    EXPECT_LT(example, 3);
    return 10;
  };
  const std::vector<SourcePosition> at = before.positions();
  ASSERT_GT(at[0].next, 2);
  ASSERT_GT(at[2].next, 3);
  Sampler after(5, sources);
  after.Restore(at);
  std::map<size_t, int64_t> drawn;
  for (int i = 0; i < 9; ++i) {
    for (const Sampler::Draw& draw : after.NextBatch(64)) {
      ++drawn[draw.source];
      if (draw.source == 0) {
        EXPECT_LT(draw.example, 2);
      }
    }
  }
  EXPECT_GT(drawn[0], 0);
  EXPECT_GT(drawn[2], 0);
  EXPECT_GT(after.positions()[0].pass, at[0].pass);
}

}  // namespace
}  // namespace privet
