#include "training/data/convert.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "training/data/corpus_report.h"
#include "training/data/similar_texts.h"
#include "training/data/split.h"

namespace privet {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class ConvertTest : public testing::Test {
 protected:
  // Converts a file of this content; records as JSON lines.
  std::vector<std::string> Convert(const std::string& content, const ConvertOptions& options = {}) {
    const auto file = std::filesystem::temp_directory_path() / ("convert_" + std::to_string(getpid()));
    std::ofstream(file) << content;
    std::vector<std::string> lines;
    const auto report = ConvertFile(
        file.string(), options, [&](const LabeledRecord& record) { lines.push_back(WriteRecord(record)); });
    std::filesystem::remove(file);
    EXPECT_TRUE(report.ok()) << report.status().message();
    if (report.ok()) report_ = *report;
    return lines;
  }

  ConvertReport report_;
};

constexpr const char* kMing = R"({"text":"见王小明","spans":[[1,4,"PERSON"]]})";

TEST_F(ConvertTest, EveryShapeOfJsonIsToldByItsKeys) {
  const std::vector<std::pair<const char*, std::string>> shapes = {
      {"spans", R"({"text": "见王小明", "spans": [[1, 4, "PER"]]})"},
      {"entities", R"({"text": "见王小明", "entities": [{"start": 1, "end": 4, "label": "PER"}]})"},
      {"entities", R"({"text": "见王小明", "entities": [{"start": 1, "end": 4, "type": "姓名"}]})"},
      {"doccano", R"({"text": "见王小明", "label": [[1, 4, "PERSON"]]})"},
      {"label-tree", R"({"text": "见王小明", "label": {"name": {"王小明": [[1, 3]]}}})"},
      {"instruction",
       R"({"instruction": "find", "input": "见王小明", "output": {"entities": [{"type": "PER", "text": "王小明"}]}})"},
      {"instruction",
       R"({"instruction": "find", "input": "见王小明", "output": "{\"entities\": [{\"type\": \"PER\", \"value\": \"王小明\"}]}"})"},
      {"chat",
       R"({"messages": [{"role": "user", "content": "见王小明"}, {"role": "assistant", "content": "{\"entities\": [{\"type\": \"PER\", \"text\": \"王小明\"}]}"}]})"},
      {"chat",
       R"({"messages": [{"role": "user", "content": "见王小明"}, {"role": "assistant", "content": "<think>\n{hm}\n</think>\n\n```json\n[{\"type\": \"PER\", \"text\": \"王小明\"}]\n```"}]})"},
      {"chat",
       R"({"messages": [{"role": "user", "content": "见王小明"}, {"role": "assistant", "content": "Found:\n```\n{\"entities\": [{\"type\": \"PER\", \"text\": \"王小明\"}]}\n``` done"}]})"},
      {"instruction",
       R"({"instruction": "find", "input": "见王小明", "output": "<think></think>{\"entities\": [{\"type\": \"PER\", \"text\": \"王小明\"}]}"})"},
      {"label-studio",
       R"([{"data": {"text": "见王小明"}, "annotations": [{"result": [{"value": {"start": 1, "end": 4, "text": "王小明", "labels": ["PER"]}}]}]}])"},
  };
  for (const auto& [shape, content] : shapes) {
    EXPECT_THAT(Convert(content), ElementsAre(kMing)) << shape;
    EXPECT_EQ(report_.shapes, (std::map<std::string, int64_t>{{shape, 1}}));
    EXPECT_EQ(report_.unusable_count, 0);
  }
}

TEST_F(ConvertTest, ColumnsBecomeTextWithSpacesOnlyBetweenWordsOfLetters) {
  EXPECT_THAT(Convert("见 O\n王 B-PER\n小 I-PER\n明 E-PER\n\nMet O\nAnn S-PER\nLee B-PER\n"),
              ElementsAre(kMing, R"({"text":"Met Ann Lee","spans":[[4,7,"PERSON"],[8,11,"PERSON"]]})"));
}

