#include "rules/code_points.h"

#include <algorithm>
#include <string>
#include <string_view>

#include "absl/strings/ascii.h"
#include "core/code_point_folding.h"

namespace privet {
namespace {

bool IsDigit(char c) { return absl::ascii_isdigit(static_cast<unsigned char>(c)); }
bool IsAsciiLetter(char c) { return absl::ascii_isalpha(static_cast<unsigned char>(c)) || c == '@'; }

uint8_t ClassOfForm(std::string_view form) {
  if (form.empty()) return kInvisible;
  if (std::any_of(form.begin(), form.end(), IsAsciiLetter)) return kFoldedLetter;
  if (const auto digits = std::count_if(form.begin(), form.end(), IsDigit); digits > 0)
    return digits == 1 ? kFoldedDigit : kFoldedDigit | kTwoDigits;
  if (HasNumeral(form)) return kNumeral;
  // A wide comma ends a clause and an ellipsis a sentence; they are everywhere, and in no number.
  const bool separates =
      form != "," && form.size() <= 2 && std::all_of(form.begin(), form.end(), SeparatesDigits);
  return separates ? kFoldedSeparator : kPlain;
}

uint8_t MakeClass(uint32_t c) {
  if (c < 0x80) return kPlain;
  if (NumeralDigit(c) >= 0) return kNumeral;
  if (LatinLookAlike(c) != 0) return kLookAlike;
  const std::optional<std::string> form = FoldedForm(c);
  return form.has_value() ? ClassOfForm(*form) : uint8_t{kPlain};
}

std::array<uint8_t, kBasicPlane>* MakeBasicPlaneClasses() {
  auto* const classes = new std::array<uint8_t, kBasicPlane>;
  for (uint32_t c = 0; c < kBasicPlane; ++c) (*classes)[c] = MakeClass(c);
  return classes;
}

}  // namespace

const std::array<uint8_t, kBasicPlane>& BasicPlaneClasses() {
  static const std::array<uint8_t, kBasicPlane>& classes = *MakeBasicPlaneClasses();
  return classes;
}

uint8_t CodePointClassOf(uint32_t code_point) {
  return code_point < kBasicPlane ? BasicPlaneClasses()[code_point] : MakeClass(code_point);
}

}  // namespace privet
