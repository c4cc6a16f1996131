#include "rules/compiled_rule.h"

#include <re2/re2.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "core/absl_view.h"
#include "core/code_point_folding.h"
#include "rules/number_scan.h"

namespace privet {
namespace {

// No second match is sought inside a longer one: it would cost quadratic time.
constexpr size_t kLongMatch = 256;

bool IsDigit(char c) { return absl::ascii_isdigit(static_cast<unsigned char>(c)); }
bool IsAlnum(char c) { return absl::ascii_isalnum(static_cast<unsigned char>(c)); }
bool JoinsDigits(char c) { return c == '-' || c == '.'; }

// Whether no number in `value` has more than two digits.
bool HasFewDigits(std::string_view value) {
  constexpr size_t kMostDigits = 2;
  size_t digits = 0;
  for (const char c : value) {
    digits = IsDigit(c) ? digits + 1 : 0;
    if (digits > kMostDigits) return false;
  }
  return true;
}

// "Chrome/120.0.0.0", "libfoo-1.2.3.4": numbers of at most two digits, or three zeros last, behind a name.
// Not with a port or prefix length, nor in the private network 10: "master/10.0.0.5".
bool LooksLikeVersion(std::string_view text, Span match) {
  if (match.begin < 2 || !absl::ascii_isalpha(static_cast<unsigned char>(text[match.begin - 2])))
    return false;
  if (text[match.begin - 1] != '/' && text[match.begin - 1] != '-') return false;
  if (match.end < text.size() && text[match.end] == ':') return false;
  const std::string_view value = text.substr(match.begin, match.size());
  if (value.starts_with("10.") || value.find('/') != std::string_view::npos) return false;
  return value.ends_with(".0.0.0") || HasFewDigits(value);
}

// "1.1.1.1 概述" at the start of a line, maybe behind '#': the number of a section and its title.
bool LooksLikeHeading(std::string_view text, Span match) {
  const bool title_follows = match.end + 1 < text.size() && text[match.end] == ' ' &&
                             static_cast<unsigned char>(text[match.end + 1]) >= 0xE3 &&
                             static_cast<unsigned char>(text[match.end + 1]) <= 0xE9;  // U+3000 to U+9FFF
  if (!title_follows) return false;
  size_t before = match.begin;
  while (before > 0 && (text[before - 1] == ' ' || text[before - 1] == '#')) --before;
  if (before > 0 && text[before - 1] != '\n') return false;
  const std::string_view value = text.substr(match.begin, match.size());
  return !value.starts_with("10.") && value.find('/') == std::string_view::npos && HasFewDigits(value);
}

// "1.13800138000" in a list, where a line begins, and "2-1-301-13800138000" behind the number of a flat: what
// stands before the '.' or '-' is a number of its own.
bool FollowsItemOrFlat(std::string_view text, Span match) {
  constexpr ptrdiff_t kFewestDigits = 10;
  constexpr size_t kMostOfItem = 2, kMostOfFlat = 4, kMostGroups = 5;
  const char joint = text[match.begin - 1];
  const std::string_view value = text.substr(match.begin, match.size());
  if (std::count_if(value.begin(), value.end(), IsDigit) < kFewestDigits ||
      value.find(joint) != std::string_view::npos)
    return false;
  size_t before = match.begin, groups = 0, last = 0;  // `last`: digits of the group read last
  while (groups < kMostGroups && before > 1 && text[before - 1] == joint && IsDigit(text[before - 2])) {
    const size_t end = --before;
    while (before > 0 && end - before <= kMostOfFlat && IsDigit(text[before - 1])) --before;
    last = end - before;
    if (last > kMostOfFlat) return false;
    ++groups;
  }
  if (joint == '-')
    return groups > 1 && (before == 0 || (!IsAlnum(text[before - 1]) && !JoinsDigits(text[before - 1])));
  if (groups != 1 || last > kMostOfItem || text[before] == '0') return false;
  while (before > 0 && text[before - 1] == ' ') --before;
  return before == 0 || text[before - 1] == '\n' || EscapeEndingAt(text, before) > 0;
}

// The digits and dots that end or begin at `i`, as many as an address has.
std::string_view AddressBefore(std::string_view text, size_t i) {
  constexpr size_t kMost = 15;
  size_t begin = i;
  while (begin > 0 && i - begin <= kMost && (IsDigit(text[begin - 1]) || text[begin - 1] == '.')) --begin;
  return text.substr(begin, i - begin);
}
std::string_view AddressAfter(std::string_view text, size_t i) {
  constexpr size_t kMost = 15;
  size_t end = i;
  while (end < text.size() && end - i <= kMost && (IsDigit(text[end]) || text[end] == '.')) ++end;
  return text.substr(i, end - i);
}

// "203.0.113.9-203.0.113.20": the match is one end of a range. Of small numbers these may be versions.
bool IsEndOfRange(std::string_view text, Span match, std::string_view other_end) {
  const std::string_view value = text.substr(match.begin, match.size());
  return std::count(other_end.begin(), other_end.end(), '.') == 3 && IsDateTimeOrIpv4(other_end) &&
         (value.starts_with("10.") || !HasFewDigits(value));
}

bool BoundaryHolds(std::string_view text, Span match, Boundary boundary) {
  const bool has_previous = match.begin > 0 && EscapeEndingAt(text, match.begin) == 0;
  const bool has_next = match.end < text.size();
  const char previous = has_previous ? text[match.begin - 1] : '\0';
  const char next = has_next ? text[match.end] : '\0';
  switch (boundary) {
    case Boundary::None:
      return true;
    case Boundary::Digit:
      return !IsDigit(previous) && !IsDigit(next);
    case Boundary::Word:
      return !IsAlnum(previous) && !IsAlnum(next);
    case Boundary::Address:
      if (LooksLikeVersion(text, match) || LooksLikeHeading(text, match)) return false;
      [[fallthrough]];
    case Boundary::Number: {
      if (IsAlnum(previous) || IsAlnum(next)) return false;
      const bool of_address = boundary == Boundary::Address;
      if (JoinsDigits(previous) && match.begin >= 2 && IsDigit(text[match.begin - 2])) {
        const bool apart =
            of_address ? previous == '-' && IsEndOfRange(text, match, AddressBefore(text, match.begin - 1))
                       : FollowsItemOrFlat(text, match);
        if (!apart) return false;
      }
      if (JoinsDigits(next) && match.end + 1 < text.size() && IsDigit(text[match.end + 1]))
        return of_address && next == '-' && IsEndOfRange(text, match, AddressAfter(text, match.end + 1));
      return true;
    }
  }
  return true;
}

// Whether the match begins with the letter of \n, or with another part of an escape behind the sign that
// opens it.
bool BeginsInsideEscape(std::string_view text, Span match) {
  if (match.begin == 0 || (text[match.begin - 1] != '\\' && text[match.begin - 1] != '[')) return false;
  for (size_t size = 1; size < kLongestEscape; ++size) {
    if (EscapeEndingAt(text, match.begin + size) > size) return true;
  }
  return false;
}

// The part of the text around a match whose words count: a written \n, \r or \t ends it as the character
// does.
Span ContextAround(std::string_view text, Span match) {
  constexpr size_t kReach = 160;
  constexpr std::string_view kBreaks = "nrt";
  const auto breaks_at = [&](size_t i) {
    return i + 1 < text.size() && kBreaks.find(text[i + 1]) != std::string_view::npos &&
           EscapeEndingAt(text, i + 2) > 0;
  };
  Span around{0, text.size()};
  const size_t from = match.begin - std::min(match.begin, kReach);
  const std::string_view before = text.substr(from, match.begin - from);
  for (size_t i = before.rfind('\\'); i != std::string_view::npos; i = before.rfind('\\', i - 1)) {
    if (i + 1 < before.size() && breaks_at(from + i)) {
      around.begin = from + i + 2;
      break;
    }
    if (i == 0) break;
  }
  const std::string_view until = text.substr(0, std::min(text.size(), match.end + kReach));
  for (size_t i = until.find('\\', match.end); i != std::string_view::npos; i = until.find('\\', i + 1)) {
    if (!breaks_at(i)) continue;
    around.end = i;
    break;
  }
  return around;
}

double Logit(double p) { return std::log(p / (1 - p)); }

double Sigmoid(double x) { return 1 / (1 + std::exp(-x)); }

// Where to look on after a match was dropped: behind the escape sequence that it began in, or the first run
// of letters and digits in it, so that a longer pattern's failure hides no later value, and each step makes
// progress.
size_t NextStart(std::string_view text, Span match) {
  if (match.size() > kLongMatch) return match.end;
  size_t i = match.begin + 1;
  if (IsAlnum(text[match.begin])) {
    for (; i < match.end && IsAlnum(text[i]); ++i) {
      const size_t taken = i - match.begin;
      if (taken < kLongestEscape && EscapeEndingAt(text, i) > taken) return i;
    }
  }
  while (i < text.size() && (static_cast<unsigned char>(text[i]) & 0xC0) == 0x80) ++i;
  return i;
}

// What a pattern matched, and the part of it that is reported: its first group, if it has one.
struct Match {
  Span whole;
  Span reported;
};

// A match and its first group, as RE2 gives them.
using Groups = std::array<re2::StringPiece, 2>;

int GroupCount(const RE2& pattern) { return pattern.NumberOfCapturingGroups() > 0 ? 2 : 1; }

Match MatchOf(std::string_view folded, const Groups& groups) {
  const auto span_of = [&](const re2::StringPiece& piece) {
    const size_t begin = static_cast<size_t>(piece.data() - folded.data());
    return Span{begin, begin + piece.size()};
  };
  return {span_of(groups[0]), span_of(groups[groups[1].data() != nullptr ? 1 : 0])};
}

// The match that begins at `position`.
bool MatchAt(std::string_view folded, const RE2& pattern, size_t position, RE2::Anchor anchor, Match* match) {
  const re2::StringPiece text(folded.data(), folded.size());
  Groups groups;
  if (!pattern.Match(text, position, text.size(), anchor, groups.data(), GroupCount(pattern))) return false;
  *match = MatchOf(folded, groups);
  return true;
}

// Where [begin, end) of the folded text meets a sign that was no ASCII: "，", "（", "—" end what is written
// in ASCII alone, though in the folded text they look like a part of it. A full-width colon before a slash
// may be one of "ｈｔｔｐ：／／".
size_t WideSignIn(const Region& region, Span match) {
  constexpr std::string_view kSigns = ",;!?:()-";
  const std::string_view folded = region.folded->text();
  for (size_t i = match.begin; i < match.end; ++i) {
    if (kSigns.find(folded[i]) == std::string_view::npos) continue;
    if (folded[i] == ':' && i + 1 < folded.size() && folded[i + 1] == '/') continue;
    if (region.folded->ToOriginal(i, i + 1).size() > 1) return i;
  }
  return match.end;
}

}  // namespace

CompiledRule::CompiledRule(const RuleSpec& spec) : spec_(spec), context_(spec.context) {}
CompiledRule::~CompiledRule() = default;

absl::StatusOr<std::unique_ptr<CompiledRule>> CompiledRule::Compile(const RuleSpec& spec,
                                                                    size_t max_memory_bytes) {
  std::unique_ptr<CompiledRule> rule(new CompiledRule(spec));
  if (spec.patterns.size() > kMostPatterns)
    return absl::InvalidArgumentError("more than 32 patterns in one rule");
  for (const std::string& pattern : spec.patterns) {
    auto compiled = CompilePattern(SimplifiedHan(pattern),
                                   spec.multiline ? PatternLines::All : PatternLines::One, max_memory_bytes);
    if (!compiled.ok()) return compiled.status();
    rule->patterns_.push_back(*std::move(compiled));
  }
  if (!spec.validator.empty()) {
    rule->validator_ = FindValidator(spec.validator);
    if (rule->validator_ == nullptr) {
      return absl::InvalidArgumentError(
          absl::StrCat("validator '", spec.validator, "' does not exist; docs/rules.md lists them"));
    }
  }
  return rule;
}

bool CompiledRule::Judge(const Region& region, Span folded_match, Span whole,
                         std::vector<Candidate>* candidates, RuleTrace* trace) const {
  const std::string_view folded = region.folded->text();
  if (spec_.ends_at_wide_sign) folded_match.end = WideSignIn(region, folded_match);
  if (folded_match.empty()) return false;
  const auto drop = [&](const std::string& why) {
    if (trace != nullptr) {
      trace->matches.push_back({region.folded->ToOriginal(folded_match.begin, folded_match.end),
                                absl::StrCat("dropped: ", why),
                                {}});
    }
    return false;
  };

  if (!BoundaryHolds(folded, folded_match, spec_.boundary)) {
    return drop("it is a piece of a longer number or word");
  }
  if (BeginsInsideEscape(folded, folded_match)) return drop("it begins inside of an escape sequence");
  Verdict verdict;
  if (validator_ != nullptr) {
    const Span checked = spec_.validates_whole ? whole : folded_match;
    verdict = validator_->check(folded.substr(checked.begin, checked.size()));
    if (!verdict.valid)
      return drop(absl::StrCat("validator ", AbslView(validator_->name), ": ", AbslView(verdict.reason)));
  }

  Candidate candidate;
  candidate.span = region.folded->ToOriginal(folded_match.begin, folded_match.end);
  candidate.type = spec_.type;
  candidate.evidence.source = spec_.id;
  if (validator_ != nullptr) {
    candidate.evidence.validator = std::string(validator_->name);
    candidate.evidence.validator_result = std::string(verdict.reason);
  }
  const Span around = ContextAround(region.original, candidate.span);
  candidate.evidence.context =
      context_.HitsAround(region.original.substr(around.begin, around.size()),
                          {candidate.span.begin - around.begin, candidate.span.end - around.begin});
  double shift = verdict.shift;
  for (const ContextHit& hit : candidate.evidence.context) shift += hit.shift;
  candidate.score = shift == 0 ? spec_.score : Sigmoid(Logit(spec_.score) + shift);
  candidate.evidence.score = candidate.score;
  // A checksum beside a word that speaks against it is not beyond doubt.
  constexpr double kConclusiveScore = 0.9;
  candidate.conclusive = verdict.conclusive && candidate.score >= kConclusiveScore;
  if (trace != nullptr) {
    trace->matches.push_back(
        {candidate.span, absl::StrFormat("found with score %.2f", candidate.score), candidate.evidence});
  }
  candidates->push_back(std::move(candidate));
  return true;
}

void CompiledRule::FindIn(const Region& region, std::vector<Candidate>* candidates, RuleTrace* trace,
                          uint32_t patterns, StopPoll* stop) const {
  const std::string_view folded = region.folded->text();
  const re2::StringPiece text(folded.data(), folded.size());
  const size_t window = spec_.multiline ? folded.size() : kSearchWindowBytes;
  for (size_t i = 0; i < patterns_.size(); ++i) {
    if ((patterns >> i & 1) == 0) continue;
    const RE2& pattern = *patterns_[i];
    Groups groups;
    size_t position = 0;
    while (FindNext(text, pattern, position, window, stop, groups.data(), GroupCount(pattern))) {
      const Match match = MatchOf(folded, groups);
      const bool taken =
          !match.reported.empty() && Judge(region, match.reported, match.whole, candidates, trace);
      if (match.whole.empty()) {
        position = match.whole.end + 1;
      } else if (taken && match.whole.size() <= kLongMatch) {
        position = std::max(match.reported.end, match.whole.begin + 1);
      } else {
        position = taken ? match.whole.end : NextStart(folded, match.whole);
      }
    }
  }
}

void CompiledRule::FindWhole(const Region& region, std::vector<Candidate>* candidates,
                             RuleTrace* trace) const {
  Match match;
  for (const std::unique_ptr<re2::RE2>& pattern : patterns_) {
    if (MatchAt(region.folded->text(), *pattern, 0, RE2::ANCHOR_BOTH, &match) && !match.reported.empty() &&
        Judge(region, match.reported, match.whole, candidates, trace)) {
      return;
    }
  }
}

size_t CompiledRule::FindAt(const Region& region, size_t pattern, size_t offset,
                            std::vector<Candidate>* candidates) const {
  Match match;
  const bool taken = MatchAt(region.folded->text(), *patterns_[pattern], offset, RE2::ANCHOR_START, &match) &&
                     !match.reported.empty() &&
                     Judge(region, match.reported, match.whole, candidates, nullptr);
  return taken ? match.reported.end : offset;
}

}  // namespace privet
