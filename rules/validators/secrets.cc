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

constexpr std::array<std::string_view, 46> kPlaceholders = {
    "null",     "none",     "nil",     "true",   "false",     "undefined", "required",  "optional",
    "string",   "password", "passwd",  "secret", "token",     "changeme",  "change_me", "example",
    "test",     "xxx",      "your",    "empty",  "default",   "redacted",  "masked",    "hidden",
    "todo",     "value",    "field",   "input",  "incorrect", "invalid",   "expired",   "wrong",
    "reset",    "forgot",   "missing", "must",   "should",    "cannot",    "encrypted", "protected",
    "username", "self",     "process", "getenv", "passwort",  "kennwort"};

// What code and templates write inside a value.
constexpr std::array<std::string_view, 6> kExpressions = {"${", "{{", "{}", "::", "[-1]", "[0]"};

// Where files lie; a random value hardly begins so.
constexpr std::array<std::string_view, 13> kFolders = {"/etc/", "/var/",  "/opt/",  "/home/", "/usr/",
                                                       "/run/", "/root/", "/data/", "/mnt/",  "/srv/",
                                                       "/tmp/", "/app/",  "~/"};

// Words of labels, hints and messages, which stand in no pass phrase of a few words.
constexpr std::array<std::string_view, 48> kProse = {
    "a",         "an",         "and",     "are",   "at",        "be",     "by",      "can",
    "character", "characters", "code",    "digit", "digits",    "enter",  "for",     "from",
    "has",       "hash",       "id",      "in",    "is",        "key",    "keys",    "least",
    "length",    "letters",    "maximum", "min",   "minimum",   "new",    "not",     "number",
    "numbers",   "of",         "on",      "or",    "passwords", "please", "secrets", "the",
    "this",      "to",         "tokens",  "type",  "use",       "we",     "with",    "zeichen"};

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
         lower.find("redacted") != std::string::npos || lower.find("changeme") != std::string::npos ||
         lower.find("change_me") != std::string::npos;
}

// %s by itself, as in user_%s; a random password may have these two inside.
bool HasFormat(std::string_view value) {
  const auto is_part = [&](size_t at) { return IsLetter(value[at]) || IsDigit(value[at]); };
  for (size_t at = value.find("%s"); at != value.npos; at = value.find("%s", at + 2)) {
    const bool joined = (at > 0 && is_part(at - 1)) || (at + 2 < value.size() && is_part(at + 2));
    if (!joined) return true;
  }
  return false;
}

bool IsWide(char c) { return static_cast<unsigned char>(c) >= 0x80; }

// Kana, Han and Hangul, by the first byte of their UTF-8.
bool BeginsEastAsian(char c) {
  return static_cast<unsigned char>(c) >= 0xE3 && static_cast<unsigned char>(c) <= 0xED;
}

// `name(...)`, or what a pattern left of it.
bool IsCall(std::string_view value) {
  const size_t open = value.find('(');
  if (open == std::string_view::npos) return false;
  const size_t close = value.rfind(')');
  return close == std::string_view::npos || close + 2 >= value.size();
}

// How many characters there may be: "8-16", "6~20".
bool IsLengthRange(std::string_view value) {
  constexpr size_t kMostDigits = 2;
  const size_t dash = value.find_first_of("-~");
  return dash != std::string_view::npos && dash <= kMostDigits && value.size() - dash - 1 <= kMostDigits &&
         AllDigits(value.substr(0, dash)) && AllDigits(value.substr(dash + 1));
}

bool IsPath(std::string_view value) {
  return std::any_of(kFolders.begin(), kFolders.end(),
                     [&](std::string_view folder) { return value.starts_with(folder); });
}

// Letters alone, in one case or with a capital first, maybe with a sign behind: "Passwort", "Enter:".
bool IsWord(std::string_view value) {
  while (!value.empty() && std::string_view(":?.*").find(value.back()) != std::string_view::npos)
    value.remove_suffix(1);
  return std::all_of(value.begin(), value.end(), [](char c) { return IsLetter(c) || IsWide(c); }) &&
         std::none_of(value.begin() + (value.empty() ? 0 : 1), value.end(), IsUpper);
}

