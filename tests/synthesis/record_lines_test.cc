#include "training/data/record_lines.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace privet {
namespace {

using ::testing::HasSubstr;

std::string ErrorOf(std::string_view line) {
  return std::string(ParseRecordLine(line, "a.jsonl:3").status().message());
}

TEST(RecordLinesTest, CountsCodePointsOutsideAndBytesInside) {
  const auto record =
      ParseRecordLine(R"({"text":"😀王小明在","spans":[[1,4,"PERSON"]],"source":"x"})", "a.jsonl:1");
  ASSERT_TRUE(record.ok()) << record.status();
  ASSERT_EQ(record->spans.size(), 1u);
  EXPECT_EQ(record->spans[0].span, (Span{4, 13}));
  EXPECT_TRUE(record->covers.all());
  EXPECT_EQ(RecordLine(*record), R"({"text":"😀王小明在","spans":[[1,4,"PERSON"]]})");
}

TEST(RecordLinesTest, SortsSpansAndKeepsWhatIsCovered) {
  const auto record = ParseRecordLine(
      R"({"text":"a b","spans":[[2,3,"LOCATION"],[0,1,"PERSON"]],"covers":["PERSON","LOCATION"]})",
      "a.jsonl:1");
  ASSERT_TRUE(record.ok());
  EXPECT_EQ(record->spans[0].type, EntityType::PERSON);
  EXPECT_EQ(record->covers.count(), 2u);
  EXPECT_THAT(RecordLine(*record), HasSubstr(R"("covers":["PERSON","LOCATION"])"));
}

TEST(RecordLinesTest, SaysWhatIsWrongAndWhere) {
  EXPECT_EQ(ErrorOf("[]"), "a.jsonl:3: no JSON object");
  EXPECT_EQ(ErrorOf("{"), "a.jsonl:3: no JSON object");
  EXPECT_EQ(ErrorOf(R"({"spans":[]})"), "a.jsonl:3: 'text' is missing or no string");
  EXPECT_EQ(ErrorOf(R"({"text":"a"})"), "a.jsonl:3: 'spans' is missing or no array");
  EXPECT_EQ(ErrorOf(R"({"text":"a","spans":[[0,2,"PERSON"]]})"),
            "a.jsonl:3: a span is empty or ends behind the text");
  EXPECT_EQ(ErrorOf(R"({"text":"a","spans":[[-1,1,"PERSON"]]})"),
            "a.jsonl:3: a span is not [begin, end, \"TYPE\"]");
  EXPECT_THAT(ErrorOf(R"({"text":"a","spans":[[0,1,"PERSN"]]})"), HasSubstr("did you mean PERSON?"));
  EXPECT_EQ(ErrorOf(R"({"text":"abc","spans":[[0,2,"PERSON"],[1,3,"PERSON"]]})"),
            "a.jsonl:3: two spans overlap");
}

}  // namespace
}  // namespace privet
