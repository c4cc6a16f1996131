#include "tagging/span_marginals.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "brute_force.h"

namespace privet {
namespace {

using ::testing::IsEmpty;
using enum EntityType;

constexpr size_t kAll = 1'000'000;

TypeThresholds Everywhere(double tau) {
  TypeThresholds thresholds;
  thresholds.fill(tau);
  return thresholds;
}

SpanMarginals MarginalsOf(const LabelScheme& scheme, std::span<const float> scores) {
  absl::StatusOr<Chain> chain = Chain::FromScores(scheme, scores);
  EXPECT_TRUE(chain.ok()) << chain.status();
  return SpanMarginals(*std::move(chain));
}

struct Sample {
  LabelScheme scheme;
  std::vector<float> scores;
};
Sample RandomSample(size_t most_tokens, float deviation, bool extreme, std::mt19937* random) {
  const std::vector<std::string> labels = RandomLabels(random);
  const size_t tokens = 1 + (*random)() % most_tokens;
  return {*LabelScheme::FromLabels(labels), RandomScores(tokens, labels.size(), deviation, extreme, random)};
}

TEST(SpanMarginalsTest, AgreeWithEnumerationForEverySpanAndType) {
  std::mt19937 random(1);
  for (int round = 0; round < 600; ++round) {
    const Sample sample = RandomSample(6, round % 2 == 0 ? 1 : 6, round % 3 == 0, &random);
    const SpanMarginals marginals = MarginalsOf(sample.scheme, sample.scores);
    const BruteForce expected = Enumerate(sample.scheme, sample.scores);
    for (size_t begin = 0; begin < marginals.chain().tokens(); ++begin) {
      for (size_t end = begin + 1; end <= marginals.chain().tokens(); ++end) {
        for (const EntityType type : {PERSON, ADDRESS, SECRET, QQ}) {
          const auto found = expected.marginals.find({{begin, end}, type});
          const double probability = found == expected.marginals.end() ? 0 : found->second;
          ASSERT_NEAR(marginals.Probability({begin, end}, type), probability, 1e-6 * probability + 1e-200)
              << "round " << round << " [" << begin << ", " << end << ") " << IdOf(type);
        }
      }
    }
  }
}

TEST(SpanMarginalsTest, FindExactlyTheSpansThatReachTau) {
  std::mt19937 random(2);
  size_t found_spans = 0;
  for (int round = 0; round < 1000; ++round) {
    const Sample sample = RandomSample(6, 2, round % 4 == 0, &random);
    TypeThresholds tau = Everywhere(2);
    for (const EntityType type : {PERSON, ADDRESS, SECRET}) {
      tau[IndexOf(type)] = std::uniform_real_distribution<double>(-0.02, 0.3)(random);
    }
    std::set<PlainSpan> expected;
    for (const auto& [span, probability] : Enumerate(sample.scheme, sample.scores).marginals) {
      const double least = std::max(tau[IndexOf(span.type)], SpanMarginals::kLowestTau);
      // Ties of extreme scores put probabilities on 1/n; those too close to call are not asked for.
      if (std::abs(probability / least - 1) < 1e-5) tau[IndexOf(span.type)] = 2;
    }
    for (const auto& [span, probability] : Enumerate(sample.scheme, sample.scores).marginals) {
      if (probability >= std::max(tau[IndexOf(span.type)], SpanMarginals::kLowestTau)) expected.insert(span);
    }
    const std::vector<TaggedSpan> found = MarginalsOf(sample.scheme, sample.scores).FindSpans(tau, kAll);
    std::set<PlainSpan> got;
    for (const TaggedSpan& span : found) got.insert({span.tokens, span.type});
    ASSERT_EQ(got.size(), found.size()) << "no span twice";
    ASSERT_EQ(got, expected) << "round " << round;
    found_spans += got.size();
  }
  EXPECT_GT(found_spans, 1000u);
}

TEST(SpanMarginalsTest, ALowerTauOnlyAddsSpans) {
  std::mt19937 random(3);
  for (int round = 0; round < 50; ++round) {
    const Sample sample = RandomSample(60, 2, false, &random);
    const SpanMarginals marginals = MarginalsOf(sample.scheme, sample.scores);
    const std::vector<TaggedSpan> low = marginals.FindSpans(Everywhere(0.01), kAll);
    for (const double tau : {0.02, 0.1, 0.5}) {
      std::vector<TaggedSpan> expected = low;
      std::erase_if(expected, [&](const TaggedSpan& span) { return span.probability < tau; });
      ASSERT_EQ(marginals.FindSpans(Everywhere(tau), kAll), expected);
    }
  }
}

TEST(SpanMarginalsTest, EachTokenIsOutsideOrInOneSpan) {
  std::mt19937 random(4);
  for (int round = 0; round < 300; ++round) {
    const Sample sample = RandomSample(5, 1, round % 3 == 0, &random);
    const SpanMarginals marginals = MarginalsOf(sample.scheme, sample.scores);
    std::vector<double> sum = Enumerate(sample.scheme, sample.scores).outside;
    for (size_t begin = 0; begin < sum.size(); ++begin) {
      for (size_t end = begin + 1; end <= sum.size(); ++end) {
        for (const EntityType type : {PERSON, ADDRESS, SECRET}) {
          for (size_t i = begin; i < end; ++i) sum[i] += marginals.Probability({begin, end}, type);
        }
      }
    }
    for (const double probability : sum) ASSERT_NEAR(probability, 1, 1e-6);
  }
}

TEST(SpanMarginalsTest, KeepTheMostProbableWhereThereAreTooMany) {
  std::mt19937 random(5);
  for (int round = 0; round < 60; ++round) {
    const Sample sample = RandomSample(150, 1, false, &random);
    const SpanMarginals marginals = MarginalsOf(sample.scheme, sample.scores);
    const std::vector<TaggedSpan> all = marginals.FindSpans(Everywhere(0.001), kAll);
    for (const size_t most : {size_t{0}, size_t{1}, size_t{7}, size_t{40}, all.size()}) {
      std::vector<TaggedSpan> expected = all;
      std::stable_sort(expected.begin(), expected.end(), [](const TaggedSpan& a, const TaggedSpan& b) {
        return a.probability > b.probability;
      });
      if (expected.size() > most) expected.resize(most);
      std::sort(expected.begin(), expected.end(), [](const TaggedSpan& a, const TaggedSpan& b) {
        return std::tie(a.tokens, a.type) < std::tie(b.tokens, b.type);
      });
      const std::vector<TaggedSpan> found = marginals.FindSpans(Everywhere(0.001), most);
      ASSERT_EQ(found, expected) << "round " << round << ", at most " << most;
    }
  }
}

TEST(SpanMarginalsTest, ReadEveryTypeAgainstNone) {
  std::mt19937 random(6);
  for (int round = 0; round < 200; ++round) {
    const Sample sample = RandomSample(6, 1, false, &random);
    const SpanMarginals marginals = MarginalsOf(sample.scheme, sample.scores);
    const TokenRange span = {0, 1 + random() % marginals.chain().tokens()};
    const SpanReading reading = marginals.Read(span);
    double none = 1;
    for (const EntityType type : sample.scheme.types()) none -= marginals.Probability(span, type);
    EXPECT_EQ(reading.known.count(), sample.scheme.types().size());
    for (const EntityType type : sample.scheme.types()) {
      ASSERT_TRUE(reading.known.test(IndexOf(type)));
      const double expected = std::log(marginals.Probability(span, type) / none);
      ASSERT_NEAR(reading.log_odds[IndexOf(type)], std::clamp(expected, -15.0, 15.0), 1e-6);
    }
  }
}

TEST(SpanMarginalsTest, DoNotChangeWithAConstantAddedToATokensScores) {
  std::mt19937 random(8);
  const Sample sample = RandomSample(40, 2, false, &random);
  std::vector<float> shifted = sample.scores;
  const size_t labels = sample.scheme.label_count();
  for (size_t i = 0; i < shifted.size(); ++i) shifted[i] += static_cast<float>(i / labels % 7) * 8 - 24;
  const std::vector<TaggedSpan> a =
      MarginalsOf(sample.scheme, sample.scores).FindSpans(Everywhere(0.001), kAll);
  const std::vector<TaggedSpan> b = MarginalsOf(sample.scheme, shifted).FindSpans(Everywhere(0.001), kAll);
  ASSERT_GT(a.size(), 0u);
  ASSERT_EQ(a.size(), b.size());
  for (size_t i = 0; i < a.size(); ++i) EXPECT_NEAR(a[i].probability, b[i].probability, 1e-5);
}

constexpr double kImpossible = -std::numeric_limits<double>::infinity();  // as a log-probability

// The textbook's way, over labels and in log space: slow, but nothing underflows.
class LogSpaceReference {
 public:
  LogSpaceReference(const LabelScheme& scheme, std::span<const float> scores)
      : scheme_(scheme), labels_(scheme.label_count()), tokens_(scores.size() / labels_) {
    for (size_t i = 0; i < scores.size(); ++i) {
      const std::span<const float> row = scores.subspan(i / labels_ * labels_, labels_);
      score_.push_back(std::max(scores[i] - *std::max_element(row.begin(), row.end()), Chain::kLowestScore));
    }
    forward_.assign(score_.size(), kImpossible);
    backward_.assign(score_.size(), kImpossible);
    for (size_t k = 0; k < tokens_; ++k) {
      for (size_t label = 0; label < labels_; ++label)
        forward_[k * labels_ + label] = Before(k, label) + Score(k, label);
    }
    for (size_t k = tokens_; k-- > 0;) {
      for (size_t label = 0; label < labels_; ++label)
        backward_[k * labels_ + label] = Behind(k, label, true);
    }
    for (size_t label = 0; label < labels_; ++label) {
      if (scheme_.MayEnd(label)) log_z_ = LogSum(log_z_, forward_[(tokens_ - 1) * labels_ + label]);
    }
  }

