#include "rules/number_patterns.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <re2/re2.h>

#include <memory>
#include <string>

namespace privet {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// One rule's patterns, and where each may start.
class NumberPatternsTest : public ::testing::Test {
 protected:
  bool Add(const std::string& pattern, const Gate& gate = {.min_digits = 4},
           Boundary boundary = Boundary::Word) {
    RuleSpec spec;
    spec.gate = gate;
    spec.boundary = boundary;
    compiled_.push_back(std::make_unique<RE2>(pattern));
    return patterns_.Add(0, static_cast<uint16_t>(compiled_.size() - 1), spec, *compiled_.back());
  }

  std::vector<uint32_t> StartsIn(std::string_view text, NumberPatterns::Wanted wanted = {true, true}) {
    if (!compiled_sets_) {
      EXPECT_TRUE(patterns_.Compile().ok());
    }
    compiled_sets_ = true;
    std::vector<NumberPatterns::Start> starts;
    EXPECT_TRUE(patterns_.Find(
        text, [&](const NumberScan&) { return wanted; }, &starts));
    std::vector<uint32_t> offsets;
    for (const NumberPatterns::Start& start : starts) offsets.push_back(start.offset);
    return offsets;
  }

 private:
  NumberPatterns patterns_;
  std::vector<std::unique_ptr<RE2>> compiled_;
  bool compiled_sets_ = false;
};

TEST_F(NumberPatternsTest, TakesOnlyWhatBeginsWithANumber) {
  EXPECT_TRUE(Add(R"(\d{6})"));
  EXPECT_TRUE(Add(R"(\(?\+?\d{6})"));
  EXPECT_FALSE(Add(R"(EMP-\d{5})"));
  EXPECT_FALSE(Add(R"([A-Z]?\d{6})"));
  EXPECT_FALSE(Add(R"((?:^|[^a-z])(\d{6}))"));
  EXPECT_FALSE(Add(R"((?i)(?:k|\d)\d{6})"));  // the Kelvin sign is a k too, and no ASCII
  EXPECT_FALSE(Add(R"(\d{6})", {.min_digits = 4}, Boundary::None));
}

TEST_F(NumberPatternsTest, TakesWhatBeginsWithALetterWhereTheGateSaysSo) {
  EXPECT_FALSE(Add(R"([EG]\d{8})"));
  EXPECT_TRUE(Add(R"([EG]\d{8})", {.min_lettered = 7}));
  EXPECT_THAT(StartsIn("no E12345678 or xE12345678"), ElementsAre(3));
  EXPECT_THAT(StartsIn("no E12345678", {.number = true, .word = false}), IsEmpty());
}

TEST_F(NumberPatternsTest, StartsAtEveryRunOfDigitsAndAtTheSignsBeforeIt) {
  ASSERT_TRUE(Add(R"(\(?\d{3}\)? ?\d{4})"));
  EXPECT_THAT(StartsIn("tel (555) 0100"), ElementsAre(4, 5));
  EXPECT_THAT(StartsIn("12 555 0100"), ElementsAre(3));
  EXPECT_THAT(StartsIn("9555 01009"), IsEmpty());
}

TEST_F(NumberPatternsTest, StartsAtAPlusWithASpaceBehindIt) {
  ASSERT_TRUE(Add(R"(\+ ?\d{2} - \d{3})"));
  EXPECT_THAT(StartsIn("fax + 44 - 207"), ElementsAre(4));
}

TEST_F(NumberPatternsTest, StartsWhereAnEscapeEnds) {
  ASSERT_TRUE(Add(R"(\d{5})"));
  ASSERT_TRUE(Add(R"([EG]\d{8})", {.min_lettered = 7}));
  EXPECT_THAT(StartsIn("%2012345"), ElementsAre(1, 3));
  EXPECT_THAT(StartsIn(R"(\u5427123456)"), ElementsAre(2, 6));
  EXPECT_THAT(StartsIn(R"(\nE12345678)"), ElementsAre(3, 2));
}

TEST_F(NumberPatternsTest, ADateIsTriedOnlyAsAWhole) {
  ASSERT_TRUE(Add(R"(\d{2,4}-\d{2})"));
  EXPECT_THAT(StartsIn("2024-03-05"), ElementsAre(0));
  EXPECT_THAT(StartsIn("2024-03-55"), ElementsAre(0, 5));
}

}  // namespace
}  // namespace privet
