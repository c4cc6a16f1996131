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

// What a stretch of text offers to the gates of rules (rules/pack.h).
struct AnchorFeatures {
  int max_digits = 0;  // digits of the longest number, separators not counted
  int max_plain_digits =
      0;                    // the same without numbers that are dates, times or IPv4 addresses by their shape
  int max_lettered = 0;     // max_plain_digits of those behind a letter or _, maybe with a space between
  int max_runs = 0;         // see NumberScan
  int max_token = 0;        // bytes of the longest run of letters and digits around a digit, up to 64
  bool clock = false;       // see NumberScan
  bool hex_groups = false;  // hexadecimal groups joined as in MAC and IPv6 addresses

  void Add(const AnchorFeatures& other);
};

// A stretch of one line in which anchors lie close together, and what is in it.
struct AnchorGroup {
  Span span;  // from the first anchor to the last
  AnchorFeatures features;
  bool folds = false;              // characters that folding changes take part: look again after folding
  std::vector<uint16_t> literals;  // indexes of the literals met, in order, repeats possible
};

// Finds numbers (rules/number_scan.h), literals, and characters that hide either. Immutable, thread-safe.
class AnchorScanner {
 public:
  // Literals are lower case, in simplified characters, distinct and not empty; they match without regard to
  // ASCII case, and traditional characters as the simplified ones that they stand for.
  struct Literal {
    std::string text;
    // Digits that a number near it must have before it counts; 0 for none. Words such as "call" or 月 are
    // common, numbers beside them are not.
    int min_digits = 0;
    // Whether a number shortly before it matters, even where it counts without one: some rule wants both.
    bool with_numbers = true;
  };
  // What a number or token must have to be an anchor without a literal. The defaults ask for more than any
  // has.
  struct Minima {
    int plain_digits = 1 << 20;
    int lettered = 1 << 20;
    int runs = 1 << 20;
    int token = 1 << 20;
    bool clock = false;  // whether a clock is one
  };
  AnchorScanner(std::vector<Literal> literals, const Minima& minima);

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

  // What Next knows of the group that it is building.
  class GroupInProgress;

  void AddAsciiLiteral(uint16_t index);
  void AddWideLiteral(uint16_t index);
  uint8_t ClassOf(uint32_t code_point) const;
  // The first position at or after `i` at which something may begin.
  size_t SkipPlain(std::string_view text, size_t i) const;
  // The literals that start at an ASCII character.
  void TakeLiterals(std::string_view text, size_t i, GroupInProgress* group) const;
  // The number that starts at `i` and the literals inside it; returns its end.
  size_t TakeNumber(std::string_view text, size_t i, GroupInProgress* group) const;
  // Tells the group of the literals of a bucket that start at `offset`.
  void MatchLiterals(std::string_view text, size_t offset, const std::vector<uint16_t>& bucket,
                     GroupInProgress* group) const;
  // What a character that is not ASCII means; returns where to go on.
  size_t TakeNonAscii(std::string_view text, size_t i, GroupInProgress* group) const;

  std::vector<Literal> literals_;
  Minima minima_;
  std::array<uint8_t, 256> byte_class_{};
  std::array<uint8_t, 256> stops_{};       // 1: something may begin with this ASCII byte whatever follows
  std::vector<uint8_t> code_point_class_;  // of the basic plane
  std::array<std::vector<uint16_t>, 256> short_buckets_;  // of one or two bytes: by the first, both cases
  absl::flat_hash_map<uint32_t, std::vector<uint16_t>> ascii_buckets_;  // by the first three, lower case
  absl::flat_hash_map<uint32_t, std::vector<uint16_t>> wide_buckets_;   // by the first code point
  // Bits by hash: a literal may begin so. Of three ASCII bytes without case; of a code point and a byte of
  // the next one.
  std::vector<uint64_t> ascii_starts_;
  std::vector<uint64_t> wide_starts_;
};

}  // namespace privet

#endif  // PRIVET_RULES_ANCHORS_H_