  double LogProbability(TokenRange span, size_t type) const {
    const bool bio = scheme_.format() == TagFormat::Bio;
    const bool alone = span.size() == 1;
    const std::optional<size_t> first = scheme_.LabelOf(alone && !bio ? Tag::Single : Tag::Begin, type);
    const std::optional<size_t> inside = scheme_.LabelOf(Tag::Inside, type);
    const std::optional<size_t> last = alone ? first : scheme_.LabelOf(bio ? Tag::Inside : Tag::End, type);
    if (!first || !last || (span.size() > 2 && !inside)) return kImpossible;
    double log_mass = Before(span.begin, *first) + Score(span.begin, *first);
    for (size_t k = span.begin + 1; k + 1 < span.end; ++k) log_mass += Score(k, inside.value_or(0));
    if (!alone) log_mass += Score(span.end - 1, *last);
    return log_mass + Behind(span.end - 1, *last, false) - log_z_;
  }

 private:
  static double LogSum(double a, double b) {
    if (a < b) std::swap(a, b);
    return b == kImpossible ? a : a + std::log1p(std::exp(b - a));
  }
  double Score(size_t token, size_t label) const { return score_[token * labels_ + label]; }
  double Before(size_t token, size_t label) const {
    if (token == 0) return scheme_.MayStart(label) ? 0 : kImpossible;
    double sum = kImpossible;
    for (size_t from = 0; from < labels_; ++from) {
      if (scheme_.MayFollow(from, label)) sum = LogSum(sum, forward_[(token - 1) * labels_ + from]);
    }
    return sum;
  }
  double Behind(size_t token, size_t label, bool may_continue) const {
    if (token + 1 == tokens_) return scheme_.MayEnd(label) ? 0 : kImpossible;
    double sum = kImpossible;
    for (size_t next = 0; next < labels_; ++next) {
      if (!scheme_.MayFollow(label, next) || (!may_continue && scheme_.tag(next) == Tag::Inside)) continue;
      sum = LogSum(sum, Score(token + 1, next) + backward_[(token + 1) * labels_ + next]);
    }
    return sum;
  }

