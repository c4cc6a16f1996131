#include "rules/validators/secrets.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <string>

#include "absl/strings/escaping.h"
#include "core/absl_view.h"
#include "core/utf8.h"
#include "rules/validators/characters.h"
#include "rules/validators/verdicts.h"

namespace privet {
namespace {

constexpr std::array<std::string_view, 44> kPlaceholders = {
    "null",     "none",     "nil",     "true",   "false",     "undefined", "required",  "optional",
    "string",   "password", "passwd",  "secret", "token",     "changeme",  "change_me", "example",
    "test",     "xxx",      "your",    "empty",  "default",   "redacted",  "masked",    "hidden",
    "todo",     "value",    "field",   "input",  "incorrect", "invalid",   "expired",   "wrong",
    "reset",    "forgot",   "missing", "must",   "should",    "cannot",    "encrypted", "protected",
    "username", "self",     "process", "getenv"};

double EntropyBits(std::string_view value) {
  std::array<int, 256> counts{};
  for (const char c : value) ++counts[static_cast<unsigned char>(c)];
  double bits = 0;
  for (const int count : counts) {
    if (count == 0) continue;
    const double p = static_cast<double>(count) / static_cast<double>(value.size());
    bits -= p * std::log2(p);
  }
  return bits;
}

// What documentation writes where a reader's own value belongs.
bool IsExample(std::string_view value) {
  std::string lower(value);
  std::transform(lower.begin(), lower.end(), lower.begin(), ToLower);
  return lower.find("your") != std::string::npos || lower.find("placeholder") != std::string::npos ||
         lower.find("redacted") != std::string::npos;
}

}  // namespace

Verdict CheckJwt(std::string_view value) {
  const std::string_view head = value.substr(0, value.find('.'));
  std::string json;
  if (!absl::WebSafeBase64Unescape(AbslView(head), &json)) return Rejected("the first part is not base64url");
  if (json.empty() || json.front() != '{' || json.find("\"alg\"") == std::string::npos) {
    return Rejected("the first part is no header with an algorithm");
  }
  return Conclusive("the header names an algorithm");
}

Verdict CheckBasicCredentials(std::string_view value) {
  std::string text;
  if (!absl::Base64Unescape(AbslView(value), &text)) return Rejected("not Base64");
  const auto is_control = [](char c) { return static_cast<unsigned char>(c) < ' ' || c == 0x7F; };
  const size_t colon = text.find(':');
  if (colon == std::string::npos || colon == 0 || std::any_of(text.begin(), text.end(), is_control) ||
      FindInvalidUtf8(text) != std::string_view::npos) {
    return Rejected("no name and password inside");
  }
  return Conclusive("a name and a password inside");
}

Verdict CheckSecretEntropy(std::string_view value) {
  constexpr size_t kShortest = 4;
  if (value.size() < kShortest) return Rejected("too short");
  if (value[0] == '$' || value[0] == '%' || value[0] == '<' || value[0] == '{' || value[0] == '(' ||
      value[0] == '.') {
    return Rejected("a variable or a template");
  }
  std::string lower(value);
  std::transform(lower.begin(), lower.end(), lower.begin(), ToLower);
  size_t letters = 0, digits = 0, others = 0;
  for (const char c : lower) {
    if (IsLetter(c))
      ++letters;
    else if (IsDigit(c))
      ++digits;
    else
      ++others;
  }
  for (const std::string_view placeholder : kPlaceholders) {
    // A word of the list alone, or with little around it.
    if (lower.starts_with(placeholder) && lower.size() <= placeholder.size() + 3 && digits == 0) {
      return Rejected("a placeholder");
    }
  }
  if (letters + digits == 0) return Rejected("a mask or a row of signs");
  const double bits = EntropyBits(value);
  constexpr double kLeastBits = 1.5;
  if (bits < kLeastBits) {
    // 88888888 and 666888 are what people choose; 000000 and 100000 are placeholders and amounts.
    constexpr size_t kFewestChosen = 6, kMostChosen = 8;
    const bool chosen =
        digits == value.size() && digits >= kFewestChosen && digits <= kMostChosen && !value.ends_with("000");
    return chosen ? Accepted("a few digits repeated", -0.5) : Rejected("too little variety");
  }
  // Words of prose: letters alone, in one case.
  const bool one_case =
      std::none_of(value.begin(), value.end(), IsUpper) || std::none_of(value.begin(), value.end(), IsLower);
  const bool words = digits == 0 && one_case && value.size() < 24;
  if (words) return Accepted("letters only", -2.2);
  if (value.find('(') != std::string_view::npos || value.find("::") != std::string_view::npos)
    return Rejected("an expression");
  constexpr double kVaried = 3.0;
  if (bits >= kVaried && digits > 0) return Accepted("varied characters", 1);
  return Accepted("not a placeholder");
}

Verdict CheckUrlPassword(std::string_view value) {
  if (IsExample(value)) return Rejected("a placeholder");
  if (std::none_of(value.begin(), value.end(), IsLetter)) return Rejected("no letter");
  if (std::none_of(value.begin(), value.end(), IsDigit)) return Rejected("no digit");
  if (value[0] == '$') return Rejected("a variable");
  constexpr double kLeastBits = 2;
  if (EntropyBits(value) < kLeastBits) return Rejected("too little variety");
  return Conclusive("letters and digits, varied");
}

Verdict CheckRandomToken(std::string_view value) {
  if (IsExample(value)) return Rejected("a placeholder");
  int letter_and_digit = 0, small_and_capital = 0;
  for (size_t i = 1; i < value.size(); ++i) {
    const char a = value[i - 1], b = value[i];
    if ((IsLetter(a) && IsDigit(b)) || (IsDigit(a) && IsLetter(b))) ++letter_and_digit;
    if ((IsLower(a) && IsUpper(b)) || (IsUpper(a) && IsLower(b))) ++small_and_capital;
  }
  // Sixteen random hexadecimal digits have seven turns in the mean, twenty of Base64 five and nine.
  const bool random = letter_and_digit >= 3 || (letter_and_digit >= 1 && small_and_capital >= 4);
  return random ? Conclusive("letters and digits take turns") : Rejected("words or a running number");
}

}  // namespace privet
