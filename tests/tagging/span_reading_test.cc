#include "tagging/span_reading.h"

#include <gtest/gtest.h>

#include <cmath>

#include "tagging/log_odds.h"

namespace privet {
namespace {

using enum EntityType;

TEST(LogOddsTest, AreBoundedAndComeBack) {
  EXPECT_EQ(LogOddsOf(0), -kMostLogOdds);
  EXPECT_EQ(LogOddsOf(1), kMostLogOdds);
  EXPECT_EQ(LogOddsOf(0.5), 0);
  EXPECT_DOUBLE_EQ(LogOddsOf(0.9), -LogOddsOf(0.1));
  for (const double p : {1e-6, 0.01, 0.3, 0.75, 0.999}) EXPECT_NEAR(ProbabilityOf(LogOddsOf(p)), p, 1e-12);
  EXPECT_EQ(ProbabilityOf(-1e6), 0);
  EXPECT_EQ(ProbabilityOf(1e6), 1);
}

TEST(SpanReadingTest, SetsEachKnownTypeAgainstNone) {
  TypeSet known;
  known.set(IndexOf(PERSON)).set(IndexOf(ORGANIZATION)).set(IndexOf(ADDRESS));
  std::array<double, kEntityTypeCount> probabilities{};
  probabilities[IndexOf(PERSON)] = 0.5;
  probabilities[IndexOf(ORGANIZATION)] = 0.1;
  const SpanReading reading = ReadingOf(known, probabilities);
  EXPECT_EQ(reading.known, known);
  EXPECT_NEAR(reading.log_odds[IndexOf(PERSON)], std::log(0.5 / 0.4), 1e-12);
  EXPECT_NEAR(reading.log_odds[IndexOf(ORGANIZATION)], std::log(0.1 / 0.4), 1e-12);
  EXPECT_EQ(reading.log_odds[IndexOf(ADDRESS)], -kMostLogOdds);
  EXPECT_EQ(reading.log_odds[IndexOf(QQ)], 0);
}

TEST(SpanReadingTest, StaysFiniteWhereNothingIsLeftForNone) {
  TypeSet known;
  known.set(IndexOf(PERSON)).set(IndexOf(QQ));
  std::array<double, kEntityTypeCount> probabilities{};
  probabilities[IndexOf(PERSON)] = 1;
  probabilities[IndexOf(QQ)] = 1e-16;
  const SpanReading reading = ReadingOf(known, probabilities);
  EXPECT_EQ(reading.log_odds[IndexOf(PERSON)], kMostLogOdds);
  EXPECT_NEAR(reading.log_odds[IndexOf(QQ)], 0, 1e-9);
}

TEST(SpanReadingTest, GivesTheProbabilitiesBack) {
  TypeSet known;
  std::array<double, kEntityTypeCount> probabilities{};
  for (const auto& [type, probability] :
       {std::pair{EntityType::PERSON, 0.6}, std::pair{EntityType::ADDRESS, 0.001}}) {
    known.set(IndexOf(type));
    probabilities[IndexOf(type)] = probability;
  }
  const SpanReading reading = ReadingOf(known, probabilities);
  EXPECT_NEAR(ProbabilityOf(reading, EntityType::PERSON), 0.6, 1e-9);
  EXPECT_NEAR(ProbabilityOf(reading, EntityType::ADDRESS), 0.001, 1e-9);
  EXPECT_EQ(ProbabilityOf(reading, EntityType::URL), 0);  // it knows nothing of it
}

TEST(SpanReadingTest, ProbabilitiesOfSpansThatExcludeOneAnotherAddUp) {
  TypeSet known;
  known.set(IndexOf(PERSON)).set(IndexOf(QQ));
  std::array<double, kEntityTypeCount> one{}, other{};
  one[IndexOf(PERSON)] = 0.6;
  other[IndexOf(PERSON)] = 0.3;
  other[IndexOf(QQ)] = 0.05;
  const SpanReading either = EitherOf(ReadingOf(known, one), ReadingOf(known, other));
  EXPECT_NEAR(ProbabilityOf(either, PERSON), 0.9, 1e-6);
  EXPECT_NEAR(ProbabilityOf(either, QQ), 0.05, 1e-6);
  other[IndexOf(PERSON)] = 0.4 - 1e-9;
  other[IndexOf(QQ)] = 1e-9;
  const SpanReading all = EitherOf(ReadingOf(known, one), ReadingOf(known, other));
  EXPECT_NEAR(ProbabilityOf(all, PERSON), 1, 1e-5) << "and what nobody means stays improbable";
}

}  // namespace
}  // namespace privet
