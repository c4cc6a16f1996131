#include "training/data/synthesis/readings.h"

#include <unicode/translit.h>
#include <unicode/unistr.h>

#include <memory>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "core/utf8.h"

namespace privet {
namespace {

// Every character of the block through one transliterator, as one text with a line a character.
absl::StatusOr<std::vector<std::string>> Transliterated(const char* id, uint32_t first, uint32_t last) {
  UErrorCode error = U_ZERO_ERROR;
  const std::unique_ptr<icu::Transliterator> transliterator(
      icu::Transliterator::createInstance(icu::UnicodeString(id), UTRANS_FORWARD, error));
  if (U_FAILURE(error) != 0 || transliterator == nullptr) {
    return absl::InternalError(absl::StrCat("ICU has no transliterator ", id, " (", u_errorName(error),
                                            "); its data package is missing"));
  }
  icu::UnicodeString all;
  for (uint32_t c = first; c <= last; ++c) all.append(static_cast<UChar32>(c)).append(u'\n');
  transliterator->transliterate(all);
  std::string text;
  all.toUTF8String(text);
  std::vector<std::string> lines;
  for (size_t at = 0; at < text.size();) {
    const size_t end = text.find('\n', at);
    lines.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  if (lines.size() != last - first + 1) {
    return absl::InternalError(absl::StrCat("ICU's ", id, " joined lines"));
  }
  return lines;
}

struct Reading {
  std::string_view surname;
  std::string_view pinyin;
};
// Surnames that are read otherwise than the word.
constexpr Reading kSurnameReadings[] = {
    {"单", "shan"}, {"曾", "zeng"},      {"解", "xie"},       {"仇", "qiu"},     {"区", "ou"},
    {"任", "ren"},  {"翟", "zhai"},      {"查", "zha"},       {"朴", "piao"},    {"盖", "ge"},
    {"葛", "ge"},   {"沈", "shen"},      {"尉迟", "yu chi"},  {"万俟", "mo qi"}, {"长孙", "zhang sun"},
    {"乐", "yue"},  {"石", "shi"},       {"覃", "qin"},       {"吕", "lyu"},     {"瞿", "qu"},
    {"缪", "miao"}, {"令狐", "ling hu"}, {"单于", "chan yu"}, {"宿", "su"}};

}  // namespace

absl::StatusOr<HanReadings> HanReadings::Load() {
  HanReadings readings;
  absl::StatusOr<std::vector<std::string>> pinyin = Transliterated("Han-Latin; Latin-ASCII", kFirst, kLast);
  if (!pinyin.ok()) return pinyin.status();
  absl::StatusOr<std::vector<std::string>> traditional = Transliterated("Hans-Hant", kFirst, kLast);
  if (!traditional.ok()) return traditional.status();
  const absl::StatusOr<std::vector<std::string>> simplified = Transliterated("Hant-Hans", kFirst, kLast);
  if (!simplified.ok()) return simplified.status();
  readings.pinyin_ = *std::move(pinyin);
  readings.traditional_ = *std::move(traditional);
  readings.script_.assign(kLast - kFirst + 1, 0);
  for (uint32_t c = kFirst; c <= kLast; ++c) {
    std::string self;
    AppendUtf8(c, &self);
    std::string& reading = readings.pinyin_[c - kFirst];
    for (const char letter : reading) {
      if (letter < 'a' || letter > 'z') {
        reading.clear();  // ICU does not know it
        break;
      }
    }
    if (readings.traditional_[c - kFirst] != self) {
      readings.script_[c - kFirst] = -1;
    } else if ((*simplified)[c - kFirst] != self) {
      readings.script_[c - kFirst] = 1;
    }
  }
  // These are written so in simplified texts as well.
  for (const std::string_view common :
       {"后", "里", "面", "干", "台", "几", "云", "余", "于", "征", "松", "范", "郁", "谷",
        "丑", "才", "斗", "胡", "表", "志", "向", "系", "周", "出", "只", "制", "准"}) {
    const uint32_t c = DecodeUtf8(common, 0).value;
    readings.script_[c - kFirst] = 0;
    // In a name they stay as they are.
    readings.traditional_[c - kFirst] = std::string(common);
  }
  return readings;
}

std::string HanReadings::Pinyin(std::string_view text) const {
  std::string out;
  for (size_t at = 0; at < text.size();) {
    const CodePoint c = DecodeUtf8(text, at);
    at += c.length;
    if (c.value < kFirst || c.value > kLast || pinyin_[c.value - kFirst].empty()) continue;
    if (!out.empty()) out.push_back(' ');
    out.append(pinyin_[c.value - kFirst]);
  }
  return out;
}

std::string HanReadings::SurnamePinyin(std::string_view surname) const {
  for (const Reading& reading : kSurnameReadings) {
    if (reading.surname == surname) return std::string(reading.pinyin);
  }
  return Pinyin(surname);
}

std::string HanReadings::Traditional(std::string_view text) const {
  std::string out;
  out.reserve(text.size());
  for (size_t at = 0; at < text.size();) {
    const CodePoint c = DecodeUtf8(text, at);
    if (c.value >= kFirst && c.value <= kLast) {
      out.append(traditional_[c.value - kFirst]);
    } else {
      out.append(text.substr(at, c.length));
    }
    at += c.length;
  }
  return out;
}

bool HanReadings::IsTraditional(std::string_view text) const {
  int balance = 0;
  for (size_t at = 0; at < text.size();) {
    const CodePoint c = DecodeUtf8(text, at);
    at += c.length;
    if (c.value >= kFirst && c.value <= kLast) balance += script_[c.value - kFirst];
  }
  return balance > 0;
}

}  // namespace privet
