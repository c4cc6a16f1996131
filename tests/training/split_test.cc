#include "training/data/split.h"

#include <gtest/gtest.h>

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "training/data/sampler.h"

namespace privet {
namespace {

const std::vector<SplitPart> kParts = {{"train", 0.8}, {"dev", 0.1}, {"calibration", 0.1}};

// A text that is like no other, with an entity of the type, or none.
LabeledRecord RecordOf(std::optional<EntityType> type, uint64_t number) {
  SplitMix64 random(number + 1);
  LabeledRecord record;
  for (int i = 0; i < 40; ++i) record.text += static_cast<char>('a' + random.Below(26));
  if (type.has_value()) record.spans = {{{0, 5}, *type}};
  return record;
}

std::map<size_t, int> CountsIn(const Split& split, const std::vector<LabeledRecord>& records,
                               std::optional<EntityType> type) {
  std::map<size_t, int> counts;
  for (size_t i = 0; i < records.size(); ++i) {
    const bool is_of = type.has_value() ? !records[i].spans.empty() && records[i].spans[0].type == *type
                                        : records[i].spans.empty();
    counts[split.part_of[i]] += is_of ? 1 : 0;
  }
  return counts;
}

TEST(SplitTest, EachPartHasItsShareOfEachTypeAndOfTextsWithout) {
  std::vector<LabeledRecord> records;
  for (uint64_t i = 0; i < 1000; ++i) {
    records.push_back(RecordOf(i % 50 == 0  ? std::optional(EntityType::ADDRESS)
                               : i % 5 == 0 ? std::optional(EntityType::PERSON)
                                            : std::nullopt,
                               i));
  }
  for (const uint64_t seed : {1, 2, 3}) {
    const Split split = SplitRecords(records, kParts, seed);
    EXPECT_EQ(CountsIn(split, records, EntityType::ADDRESS),
              (std::map<size_t, int>{{0, 16}, {1, 2}, {2, 2}}));
    EXPECT_EQ(CountsIn(split, records, EntityType::PERSON),
              (std::map<size_t, int>{{0, 144}, {1, 18}, {2, 18}}));
    EXPECT_EQ(CountsIn(split, records, std::nullopt), (std::map<size_t, int>{{0, 640}, {1, 80}, {2, 80}}));
    EXPECT_EQ(split.large_groups, 0);
  }
}

TEST(SplitTest, RecordsOfOneKeyStayTogether) {
  std::vector<LabeledRecord> records;
  std::vector<std::string> keys;
  for (uint64_t i = 0; i < 600; ++i) {
    records.push_back(RecordOf(std::nullopt, i));
    keys.push_back(i % 3 == 0 ? "" : "\"sender" + std::to_string(i % 20) + "\"");
  }
  const Split split = SplitRecords(records, kParts, 1, keys);
  std::map<std::string, size_t> part_of_key;
  std::map<size_t, int> sizes;
  for (size_t i = 0; i < records.size(); ++i) {
    ++sizes[split.part_of[i]];
    if (!keys[i].empty())
      EXPECT_EQ(part_of_key.emplace(keys[i], split.part_of[i]).first->second, split.part_of[i]);
  }
  EXPECT_NEAR(sizes[1], 60, 6);
  EXPECT_NEAR(sizes[2], 60, 6);
}

TEST(SplitTest, AGroupOfCopiesThatWouldFillASmallPartGoesToTheLargest) {
  std::vector<LabeledRecord> records(60, RecordOf(EntityType::PERSON, 1));
  for (uint64_t i = 0; i < 440; ++i) records.push_back(RecordOf(EntityType::PERSON, i + 100));
  for (const uint64_t seed : {1, 2, 3, 4}) {
    const Split split = SplitRecords(records, kParts, seed);
    EXPECT_EQ(split.part_of[0], 0);
    EXPECT_EQ(split.large_groups, 1);
    EXPECT_EQ(split.large_records, 60);
    EXPECT_EQ(CountsIn(split, records, EntityType::PERSON),
              (std::map<size_t, int>{{0, 400}, {1, 50}, {2, 50}}));
  }
}

}  // namespace
}  // namespace privet
