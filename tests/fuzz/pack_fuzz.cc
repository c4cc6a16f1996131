// Any bytes as a rule pack, or as common.yaml and a pack with a byte 0xFF between: the loader refuses them
// with a place and a reason, or gives rules that run.
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <string>
#include <string_view>
#include <vector>

#include "core/unescape.h"
#include "core/utf8.h"
#include "rules/rule_examples.h"
#include "rules/rule_set.h"

namespace privet {
namespace {

void Check(bool holds, std::string_view what) {
  if (holds) return;
  std::cerr << "does not hold: " << what << "\n";
  std::abort();
}

void LoadAndScan(std::string_view bytes) {
  std::vector<PackSource> sources;
  const size_t border = bytes.find('\xFF');
  if (border != std::string_view::npos)
    sources.push_back({"common.yaml", std::string(bytes.substr(0, border))});
  sources.push_back(
      {"fuzz.yaml", std::string(bytes.substr(border == std::string_view::npos ? 0 : border + 1))});

  const auto rules = RuleSet::Load(sources);
  if (!rules.ok()) {
    const std::string message(rules.status().message());
    Check(rules.status().code() == absl::StatusCode::kInvalidArgument ||
              rules.status().code() == absl::StatusCode::kResourceExhausted,
          "a refused pack is the caller's fault");
    Check(message.find(".yaml:") != std::string::npos || message.find("memory") != std::string::npos,
          "an error names the file and line");
    return;
  }
  FailingExamples(**rules);
  for (const std::string_view text :
       {std::string_view(
            "电话：138-0013-8000，邮箱ann@example.com https://example.com/?q=1 A1B2C3 ⟦x⟧\n一二三四五六七八"),
        bytes}) {
    if (FindInvalidUtf8(text) != std::string_view::npos) continue;
    const auto candidates = (*rules)->Scan(UnescapedText(text), {});
    Check(candidates.ok(), "a scan without a stop ends well");
    for (const Candidate& candidate : *candidates) {
      Check(candidate.span.begin < candidate.span.end && candidate.span.end <= text.size(),
            "spans lie in the text");
      Check(!IsUtf8Continuation(text[candidate.span.begin]), "spans part no code point");
      Check(candidate.score >= 0 && candidate.score <= 1, "a score lies in [0, 1]");
    }
  }
}

}  // namespace
}  // namespace privet

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
  privet::LoadAndScan({reinterpret_cast<const char*>(bytes), size});
  return 0;
}