  const LabelScheme& scheme_;
  size_t labels_;
  size_t tokens_;
  std::vector<double> score_, forward_, backward_;
  double log_z_ = kImpossible;
};

TEST(SpanMarginalsTest, LoseNothingOverLongWindowsOfExtremeScores) {
  std::mt19937 random(9);
  size_t compared = 0;
  for (int round = 0; round < 60; ++round) {
    const std::vector<std::string> labels = RandomLabels(&random);
    const LabelScheme scheme = *LabelScheme::FromLabels(labels);
    const size_t tokens = 500 + random() % 1548;
    std::vector<float> scores =
        RandomScores(tokens, labels.size(), round % 2 == 0 ? 5.F : 60.F, true, &random);
    // A stretch in which every label but one is hopeless.
    const size_t favourite = random() % labels.size();
    for (size_t k = 100; k < 400; ++k) {
      for (size_t label = 0; label < labels.size(); ++label)
        scores[k * labels.size() + label] = label == favourite ? 0 : -1000;
    }
    const LogSpaceReference reference(scheme, scores);
    const SpanMarginals marginals = MarginalsOf(scheme, scores);
    std::vector<std::pair<TokenRange, size_t>> asked;
    for (int i = 0; i < 50; ++i) {
      const size_t begin = random() % tokens;
      const size_t end = std::min(tokens, begin + 1 + random() % (i % 2 == 0 ? 4 : 400));
      asked.push_back({{begin, end}, random() % scheme.types().size()});
    }
    for (const TaggedSpan& span : marginals.FindSpans(Everywhere(0), kAll)) {
      const auto types = scheme.types();
      asked.push_back({span.tokens, static_cast<size_t>(std::find(types.begin(), types.end(), span.type) -
                                                        types.begin())});
    }
    for (const auto& [span, type] : asked) {
      const double expected = std::exp(reference.LogProbability(span, type));
      ASSERT_NEAR(marginals.Probability(span, scheme.types()[type]), expected, 1e-5 * expected + 1e-100)
          << "round " << round << " [" << span.begin << ", " << span.end << ")";
      compared += expected > 1e-6 ? 1 : 0;
    }
  }
  EXPECT_GT(compared, 10000u);
}

TEST(SpanMarginalsTest, OfNoTokensAreNoSpans) {
  const LabelScheme scheme = *LabelScheme::FromLabels(std::vector<std::string>{"O", "B-QQ"});
  EXPECT_THAT(MarginalsOf(scheme, {}).FindSpans(Everywhere(0), kAll), IsEmpty());
}

}  // namespace
}  // namespace privet
