#include "rules/validators/phone_shape.h"

#include "rules/validators/characters.h"

namespace privet {
namespace {

constexpr size_t kMaxDigits = 20;

// What introduces an extension, and what joins a second number with a shared beginning.
bool EndsNumber(std::string_view rest) {
  const char c = rest.front();
  if (!IsAscii(c) || IsLetter(c)) return true;  // 转, 分机, ext, x
  return c == '#' || c == ',' || c == ';' || c == '/' || c == '*' || c == '~';
}

}  // namespace

PhoneShape::PhoneShape(std::string_view value) {
  constexpr std::string_view kScheme = "tel:";
  if (value.starts_with(kScheme)) value.remove_prefix(kScheme.size());
  bool after_separator = true;
  for (size_t i = 0; i < value.size(); ++i) {
    const char c = value[i];
    if (IsDigit(c)) {
      if (size_ == kMaxDigits) {
        size_ = 0;
        return;
      }
      digits_[size_++] = c;
      groups_ += after_separator ? 1 : 0;
      after_separator = false;
      continue;
    }
    after_separator = true;
    if (c == '+') {
      if (size_ > 0) break;
      marked_ = true;
      continue;
    }
    if (c == ' ' || c == '-' || c == '.' || c == '(' || c == ')' || c == '[' || c == ']' || c == '_')
      continue;
    if (size_ > 0 && EndsNumber(value.substr(i))) {
      has_extension_ = true;
      break;
    }
    if (size_ == 0 && !IsAscii(c)) continue;  // an opening bracket of another script
    size_ = 0;
    return;
  }
  if (!marked_ && size_ > 10 && digits_[0] == '0' && digits_[1] == '0') {
    marked_ = true;
    for (size_t i = 2; i < size_; ++i) digits_[i - 2] = digits_[i];
    size_ -= 2;
  }
}

}  // namespace privet
