// A name that one sentence makes plain, wherever else it stands in the text.
#ifndef PRIVET_PIPELINE_REPEATS_H_
#define PRIVET_PIPELINE_REPEATS_H_

#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "core/finding.h"
#include "pipeline/stop_token.h"
#include "tagging/span_marginals.h"

namespace privet {

inline constexpr const char* kRepeatSource = "repeat";

// The probability that a name is the same name where it stands again and no model found it, given that it was
// one where it was found: 21 of 25 such places in the documents that chose thresholds for the default bundle.
inline constexpr double kRepeatCertainty = 0.85;

// Redaction that hides a person here and shows the same name two lines on hides nothing. So each value that a
// model found to be a PERSON is found as one wherever else it stands as a whole word and overlaps no finding,
// with kRepeatCertainty times its highest score, where that reaches the least score of the type. Not of a
// single Chinese character, of one or two letters, or of one word without a capital: these mean too much
// else.
//
// `findings` of `text`, valid UTF-8, are in order of position and without overlaps, and stay so. Linear in
// the text and, but for a sort, in the findings. CANCELLED when `stop` said so; then nothing was added.
absl::Status AddRepeats(std::string_view text, const TypeThresholds& min_score, const StopToken& stop,
                        std::vector<Finding>* findings);

}  // namespace privet

#endif  // PRIVET_PIPELINE_REPEATS_H_
