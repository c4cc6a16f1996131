#include "training/data/find_values.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <vector>

namespace privet {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

FoundValues Find(std::string_view text, const std::vector<std::string_view>& values,
                 const std::vector<Span>& taken = {}) {
  const auto found = FindValues(text, values, taken);
  EXPECT_TRUE(found.has_value());
  return found.value_or(FoundValues());
}

// The text with each place in brackets.
std::string Shown(std::string text, const std::vector<std::string_view>& values,
                  const std::vector<Span>& taken = {}) {
  const std::vector<FoundValue> places = Find(text, values, taken).places;
  for (size_t i = places.size(); i-- > 0;) {
    text.insert(places[i].span.end, "]");
    text.insert(places[i].span.begin, "[");
  }
  return text;
}

TEST(FindValuesTest, EachOccurrenceOfEachValue) {
  EXPECT_EQ(Shown("王小明和李雷，王小明", {"李雷", "王小明"}), "[王小明]和[李雷]，[王小明]");
  EXPECT_THAT(Find("王小明", {"李雷", "王小明", "王小明和"}).nowhere, ElementsAre(0, 2));
}

TEST(FindValuesTest, LongerValuesComeFirstAndNothingOverlaps) {
  EXPECT_EQ(Shown("王小明明天", {"王小", "小明明", "明天"}), "王[小明明]天");
  EXPECT_EQ(Shown("王小明明", {"小明明", "王小明"}), "[王小明]明") << "of equals the first in the text";
  EXPECT_EQ(Shown("aaaaa", {"aa"}), "[aa][aa]a");
  EXPECT_EQ(Shown("王小明和王小明", {"小明"}, {{0, 9}}), "王小明和王[小明]");
  EXPECT_THAT(Find("王小明", {"小明"}, {{0, 9}}).nowhere, IsEmpty());
}

TEST(FindValuesTest, APlaceInsideAWordCountsOnlyWhereThereIsNoOther) {
  EXPECT_EQ(Shown("Annual report of Ann", {"Ann"}), "Annual report of [Ann]");
  EXPECT_EQ(Shown("Annual report", {"Ann"}), "[Ann]ual report");
  EXPECT_EQ(Shown("请Ann来", {"Ann"}), "请[Ann]来");
}

TEST(FindValuesTest, TimeIsLinearWhereEachValueStandsEverywhere) {
  const std::string text(100'000, 'a');
  std::vector<std::string> values;
  for (size_t size = 1; size <= 60; ++size) values.emplace_back(size * 50, 'a');
  values.push_back(text + "b");
  const std::vector<std::string_view> views(values.begin(), values.end());
  const auto start = std::chrono::steady_clock::now();
  const FoundValues found = Find(text, views);
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
  EXPECT_THAT(found.nowhere, ElementsAre(60));
  EXPECT_LT(seconds.count(), 4) << "6 million steps";
}

}  // namespace
}  // namespace privet
