#include "training/data/synthesis/fill.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "tests/synthesis/filled.h"

namespace privet {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;

std::string ErrorOf(const std::string& snippet) {
  return std::string(ParseTemplate(snippet, "mine.txt:7", AllFillers().readings()).status().message());
}

TEST(TemplateTest, RecordsAreNoDocuments) {
  const auto parsed = ParseTemplates(
      "mine.jsonl", "{\"text\": \"我叫王小明\", \"spans\": [[2, 5, \"PERSON\"]]}\n", AllFillers().readings());
  EXPECT_THAT(std::string(parsed.status().message()), HasSubstr("mine.jsonl:1: is a record"));
  EXPECT_TRUE(
      ParseTemplates("logs.txt", "{\"text\": \"[[PERSON|王小明]]\", \"spans\": 3}\n", AllFillers().readings())
          .ok());
}

TEST(TemplateTest, NamesTheLineOfAnUnknownSlotOrType) {
  EXPECT_THAT(ErrorOf("我叫{NAME}"), HasSubstr("mine.txt:7: unknown slot {NAME}"));
  EXPECT_THAT(ErrorOf("我叫[[PERSN|王小明]]"),
              HasSubstr("mine.txt:7: unknown type PERSN in [[PERSN|...]]; did you mean PERSON?"));
  EXPECT_THAT(ErrorOf("我叫[[PERSON|王小明"), HasSubstr("mine.txt:7: '[[' without ']]'"));
  EXPECT_THAT(ErrorOf("\xff"), HasSubstr("mine.txt:7: not UTF-8"));
}

TEST(TemplateTest, KeepsBracesAndBracketsThatAreNoSlots) {
  const auto records = FilledTimes("{\"a\": {}} {x} ${var} {A} [[ -f x ]] \\d+", 1);
  EXPECT_EQ(records[0].text, "{\"a\": {}} {x} ${var} {A} [[ -f x ]] \\d+");
}

TEST(TemplateTest, WhatPlainlyMeansASlotOrAMarkIsNotReadAsText) {
  for (const char* const slot :
       {"{per}", "{Per}", "{ PER }", "{PER }", "{ per}", "{PER#}", "{PER#a}", "{PER#0}", "{PER#1000}",
        "{per#1}", "{PER1}", "{PER", "{PER，", "{PER {PER}", "{PER_EN 说"}) {
    EXPECT_THAT(ErrorOf(std::string("我叫") + slot), HasSubstr("mine.txt:7: ")) << slot;
    EXPECT_EQ(FilledTimes(std::string("我叫\\") + slot, 1)[0].text.find(std::string("我叫{")), 0U) << slot;
  }
  EXPECT_THAT(ErrorOf("{ PER }"),
              HasSubstr("{ PER } is no slot: write {PER}; a backslash before it makes it text"));
  EXPECT_THAT(ErrorOf("{PER#a}"), HasSubstr("{PER#1}, with a number"));
  EXPECT_THAT(ErrorOf("我叫{PER"), HasSubstr("'{PER' without '}'"));
  for (const char* const mark : {"[[PERSON 李明]]", "[[PERSON]]", "[[PERSON|]]", "[[PERSON| ]]",
                                 "[[person|李明]]", "[[ PERSON|李明]]", "[[PERSON李明"}) {
    EXPECT_THAT(ErrorOf(std::string("我叫") + mark), HasSubstr("mine.txt:7: ")) << mark;
  }
  EXPECT_THAT(ErrorOf("[[PERSON 李明]]"), HasSubstr("'[[PERSON' without '|': write [[PERSON|value]]"));
  // Braces and brackets of code, and what a backslash keeps.
  for (const char* const code : {R"({"id": 1, "code": {"url": "x"}})", "{seq: 1, who: 2}", "{ id: 1 }",
                                 "{CODE: {a: 1}}", R"({code="503"})", "import {URL, Foo} from 'x'",
                                 "[[ -f x ]]", "[[person]]", "if [[ URL == x ]]", "{IDS"}) {
    EXPECT_EQ(ErrorOf(code), "") << code;
  }
  EXPECT_EQ(FilledTimes("GET /users/\\{id} \\{PER} \\[[PERSON|x]] \\d\\{2\\}", 1)[0].text,
            "GET /users/{id} {PER} [[PERSON|x]] \\d\\{2\\}");
}

TEST(TemplateTest, ReadsEscapesOfLinesAndTabs) {
  EXPECT_EQ(FilledTimes("a\\n\\tb\\\\N", 1)[0].text, "a\n\tb\\N");
}

TEST(TemplateTest, LeavesRemarksAndEmptyLinesOut) {
  const auto parsed = ParseTemplates("f", "# domain: x\n\n#{PER}新剧# 好看\n# 说明[[PERSON|王小明]]\n",
                                     AllFillers().readings());
  ASSERT_TRUE(parsed.ok());
  ASSERT_THAT(*parsed, SizeIs(2));
  EXPECT_EQ((*parsed)[0].origin, "f:3");
}

TEST(FillTest, MarksExactlyTheValues) {
  for (const LabeledRecord& record : FilledTimes("姓名：{PER}，手机：{MOBILE}。", 200)) {
    ExpectSound(record);
    ASSERT_THAT(record.spans, SizeIs(2));
    EXPECT_EQ(record.text, "姓名：" + ValueOf(record, 0) + "，手机：" + ValueOf(record, 1) + "。");
    EXPECT_EQ(record.spans[0].type, EntityType::PERSON);
    EXPECT_EQ(record.spans[1].type, EntityType::PHONE_NUMBER);
  }
}

TEST(FillTest, DoesNotMarkDatesAndOrderNumbers) {
  for (const LabeledRecord& record :
       FilledTimes("{DATE}{TIME}订单{ORDER}金额{AMT}，{NUM}件，{TRACK} {CODE} {VER} {HEX} {SEQ}", 100)) {
    EXPECT_THAT(record.spans, SizeIs(0));
  }
}

TEST(FillTest, RepeatsTaggedValuesAndSplitsNames) {
  for (const LabeledRecord& record : FilledTimes("{PER#1}来了。{SUR#1}先生您好，{PER#1}；{PER}走了", 200)) {
    EXPECT_EQ(ValueOf(record, 0), ValueOf(record, 2));
    EXPECT_TRUE(absl::StartsWith(ValueOf(record, 0), ValueOf(record, 1))) << Marked(record);
  }
  for (const LabeledRecord& record :
       FilledTimes("{PER_EN#1} wrote. Dear Ms {LAST_EN#1}, yours, {FIRST_EN#1}", 200)) {
    EXPECT_EQ(ValueOf(record, 0), ValueOf(record, 2) + " " + ValueOf(record, 1));
  }
}

TEST(FillTest, MakesOneAddressOfPlacesThatTouchIt) {
  for (const LabeledRecord& record :
       FilledTimes("送到{PROV}{CITY}{DIST}{ADDR_P}，{CITY}{DIST}的{PER}", 200)) {
    ASSERT_THAT(record.spans, SizeIs(3)) << Marked(record);
    EXPECT_EQ(record.spans[0].type, EntityType::ADDRESS);
    EXPECT_EQ(record.spans[1].type, EntityType::LOCATION);
  }
  for (const LabeledRecord& record : FilledTimes("在{CITY}、{CITY}", 50))
    EXPECT_THAT(record.spans, SizeIs(2));
  for (const LabeledRecord& record : FilledTimes("到{CITY}{CITY}", 50)) EXPECT_THAT(record.spans, SizeIs(2));
}

// Which province a city lies in, by drawing many.
const std::map<std::string, std::set<std::string>>& ProvincesOfCities() {
  static const auto* const known = [] {
    auto* map = new std::map<std::string, std::set<std::string>>;
    Random random(1);
    for (int i = 0; i < 60000; ++i) {
      const Place place = AllFillers().DrawPlace(random);
      for (const std::string_view city : {place.city, place.city_bare}) {
        (*map)[std::string(city)].insert(std::string(place.province));
        (*map)[std::string(city)].insert(std::string(place.province_bare));
      }
    }
    return map;
  }();
  return *known;
}

TEST(FillTest, PutsCitiesIntoTheirProvinces) {
  for (const LabeledRecord& record :
       FilledTimes("{\"province\":\"{PROV}\",\"city\":\"{CITY}\",\"to\":\"{DIST}\"}", 500)) {
    ASSERT_THAT(record.spans, SizeIs(3));
    const auto known = ProvincesOfCities().find(ValueOf(record, 1));
    ASSERT_NE(known, ProvincesOfCities().end()) << Marked(record);
    EXPECT_TRUE(known->second.contains(ValueOf(record, 0))) << Marked(record);
  }
}

TEST(FillTest, SaysShortNamesBeforeWhatSaysTheKind) {
  for (const LabeledRecord& record : FilledTimes("{CITY}市民，{CITY}南站", 300)) {
    EXPECT_FALSE(absl::StrContains(record.text, "市市")) << Marked(record);
    EXPECT_FALSE(absl::StrContains(record.text, "市南站")) << Marked(record);
  }
}

TEST(FillTest, DrawsFullAndShortNamesOfPlaces) {
  int full = 0;
  for (const LabeledRecord& record : FilledTimes("我在{CITY}，", 1000))
    full += ValueOf(record, 0).ends_with("市") ? 1 : 0;
  EXPECT_GT(full, 150);
  EXPECT_LT(full, 700);
}

TEST(FillTest, MakesOneOrganizationOfAPlaceAndItsAuthority) {
  for (const LabeledRecord& record : FilledTimes("据{CITY}{GOV}通报", 200)) {
    ASSERT_THAT(record.spans, SizeIs(1)) << Marked(record);
    EXPECT_EQ(record.spans[0].type, EntityType::ORGANIZATION);
  }
}

TEST(FillTest, MakesOneOrganizationOfABankAndItsBranch) {
  for (const LabeledRecord& record : FilledTimes("{BANK}{CITY}分行行长{PER}", 100)) {
    ASSERT_THAT(record.spans, SizeIs(2));
    EXPECT_TRUE(ValueOf(record, 0).ends_with("分行"));
    EXPECT_THAT(record.text, HasSubstr("分行行长"));
  }
}

TEST(FillTest, JoinsANameWhosePiecesStandApart) {
  EXPECT_THAT(FilledTimes("by {FIRST_EN} {LAST_EN}.", 1)[0].spans, SizeIs(1));
  EXPECT_THAT(FilledTimes("{LAST_EN}, {FIRST_EN}; x", 1)[0].spans, SizeIs(1));
  EXPECT_THAT(FilledTimes("Dear Mrs {LAST_EN}, {FIRST_EN} is well.", 1)[0].spans, SizeIs(2));
}

TEST(FillTest, LeavesArticlesOutside) {
  for (const LabeledRecord& record : FilledTimes("Made in {COUNTRY_EN} near {LOC_EN} by {ORG_EN}.", 1000)) {
    for (size_t i = 0; i < record.spans.size(); ++i) {
      EXPECT_FALSE(ValueOf(record, i).starts_with("the ")) << Marked(record);
      EXPECT_FALSE(ValueOf(record, i).starts_with("The ")) << Marked(record);
    }
  }
}

TEST(FillTest, WritesTraditionalCharactersInTraditionalSnippets) {
  for (const LabeledRecord& record : FilledTimes("請問{PER}小姐嗎？您訂購的商品已送達{ORG}門口。", 300)) {
    EXPECT_FALSE(absl::StrContains(record.text, "张")) << record.text;
    EXPECT_FALSE(absl::StrContains(record.text, "刘")) << record.text;
    EXPECT_FALSE(absl::StrContains(record.text, "务")) << record.text;
  }
}

TEST(FillTest, WritesInTheCasingOfTheSnippet) {
  const auto with_capitals = [](const std::vector<LabeledRecord>& records) {
    return std::count_if(records.begin(), records.end(), [](const LabeledRecord& record) {
      return std::any_of(record.text.begin(), record.text.end(), absl::ascii_isupper);
    });
  };
  const auto hasty = FilledTimes("ok so {FIRST_EN} says hi from {CITY_EN}", 200);
  EXPECT_GT(with_capitals(hasty), 60);
  EXPECT_LT(with_capitals(hasty), 140);
  const auto sentence = FilledTimes("{FIRST_EN} says hi from {CITY_EN}.", 200);
  EXPECT_GT(with_capitals(sentence), 195);
  for (const LabeledRecord& record : FilledTimes("PASSENGER LIST: {PER_EN}, {CITY_EN}", 100)) {
    for (const char c : record.text) EXPECT_FALSE(c >= 'a' && c <= 'z') << record.text;
  }
}

TEST(FillTest, EscapesValuesAsTheirNotationAsks) {
  for (const LabeledRecord& record : FilledTimes("INSERT INTO t VALUES ('{LAST_EN}', '{ORG_EN}');", 3000)) {
    std::string quotes = record.text;
    for (size_t at = quotes.find("''"); at != std::string::npos; at = quotes.find("''")) quotes.erase(at, 2);
    EXPECT_EQ(std::count(quotes.begin(), quotes.end(), '\''), 4) << record.text;
  }
  for (const LabeledRecord& record : FilledTimes("<org>{ORG_EN}</org>", 3000)) {
    for (size_t at = record.text.find('&'); at != std::string::npos; at = record.text.find('&', at + 1)) {
      EXPECT_EQ(record.text.substr(at, 5), "&amp;") << record.text;
    }
  }
  bool quoted = false;
  for (const LabeledRecord& record : FilledTimes("{PER_EN},{ADDR_EN},{PHONE_EN}", 200)) {
    const bool comma = absl::StrContains(ValueOf(record, 1), ",");
    EXPECT_EQ(comma, record.text[record.spans[1].span.begin - 1] == '"') << record.text;
    quoted |= comma;
  }
  EXPECT_TRUE(quoted);
}

TEST(FillTest, FillsSlotsInsideTypedValues) {
  for (const LabeledRecord& record :
       FilledTimes("[[PERSON|王小明]]，电话[[PHONE_NUMBER|{MOBILE}]]，单号{ORDER}", 100)) {
    ASSERT_THAT(record.spans, SizeIs(2));
    EXPECT_EQ(ValueOf(record, 0), "王小明");
    EXPECT_EQ(record.spans[1].type, EntityType::PHONE_NUMBER);
    ExpectSound(record);
  }
}

TEST(FillTest, TypedValuesBeginAndEndWithWhatTheyHold) {
  for (const LabeledRecord& record : FilledTimes("{SEQ}[[PHONE_NUMBER|{MOBILE}]]", 100))
    EXPECT_FALSE(ValueOf(record, 0).starts_with(' ')) << Marked(record);
  for (const LabeledRecord& record : FilledTimes("0086[[PHONE_NUMBER|{MOBILE}]]", 100))
    EXPECT_EQ(record.text, "0086" + ValueOf(record, 0));
  bool quoted = false;
  for (const LabeledRecord& record : FilledTimes("{PER_EN},[[ADDRESS|{ADDR_EN}]],{PHONE_EN}", 100)) {
    EXPECT_EQ(ValueOf(record, 1).find('"'), std::string::npos) << Marked(record);
    quoted |= record.text[record.spans[1].span.begin - 1] == '"';
  }
  EXPECT_TRUE(quoted);
  for (const LabeledRecord& record : FilledTimes("Hiking in [[LOCATION|{LOC_EN}]].", 1000))
    EXPECT_FALSE(ValueOf(record, 0).starts_with("the ")) << Marked(record);
}

TEST(FillTest, EverySlotHasAFiller) {
  for (const SlotSpec& slot : Slots()) {
    for (const LabeledRecord& record : FilledTimes("见{" + std::string(slot.name) + "}。", 300)) {
      ExpectSound(record);
      EXPECT_THAT(record.spans, SizeIs(slot.type ? 1 : 0)) << slot.name << ": " << record.text;
      EXPECT_GT(record.text.size(), std::string("见。").size()) << slot.name;
      EXPECT_EQ(record.text.find('<'), std::string::npos) << slot.name << ": " << record.text;
    }
  }
}

}  // namespace
}  // namespace privet
