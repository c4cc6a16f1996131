#include "training/learn/targets.h"

#include <algorithm>
#include <optional>

#include "absl/strings/str_cat.h"
#include "core/absl_view.h"
#include "tagging/token_range.h"

namespace privet {

std::vector<std::string> BioesLabels(const std::vector<EntityType>& types) {
  std::vector<std::string> labels = {"O"};
  for (const EntityType type : types) {
    for (const char* const tag : {"B-", "I-", "E-", "S-"})
      labels.push_back(absl::StrCat(tag, AbslView(IdOf(type))));
  }
  return labels;
}

std::vector<int32_t> LabelTokens(const LabeledRecord& record, std::span<const Span> tokens,
                                 const LabelScheme& scheme, TargetCounts* counts) {
  std::vector<int32_t> labels(tokens.size(), static_cast<int32_t>(scheme.outside_label()));
  size_t free_from = 0;  // tokens before this one have their label
  for (const LabeledSpan& entity : record.spans) {
    const auto known = std::find(scheme.types().begin(), scheme.types().end(), entity.type);
    if (known == scheme.types().end()) continue;
    ++counts->entities;
    TokenRange range = TokensOf(tokens, entity.span);
    range.begin = std::max(range.begin, free_from);
    if (range.begin >= range.end) {
      ++counts->lost;
      continue;
    }
    if (BytesOf(record.text, tokens, range) != entity.span) ++counts->between_tokens;
    const auto type_index = static_cast<size_t>(known - scheme.types().begin());
    for (size_t i = range.begin; i < range.end; ++i) {
      const Tag tag = range.size() == 1    ? Tag::Single
                      : i == range.begin   ? Tag::Begin
                      : i + 1 == range.end ? Tag::End
                                           : Tag::Inside;
      // A scheme of BioesLabels has them all.
      labels[i] = static_cast<int32_t>(scheme.LabelOf(tag, type_index).value_or(scheme.outside_label()));
    }
    free_from = range.end;
  }
  return labels;
}

}  // namespace privet
