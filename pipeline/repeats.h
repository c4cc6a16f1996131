// A value that one sentence makes plain, wherever else it stands in the text.
#ifndef PRIVET_PIPELINE_REPEATS_H_
#define PRIVET_PIPELINE_REPEATS_H_

#include <cstddef>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "core/finding.h"
#include "pipeline/stop_token.h"
#include "tagging/span_marginals.h"

namespace privet {

inline constexpr const char* kRepeatSource = "repeat";

// The probability that a value is the same one where it stands again and nothing found it, given that it was
// one where it was found: about so many such places of names were right in the documents that chose
// thresholds for the default bundle.
inline constexpr double kRepeatCertainty = 0.85;

// Redaction that hides a value here and shows the same two lines on hides nothing. So each of these is found
// wherever else it stands and overlaps no finding, with kRepeatCertainty times its highest score, where that
// reaches the least score of the type:
// - a PERSON that models found by themselves, of two Chinese characters or more, or of two words or more: a
//   word such as Will or Mark means too much else;
// - a value of another type that is not kept by default and that a caller's own rule did not find, of six
//   digits or more, or of eight characters or more with a digit among them: an account number that a label
//   gave away, a password. Not a DATE_OF_BIRTH: things of all kinds happen on a day.
// Latin words and numbers begin and end where words do; Chinese marks no words, and 高明 is both a name and
// skilled.
//
// `findings` of `text`, valid UTF-8, are in order of position and without overlaps, and stay so; at most
// `most` are added, the first ones. Where values begin one another the longest that stands in a place counts,
// and of values that overlap the first. Time grows with the text, and with how many values begin one another.
// Whether there were more than `most`; CANCELLED when `stop` said so, then nothing was added.
absl::StatusOr<bool> AddRepeats(std::string_view text, const TypeThresholds& min_score, size_t most,
                                const StopToken& stop, std::vector<Finding>* findings);

}  // namespace privet

#endif  // PRIVET_PIPELINE_REPEATS_H_
