// The whole pipeline for a text, or for several that share the models' forwards.
#ifndef PRIVET_PIPELINE_DETECTOR_H_
#define PRIVET_PIPELINE_DETECTOR_H_

#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "core/finding.h"
#include "pipeline/learned_stages.h"
#include "pipeline/limits.h"
#include "pipeline/policy.h"
#include "pipeline/stop_token.h"

namespace privet {

class RuleSet;
class UnescapedText;

struct Detection {
  std::vector<Finding> findings;  // in order of position, without overlaps
  // More were found than max_findings allows; those with the highest scores are kept.
  bool truncated = false;
  absl::Duration rule_time;  // spent in the rules engine
  StageWork stage_work;      // nothing without models
};

// Errors: INVALID_ARGUMENT on field "text", which is too long, or not UTF-8 (with the offset of the first bad
// byte).
absl::Status CheckText(std::string_view text, const Limits& limits);

// Immutable and thread-safe: one Detector serves every call; a reload makes a new one.
class Detector {
 public:
  // `stages` may be nullptr: rules alone.
  Detector(std::shared_ptr<const RuleSet> rules, const Limits& limits,
           std::shared_ptr<const LearnedStages> stages = nullptr);

  // Finds what `policy` asks for in `text`. Everything is looked for in what the text's escape sequences
  // stand for (core/unescape.h), URLs and secrets also as written; spans are of the text as it is. Errors:
  // those of CheckText; INVALID_ARGUMENT on field "text" that has more matches than memory should hold;
  // CANCELLED when `stop` said so; RESOURCE_EXHAUSTED or INTERNAL where a model could not run. The answer
  // depends on nothing but the arguments.
  absl::StatusOr<Detection> Detect(std::string_view text, const CompiledPolicy& policy,
                                   const StopToken& stop = {}) const;

  // The same for each text, in order. A text that fails does not fail the others.
  std::vector<absl::StatusOr<Detection>> DetectEach(std::span<const std::string_view> texts,
                                                    const CompiledPolicy& policy,
                                                    const StopToken& stop = {}) const;

  // For calibration and judging: instead of deciding, hands out what is known of each span that rules or
  // stage 1 propose, at the policy's tau and whatever its least scores. Without models a span has its rules
  // alone. Decide (pipeline/decision.h), the least scores, SelectWithoutOverlaps and AddRepeats make of it
  // what DetectEach finds, where the policy has no lists and no rules of its own. Stage 2 is asked about
  // every span, which costs more than serving does. Errors as above.
  std::vector<absl::StatusOr<std::vector<ProposedSpan>>> ProposeEach(std::span<const std::string_view> texts,
                                                                     const CompiledPolicy& policy,
                                                                     const StopToken& stop = {}) const;
  // Where and how models run, such as "cpu int8"; empty where rules run alone.
  std::string_view compute() const { return stages_ == nullptr ? std::string_view() : stages_->compute(); }

  // Types that stage 2 is asked about; none without one.
  TypeSet stage2_types() const { return stages_ == nullptr ? TypeSet() : stages_->stage2_types(); }

  const RuleSet& rules() const { return *rules_; }
  const Limits& limits() const { return limits_; }

 private:
  struct ReadText;

  // Checks texts and runs their rules, for both.
  std::vector<ReadText> Stage(std::span<const std::string_view> texts, const CompiledPolicy& policy,
                              const StopToken& stop, std::vector<StagedText>* staged) const;
  absl::StatusOr<std::vector<Finding>> RunRules(const UnescapedText& text, const CompiledPolicy& policy,
                                                const StopToken& stop) const;

  std::shared_ptr<const RuleSet> rules_;
  Limits limits_;
  std::shared_ptr<const LearnedStages> stages_;
};

}  // namespace privet

#endif  // PRIVET_PIPELINE_DETECTOR_H_
