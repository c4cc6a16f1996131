#include "pipeline/normal_form.h"

#include <utility>

#include "absl/strings/ascii.h"
#include "core/folded_text.h"
#include "core/utf8.h"

namespace privet {
namespace {

// Whether a code point only parts the groups of a number. '+' is no separator: +1 and 1 are not the same.
bool IsSeparator(uint32_t c) {
  constexpr uint32_t kMiddleDot = 0x00B7, kBullet = 0x2022, kHyphenationPoint = 0x2027, kKatakanaDot = 0x30FB;
  if (c == kMiddleDot || c == kBullet || c == kHyphenationPoint || c == kKatakanaDot) return true;
  return c < 0x80 && c != '+' && !absl::ascii_isalnum(static_cast<unsigned char>(c));
}

std::string WithoutSeparators(std::string_view value) {
  std::string kept;
  for (size_t i = 0; i < value.size();) {
    const CodePoint point = DecodeUtf8(value, i);
    if (!IsSeparator(point.value)) kept.append(value.substr(i, point.length));
    i += point.length;
  }
  return kept;
}

}  // namespace

NormalForm NormalFormOf(EntityType type) {
  switch (type) {
    case EntityType::EMAIL_ADDRESS:
    case EntityType::WECHAT:
    case EntityType::ALIPAY:
    case EntityType::IP_ADDRESS:
      return NormalForm::CaseInsensitive;
    case EntityType::CRYPTO_ADDRESS:  // upper and lower case differ in Base58
      return NormalForm::Text;
    case EntityType::PHONE_NUMBER:
    case EntityType::QQ:
    case EntityType::MAC_ADDRESS:
    case EntityType::POSTCODE:
    case EntityType::OTHER_ID:
      return NormalForm::Number;
    default:
      break;
  }
  switch (Describe(type).group) {
    case TypeGroup::GovernmentId:
    case TypeGroup::Finance:
    case TypeGroup::Device:
    case TypeGroup::Vehicle:
    case TypeGroup::Business:
      return NormalForm::Number;
    default:
      return NormalForm::Text;
  }
}

std::string Normalise(NormalForm form, std::string_view value) {
  FoldedText folded;
  folded.Assign(value, {0, value.size()});
  std::string normal = folded.text();
  switch (form) {
    case NormalForm::Text:
      break;
    case NormalForm::CaseInsensitive:
      absl::AsciiStrToLower(&normal);
      break;
    case NormalForm::Number: {
      std::string bare = WithoutSeparators(normal);
      if (!bare.empty()) normal = std::move(bare);
      absl::AsciiStrToUpper(&normal);
      break;
    }
  }
  return normal;
}

}  // namespace privet
