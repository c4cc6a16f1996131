#include "training/data/synthesis/swap.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"
#include "rules/validators.h"
#include "tests/synthesis/filled.h"

namespace privet {
namespace {

// A record from text with spans marked as [value|TYPE].
LabeledRecord Annotated(std::string_view marked) {
  LabeledRecord record;
  while (!marked.empty()) {
    const size_t open = marked.find('[');
    record.text.append(marked.substr(0, open));
    if (open == std::string_view::npos) break;
    const size_t bar = marked.find('|', open), close = marked.find(']', bar);
    const std::string_view value = marked.substr(open + 1, bar - open - 1);
    record.spans.push_back(
        {{record.text.size(), record.text.size() + value.size()},
         FindEntityType(marked.substr(bar + 1, close - bar - 1)).value_or(EntityType::OTHER_ID)});
    record.text.append(value);
    marked.remove_prefix(close + 1);
  }
  return record;
}

std::vector<LabeledRecord> SwappedTimes(const LabeledRecord& record, int count, double share = 1) {
  std::vector<LabeledRecord> records;
  for (int i = 0; i < count; ++i) {
    Random random(0, 0, static_cast<uint64_t>(i));
    records.push_back(Swapped(record, share, AllFillers(), random));
    ExpectSound(records.back());
  }
  return records;
}

TEST(SwapTest, KeepsTheTextAroundTheSpans) {
  for (const LabeledRecord& record :
       SwappedTimes(Annotated("昨天[王小明|PERSON]在[杭州市|LOCATION]说。"), 100)) {
    EXPECT_EQ(record.text, "昨天" + ValueOf(record, 0) + "在" + ValueOf(record, 1) + "说。");
    EXPECT_TRUE(ValueOf(record, 1).ends_with("市") || ValueOf(record, 1).ends_with("州") ||
                ValueOf(record, 1).ends_with("地区") || ValueOf(record, 1).ends_with("盟"))
        << ValueOf(record, 1);
  }
}

TEST(SwapTest, KeepsTheFormOfANameAndItsSurname) {
  for (const LabeledRecord& record : SwappedTimes(
           Annotated(
               "[王小明|PERSON]到了，[王|PERSON]先生和[小李|PERSON]、[张某甲|PERSON]，又是[王小明|PERSON]"),
           200)) {
    EXPECT_EQ(ValueOf(record, 0).size(), 9u) << Marked(record);
    EXPECT_TRUE(absl::StartsWith(ValueOf(record, 0), ValueOf(record, 1))) << Marked(record);
    EXPECT_TRUE(absl::StartsWith(ValueOf(record, 2), "小"));
    EXPECT_TRUE(absl::EndsWith(ValueOf(record, 3), "某甲"));
    EXPECT_EQ(ValueOf(record, 0), ValueOf(record, 4));
  }
  for (const LabeledRecord& record :
       SwappedTimes(Annotated("[John Smith|PERSON] called. Mr [Smith|PERSON] and [JANE DOE|PERSON]"), 100)) {
    EXPECT_TRUE(absl::EndsWith(ValueOf(record, 0), ValueOf(record, 1))) << Marked(record);
    for (const char c : ValueOf(record, 2)) EXPECT_FALSE(c >= 'a' && c <= 'z') << Marked(record);
  }
}

TEST(SwapTest, PartsOfANameStayWhereItStays) {
  for (const std::string_view text :
       {"[John Smith|PERSON] said no. [Smith|PERSON] and [John|PERSON] left.",
        "[王小明|PERSON]到了，[王|PERSON]先生和[小明|PERSON]", "[欧阳修远|PERSON]和[欧阳|PERSON]先生",
        "[JOHN SMITH|PERSON], signed: [Smith|PERSON]", "[Smith, John|PERSON] is [Smith|PERSON]",
        "[José Smith|PERSON], son of [Smith|PERSON]", "[约翰·史密斯|PERSON]，即[史密斯|PERSON]"}) {
    const LabeledRecord record = Annotated(text);
    int stayed = 0;
    for (const LabeledRecord& swapped : SwappedTimes(record, 100, 0.5)) {
      const std::string name = absl::AsciiStrToLower(ValueOf(swapped, 0));
      for (size_t i = 1; i < swapped.spans.size(); ++i)
        EXPECT_TRUE(absl::StrContains(name, absl::AsciiStrToLower(ValueOf(swapped, i)))) << Marked(swapped);
      if (ValueOf(swapped, 0) != ValueOf(record, 0)) continue;
      EXPECT_EQ(swapped.text, record.text);
      ++stayed;
    }
    EXPECT_GT(stayed, 20) << text;
  }
}

TEST(SwapTest, OneSurnameBecomesOneSurname) {
  const LabeledRecord alone =
      Annotated("[张|PERSON]先生，即[张某某|PERSON]，诉[张某|PERSON]、[老张|PERSON]和[张哥|PERSON]");
  std::set<std::string> surnames;
  for (const LabeledRecord& swapped : SwappedTimes(alone, 100, 0.5)) {
    surnames.insert(ValueOf(swapped, 0));
    EXPECT_EQ(swapped.text, absl::StrReplaceAll(alone.text, {{"张", ValueOf(swapped, 0)}}));
  }
  EXPECT_THAT(surnames, testing::Contains("张"));
  EXPECT_GT(surnames.size(), 20u);
  for (const LabeledRecord& swapped :
       SwappedTimes(Annotated("[小张|PERSON]、[张某某|PERSON]，是[张伟|PERSON]"), 100, 0.5)) {
    const std::string surname(absl::StripPrefix(ValueOf(swapped, 0), "小"));
    EXPECT_EQ(ValueOf(swapped, 1), surname + "某某");
    EXPECT_TRUE(absl::StartsWith(ValueOf(swapped, 2), surname)) << Marked(swapped);
  }
}

TEST(SwapTest, KeepsTheKindOfAnOrganization) {
  const LabeledRecord record =
      Annotated("[姚王派出所|ORGANIZATION]、[安康市中医医院|ORGANIZATION]、[东吴大学|ORGANIZATION]");
  for (const LabeledRecord& swapped : SwappedTimes(record, 50)) {
    EXPECT_TRUE(ValueOf(swapped, 0).ends_with("派出所")) << Marked(swapped);
    EXPECT_TRUE(ValueOf(swapped, 1).ends_with("医院")) << Marked(swapped);
    EXPECT_TRUE(ValueOf(swapped, 2).ends_with("大学")) << Marked(swapped);
  }
}

TEST(SwapTest, KnowsNamesInTraditionalCharacters) {
  const LabeledRecord record = Annotated(
      "[陳大文|PERSON]從[廣州|LOCATION]飛往[美國|LOCATION]，[陳|PERSON]先生說[歐陽|PERSON]小姐沒來");
  std::vector<std::set<std::string>> values(record.spans.size());
  for (const LabeledRecord& swapped : SwappedTimes(record, 100)) {
    for (size_t i = 0; i < values.size(); ++i) values[i].insert(ValueOf(swapped, i));
    EXPECT_EQ(ValueOf(swapped, 0).size(), std::string("陳大文").size());
    EXPECT_TRUE(absl::StartsWith(ValueOf(swapped, 0), ValueOf(swapped, 3))) << Marked(swapped);
    EXPECT_EQ(swapped.text, AllFillers().readings().Traditional(swapped.text));
  }
  for (const std::set<std::string>& different : values) EXPECT_GT(different.size(), 10u);
}

TEST(SwapTest, LeavesWhatNoFillerFits) {
  const LabeledRecord record = Annotated("[康熙帝|PERSON]与[清政府|ORGANIZATION]，[欧洲|LOCATION]");
  for (const LabeledRecord& swapped : SwappedTimes(record, 50)) EXPECT_EQ(swapped.text, record.text);
}

TEST(SwapTest, ReplacesNumbersByValidOnes) {
  const LabeledRecord record =
      Annotated("证号[11010519491231002X|CN_RESIDENT_ID]，电话[13800138000|PHONE_NUMBER]");
  for (const LabeledRecord& swapped : SwappedTimes(record, 100)) {
    EXPECT_NE(ValueOf(swapped, 1), "13800138000");
    EXPECT_EQ(swapped.spans[0].type, EntityType::CN_RESIDENT_ID);
  }
}

TEST(SwapTest, ReplacesTheShareThatIsAskedFor) {
  const LabeledRecord record = Annotated("[王小明|PERSON]说");
  int changed = 0;
  for (const LabeledRecord& swapped : SwappedTimes(record, 1000, 0.5))
    changed += swapped.text != record.text ? 1 : 0;
  EXPECT_NEAR(changed, 500, 60);
  for (const LabeledRecord& swapped : SwappedTimes(record, 50, 0)) EXPECT_EQ(swapped.text, record.text);
}

TEST(SwapTest, KeepsWhatTheRecordCovers) {
  LabeledRecord record = Annotated("[王小明|PERSON]说");
  record.covers.reset(IndexOf(EntityType::LOCATION));
  EXPECT_EQ(SwappedTimes(record, 1)[0].covers, record.covers);
}

}  // namespace
}  // namespace privet
