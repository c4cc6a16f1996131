#include "rules/rule_examples.h"

#include <algorithm>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "core/unescape.h"
#include "core/utf8.h"

namespace privet {

std::vector<std::string> FailingExamples(const RuleSet& rules) {
  constexpr double kDefaultThreshold = 0.5;
  constexpr std::string_view kOpen = "⟦";
  constexpr std::string_view kClose = "⟧";
  std::vector<std::string> failures;
  for (const RuleSpec& spec : rules.specs()) {
    ScanRequest request;
    request.types.reset();
    request.types.set(IndexOf(spec.type));
    const auto spans_in = [&](std::string_view text) {
      std::vector<Span> spans;
      if (FindInvalidUtf8(text) != std::string_view::npos) return spans;
      const UnescapedText unescaped(text);
      absl::StatusOr<std::vector<Candidate>> candidates = rules.Scan(unescaped, request);
      for (const Candidate& candidate : *candidates) {
        if (candidate.evidence.source == spec.id && candidate.score >= kDefaultThreshold) {
          spans.push_back(unescaped.AsWritten(candidate.span));
        }
      }
      return spans;
    };
    for (const std::string& example : spec.match_examples) {
      std::string text = example;
      std::vector<Span> expected;
      for (size_t open; (open = text.find(kOpen)) != std::string::npos;) {
        text.erase(open, kOpen.size());
        const size_t close = text.find(kClose, open);
        if (close == std::string::npos) break;
        text.erase(close, kClose.size());
        expected.push_back({open, close});
      }
      if (expected.empty()) expected.push_back({0, text.size()});
      const std::vector<Span> found = spans_in(text);
      for (const Span& span : expected) {
        if (std::find(found.begin(), found.end(), span) == found.end()) {
          failures.push_back(absl::StrCat("rule '", spec.id, "' must match: ", example));
          break;
        }
      }
    }
    for (const std::string& example : spec.no_match_examples) {
      if (!spans_in(example).empty()) {
        failures.push_back(absl::StrCat("rule '", spec.id, "' must not match: ", example));
      }
    }
  }
  return failures;
}

}  // namespace privet
