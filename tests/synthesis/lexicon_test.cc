#include "training/data/synthesis/lexicon.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

namespace privet {
namespace {

using ::testing::HasSubstr;

absl::StatusOr<Lexicon> Parsed(const std::string& content) {
  const std::vector<ListSource> sources = {{"lists/test.txt", content}};
  static constexpr std::string_view kHooks[] = {"city"};
  return Lexicon::Parse(sources, kHooks);
}

std::map<std::string, int> Drawn(const std::string& content, std::string_view list, int count) {
  const auto lexicon = Parsed(content);
  EXPECT_TRUE(lexicon.ok()) << lexicon.status();
  std::map<std::string, int> counts;
  Random random(1);
  for (int i = 0; lexicon.ok() && i < count; ++i) {
    std::string out;
    lexicon->Expand(
        lexicon->Find(list).value_or(0), random, [](size_t, std::string* to) { to->append("杭州"); }, &out);
    ++counts[out];
  }
  return counts;
}

TEST(LexiconTest, DrawsEntriesByTheirWeights) {
  const auto counts = Drawn("[word]\n9\ta\n1\tb\n", "word", 10000);
  EXPECT_NEAR(counts.at("a"), 9000, 200);
  EXPECT_NEAR(counts.at("b"), 1000, 200);
}

TEST(LexiconTest, DrawsWithEqualChancesWhereAsked) {
  const auto counts = Drawn("[any]\n<~word>\n[word]\n9\ta\n1\tb\n", "any", 10000);
  EXPECT_NEAR(counts.at("a"), 5000, 300);
}

TEST(LexiconTest, PutsListsIntoOneAnother) {
  const auto counts =
      Drawn("[name]\n<first>·<last>\n[first]\n= 约翰\n[last]\n; 史密斯; 格林\n", "name", 1000);
  EXPECT_EQ(counts.size(), 2u);
  EXPECT_TRUE(counts.contains("约翰·史密斯"));
}

TEST(LexiconTest, WritesNumbersCharactersAndWhatIsComputed) {
  for (const auto& [text, count] : Drawn("[road]\n<@city>路<007-012>号<d*4><A*2-3>\n", "road", 300)) {
    EXPECT_THAT(text, ::testing::MatchesRegex("杭州路0[01][0-9]号[0-9][0-9][0-9][0-9][A-Z][A-Z][A-Z]?"));
  }
}

TEST(LexiconTest, TakesAnEmptyEntry) {
  EXPECT_TRUE(Drawn("[maybe]\n1\t\n1\tx\n", "maybe", 100).contains(""));
}

TEST(LexiconTest, NamesTheLineOfAnError) {
  const auto error = [](const std::string& content) {
    return std::string(Parsed(content).status().message());
  };
  EXPECT_THAT(error("[a]\nx\n<@town>\n"),
              HasSubstr("lists/test.txt:3: '<@town>' is nothing that is computed"));
  EXPECT_THAT(error("[a]\n<b>\n[b]\n<a>\n"), HasSubstr("contains itself"));
  EXPECT_THAT(error("[a]\n<b>\n"), HasSubstr("list 'b' is named by an entry but written nowhere"));
  EXPECT_THAT(error("[a]\nx\n[a]\ny\n"), HasSubstr("lists/test.txt:3"));
  EXPECT_THAT(error("x\n"), HasSubstr("lists/test.txt:1: an entry before the first [list]"));
  EXPECT_THAT(error("[a]\n-1\tx\n"), HasSubstr("lists/test.txt:2: the weight is no number above 0"));
  EXPECT_THAT(error("[a]\n<9-3>\n"), HasSubstr("lists/test.txt:2"));
  EXPECT_THAT(error("[a]\nx<\n"), HasSubstr("lists/test.txt:2: '<' without '>'"));
  EXPECT_THAT(error("[a]\n"), HasSubstr("has no entry"));
}

}  // namespace
}  // namespace privet
