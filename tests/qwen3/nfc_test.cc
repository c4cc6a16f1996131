#include "qwen3/nfc.h"

#include <gtest/gtest.h>
#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>

#include <random>

#include "core/utf8.h"
#include "qwen3/character_classes.h"

namespace privet {
namespace {

std::string NfcByIcu(const std::string& text) {
  UErrorCode error = U_ZERO_ERROR;
  std::string out;
  icu::Normalizer2::getNFCInstance(error)
      ->normalize(icu::UnicodeString::fromUTF8(text), error)
      .toUTF8String(out);
  EXPECT_TRUE(U_SUCCESS(error));
  return out;
}

// Texts of what NFC cares about: bases, marks of many classes, jamo, compatibility Han, composition
// exclusions.
std::string RandomText(std::mt19937* random) {
  static const std::vector<uint32_t>* const active = [] {
    auto* all = new std::vector<uint32_t>();
    for (uint32_t c = 0; c < 0x30000; ++c) {
      if ((CharacterClasses::Get().Of(c) & kNfcActive) != 0) all->push_back(c);
    }
    return all;
  }();
  constexpr uint32_t kCommon[] = {'a',   'e',    'q',    0x301,  0x323,  0x327,
                                  0x345, 0x1100, 0x1161, 0x11A8, 0xAC00, 0x4E2D};
  std::string text;
  for (uint32_t left = (*random)() % 12; left > 0; --left) {
    AppendUtf8((*random)() % 2 == 0 ? (*active)[(*random)() % active->size()] : kCommon[(*random)() % 12],
               &text);
  }
  return text;
}

TEST(NfcTest, EqualsIcuOnWhatUnicode9Knows) {
  std::mt19937 random(9);
  int changed = 0;
  for (int round = 0; round < 50000; ++round) {
    const std::string text = RandomText(&random);
    const NfcText nfc = NormalizeNfc(text);
    ASSERT_EQ(nfc.text, NfcByIcu(text)) << testing::PrintToString(text);
    if (IsSurelyNfc(text)) {
      ASSERT_EQ(nfc.text, text);
    }
    changed += nfc.text != text;
  }
  EXPECT_GT(changed, 10000);
}

TEST(NfcTest, AlignsEveryByteWithACodePointInOrder) {
  std::mt19937 random(10);
  for (int round = 0; round < 20000; ++round) {
    const std::string text = RandomText(&random);
    const NfcText nfc = NormalizeNfc(text);
    ASSERT_EQ(nfc.begin.size(), nfc.text.size());
    ASSERT_EQ(nfc.end.size(), nfc.text.size());
    for (size_t i = 0; i < nfc.text.size(); ++i) {
      ASSERT_EQ(nfc.end[i], nfc.begin[i] + DecodeUtf8(text, nfc.begin[i]).length);
      ASSERT_FALSE(IsUtf8Continuation(text[nfc.begin[i]]));
      if (i > 0) {
        ASSERT_LE(nfc.begin[i - 1], nfc.begin[i]);
      }
    }
  }
}

TEST(NfcTest, LeavesLaterMarksAlone) {
  // U+0898 has class 230 since Unicode 14; the model was trained where it had none.
  EXPECT_EQ(NormalizeNfc("\u0898\u0323").text, "\u0898\u0323");
  // U+11938 composes since Unicode 13.
  EXPECT_EQ(NormalizeNfc("\U00011935\U00011930").text, "\U00011935\U00011930");
}

TEST(NfcTest, SkipsOrdinaryTextAndStopsAtWhatMayChange) {
  for (const std::string_view text :
       {"", "plain ASCII text", "中文，和 English。", "Größe naïve", "한국어", "😀👨‍👩‍👧"}) {
    EXPECT_TRUE(IsSurelyNfc(text)) << text;
  }
  for (const std::string_view text :
       {"e\u0301", "plain ASCII te\u0301xt", "\u212B", "\uF900", "\u1100\u1161"}) {
    EXPECT_FALSE(IsSurelyNfc(text)) << text;
  }
}

}  // namespace
}  // namespace privet
