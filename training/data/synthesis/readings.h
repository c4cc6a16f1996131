// Chinese characters written another way: in pinyin, and in traditional form.
#ifndef PRIVET_TRAINING_DATA_SYNTHESIS_READINGS_H_
#define PRIVET_TRAINING_DATA_SYNTHESIS_READINGS_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace privet {

// Character by character, from ICU's tables: a word that needs its context (后 as 後 or 后) takes the common
// form. Immutable; safe to use from any number of threads.
class HanReadings {
 public:
  // Takes some tenths of a second: asks ICU for each of the 20,992 characters of the block once.
  static absl::StatusOr<HanReadings> Load();

  // 王小明 -> "wang xiao ming": without tones, one syllable a character, ü as v. Other characters are left
  // out.
  std::string Pinyin(std::string_view text) const;
  // As the character is read in a surname: 单 shan, 曾 zeng, 尉迟 yu chi.
  std::string SurnamePinyin(std::string_view surname) const;

  std::string Traditional(std::string_view text) const;

  // Whether a text of Chinese is written in traditional characters: more of those than of simplified ones.
  bool IsTraditional(std::string_view text) const;

 private:
  static constexpr uint32_t kFirst = 0x4E00;
  static constexpr uint32_t kLast = 0x9FFF;

  std::vector<std::string> pinyin_;       // by code point - kFirst
  std::vector<std::string> traditional_;  // UTF-8
  std::vector<int8_t> script_;            // 1: only in traditional texts; -1: only in simplified ones
};

}  // namespace privet

#endif  // PRIVET_TRAINING_DATA_SYNTHESIS_READINGS_H_