TEST_F(ConvertTest, ColumnsWithACharacterALineAreJoinedAsTheyStand) {
  EXPECT_THAT(
      Convert("电 O\n话 O\n1 O\n3 O\n8 O\n  O\nJ B-PER\no I-PER\nh I-PER\nn I-PER\n\tO\n李 B-PER\n\n"
              " O\na O\n@ O\nb O\n. O\nc O\n\nMet O\nAnn B-PER\n  I-PER\nB B-PER\n\n我 O\nA O\n股 O\n"),
      ElementsAre(R"({"text":"电话138 John 李","spans":[[6,10,"PERSON"],[11,12,"PERSON"]]})",
                  R"({"text":" a@b.c","spans":[]})",
                  R"({"text":"Met Ann B","spans":[[4,8,"PERSON"],[8,9,"PERSON"]]})",
                  R"({"text":"我A股","spans":[]})"));
  EXPECT_EQ(report_.joined_characters, 2);
  EXPECT_EQ(report_.joined_words, 1);
  // A file may begin with a blank.
  EXPECT_THAT(Convert("\n\tO\n1 O\n3 O\n"), ElementsAre(R"({"text":" 13","spans":[]})"));
  EXPECT_EQ(report_.unusable_count, 0);
}

TEST_F(ConvertTest, ColumnsMayHaveTagsOfEachScheme) {
  const std::string ann_lee = R"({"text":"Met Ann Lee Bob","spans":[[4,11,"PERSON"],[12,15,"PERSON"]]})";
  for (const char* const content :
       {"Met O\nAnn B-PER\nLee I-PER\nBob B-PER\n", "Met O\nAnn B-PER\nLee E-PER\nBob S-PER\n",
        "Met O\nAnn B_PER\nLee L_PER\nBob U_PER\n", "Met\tO\nAnn\tB-PER\t\nLee\tL-PER\nBob\tU-PER \n"}) {
    EXPECT_THAT(Convert(content), ElementsAre(ann_lee)) << content;
  }
  EXPECT_THAT(Convert("Met B-PER\nAnn M-PER\nLee E-PER\nBob B-PER\n"),
              ElementsAre(R"({"text":"Met Ann Lee Bob","spans":[[0,11,"PERSON"],[12,15,"PERSON"]]})"));
  EXPECT_THAT(Convert("Met O\nAnn PER\nLee PER\nBob O\n"),
              ElementsAre(R"({"text":"Met Ann Lee Bob","spans":[[4,11,"PERSON"]]})"));
  ConvertOptions options;
  options.labels = LabelMap::Parse("labels: {HERO: PERSON}", "map.yaml").value();
  EXPECT_THAT(Convert("Met O\nAnn HERO\n", options),
              ElementsAre(R"({"text":"Met Ann","spans":[[4,7,"PERSON"]]})"));
}

TEST_F(ConvertTest, OffsetsAreTakenInTheUnitThatFits) {
  // Two bytes of UTF-16 and four of UTF-8 before the name.
  EXPECT_THAT(
      Convert(R"({"text": "😀 Ann", "entities": [{"start": 3, "end": 6, "label": "PER", "text": "Ann"}]})"),
      ElementsAre(R"({"text":"😀 Ann","spans":[[2,5,"PERSON"]]})"));
  EXPECT_EQ(report_.unit, OffsetUnit::Utf16);
  EXPECT_TRUE(report_.unit_matters);
  EXPECT_THAT(Convert(R"({"text": "见王小明", "spans": [[3, 12, "PER"]]})"), ElementsAre(kMing));
  EXPECT_EQ(report_.unit, OffsetUnit::Bytes);
  ConvertOptions options;
  options.unit = OffsetUnit::CodePoints;
  EXPECT_THAT(Convert(R"({"text": "见王小明", "spans": [[3, 12, "PER"]]})", options), ElementsAre());
  EXPECT_THAT(report_.unusable[0].reason, HasSubstr("--unit"));
}

