#include "pipeline/repeats.h"

#include <unicode/uchar.h>

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <map>
#include <string>
#include <utility>

#include "absl/strings/ascii.h"
#include "core/taxonomy.h"
#include "core/utf8.h"
#include "pipeline/selection.h"
#include "pipeline/value_search.h"

namespace privet {
namespace {

// From here on each character counts as a word: Chinese, and what is written beside it.
constexpr uint32_t kFirstOfEastAsia = 0x2E80;

bool IsPartOfWord(uint32_t code_point) {
  const auto c = static_cast<UChar32>(code_point);
  return code_point < kFirstOfEastAsia && (u_isalnum(c) || (U_GET_GC_MASK(c) & U_GC_M_MASK) != 0);
}

// Two Chinese characters, or two words with letters.
bool IsWholeName(std::string_view value) {
  size_t words = 0;
  bool in_word = false;
  for (size_t i = 0; i < value.size();) {
    const CodePoint c = DecodeUtf8(value, i);
    const bool letter = u_isalpha(static_cast<UChar32>(c.value));
    if (letter && (!in_word || c.value >= kFirstOfEastAsia)) ++words;
    in_word = IsPartOfWord(c.value);
    i += c.length;
  }
  return words >= 2;
}

// Six digits, or eight characters with a digit among them.
bool IsLongNumberOrCode(std::string_view value) {
  const auto digits =
      std::ranges::count_if(value, [](char c) { return absl::ascii_isdigit(static_cast<unsigned char>(c)); });
  const auto characters = std::ranges::count_if(value, [](char c) { return !IsUtf8Continuation(c); });
  return digits >= 6 || (digits > 0 && characters >= 8);
}

// Whether the value of a finding means little else where it stands again.
bool IsRepeatable(const Finding& finding, std::string_view value) {
  if (finding.type == EntityType::PERSON) return IsReading(finding) && IsWholeName(value);
  return finding.type != EntityType::DATE_OF_BIRTH && !IsCustom(finding) &&
         Describe(finding.type).treatment != Treatment::Keep && IsLongNumberOrCode(value);
}

// Whether a word goes on over this border; ValueSearch sees to ASCII alone.
bool SplitsWord(std::string_view text, size_t at) {
  return at > 0 && at < text.size() && IsPartOfWord(DecodeUtf8(text, PreviousCodePoint(text, at)).value) &&
         IsPartOfWord(DecodeUtf8(text, at).value);
}

}  // namespace

absl::StatusOr<bool> AddRepeats(std::string_view text, const TypeThresholds& min_score, size_t most,
                                const StopToken& stop, std::vector<Finding>* findings) {
  std::map<std::string_view, const Finding*> repeated;  // of findings of one value the likeliest
  for (const Finding& finding : *findings) {
    const std::string_view value = text.substr(finding.span.begin, finding.span.size());
    if (kRepeatCertainty * finding.score < min_score[IndexOf(finding.type)] || !IsRepeatable(finding, value))
      continue;
    const Finding*& likeliest = repeated[value];
    if (likeliest == nullptr || likeliest->score < finding.score) likeliest = &finding;
  }
  if (repeated.empty()) return false;

  std::vector<std::string> values;
  values.reserve(repeated.size());
  for (const auto& [value, finding] : repeated) values.emplace_back(value);
  const auto matches = ValueSearch(values).FindAll(text, stop);
  if (!matches.ok()) return matches.status();

  std::vector<Finding> repeats;
  auto next = findings->begin();  // the first that does not end before the match
  size_t free = 0;                // behind the last repeat
  bool more = false;
  for (const ValueSearch::Match& match : *matches) {
    while (next != findings->end() && next->span.end <= match.span.begin) ++next;
    const bool taken = next != findings->end() && next->span.Overlaps(match.span);
    if (taken || match.span.begin < free) continue;
    if (SplitsWord(text, match.span.begin) || SplitsWord(text, match.span.end)) continue;
    more = repeats.size() == most;
    if (more) break;
    const Finding& first = *repeated[values[match.value]];
    Evidence evidence;
    evidence.source = kRepeatSource;
    evidence.score = kRepeatCertainty * first.score;
    repeats.push_back({match.span, first.type, evidence.score, false, {evidence}});
    free = match.span.end;
  }
  const auto middle = static_cast<ptrdiff_t>(findings->size());
  std::ranges::move(repeats, std::back_inserter(*findings));
  std::inplace_merge(findings->begin(), findings->begin() + middle, findings->end(),
                     [](const Finding& a, const Finding& b) { return a.span < b.span; });
  return more;
}

}  // namespace privet
