#include "training/data/synthesis/synthesizer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <thread>

#include "tests/synthesis/filled.h"

namespace privet {
namespace {

using ::testing::HasSubstr;

std::unique_ptr<const Synthesizer> Shipped(TypeSet types = AllTypes()) {
  SynthesizerOptions options;
  options.templates = {"training/templates"};
  options.types = types;
  auto loaded = Synthesizer::Load(std::move(options));
  EXPECT_TRUE(loaded.ok()) << loaded.status();
  return loaded.ok() ? *std::move(loaded) : nullptr;
}

class SynthesizerTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() { shipped_ = Shipped().release(); }
  static const Synthesizer* shipped_;
};
const Synthesizer* SynthesizerTest::shipped_ = nullptr;

TEST_F(SynthesizerTest, ShippedSnippetsParseAndFillSoundly) {
  ASSERT_NE(shipped_, nullptr);
  EXPECT_GT(shipped_->size(), 10000u);
  for (size_t i = 0; i < shipped_->size(); ++i) ExpectSound(shipped_->Draw(1, 0, i));
}

TEST(DocumentsTest, ShippedDocumentsParseAndFillSoundly) {
  SynthesizerOptions options;
  options.templates = {"training/documents"};
  const auto loaded = Synthesizer::Load(std::move(options));
  ASSERT_TRUE(loaded.ok()) << loaded.status();
  EXPECT_GT((*loaded)->size(), 500u);
  size_t empty = 0;
  for (size_t i = 0; i < (*loaded)->size(); ++i) {
    const LabeledRecord record = (*loaded)->Draw(1, 0, i);
    ExpectSound(record);
    empty += record.spans.empty() ? 1 : 0;
  }
  EXPECT_GT(empty * 8, (*loaded)->size()) << "silence has to be learned, too";
}

TEST_F(SynthesizerTest, SameSeedEpochAndIndexGiveTheSameRecordInAnyOrder) {
  std::vector<std::string> forward, backward;
  for (uint64_t i = 0; i < 200; ++i) forward.push_back(Marked(shipped_->Draw(3, 2, i)));
  for (uint64_t i = 200; i-- > 0;) backward.push_back(Marked(shipped_->Draw(3, 2, i)));
  std::reverse(backward.begin(), backward.end());
  EXPECT_EQ(forward, backward);
  EXPECT_EQ(forward, [&] {
    const auto again = Shipped();
    std::vector<std::string> drawn;
    for (uint64_t i = 0; i < 200; ++i) drawn.push_back(Marked(again->Draw(3, 2, i)));
    return drawn;
  }());
  int same = 0;
  for (uint64_t i = 0; i < 200; ++i) same += Marked(shipped_->Draw(3, 3, i)) == forward[i] ? 1 : 0;
  EXPECT_LT(same, 5);
}

TEST_F(SynthesizerTest, EveryLineComesOnceAnEpoch) {
  std::set<std::string> origins;
  for (size_t i = 0; i < shipped_->size(); ++i) origins.insert(shipped_->Draw(1, 4, i).origin);
  EXPECT_EQ(origins.size(), shipped_->size());
}

TEST_F(SynthesizerTest, DrawsFromManyThreads) {
  std::vector<std::string> alone;
  for (uint64_t i = 0; i < 400; ++i) alone.push_back(Marked(shipped_->Draw(1, 0, i)));
  std::vector<std::string> together(400);
  std::vector<std::thread> threads;
  for (uint64_t t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (uint64_t i = t; i < 400; i += 4) together[i] = Marked(shipped_->Draw(1, 0, i));
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(together, alone);
}

TEST_F(SynthesizerTest, NamesAreManyAndCommonSurnamesCommon) {
  const Fillers& fillers = shipped_->fillers();
  Random random(17);
  std::set<std::string> names;
  std::map<std::string, int> surnames;
  constexpr int kCount = 10000;
  for (int i = 0; i < kCount; ++i) {
    const NameParts name = fillers.ChineseName(random);
    names.insert(name.first + name.last);
    ++surnames[name.first];
  }
  EXPECT_GT(names.size(), kCount * 0.6);
  // About 7 % of the people each, by the Ministry of Public Security's counts; here less, since rare ones get
  // a share.
  for (const char* common : {"王", "李", "张"}) EXPECT_NEAR(surnames[common], 650, 200) << common;
  EXPECT_GT(surnames.size(), 700u);
  EXPECT_GT(surnames["欧阳"], 5);
}

TEST_F(SynthesizerTest, OrganizationsPlacesAndAddressesAreMany) {
  for (const char* list : {"org", "addr", "addr_part", "org_en", "addr_en", "person_en"}) {
    Random random(17);
    std::set<std::string> values;
    for (int i = 0; i < 5000; ++i)
      values.insert(shipped_->fillers().Draw(list, shipped_->fillers().DrawPlace(random), random));
    EXPECT_GT(values.size(), 3000u) << list;
  }
  Random random(17);
  std::set<std::string> places;
  for (int i = 0; i < 5000; ++i)
    places.insert(shipped_->fillers().Draw("loc", shipped_->fillers().DrawPlace(random), random));
  EXPECT_GT(places.size(), 1800u);
}

TEST_F(SynthesizerTest, LabelsOnlyTheTypesAskedFor) {
  TypeSet types;
  types.set(IndexOf(EntityType::PERSON));
  const auto persons = Shipped(types);
  for (uint64_t i = 0; i < 500; ++i) {
    const LabeledRecord record = persons->Draw(1, 0, i);
    EXPECT_EQ(record.covers, types);
    for (const LabeledSpan& span : record.spans) EXPECT_EQ(span.type, EntityType::PERSON);
  }
}

TEST(SynthesizerErrorTest, SaysWhatIsWrongAndWhere) {
  const std::string folder = ::testing::TempDir() + "/synthesizer_test";
  std::filesystem::create_directories(folder);
  const std::string path = folder + "/mine.txt";
  std::ofstream(path) << "你好，{PER}\n联系{FONE}\n";
  SynthesizerOptions options;
  options.templates = {path};
  EXPECT_THAT(std::string(Synthesizer::Load(options).status().message()),
              HasSubstr(path + ":2: unknown slot {FONE}"));
  options.templates = {folder + "/missing.txt"};
  EXPECT_THAT(std::string(Synthesizer::Load(options).status().message()),
              HasSubstr("missing.txt: cannot be read"));
  options.templates = {};
  EXPECT_THAT(std::string(Synthesizer::Load(options).status().message()),
              HasSubstr("nothing to draw records from"));
}

TEST(SynthesizerListsTest, PutsListsOfAFolderInPlaceOfBuiltInOnes) {
  const std::string folder = ::testing::TempDir() + "/lists";
  std::filesystem::create_directories(folder);
  std::ofstream(folder + "/mine.txt") << "[nick]\n= 小熊\n";
  std::ofstream(::testing::TempDir() + "/nick.txt") << "{NICK}和{PER}\n";
  SynthesizerOptions options;
  options.templates = {::testing::TempDir() + "/nick.txt"};
  options.lists = folder;
  const auto loaded = Synthesizer::Load(std::move(options));
  ASSERT_TRUE(loaded.ok()) << loaded.status();
  EXPECT_EQ(ValueOf((*loaded)->Draw(1, 0, 0), 0), "小熊");
}

TEST(SynthesizerListsTest, ListsWithoutWhatASlotAsksForEndAllTheSame) {
  const std::string folder = ::testing::TempDir() + "/plain_lists";
  std::filesystem::create_directories(folder);
  std::ofstream(folder + "/mine.txt") << "[company]\n= 海河钢铁\n[surname_any]\n= Nguyễn\n[given]\n= 明\n"
                                      << "[person_en_parts]\n= José|Nuñez\n";
  SynthesizerOptions options;
  options.templates = {folder + "/mine.txt.snippets"};
  std::ofstream(options.templates[0]) << "{ORG#1}简称{ORG_S#1}，{PER#1}（{GIV#1}），{PER_PY}，{EMAIL}\n";
  options.lists = folder;
  const auto loaded = Synthesizer::Load(std::move(options));
  ASSERT_TRUE(loaded.ok()) << loaded.status();
  for (uint64_t i = 0; i < 20; ++i) {
    const LabeledRecord record = (*loaded)->Draw(1, 0, i);
    EXPECT_EQ(ValueOf(record, 0), "海河钢铁");
    EXPECT_EQ(ValueOf(record, 1), "海河钢铁");
    EXPECT_EQ(ValueOf(record, 3), "明");
    EXPECT_FALSE(ValueOf(record, 4).empty());
    EXPECT_FALSE(ValueOf(record, 5).starts_with('@'));
  }
}

TEST(SynthesizerDocumentTest, SwapsTypedValuesByTheShareAskedFor) {
  const std::string path = ::testing::TempDir() + "/documents.txt";
  std::ofstream(path) << "[[PERSON|王小明]]说\n";
  SynthesizerOptions options;
  options.templates = {path};
  options.swap_share = 0;
  EXPECT_EQ((*Synthesizer::Load(options))->Draw(1, 0, 0).text, "王小明说");
  options.swap_share = 1;
  EXPECT_NE((*Synthesizer::Load(options))->Draw(1, 0, 0).text, "王小明说");
}

}  // namespace
}  // namespace privet
