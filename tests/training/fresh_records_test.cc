#include "training/learn/fresh_records.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "training/learn/examples.h"

namespace privet {
namespace {

using testing::HasSubstr;

class FreshRecordsTest : public testing::Test {
 protected:
  FreshRecordsTest() {
    folder_ = std::filesystem::temp_directory_path() / ("fresh_records_" + std::to_string(getpid()));
    std::filesystem::create_directories(folder_);
    std::ofstream out(folder_ / "snippets.txt");
    for (int i = 0; i < 40; ++i) out << "第" << i << "位联系人：{PER}，电话{MOBILE}，身份证{ID}。\n";
  }
  ~FreshRecordsTest() override { std::filesystem::remove_all(folder_); }

  std::shared_ptr<const FreshRecords> Snippets(uint64_t seed = 1) const {
    return FreshRecords::OfTemplates(folder_.string(), seed, std::nullopt).value();
  }
  static std::set<std::string> Texts(const FreshRecords& fresh, int64_t pass) {
    std::set<std::string> texts;
    for (int64_t i = 0; i < fresh.size(); ++i) texts.insert(fresh.Draw(pass, i).text);
    return texts;
  }
  static std::vector<std::string> Common(const std::set<std::string>& a, const std::set<std::string>& b) {
    std::vector<std::string> common;
    std::set_intersection(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(common));
    return common;
  }

  std::filesystem::path folder_;
};

TEST_F(FreshRecordsTest, SnippetsAreReadLikeTexts) {
  std::ofstream(folder_ / "snippets.txt") << "id%3Duser%40host: {PER}\n";
  EXPECT_THAT(Snippets()->Draw(0, 0).text, testing::StartsWith("id=user@host: "));
}

TEST_F(FreshRecordsTest, APassHasEachLineOnceAndNoFillingOfAnother) {
  const auto fresh = Snippets();
  ASSERT_EQ(fresh->size(), 40);
  std::set<std::string> lines;
  for (int64_t i = 0; i < 40; ++i) lines.insert(fresh->Draw(3, i).origin);
  EXPECT_EQ(lines.size(), 40);
  const auto first = Texts(*fresh, 0);
  EXPECT_EQ(first.size(), 40);
  EXPECT_THAT(Common(first, Texts(*fresh, 1)), testing::IsEmpty());
  EXPECT_THAT(Common(first, Texts(*Snippets(2), 0)), testing::IsEmpty()) << "nor that of another seed";
  EXPECT_EQ(first, Texts(*Snippets(), 0)) << "what is drawn depends on seed, pass and index alone";
}

TEST_F(FreshRecordsTest, ACoverTakesThePlaceOfTheRecordsOwn) {
  TypeSet covers;
  covers.set(IndexOf(EntityType::PERSON));
  const auto fresh = FreshRecords::OfTemplates((folder_ / "snippets.txt").string(), 1, covers).value();
  EXPECT_EQ(fresh->Draw(0, 0).covers, covers);
}

TEST_F(FreshRecordsTest, SwapsPutOtherNamesIntoTheSameSentences) {
  std::vector<LabeledRecord> records;
  for (const char* const name : {"王小明", "李建国", "张秀英", "刘洋"}) {
    LabeledRecord& record = records.emplace_back();
    record.text = std::string("请把文件交给") + name + "。";
    record.spans = {{{18, record.text.size() - 3}, EntityType::PERSON}};
  }
  const auto fresh = FreshRecords::OfSwaps(records, 1).value();
  ASSERT_EQ(fresh->size(), 4);
  std::set<std::string> texts;
  for (int64_t pass = 0; pass < 8; ++pass) {
    for (int64_t i = 0; i < 4; ++i) {
      const LabeledRecord record = fresh->Draw(pass, i);
      EXPECT_THAT(record.text, testing::StartsWith("请把文件交给"));
      texts.insert(record.text);
    }
  }
  EXPECT_GT(texts.size(), 12) << "half of 32 are new";
}

TEST_F(FreshRecordsTest, ALongDocumentGivesOneOfItsWindows) {
  std::ofstream out(folder_ / "long.txt");
  for (int i = 0; i < 30; ++i) out << "他对{PER}说了第" << i << "句话。";
  out << "\n";
  out.close();
  const auto fresh = FreshRecords::OfTemplates((folder_ / "long.txt").string(), 1, std::nullopt).value();
  const auto tokenizer = Tokenizer::Load("tests/qwen3/small_tokenizer").value();
  const LabelScheme scheme = LabelScheme::FromLabels(BioesLabels({EntityType::PERSON})).value();
  std::set<std::vector<int32_t>> beginnings;
  for (int64_t pass = 0; pass < 20; ++pass) {
    const Example example = DrawExample(*fresh, pass, 0, *tokenizer, {64, 8}, scheme);
    EXPECT_LE(example.ids.size(), 64);
    EXPECT_GT(example.ids.size(), 0);
    beginnings.insert({example.ids.begin(), example.ids.begin() + 4});
    const Example again = DrawExample(*fresh, pass, 0, *tokenizer, {64, 8}, scheme);
    EXPECT_EQ(example.ids, again.ids);
  }
  EXPECT_GT(beginnings.size(), 3);
}

TEST_F(FreshRecordsTest, AnUnknownSlotIsAnErrorWithItsLine) {
  std::ofstream(folder_ / "wrong.txt") << "好\n{NOBODY}来了\n";
  const auto fresh = FreshRecords::OfTemplates((folder_ / "wrong.txt").string(), 1, std::nullopt);
  EXPECT_THAT(fresh.status().message(), HasSubstr("wrong.txt:2"));
}

}  // namespace
}  // namespace privet
