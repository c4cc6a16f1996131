#include "pipeline/compiled_policy.h"

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/utf8.h"
#include "rules/pattern_search.h"

namespace privet {
namespace {

struct DenyMatch {
  Span span;
  CompiledPolicy::DeniedEntry entry;
};

// Where a pattern's next match may lie is known only after the last, so memory is bounded here: a thousand
// patterns that all match everywhere hold no more than this many matches and the text's own at a time.
constexpr size_t kMatchesBeforeThinning = 1 << 16;

// Drops matches that overlap a longer one or, at equal length, one of an earlier entry. Leaves them in order
// of position.
void KeepLongest(std::vector<DenyMatch>* matches) {
  const auto rank = [](const DenyMatch& m) {
    return std::make_tuple(-static_cast<ptrdiff_t>(m.span.size()), m.entry.index, m.span.begin);
  };
  std::sort(matches->begin(), matches->end(),
            [&](const DenyMatch& a, const DenyMatch& b) { return rank(a) < rank(b); });
  std::map<size_t, DenyMatch> kept;  // by begin
  for (const DenyMatch& match : *matches) {
    const auto after = kept.lower_bound(match.span.begin);
    if (after != kept.end() && after->second.span.begin < match.span.end) continue;
    if (after != kept.begin() && std::prev(after)->second.span.end > match.span.begin) continue;
    kept.emplace_hint(after, match.span.begin, match);
  }
  matches->clear();
  for (const auto& [begin, match] : kept) matches->push_back(match);
}

// A pattern can match single bytes (\C); spans of the pipeline never part a code point.
Span WidenedToCodePoints(std::string_view text, Span span) {
  while (span.begin > 0 && IsUtf8Continuation(text[span.begin])) --span.begin;
  while (span.end < text.size() && IsUtf8Continuation(text[span.end])) ++span.end;
  return span;
}

void AppendMatches(std::string_view text, const CompiledPolicy::DeniedPattern& denied, StopPoll* stop,
                   std::vector<DenyMatch>* matches) {
  const re2::StringPiece piece(text.data(), text.size());
  re2::StringPiece match;
  size_t at = 0;
  while (FindNext(piece, *denied.pattern, at, kSearchWindowBytes, stop, &match, 1)) {
    const size_t begin = static_cast<size_t>(match.data() - text.data());
    const Span span = WidenedToCodePoints(text, {begin, begin + match.size()});
    if (!match.empty()) matches->push_back({span, denied.entry});
    at = std::max(match.empty() ? begin + 1 : span.end, at + 1);
  }
}

Finding FindingOf(const DenyMatch& match) {
  Evidence evidence;
  evidence.source = absl::StrCat("deny:", match.entry.index);
  evidence.score = 1;
  Finding finding;
  finding.span = match.span;
  finding.type = match.entry.type;
  finding.score = 1;
  finding.conclusive = true;
  finding.evidence.push_back(std::move(evidence));
  return finding;
}

}  // namespace

const TypeThresholds& CompiledPolicy::MinScoreIn(std::string_view text) const {
  return min_score == min_score_without_han || HasHan(text) ? min_score : min_score_without_han;
}

bool CompiledPolicy::Allows(std::string_view text, const Finding& finding, StopPoll* stop) const {
  const std::string_view value = text.substr(finding.span.begin, finding.span.size());
  const size_t type = IndexOf(finding.type);

  const NormalForm form = NormalFormOf(finding.type);
  const auto& values = allowed_values[static_cast<size_t>(form)];
  if (!values.empty()) {
    const auto found = values.find(Normalise(form, value));
    if (found != values.end() && found->second.test(type)) return true;
  }
  if (allowed_patterns.empty()) return false;
  const std::string folded = Normalise(NormalForm::Text, value);
  const re2::StringPiece as_written(value.data(), value.size());
  return std::any_of(allowed_patterns.begin(), allowed_patterns.end(), [&](const AllowedPattern& allowed) {
    if (!allowed.types.test(type) || (stop != nullptr && !stop->GoOn(value.size()))) return false;
    return RE2::FullMatch(as_written, *allowed.pattern) ||
           (folded != value && RE2::FullMatch(folded, *allowed.pattern));
  });
}

absl::StatusOr<std::vector<Finding>> CompiledPolicy::DenyMatches(std::string_view text,
                                                                 const std::function<bool()>& stop) const {
  const absl::StatusOr<std::vector<ValueSearch::Match>> values = denied_values.FindAll(text, stop);
  if (!values.ok()) return values.status();
  std::vector<DenyMatch> matches;
  for (const ValueSearch::Match& match : *values) {
    matches.push_back({match.span, denied_value_entries[match.value]});
  }
  size_t thin_at = matches.size() + kMatchesBeforeThinning;
  StopPoll poll(stop);
  for (const DeniedPattern& denied : denied_patterns) {
    AppendMatches(text, denied, &poll, &matches);
    if (poll.stopped()) return absl::CancelledError("stopped by the caller");
    if (matches.size() < thin_at) continue;
    KeepLongest(&matches);
    thin_at = matches.size() + kMatchesBeforeThinning;
  }
  KeepLongest(&matches);

  std::vector<Finding> findings;
  findings.reserve(matches.size());
  for (const DenyMatch& match : matches) findings.push_back(FindingOf(match));
  return findings;
}

}  // namespace privet