TEST_F(ConvertTest, NothingIsDroppedSilently) {
  EXPECT_THAT(Convert(R"({"text": "Ann of Acme", "spans": [[0, 11, "PER"], [7, 11, "ORG"]]}
{"text": "Ann", "spans": [[0, 3, "HERO"]]}
{"input": "Ann", "output": {"entities": [{"type": "PER", "text": "Bob"}]}}
{"text": "Ann"}
broken
)"),
              ElementsAre(R"({"text":"Ann of Acme","spans":[[0,11,"PERSON"]]})"));
  EXPECT_EQ(report_.nested, 1);
  EXPECT_EQ(report_.unaligned, 1);
  EXPECT_EQ(report_.unknown_labels, (std::map<std::string, int64_t>{{"HERO", 1}}));
  EXPECT_EQ(report_.unusable_count, 4);
}

TEST_F(ConvertTest, ValuesWithoutAPlaceOfTheirOwnAreCountedAndTheirLabelsLookedUp) {
  const auto answer = [](const std::string& text, const std::string& entities) {
    return R"({"instruction": "find", "input": ")" + text + R"(", "output": {"entities": [)" + entities +
           "]}}\n";
  };
  const std::string longer = R"({"type": "ORG", "text": "北京大学"})";
  EXPECT_EQ(Convert(answer("他在北京大学", longer + R"(, {"type": "LOC", "text": "北京"})")).size(), 1u);
  EXPECT_EQ(report_.nested, 1);
  EXPECT_EQ(Convert(answer("他在北京大学", longer + R"(, {"type": "weird", "text": "北京"})")).size(), 0u);
  EXPECT_EQ(report_.unknown_labels.count("weird"), 1u);
  EXPECT_EQ(
      Convert(answer("京东说", R"({"type": "PER", "text": "京东"}, {"type": "ORG", "text": "京东"})")).size(),
      1u);
  EXPECT_EQ(report_.contradicting, 1);
}

TEST_F(ConvertTest, AUsersMapComesFirst) {
  ConvertOptions options;
  options.labels = LabelMap::Parse("labels: {HERO: PERSON, PER: ignore}", "map.yaml").value();
  EXPECT_THAT(Convert(R"({"text": "Ann Bob", "spans": [[0, 3, "HERO"], [4, 7, "PER"]]})", options),
              ElementsAre(R"({"text":"Ann Bob","spans":[[0,3,"PERSON"]]})"));
  EXPECT_EQ(report_.ignored_labels.at("PER"), 1);
  EXPECT_THAT(std::string(LabelMap::Parse("labels:\n  HERO: PERSN\n", "map.yaml").status().message()),
              HasSubstr("map.yaml:2: label 'HERO': 'PERSN' is not an entity type (nor ignore, nor unsure); "
                        "did you mean PERSON?"));
}

TEST_F(ConvertTest, AnUnsureLabelTeachesNothingAboutItsTypes) {
  ConvertOptions options;
  options.labels =
      LabelMap::Parse("labels: {GPE: [LOCATION, ORGANIZATION], misc: unsure}", "map.yaml").value();
  const auto lines = Convert(R"({"text": "Ann in China", "spans": [[0, 3, "PER"], [7, 12, "GPE"]]}
{"text": "Ann in China", "spans": [[0, 3, "PER"], [7, 12, "misc"]]}
{"text": "Ann", "spans": [[0, 3, "PER"]]})",
                             options);
  ASSERT_EQ(lines.size(), 3);
  const auto covers = [&](size_t line) { return ParseRecord(lines[line]).value().covers; };
  TypeSet places;
  places.set(IndexOf(EntityType::LOCATION)).set(IndexOf(EntityType::ORGANIZATION));
  EXPECT_EQ(covers(0), ~places);
  EXPECT_EQ(ParseRecord(lines[0])->spans.size(), 1) << "what is sure stays marked";
  EXPECT_TRUE(covers(1).none());
  EXPECT_TRUE(covers(2).all());
  EXPECT_EQ(report_.unsure_labels, (std::map<std::string, int64_t>{{"GPE", 1}, {"misc", 1}}));
  EXPECT_THAT(std::string(LabelMap::Parse("labels: {GPE: [PLACE]}", "map.yaml").status().message()),
              HasSubstr("map.yaml:1: label 'GPE': 'PLACE' is not an entity type"));
}

