#include "pipeline/selection.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <tuple>

namespace privet {

// For failure messages and for comparing whole selections.
bool operator==(const Finding& a, const Finding& b) {
  return a.span == b.span && a.type == b.type && a.score == b.score && a.conclusive == b.conclusive &&
         a.evidence.size() == b.evidence.size();
}
void PrintTo(const Finding& f, std::ostream* out) {
  *out << IdOf(f.type) << "[" << f.span.begin << ", " << f.span.end << ") " << f.score
       << (f.conclusive ? " conclusive" : "") << (f.evidence.empty() ? "" : " reading");
}

namespace {

using ::testing::ElementsAre;
using enum EntityType;

Finding Of(EntityType type, size_t begin, size_t end, double score) {
  return {{begin, end}, type, score, false, {}};
}
Finding Conclusive(EntityType type, size_t begin, size_t end, double score) {
  return {{begin, end}, type, score, true, {}};
}
Finding Custom(EntityType type, size_t begin, size_t end, double score) {
  return {{begin, end}, type, score, false, {{"custom:mine", score, "", "", {}}}};
}
// By learned stages alone.
Finding Reading(EntityType type, size_t begin, size_t end, double score) {
  return {{begin, end},
          type,
          score,
          false,
          {{"model:stage1", score, "", "", {}}, {"model:stage2", score, "", "", {}}}};
}

struct Case {
  std::string behaviour;
  std::vector<Finding> in;
  std::vector<Finding> kept;
};

class Selects : public ::testing::TestWithParam<Case> {};

TEST_P(Selects, AsDocumented) { EXPECT_EQ(SelectWithoutOverlaps(GetParam().in), GetParam().kept); }

const Case kCases[] = {
    {"NothingOfNothing", {}, {}},
    {"NeighboursThatTouch",
     {Of(QQ, 5, 9, .6), Of(PHONE_NUMBER, 0, 5, .9)},
     {Of(PHONE_NUMBER, 0, 5, .9), Of(QQ, 5, 9, .6)}},
    {"ATrustedRulesSpecificTypeBeforeAReadingOfTheSpan",
     {Of(US_ITIN, 0, 11, .85), Reading(US_SSN, 0, 11, .99)},
     {Of(US_ITIN, 0, 11, .85)}},
    {"AReadingBeforeARuleThatIsNotTrusted",
     {Of(US_ITIN, 0, 11, .45), Reading(US_SSN, 0, 11, .99)},
     {Reading(US_SSN, 0, 11, .99)}},
    {"AReadingBeforeATrustedRulesVagueType",
     {Of(DATE_TIME, 0, 10, .9), Reading(DATE_OF_BIRTH, 0, 10, .98)},
     {Reading(DATE_OF_BIRTH, 0, 10, .98)}},
    {"AReadingThatIsHiddenBeforeATrustedRulesTypeThatIsNot",
     {Of(US_EIN, 0, 10, .55), Reading(US_SSN, 0, 10, .99)},
     {Reading(US_SSN, 0, 10, .99)}},
    {"AReadingBeforeARuleOfTheCallersOwn",
     {Custom(HK_ID, 0, 7, .5), Reading(PERSON, 0, 7, .99)},
     {Reading(PERSON, 0, 7, .99)}},
    {"AVagueTypeDoesNotProfitFromASpecificOne",
     {Of(QQ, 0, 6, .5), Of(POSTCODE, 0, 6, .9), Reading(PHONE_NUMBER, 0, 6, .99)},
     {Of(QQ, 0, 6, .5)}},
    {"TheHigherScoreOnOneSpan",
     {Of(QQ, 0, 11, .6), Of(PHONE_NUMBER, 0, 11, .9)},
     {Of(PHONE_NUMBER, 0, 11, .9)}},
    {"TheConclusiveOneOfCloseScoresOnOneSpan",
     {Of(CN_DRIVER_LICENSE, 0, 18, .99), Conclusive(IMEI, 0, 18, .97)},
     {Conclusive(IMEI, 0, 18, .97)}},
    {"TheHigherScoreEvenWhereTheOtherIsConclusiveButFarBelow",
     {Of(PHONE_NUMBER, 0, 15, .99), Conclusive(IMEI, 0, 15, .91)},
     {Of(PHONE_NUMBER, 0, 15, .99)}},
    {"TheMoreSpecificTypeOfCloseScoresOnOneSpan",
     {Conclusive(CN_SOCIAL_SECURITY, 0, 18, .99), Conclusive(CN_RESIDENT_ID, 0, 18, .97)},
     {Conclusive(CN_RESIDENT_ID, 0, 18, .97)}},
    {"CreditOrBankCardByScore",
     {Conclusive(CREDIT_CARD, 0, 16, .95), Conclusive(BANK_CARD, 0, 16, .97)},
     {Conclusive(BANK_CARD, 0, 16, .97)}},
    {"UrlOverTheAddressInIt", {Of(IP_ADDRESS, 7, 16, .9), Of(URL, 0, 30, .8)}, {Of(URL, 0, 30, .8)}},
    {"EmailOverTheDomainInIt",
     {Of(URL, 5, 16, .6), Of(EMAIL_ADDRESS, 0, 16, .9)},
     {Of(EMAIL_ADDRESS, 0, 16, .9)}},
    {"SecretOverItsHostAndPort",
     {Of(SECRET, 0, 40, .9), Of(IP_ADDRESS, 20, 29, .95), Of(URL, 20, 34, .9)},
     {Of(SECRET, 0, 40, .9)}},
    {"TheLongerReadingOfOneNumber",
     {Of(PHONE_NUMBER, 0, 12, .7), Of(PHONE_NUMBER, 4, 12, .8)},
     {Of(PHONE_NUMBER, 0, 12, .7)}},
    {"TheShorterReadingWhereTheLongerIsFarFetched",
     {Of(PHONE_NUMBER, 0, 12, .3), Of(PHONE_NUMBER, 4, 12, .9)},
     {Of(PHONE_NUMBER, 4, 12, .9)}},
    {"AConclusivePieceOverAWholeThatStaysReadable",
     {Of(URL, 0, 40, .9), Conclusive(CN_RESIDENT_ID, 20, 38, .98)},
     {Conclusive(CN_RESIDENT_ID, 20, 38, .98)}},
    {"ABetterScoredPieceOverAWholeThatStaysReadable",
     {Of(URL, 0, 60, .9), Of(US_SSN, 20, 31, .95), Of(EMAIL_ADDRESS, 40, 55, .95)},
     {Of(US_SSN, 20, 31, .95), Of(EMAIL_ADDRESS, 40, 55, .95)}},
    {"AnEquallyScoredPieceOverAWholeThatStaysReadable",
     {Of(URL, 0, 60, .95), Of(EMAIL_ADDRESS, 40, 55, .95)},
     {Of(EMAIL_ADDRESS, 40, 55, .95)}},
    {"ATrustedRulesPieceOverAWholeThatStaysReadable",
     {Of(URL, 0, 60, .99), Of(PHONE_NUMBER, 20, 31, .6)},
     {Of(PHONE_NUMBER, 20, 31, .6)}},
    {"AWholeThatStaysReadableOverANumberInItThatNoRuleIsSureOf",
     {Of(URL, 0, 60, .9), Of(PHONE_NUMBER, 20, 31, .49), Reading(PHONE_NUMBER, 40, 51, .89)},
     {Of(URL, 0, 60, .9)}},
    {"ATrustedRulesPieceOverAReadingThatStaysReadable",
     {Reading(ORGANIZATION, 0, 40, .99), Of(PHONE_NUMBER, 20, 31, .6)},
     {Of(PHONE_NUMBER, 20, 31, .6)}},
    {"UrlOverTheConclusiveAddressInIt",
     {Of(URL, 0, 30, .8), Conclusive(IP_ADDRESS, 7, 20, .95)},
     {Of(URL, 0, 30, .8)}},
    {"AWholeThatHidesOverItsConclusivePiece",
     {Of(SECRET, 0, 40, .9), Conclusive(CREDIT_CARD, 20, 36, .98)},
     {Of(SECRET, 0, 40, .9)}},
    {"AConclusiveOneOverBetterScoredPartialOverlaps",
     {Of(PHONE_NUMBER, 0, 12, .99), Conclusive(IMEI, 8, 23, .9), Of(QQ, 20, 30, .99)},
     {Conclusive(IMEI, 8, 23, .9)}},
    {"OneSureFindingOverTwoDoubtfulOnes",
     {Of(QQ, 0, 6, .6), Of(PHONE_NUMBER, 4, 12, .95), Of(QQ, 10, 15, .6)},
     {Of(PHONE_NUMBER, 4, 12, .95)}},
    {"TwoGoodFindingsOverOneThatIsLittleBetter",
     {Of(QQ, 0, 6, .9), Of(PHONE_NUMBER, 4, 12, .92), Of(QQ, 10, 15, .9)},
     {Of(QQ, 0, 6, .9), Of(QQ, 10, 15, .9)}},
    // The whole loses its place to the conclusive neighbour; its first piece must not be lost with it.
    {"ThePieceAgainWhenItsWholeIsBeaten",
     {Of(URL, 0, 30, .95), Of(EMAIL_ADDRESS, 2, 15, .9), Conclusive(CN_RESIDENT_ID, 25, 43, .98)},
     {Of(EMAIL_ADDRESS, 2, 15, .9), Conclusive(CN_RESIDENT_ID, 25, 43, .98)}},
    // The middle one is itself a piece, so it has no say over the innermost.
    {"NotThePieceOfAPiece",
     {Of(URL, 0, 30, .5), Of(DATE_TIME, 5, 25, .8), Of(PHONE_NUMBER, 10, 21, .99)},
     {Of(PHONE_NUMBER, 10, 21, .99)}},
    {"TheLongerOfTwoReadingsOfOneTypeThatAreClose",
     {Reading(PERSON, 0, 9, .42), Reading(PERSON, 0, 6, .5), Reading(PERSON, 3, 9, .1)},
     {Reading(PERSON, 0, 9, .42)}},
    {"TheLikelierOfTwoReadingsOfOneTypeThatAreNotClose",
     {Reading(PERSON, 0, 9, .3), Reading(PERSON, 0, 6, .62)},
     {Reading(PERSON, 0, 6, .62)}},
    // Each is close to the next longer one, but the shortest is not to the longest.
    {"NotTheLongestOfAChainOfReadings",
     {Reading(PERSON, 0, 12, .5), Reading(PERSON, 0, 9, .58), Reading(PERSON, 0, 6, .66)},
     {Reading(PERSON, 0, 6, .66)}},
    {"TheLikelierOfNestedReadingsOfTwoTypes",
     {Reading(ADDRESS, 0, 40, .6), Reading(PERSON, 0, 9, .9)},
     {Reading(PERSON, 0, 9, .9)}},
    {"TwoGoodReadingsOverAWiderOneOfAnotherType",
     {Reading(ADDRESS, 0, 40, .9), Reading(PERSON, 0, 9, .85), Reading(ORGANIZATION, 12, 40, .85)},
     {Reading(PERSON, 0, 9, .85), Reading(ORGANIZATION, 12, 40, .85)}},
    {"AConclusiveOneOverEveryReadingOfItsSpan",
     {Reading(PHONE_NUMBER, 0, 15, .99), Conclusive(IMEI, 0, 15, .8)},
     {Conclusive(IMEI, 0, 15, .8)}},
    {"AConclusivePieceOverAWiderReading",
     {Reading(ADDRESS, 0, 40, .99), Conclusive(CN_RESIDENT_ID, 20, 38, .9)},
     {Conclusive(CN_RESIDENT_ID, 20, 38, .9)}},
    {"AConclusiveWholeOverTheReadingsInIt",
     {Conclusive(SECRET, 0, 40, .9), Reading(PERSON, 3, 9, .99)},
     {Conclusive(SECRET, 0, 40, .9)}},
    {"AReadingOverTheUrlThatShowsIt",
     {Of(URL, 0, 30, .9), Reading(PERSON, 20, 29, .95)},
     {Reading(PERSON, 20, 29, .95)}},
    {"AWiderReadingOverAFormInItThatIsLittleBetter",
     {Reading(ADDRESS, 0, 40, .7), Of(PHONE_NUMBER, 20, 31, .8)},
     {Reading(ADDRESS, 0, 40, .7)}},
    {"AReadingThatARuleSupportsLikeAForm",
     {{{0, 12}, PHONE_NUMBER, .7, false, {{"model:stage1", .7, "", "", {}}, {"cn_mobile", .6, "", "", {}}}},
      Of(PHONE_NUMBER, 4, 12, .9)},
     {{{0, 12}, PHONE_NUMBER, .7, false, {{"model:stage1", .7, "", "", {}}, {"cn_mobile", .6, "", "", {}}}}}},
};
INSTANTIATE_TEST_SUITE_P(, Selects, ::testing::ValuesIn(kCases),
                         [](const auto& tested) { return tested.param.behaviour; });

// The documented rules once more, in the plainest way: quadratic loops, and every subset for rule 4.
namespace plain {

std::vector<Finding> Heaviest(const std::vector<Finding>& rivals) {
  std::vector<Finding> best;
  double best_weight = 0;
  for (size_t subset = 0; subset < (size_t{1} << rivals.size()); ++subset) {
    std::vector<Finding> chosen;
    double weight = 0;
    bool fits = true;
    for (size_t i = 0; i < rivals.size(); ++i) {
      if ((subset >> i & 1) == 0) continue;
      for (const Finding& other : chosen) fits = fits && !other.span.Overlaps(rivals[i].span);
      chosen.push_back(rivals[i]);
      weight += SelectionWeight(rivals[i]);
    }
    if (fits && weight > best_weight) {
      best = chosen;
      best_weight = weight;
    }
  }
  return best;
}

bool OverlapsAny(const Finding& finding, const std::vector<Finding>& others) {
  return std::any_of(others.begin(), others.end(),
                     [&](const Finding& other) { return other.span.Overlaps(finding.span); });
}

// Spans are distinct.
std::vector<Finding> Select(std::vector<Finding> findings) {
  std::sort(findings.begin(), findings.end(),
            [](const Finding& a, const Finding& b) { return a.span.size() > b.span.size(); });
  std::vector<Finding> wholes, conclusive, others;
  const auto reveals = [&](const Finding& whole) {
    const EntityTypeSpec& outer = Describe(whole.type);
    if (whole.conclusive || outer.treatment != Treatment::Keep) return false;
    return std::any_of(findings.begin(), findings.end(), [&](const Finding& piece) {
      const EntityTypeSpec& inner = Describe(piece.type);
      return whole.span.Contains(piece.span) && inner.treatment != Treatment::Keep &&
             inner.group != outer.group && piece.evidence.empty() && (piece.conclusive || piece.score >= 0.5);
    });
  };
  for (const Finding& finding : findings) {
    if (reveals(finding)) continue;
    const bool is_piece = std::any_of(wholes.begin(), wholes.end(), [&](const Finding& whole) {
      if (!whole.span.Contains(finding.span)) return false;
      const bool whole_is_reading = !whole.evidence.empty(), is_reading = !finding.evidence.empty();
      if (whole_is_reading && finding.conclusive) return false;
      if (whole_is_reading && is_reading)
        return whole.type == finding.type && whole.score + 0.1 >= finding.score;
      const EntityTypeSpec& outer = Describe(whole.type);
      const EntityTypeSpec& inner = Describe(finding.type);
      const bool hides = whole.conclusive || outer.treatment != Treatment::Keep;
      if (hides || outer.group == inner.group) return whole.score + 0.35 >= finding.score;
      if (inner.treatment == Treatment::Keep) return whole.score + 0.35 >= finding.score;
      return !finding.conclusive && whole.score > finding.score;
    });
    if (!is_piece) wholes.push_back(finding);
  }
  for (const Finding& whole : wholes) (whole.conclusive ? conclusive : others).push_back(whole);
  std::vector<Finding> selected = Heaviest(conclusive);
  std::erase_if(others, [&](const Finding& f) { return OverlapsAny(f, selected); });
  for (const Finding& finding : Heaviest(others)) selected.push_back(finding);
  std::sort(findings.begin(), findings.end(),
            [](const Finding& a, const Finding& b) { return SelectionWeight(a) > SelectionWeight(b); });
  for (const Finding& finding : findings) {
    if (!OverlapsAny(finding, selected)) selected.push_back(finding);
  }
  std::sort(selected.begin(), selected.end(),
            [](const Finding& a, const Finding& b) { return a.span < b.span; });
  return selected;
}

}  // namespace plain

std::vector<Finding> RandomFindings(std::mt19937* random) {
  const auto upto = [&](size_t n) { return std::uniform_int_distribution<size_t>(0, n)(*random); };
  constexpr EntityType kTypes[] = {PHONE_NUMBER, URL, SECRET, CN_RESIDENT_ID, IP_ADDRESS, DATE_TIME};
  std::vector<Finding> findings;
  for (size_t n = upto(9); n > 0; --n) {
    const size_t begin = upto(24);
    Finding finding = Of(kTypes[upto(5)], begin, begin + 1 + upto(11),
                         std::uniform_real_distribution<double>(0.05, 0.999)(*random));
    finding.conclusive = upto(3) == 0;
    if (!finding.conclusive && upto(1) == 0)
      finding = Reading(finding.type, finding.span.begin, finding.span.end, finding.score);
    const bool taken = std::any_of(findings.begin(), findings.end(),
                                   [&](const Finding& other) { return other.span == finding.span; });
    if (!taken) findings.push_back(finding);
  }
  return findings;
}

TEST(SelectionTest, AgreesWithTheRulesAppliedByExhaustion) {
  std::mt19937 random(1);
  for (int round = 0; round < 4000; ++round) {
    const std::vector<Finding> findings = RandomFindings(&random);
    ASSERT_EQ(SelectWithoutOverlaps(findings), plain::Select(findings)) << "round " << round;
  }
}

TEST(SelectionTest, DoesNotDependOnTheOrderOfFindings) {
  std::mt19937 random(2);
  for (int round = 0; round < 1000; ++round) {
    std::vector<Finding> findings = RandomFindings(&random);
    // Equal spans too: other types with the very same score.
    for (size_t i = 0, n = findings.size(); i < n; ++i) {
      if (i % 2 == 0)
        findings.push_back(Of(IMEI, findings[i].span.begin, findings[i].span.end, findings[i].score));
    }
    const std::vector<Finding> selected = SelectWithoutOverlaps(findings);
    std::shuffle(findings.begin(), findings.end(), random);
    ASSERT_EQ(SelectWithoutOverlaps(findings), selected) << "round " << round;
  }
}

TEST(SelectionTest, TakesTensOfThousandsOfNestedAndChainedFindingsInItsStride) {
  // Any quadratic step takes minutes here.
  constexpr size_t kCount = 100000;
  std::vector<Finding> findings;
  for (size_t i = 0; i < kCount; ++i) {
    findings.push_back(Of(URL, i, 2 * kCount - i, 0.01 + 0.9 * static_cast<double>(i) / kCount));
    findings.push_back(Of(PHONE_NUMBER, 3 * i, 3 * i + 8, 0.5));
    findings.push_back(Reading(PERSON, i, 2 * kCount - i - 1, 0.01 + 0.9 * static_cast<double>(i) / kCount));
  }
  const std::vector<Finding> selected = SelectWithoutOverlaps(findings);
  for (size_t i = 1; i < selected.size(); ++i) ASSERT_LE(selected[i - 1].span.end, selected[i].span.begin);
  EXPECT_GT(selected.size(), kCount / 5);
}

TEST(SelectionTest, KeepsTheEvidenceOfWhatItKeeps) {
  Finding finding = Of(QQ, 0, 6, .6);
  finding.evidence.push_back({"cn_qq", .6, "", "", {}});
  const std::vector<Finding> selected = SelectWithoutOverlaps({finding});
  ASSERT_EQ(selected.size(), 1u);
  EXPECT_THAT(selected[0].evidence, ElementsAre(::testing::Field(&Evidence::source, "cn_qq")));
}

}  // namespace
}  // namespace privet
