// The whole pipeline for one text.
#ifndef PRIVET_PIPELINE_DETECTOR_H_
#define PRIVET_PIPELINE_DETECTOR_H_

#include <functional>
#include <memory>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "core/finding.h"
#include "pipeline/limits.h"
#include "pipeline/policy.h"

namespace privet {

class RuleSet;

struct Detection {
  std::vector<Finding> findings;  // in order of position, without overlaps
  // More were found than max_findings allows; those with the highest scores are kept.
  bool truncated = false;
  absl::Duration rule_time;  // spent in the rules engine
};

// Polled between pieces of work; true stops it (an expired deadline, a gone client). Empty means never.
using StopToken = std::function<bool()>;

// Immutable and thread-safe: one Detector serves every call; a reload makes a new one.
class Detector {
 public:
  Detector(std::shared_ptr<const RuleSet> rules, const Limits& limits);

  // Finds what `policy` asks for in `text`. Errors: INVALID_ARGUMENT on field "text" (too long, not UTF-8
  // with the offset of the first bad byte, or with more matches than memory should hold); CANCELLED when
  // `stop` said so. The answer depends on nothing but the arguments.
  absl::StatusOr<Detection> Detect(std::string_view text, const CompiledPolicy& policy,
                                   const StopToken& stop = {}) const;

  const RuleSet& rules() const { return *rules_; }
  const Limits& limits() const { return limits_; }

 private:
  std::shared_ptr<const RuleSet> rules_;
  Limits limits_;
};

}  // namespace privet

#endif  // PRIVET_PIPELINE_DETECTOR_H_
