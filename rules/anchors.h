// The prefilter: one fast pass over a text that finds the places where anything with a form can be.
#ifndef PRIVET_RULES_ANCHORS_H_
#define PRIVET_RULES_ANCHORS_H_

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "core/span.h"

namespace privet {

// A stretch of one line in which anchors lie close together, and what is in it.
struct AnchorGroup {
  Span span;                       // from the first anchor to the last
  int max_digits = 0;              // digits of the longest number, separators not counted
  int max_token = 0;               // bytes of the longest run of letters and digits around a digit, up to 64
  bool hex_groups = false;         // hexadecimal groups joined as in MAC and IPv6 addresses
  bool folds = false;              // characters that folding changes take part: look again after folding
  std::vector<uint16_t> literals;  // indexes of the literals met, in order, repeats possible
};

// Finds numbers (digits of every kind, separated by at most two of " -./:(),+" and their Unicode kin; runs of
// Chinese numerals), literals, and characters that hide either. Immutable, thread-safe.
class AnchorScanner {
 public:
  // Literals are lower case, distinct and not empty; they match without regard to ASCII case.
  struct Literal {
    std::string text;
    // Digits that a number near it must have before it counts; 0 for none. Words such as "call" or 月 are
    // common, numbers beside them are not.
    int min_digits = 0;
  };
  explicit AnchorScanner(std::vector<Literal> literals);

  // A number of fewer digits than `digits` is no anchor by itself, nor is a run of letters and digits shorter
  // than `token`.
  void set_minima(int digits, int token) {
    min_digits_ = digits;
    min_token_ = token;
  }

  // Finds the next group at or after *position in valid UTF-8 `text`, and moves *position behind it. Returns
  // false at the end of the text, or after max_bytes without an anchor (then *position < text.size()). Groups
  // lie on one line, anchors in one are at most `reach` bytes apart, and a group is at most max_group bytes
  // long, so that a caller who takes `reach / 2` bytes around it visits nothing twice but on very long lines.
  bool Next(std::string_view text, size_t* position, size_t max_bytes, AnchorGroup* group) const;

  static constexpr size_t kReach = 128;
  static constexpr size_t kMaxGroup = 8 << 10;

 private:
  // What a byte can begin.
  enum ByteClass : uint8_t {
    kNothing = 0,
    kDigit = 1,
    kLiteralStart = 2,
    kPairSeparator = 4,
    kNonAscii = 8,
    kLineBreak = 16
  };
  // What a code point of the basic plane can be.
  enum CodePointClass : uint8_t {
    kPlain = 0,
    kFoldedDigit = 1,      // full-width, circled, mathematical
    kFoldedLetter = 2,     // full-width letters and signs
    kFoldedSeparator = 4,  // dashes and spaces other than ASCII's
    kInvisible = 8,
    kNumeral = 16,      // a Chinese numeral that can stand for a digit
    kLookAlike = 32,    // Cyrillic or Greek letter like a Latin one
    kWideLiteral = 64,  // a literal starts with it
  };

  struct NumberScan {
    size_t end = 0;
    int digits = 0;    // that count: Chinese numerals only in runs
    int numerals = 0;  // Chinese numerals among them
    bool hex_groups = false;
    bool folds = false;
  };

  // What Next knows of the group that it is building.
  class GroupInProgress;

  uint8_t ClassOf(uint32_t code_point) const;
  // The first position at or after `i` at which something may begin.
  size_t SkipPlain(std::string_view text, size_t i) const;
  // Whether bytes of that hash can begin a literal; true now and then when they cannot.
  bool MayStartLiteral(size_t hash) const;
  // The literals that start at an ASCII character.
  void TakeLiterals(std::string_view text, size_t i, GroupInProgress* group) const;
  // The run of letters and digits around a digit: its length, bounded, and where it ends.
  static int TokenAround(std::string_view text, size_t digit, size_t* token_end);
  NumberScan ScanNumber(std::string_view text, size_t begin) const;
  // Tells the group of the literals that start at `offset`.
  void MatchLiterals(std::string_view text, size_t offset, const std::vector<uint16_t>& bucket,
                     GroupInProgress* group) const;
  // What a character that is not ASCII means; returns where to go on.
  size_t TakeNonAscii(std::string_view text, size_t i, GroupInProgress* group) const;
  bool IsHexPairSeparator(std::string_view text, size_t offset) const;

  std::vector<Literal> literals_;
  int min_digits_ = 1;
  int min_token_ = 64;
  std::array<uint8_t, 256> byte_class_{};
  std::vector<uint8_t> code_point_class_;                 // of the basic plane
  std::array<std::vector<uint16_t>, 256> short_buckets_;  // of one or two bytes: by the first, both cases
  absl::flat_hash_map<uint32_t, std::vector<uint16_t>> ascii_buckets_;  // by the first three, lower case
  std::array<uint8_t, 256> stops_{};  // 1: something may begin with this byte whatever follows
  std::vector<uint64_t>
      short_pairs_;  // bit (first byte + 256 * second): a literal of one or two bytes begins so
  // Bit (hash of the first three bytes, or of the first code point and the byte after it): a literal may
  // begin so.
  std::vector<uint64_t> literal_starts_;
  absl::flat_hash_map<uint32_t, std::vector<uint16_t>> wide_buckets_;  // by the first code point
};

}  // namespace privet

#endif  // PRIVET_RULES_ANCHORS_H_