TEST_F(ConvertTest, OtherFieldsArePassedThrough) {
  EXPECT_THAT(Convert(R"({"id": 7, "text": "Ann", "label": [[0, 3, "PER"]], "meta": {"from": ["a"]}})"),
              ElementsAre(R"({"text":"Ann","spans":[[0,3,"PERSON"]],"id":7,"meta":{"from":["a"]}})"));
  EXPECT_THAT(
      Convert(R"({"z": -0, "text": "Ann", "spans": [], "id": 123456789012345678901234567890, "b": 1e400})"),
      ElementsAre(R"({"text":"Ann","spans":[],"z":-0,"id":123456789012345678901234567890,"b":1e400})"));
  EXPECT_THAT(
      Convert(
          R"([{"id": 7.10, "data": {"text": "Ann, [\"]", "n": 1.0}, "annotations": [{"result": []}], "n": 2.0}])"),
      ElementsAre(R"({"text":"Ann, [\"]","spans":[],"id":7.10,"n":2.0})"));
  EXPECT_THAT(
      Convert(R"([{"id": 7, "data": {"text": "Ann", "mail": "m1"}, "annotations": [{"result": []}]}])"),
      ElementsAre(R"({"text":"Ann","spans":[],"id":7,"mail":"m1"})"));
  EXPECT_THAT(
      Convert(
          R"({"messages": [{"role": "user", "content": "Ann"}, {"role": "assistant", "content": "[]"}], "spans": 1, "n": 1})"),
      ElementsAre(R"({"text":"Ann","spans":[],"n":1})"));
}

TEST_F(ConvertTest, AShapeMayBeGiven) {
  ConvertOptions options;
  options.shape = AnnotationShape::Doccano;
  EXPECT_THAT(Convert(R"({"text": "Ann", "spans": [], "label": [[0, 3, "PER"]]}
{"text": "Ann", "spans": []})",
                      options),
              ElementsAre(R"({"text":"Ann","spans":[[0,3,"PERSON"]]})"));
  EXPECT_THAT(report_.unusable.at(0).reason, HasSubstr("has no \"label\""));
  options.shape = AnnotationShape::Columns;
  EXPECT_THAT(Convert("[ O\nAnn B-PER\n", options),
              ElementsAre(R"({"text":"[ Ann","spans":[[2,5,"PERSON"]]})"));
}

TEST_F(ConvertTest, WithAUnitGivenAPipeCanBeRead) {
  const auto pipe = std::filesystem::temp_directory_path() / ("pipe_" + std::to_string(getpid()));
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  EXPECT_THAT(std::string(ConvertFile(pipe.string(), {}, [](const LabeledRecord&) {}).status().message()),
              HasSubstr("--unit"));
  std::thread writer([&] { std::ofstream(pipe) << R"({"text": "Ann", "spans": []})"; });
  ConvertOptions options;
  options.unit = OffsetUnit::CodePoints;
  int records = 0;
  EXPECT_TRUE(ConvertFile(pipe.string(), options, [&](const LabeledRecord&) { ++records; }).ok());
  writer.join();
  std::filesystem::remove(pipe);
  EXPECT_EQ(records, 1);
}

// ---- corpora

LabeledRecord Record(const std::string& text, std::vector<LabeledSpan> spans = {}) {
  LabeledRecord record;
  record.text = text;
  record.spans = std::move(spans);
  return record;
}

TEST(SimilarTextsTest, NearCopiesShareAGroup) {
  const std::string letter =
      "Dear colleagues, the yearly meeting will take place in the large hall on the second floor at ";
  const auto groups = GroupSimilarTexts({letter + "10:30.", "Something else altogether, about the weather.",
                                         letter + "11:45.", letter + "10:30."});
  EXPECT_EQ(groups[0], 0);
  EXPECT_EQ(groups[1], 1);
  EXPECT_EQ(groups[2], 0) << "other digits only";
  EXPECT_EQ(groups[3], 0);
}

