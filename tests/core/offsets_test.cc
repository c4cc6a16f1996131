#include "core/offsets.h"

#include <gtest/gtest.h>

#include <array>
#include <random>
#include <string>

#include "core/utf8.h"

namespace privet {
namespace {

TEST(OffsetsTest, CountsWhatEachLanguageCounts) {
  const std::string text = "a中😀e\u0301z";
  const std::vector<size_t> offsets = {0, 1, 4, 8, 9, 11, 12};
  const std::vector<Position> positions = PositionsOf(text, offsets);
  const std::vector<Position> expected = {{0, 0, 0}, {1, 1, 1},  {4, 2, 2}, {8, 3, 4},
                                          {9, 4, 5}, {11, 5, 6}, {12, 6, 7}};
  EXPECT_EQ(positions, expected);
}

TEST(OffsetsTest, TakesOffsetsInAnyOrderAndTwice) {
  const std::vector<size_t> offsets = {6, 0, 3, 6};
  const std::vector<Position> positions = PositionsOf("中文", offsets);
  EXPECT_EQ(positions[0], (Position{6, 2, 2}));
  EXPECT_EQ(positions[1], (Position{0, 0, 0}));
  EXPECT_EQ(positions[2], (Position{3, 1, 1}));
  EXPECT_EQ(positions[3], positions[0]);
}

// Positions round-trip on random text: walking the text by hand gives the same.
TEST(OffsetsTest, AgreeWithWalkingTheText) {
  std::mt19937 random(7);
  for (int round = 0; round < 300; ++round) {
    std::string text;
    std::vector<size_t> offsets;
    std::vector<Position> expected;
    Position at;
    for (int i = 0; i < 80; ++i) {
      offsets.push_back(at.bytes);
      expected.push_back(at);
      const std::array<uint_fast32_t, 5> kinds = {random() % 0x80, 0x4E00 + random() % 0x5000,
                                                  0x1F600 + random() % 80, 0x0300 + random() % 0x70, 0x200D};
      const auto c = static_cast<uint32_t>(kinds[random() % kinds.size()]);
      AppendUtf8(c, &text);
      at = {text.size(), at.codepoints + 1, at.utf16 + (c > 0xFFFF ? 2 : 1)};
    }
    EXPECT_EQ(PositionsOf(text, offsets), expected);
  }
}

}  // namespace
}  // namespace privet