// Several words: a sentence, an expression, or a password with a space in it.
Verdict CheckSeveralWords(std::string_view lower, double bits) {
  constexpr size_t kMostWords = 5, kFewWords = 3, kShortestMixed = 4, kLongMixed = 8;
  size_t words = 0, longest_broken = 0;
  bool prose = false, mixed = false, sign = false;
  for (size_t begin = 0, end; begin < lower.size(); begin = end + 1) {
    end = std::min(lower.find(' ', begin), lower.size());
    std::string_view word = lower.substr(begin, end - begin);
    if (word.empty()) continue;
    ++words;
    if (word == "+" || word == "." || word == "||" || word == "?" || word == ":" || word == "==")
      return Rejected("an expression");
    sign = sign || word.find_first_of("!@#$%^&*~+=") != std::string_view::npos;
    size_t letters = 0, digits = 0;
    bool broken = false;  // a digit between letters
    for (const char c : word) {
      broken = broken || (IsLetter(c) && letters > 0 && digits > 0);
      letters += IsLetter(c) ? 1 : 0;
      digits += IsDigit(c) ? 1 : 0;
    }
    if (word.size() >= kShortestMixed && broken) longest_broken = std::max(longest_broken, word.size());
    mixed = mixed || (word.size() >= kShortestMixed && letters > 0 && digits > 0);
    const auto is_sign = [](char c) { return !IsLetter(c) && !IsDigit(c); };
    while (!word.empty() && is_sign(word.back())) word.remove_suffix(1);
    while (!word.empty() && is_sign(word.front())) word.remove_prefix(1);
    prose = prose || std::find(kProse.begin(), kProse.end(), word) != kProse.end() ||
            std::find(kPlaceholders.begin(), kPlaceholders.end(), word) != kPlaceholders.end();
  }
  if (words > kMostWords || (prose && longest_broken < kLongMixed)) return Rejected("a sentence");
  constexpr double kVaried = 3.0;
  if (longest_broken > 0) return Accepted("words with digits inside", bits >= kVaried && !prose ? 0.5 : 0);
  const bool digits = std::any_of(lower.begin(), lower.end(), IsDigit);
  if (words <= kFewWords && (mixed || (sign && digits))) return Accepted("words and digits", -1);
  return Rejected("words");
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
  if (HasFormat(value) || value[0] == '"' || value[0] == '\'' || (value[0] == '+' && value.back() == '+') ||
      std::any_of(kExpressions.begin(), kExpressions.end(),
                  [&](std::string_view sign) { return value.find(sign) != std::string_view::npos; })) {
    return Rejected("an expression");
  }
  if (IsLengthRange(value)) return Rejected("a range of lengths");
  if (IsPath(value)) return Rejected("a path");
  // What is written in letters of its own tongue is a label: "8-16位字母". A password may run into a
  // sentence.
  const size_t east_asian =
      static_cast<size_t>(std::find_if(value.begin(), value.end(), BeginsEastAsian) - value.begin());
  if (east_asian < value.size()) {
    constexpr size_t kShortestBefore = 6;
    const std::string_view before = value.substr(0, east_asian);
    if (before.size() < kShortestBefore || std::none_of(before.begin(), before.end(), IsLetter) ||
        std::none_of(before.begin(), before.end(), IsDigit)) {
      return Rejected("a label or a sentence");
    }
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
    if (!lower.starts_with(placeholder)) continue;
    const bool little_around = lower.size() <= placeholder.size() + 3 && digits == 0;
    // Rules of a form: "required|min:8".
    const bool rule = lower.size() > placeholder.size() && lower[placeholder.size()] == '|';
    if (little_around || rule) return Rejected("a placeholder");
  }
  if (IsExample(value)) return Rejected("a placeholder");
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
  if (value.find(' ') != std::string_view::npos) return CheckSeveralWords(lower, bits);
  // Words of prose: letters alone, in one case.
  const bool one_case =
      std::none_of(value.begin(), value.end(), IsUpper) || std::none_of(value.begin(), value.end(), IsLower);
  const bool joined = value.find_first_of("._") != std::string_view::npos;
  const bool words = digits == 0 && (one_case || IsWord(value)) && (value.size() < 24 || joined);
  if (words) return Accepted("letters only", -2.2);
  if (IsCall(value)) return Rejected("an expression");
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
