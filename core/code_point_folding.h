// What folding makes of one code point. core/folded_text.h says what it makes of text, and
// rules/code_points.h asks here what a scan that folds nothing has to stop at.
#ifndef PRIVET_CORE_CODE_POINT_FOLDING_H_
#define PRIVET_CORE_CODE_POINT_FOLDING_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace privet {

// What a code point becomes wherever it stands, in UTF-8: empty for an invisible one, which goes; nothing
// where it stays as it is.
std::optional<std::string> FoldedForm(uint32_t c);

// The digit that a Chinese numeral stands for in a run of them, or -1.
int NumeralDigit(uint32_t c);

// Whether valid UTF-8 `text` holds such a numeral.
bool HasNumeral(std::string_view text);

// The Latin letter that a Cyrillic or Greek one is drawn like, and becomes beside ASCII letters and digits,
// or 0.
char LatinLookAlike(uint32_t c);

// The code points among which Chinese characters lie here, but for 〇.
inline constexpr uint32_t kFirstHan = 0x3400;
inline constexpr uint32_t kLastHan = 0x9FFF;

// The simplified character in place of a traditional one (電: 电), and any other as it is. Both have as many
// bytes in UTF-8.
uint32_t SimplifiedHan(uint32_t c);

// The same for each character of a text.
std::string SimplifiedHan(std::string_view text);

}  // namespace privet

#endif  // PRIVET_CORE_CODE_POINT_FOLDING_H_
