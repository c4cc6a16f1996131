// A policy after CompilePolicy: what the detector asks of it. Internal to pipeline/.
#ifndef PRIVET_PIPELINE_COMPILED_POLICY_H_
#define PRIVET_PIPELINE_COMPILED_POLICY_H_

#include <re2/re2.h>

#include <array>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "core/finding.h"
#include "core/taxonomy.h"
#include "pipeline/normal_form.h"
#include "pipeline/value_search.h"
#include "rules/pattern_search.h"
#include "tagging/span_marginals.h"

namespace privet {

class CompiledRule;

// Immutable once compiled, and then thread-safe.
class CompiledPolicy {
 public:
  // Whether the allow list names this finding: its value as it reads, folded, or in its type's normal form.
  // False once `stop`, where there is one, says no to a pattern.
  bool Allows(std::string_view text, const Finding& finding, StopPoll* stop = nullptr) const;

  // What the deny list finds in valid UTF-8 `text`: findings with score 1, conclusive, in order of position
  // and without overlaps (the longer match counts, of equally long ones the earlier entry's). Patterns
  // search as rules/pattern_search.h does; `stop` is polled while they do, and among values. CANCELLED when
  // it said so.
  absl::StatusOr<std::vector<Finding>> DenyMatches(std::string_view text,
                                                   const std::function<bool()>& stop) const;

  // The least scores for this text, valid UTF-8.
  const TypeThresholds& MinScoreIn(std::string_view text) const;

  // A tau that no probability reaches: stage 1 proposes nothing of the type.
  static constexpr double kNeverProposed = 2;

  TypeSet types;  // of the packs' rules and of stage 1
  // The least score of a finding, by IndexOf(type): in texts with a Chinese character, and in others.
  TypeThresholds min_score{}, min_score_without_han{};
  // The least probability of a span that stage 1 proposes, as SpanMarginals::FindSpans takes it;
  // kNeverProposed for types that no model fills or the policy does not ask for.
  TypeThresholds tau = [] {
    TypeThresholds never;
    never.fill(kNeverProposed);
    return never;
  }();
  // Types whose threshold is so low that a bare form counts without any word beside it. Gates ask for such
  // words, to save time, and so are lifted for these.
  TypeSet ungated;
  std::vector<std::shared_ptr<const CompiledRule>> custom_rules;
  size_t max_findings = 0;

  // Allow list. A type of an entry that names none is any type.
  struct AllowedPattern {
    std::unique_ptr<RE2> pattern;
    TypeSet types;
  };
  // By normal form: value in that form -> the types for which it is allowed.
  std::array<absl::flat_hash_map<std::string, TypeSet>, kNormalForms.size()> allowed_values;
  std::vector<AllowedPattern> allowed_patterns;

  // Deny list.
  struct DeniedEntry {
    EntityType type = EntityType::OTHER_ID;
    size_t index = 0;  // in the request's list
  };
  struct DeniedPattern {
    std::unique_ptr<RE2> pattern;
    DeniedEntry entry;
  };
  ValueSearch denied_values;
  std::vector<DeniedEntry> denied_value_entries;  // by the values' indexes in denied_values
  std::vector<DeniedPattern> denied_patterns;
};

}  // namespace privet

#endif  // PRIVET_PIPELINE_COMPILED_POLICY_H_
