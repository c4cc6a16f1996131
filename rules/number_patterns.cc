#include "rules/number_patterns.h"

#include <re2/re2.h>
#include <re2/set.h>

#include <algorithm>

#include "absl/strings/ascii.h"

namespace privet {
namespace {

constexpr int64_t kMemoryBytes = 64 << 20;
constexpr size_t kMaxNumberBytes = 8 << 10;
// How many signs may stand between a match's start and the first digit: "(+86".
constexpr size_t kMaxSigns = 4;

RE2::Options SetOptions() {
  RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(kMemoryBytes);
  options.set_never_nl(true);
  return options;
}

constexpr size_t kMaxWordBytes = 16;

bool IsWordLetter(char c) { return c == '_' || absl::ascii_isalpha(static_cast<unsigned char>(c)); }
bool IsDigit(char c) { return absl::ascii_isdigit(static_cast<unsigned char>(c)); }
// ( ) * + , - . /
bool IsSign(char c) { return c >= '(' && c <= '/'; }

// "+ 44 20": of all signs a plus alone has a space behind it.
bool IsSpaceBehindPlus(std::string_view folded, size_t i) {
  return folded[i] == ' ' && i > 0 && folded[i - 1] == '+';
}

// "(+31) (12)": too many signs for one number, but a pattern may allow them.
bool AnotherNumberFollows(std::string_view folded, size_t i) {
  const size_t limit = std::min(folded.size(), i + kMaxSigns);
  while (i < limit && (IsSign(folded[i]) || folded[i] == ' ')) ++i;
  return i < limit && IsDigit(folded[i]);
}

// Where an escape ends that the run of digits at `run` begins inside of ("\u8bc1" and "1101"), or `run`.
size_t EscapeEndInRun(std::string_view folded, size_t run) {
  if (run == 0 || (!absl::ascii_isalnum(static_cast<unsigned char>(folded[run - 1])) &&
                   folded[run - 1] != '%' && folded[run - 1] != '='))
    return run;
  for (size_t i = run; i < folded.size() && i - run < kLongestEscape && IsDigit(folded[i]); ++i) {
    if (EscapeEndingAt(folded, i + 1) > i + 1 - run) return i + 1;
  }
  return run;
}

// Where the word begins that stands directly before `i`, or one space before it; `i` when there is none. The
// letter of \n is no part of it.
size_t WordBefore(std::string_view folded, size_t i) {
  size_t begin = i > 0 && folded[i - 1] == ' ' ? i - 1 : i;
  const size_t end = begin;
  while (begin > 0 && end - begin < kMaxWordBytes && IsWordLetter(folded[begin - 1]) &&
         EscapeEndingAt(folded, begin) == 0) {
    --begin;
  }
  return begin < end ? begin : i;
}

enum class Beginning { Anywhere, Number, Letter };

Beginning BeginningOf(const RE2& pattern) {
  constexpr int kPrefixBytes = 4;
  std::string least, most;
  if (!pattern.PossibleMatchRange(&least, &most, kPrefixBytes) || least.empty() || most.empty())
    return Beginning::Anywhere;
  const char first = least[0];
  if (absl::ascii_isalpha(static_cast<unsigned char>(first))) return Beginning::Letter;
  const bool may_begin_number = first == '(' || first == '+' || IsDigit(first);
  return may_begin_number && static_cast<unsigned char>(most[0]) <= '9' ? Beginning::Number
                                                                        : Beginning::Anywhere;
}

}  // namespace

struct NumberPatterns::State {
  RE2::Set set{SetOptions(), RE2::ANCHOR_START};
  struct Member {
    uint16_t rule;
    uint16_t pattern;
  };
  std::vector<Member> members;  // in step with the set
};

NumberPatterns::NumberPatterns() : state_(std::make_unique<State>()) {}
NumberPatterns::~NumberPatterns() = default;

bool NumberPatterns::Add(uint16_t rule, uint16_t pattern, const RuleSpec& spec, const RE2& compiled) {
  // Without a boundary a match may start inside a number; \B looks at what stands before it.
  if (spec.multiline || !spec.columns.empty() || spec.boundary == Boundary::None ||
      compiled.pattern().find("\\B") != std::string::npos) {
    return false;
  }
  const Beginning beginning = BeginningOf(compiled);
  const bool at_number = beginning == Beginning::Number && spec.gate.min_token == 0 && !spec.gate.hex_groups;
  const bool at_word = beginning == Beginning::Letter && spec.gate.min_lettered > 0;
  if (!at_number && !at_word) return false;
  if (state_->set.Add(compiled.pattern(), nullptr) < 0) return false;
  state_->members.push_back({rule, pattern});
  return true;
}

absl::Status NumberPatterns::Compile() {
  if (!state_->set.Compile())
    return absl::ResourceExhaustedError("the patterns of all packs need too much memory together");
  return absl::OkStatus();
}

bool NumberPatterns::Find(std::string_view folded, absl::FunctionRef<Wanted(const NumberScan&)> wanted,
                          std::vector<Start>* starts) const {
  starts->clear();
  if (state_->members.empty()) return true;
  std::vector<int> met;
  size_t tried_to = 0;
  const auto try_at = [&](size_t offset) {
    met.clear();
    RE2::Set::ErrorInfo error;
    const re2::StringPiece rest(folded.data() + offset, folded.size() - offset);
    if (!state_->set.Match(rest, &met, &error)) return error.kind == RE2::Set::kNoError;
    for (const int index : met) {
      const State::Member& member = state_->members[static_cast<size_t>(index)];
      starts->push_back({member.rule, member.pattern, static_cast<uint32_t>(offset)});
    }
    return true;
  };
  for (size_t i = 0; i < folded.size();) {
    if (!IsDigit(folded[i])) {
      ++i;
      continue;
    }
    const NumberScan number = ScanNumber(folded, i, kMaxNumberBytes);
    Wanted here = wanted(number);
    here.number = here.number || AnotherNumberFollows(folded, number.end);
    if (here.word) {
      const size_t word = WordBefore(folded, i);
      if (word < i && word >= tried_to && !try_at(word)) return false;
    }
    for (size_t k = i; here.number && k < number.end;) {
      size_t signs = k;
      while (signs > tried_to && k - signs < kMaxSigns &&
             (IsSign(folded[signs - 1]) || IsSpaceBehindPlus(folded, signs - 1))) {
        --signs;
      }
      for (; signs <= k; ++signs) {
        if (!try_at(signs)) return false;
      }
      if (const size_t escape_end = EscapeEndInRun(folded, k); escape_end > k && !try_at(escape_end))
        return false;
      while (k < number.end && IsDigit(folded[k])) ++k;
      tried_to = k;
      if (number.shaped) break;
      while (k < number.end && !IsDigit(folded[k])) ++k;
    }
    i = number.end;
  }
  std::sort(starts->begin(), starts->end());
  return true;
}

}  // namespace privet