TEST(SplitTest, KeepsSimilarTextsTogetherAndShares) {
  std::vector<LabeledRecord> records;
  const std::vector<std::string> words = {"river", "table", "cloud", "stone", "paper",
                                          "light", "horse", "music", "glass", "north"};
  for (int i = 0; i < 200; ++i) {
    std::string text;
    for (int k = 0; k < 8; ++k)
      text += words[static_cast<size_t>(i * 7 + k * k * 3 + i / (k + 1)) % words.size()] + " ";
    records.push_back(Record(text));
    records.push_back(records.back());
  }
  const auto part = SplitRecords(records, {{"train", 0.75}, {"dev", 0.25}}, 1).part_of;
  int dev = 0;
  for (size_t i = 0; i < records.size(); i += 2) {
    EXPECT_EQ(part[i], part[i + 1]);
    dev += part[i] == 1;
  }
  EXPECT_NEAR(dev, 50, 12);
  EXPECT_EQ(SplitRecords(records, {{"train", 0.75}, {"dev", 0.25}}, 1).part_of, part);
  EXPECT_NE(SplitRecords(records, {{"train", 0.75}, {"dev", 0.25}}, 2).part_of, part);
}

TEST(CorpusFactsTest, CountsWhatMayGoWrong) {
  const LabeledSpan ann = {{0, 7}, EntityType::PERSON};
  std::vector<LabeledRecord> records = {Record("Ann Lee writes a letter to nobody", {ann}),
                                        Record("a letter of Ann Lee"),
                                        Record("nobody"),
                                        Record("nobody"),
                                        Record("nothing"),
                                        Record("the sea")};
  const std::vector<LabeledRecord> dev = {Record("Ann Lee writes a letter to nobody", {ann}),
                                          Record("quite another text")};
  const CorpusFacts facts = FactsOf(records, dev);
  EXPECT_EQ(facts.with_entities, 1);
  EXPECT_EQ(facts.types.at(EntityType::PERSON).unmarked, 1);
  EXPECT_EQ(facts.copies, 1);
  EXPECT_EQ(facts.leaked, 1);
  const std::string text = DescribeCorpus(facts);
  EXPECT_THAT(text, HasSubstr("learns to stay silent"));
  EXPECT_THAT(text, HasSubstr("missed labels"));
  EXPECT_THAT(text, HasSubstr("1 of the 2 other records"));
  EXPECT_EQ(text.find("Ann"), std::string::npos);
}

TEST(CorpusReportTest, NoRecordsHaveNothingToComplainOf) {
  EXPECT_EQ(DescribeCorpus(FactsOf({}, {})).find("silent"), std::string::npos);
}

TEST(CorpusReportTest, TellsMachinesTheSameAndShowsValuesOnlyWhenAsked) {
  std::vector<LabeledRecord> records = {
      Record("Ann Lee writes a letter to nobody", {{{0, 7}, EntityType::PERSON}}),
      Record("a letter of Ann Lee"), Record("a letter of Ann Lee")};
  records[0].origin = records[1].origin = "a.jsonl:1";
  records[2].origin = "b.jsonl:1";
  const std::string json = CorpusJson(FactsOf(records, {}));
  EXPECT_THAT(json, HasSubstr(R"("records":3,"unusable":0,"with_entities":1,"without_entities":2)"));
  EXPECT_THAT(json,
              HasSubstr(R"("shared_texts":[{"file":"a.jsonl","other":"b.jsonl","records_of_other":1}])"));
  EXPECT_THAT(DescribeCorpus(FactsOf(records, {})),
              HasSubstr("1 records of b.jsonl are near-copies of records of a.jsonl"));
  EXPECT_EQ(json.find("Ann"), std::string::npos);
  const CorpusFacts shown = FactsOf(records, {}, 5);
  EXPECT_THAT(
      CorpusJson(shown),
      HasSubstr(R"("inconsistent_values":[{"value":"Ann Lee","type":"PERSON","marked":1,"unmarked":2}])"));
  EXPECT_THAT(DescribeCorpus(shown), HasSubstr("1 marked         2 unmarked  Ann Lee"));
}

}  // namespace
}  // namespace privet
