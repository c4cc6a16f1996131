#include "pipeline/value_search.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <ctime>
#include <random>

namespace privet {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// What FindAll finds, as "INDEX@BEGIN".
std::vector<std::string> Found(const std::vector<std::string>& values, std::string_view text) {
  std::vector<std::string> found;
  const auto matches = ValueSearch(values).FindAll(text, {});
  EXPECT_TRUE(matches.ok());
  for (const ValueSearch::Match& match : *matches) {
    EXPECT_EQ(text.substr(match.span.begin, match.span.size()), values[match.value]);
    found.push_back(std::to_string(match.value) + "@" + std::to_string(match.span.begin));
  }
  return found;
}

TEST(ValueSearchTest, FindsEachOccurrence) {
  EXPECT_THAT(Found({"张三", "Ann"}, "张三 met Ann, and 张三 left"), ElementsAre("0@0", "1@11", "0@20"));
}

TEST(ValueSearchTest, TakesAsciiValuesAsWholeWordsOnly) {
  EXPECT_THAT(Found({"Ann"}, "Annex, Joann, Ann2 and 2Ann"), IsEmpty());
  EXPECT_THAT(Found({"Ann"}, "Ann"), ElementsAre("0@0"));
  EXPECT_THAT(Found({"Ann"}, "叫Ann的"), ElementsAre("0@3"));
  EXPECT_THAT(Found({"#7"}, "room#7 #77"), ElementsAre("0@4"));
}

TEST(ValueSearchTest, TakesTheLongestThatIsWhole) {
  EXPECT_THAT(Found({"Ann", "Ann Lee", "Ann L"}, "Ann Lee"), ElementsAre("1@0"));
  EXPECT_THAT(Found({"Ann", "Ann Lee", "Ann L"}, "Ann Leeds"), ElementsAre("0@0"));
}

TEST(ValueSearchTest, CountsTheFirstOfEqualValues) {
  EXPECT_THAT(Found({"x", "x"}, "x"), ElementsAre("0@0"));
}

TEST(ValueSearchTest, WithoutValuesFindsNothing) {
  EXPECT_THAT(*ValueSearch().FindAll("text", {}), IsEmpty());
}

TEST(ValueSearchTest, FindsWhatOverlaps) {
  EXPECT_THAT(Found({"张三", "三丰公司"}, "张三丰公司"), ElementsAre("0@0", "1@3"));
}

TEST(ValueSearchTest, IsQuickWhereAllValuesBeginOneAnother) {
  std::vector<std::string> letters, marks;
  for (size_t size = 1; size <= 1000; ++size) {
    letters.push_back(std::string(size, 'a'));
    marks.push_back(std::string(size, '-'));
  }
  const std::clock_t begin = std::clock();  // of the processor: others may keep it busy
  EXPECT_THAT(Found(letters, std::string(65536, 'a')), IsEmpty());
  EXPECT_EQ(Found(marks, std::string(65536, '-')).size(), 65536u);
  EXPECT_LT(std::clock() - begin, 2 * CLOCKS_PER_SEC);
}

TEST(ValueSearchTest, StopsInsideOfAText) {
  const std::vector<std::string> values = {"七"};
  size_t polls = 0;
  const auto found = ValueSearch(values).FindAll(std::string(1 << 20, 'x'), [&] { return ++polls > 2; });
  EXPECT_EQ(found.status().code(), absl::StatusCode::kCancelled);
  EXPECT_EQ(polls, 3u);
}

TEST(ValueSearchTest, AgreesWithTryingEveryValueEverywhere) {
  std::mt19937 random(3);
  const auto word = [&](size_t most) {
    std::string text;
    constexpr std::string_view kPieces[] = {"a", "b", " ", "-", "张", "七"};
    for (size_t n = 1 + random() % most; n > 0; --n) text.append(kPieces[random() % 6]);
    return text;
  };
  for (int round = 0; round < 3000; ++round) {
    std::vector<std::string> values;
    for (size_t n = random() % 8; n > 0; --n) values.push_back(word(4));
    const std::string text = word(30);
    std::vector<std::string> expected;
    const auto is_word = [&](size_t i) { return text[i] == 'a' || text[i] == 'b'; };
    for (size_t at = 0; at < text.size(); ++at) {
      size_t best = values.size();
      for (size_t v = 0; v < values.size(); ++v) {
        const size_t end = at + values[v].size();
        if (text.compare(at, values[v].size(), values[v]) != 0) continue;
        if (at > 0 && is_word(at - 1) && is_word(at)) continue;
        if (end < text.size() && is_word(end - 1) && is_word(end)) continue;
        if (best == values.size() || values[v].size() > values[best].size()) best = v;
      }
      if (best < values.size()) expected.push_back(std::to_string(best) + "@" + std::to_string(at));
    }
    ASSERT_EQ(Found(values, text), expected) << text;
  }
}

}  // namespace
}  // namespace privet
