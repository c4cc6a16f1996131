// Which of overlapping findings are reported.
#ifndef PRIVET_PIPELINE_SELECTION_H_
#define PRIVET_PIPELINE_SELECTION_H_

#include <string_view>
#include <vector>

#include "core/finding.h"

namespace privet {

// What a source's name begins with where it is a learned stage: "model:stage1", "model:stage2". A finding all
// of whose evidence is such is a reading: one of several ways to see a place, which exclude one another and
// whose scores share one probability. A finding with any other evidence (or, in tests, none) has a form.
inline constexpr std::string_view kModelSourcePrefix = "model:";
// The same of a rule of the caller's own.
inline constexpr std::string_view kCustomSourcePrefix = "custom:";
inline constexpr const char* kStage1Source = "model:stage1";
inline constexpr const char* kStage2Source = "model:stage2";

bool IsReading(const Finding& finding);

// Whether a rule of the caller's own found it, by itself or with others.
bool IsCustom(const Finding& finding);

// Keeps a set without overlaps, in order of position. The rules, in the order in which they apply:
//
// 1. Of several types on one span one is kept: a conclusive one before all readings; else the highest score;
//    of scores close together the conclusive one, then the more specific type (a resident id can be a
//    driver's licence number, not the reverse). But a reading does not rename what a trusted rule of ours
//    found to be of a specific type: a stage that has no name for a US_ITIN calls it by the next best. Unless
//    that type stays readable after redaction, and the reading's does not.
// 2. A whole wins over its pieces where its score comes close to theirs: a URL over the IP address in it, the
//    longer of two readings of one number, a connection string over the card number in it. But where the
//    whole stays readable after redaction (its type is kept by default and it is not conclusive), a piece
//    that does not, of another group of types, yields only to a higher score, and one that a trusted rule
//    found never: a phone number in a URL is reported, not the URL around it. To a reading no conclusive
//    piece ever yields. Of two readings the longer wins only where both are of one type and its score is at
//    most a little lower; all others are for rule 4 to weigh.
// 3. A conclusive finding wins over those it overlaps that are not.
// 4. Of what then still overlaps the set with the greatest sum of SelectionWeight is kept (weighted interval
//    scheduling: Kleinberg and Tardos, Algorithm Design, section 6.1).
// 5. What lost but overlaps nothing that was kept comes back, the heaviest first. So each finding that is
//    left out overlaps one that is reported.
//
// Depends on the findings alone, not on their order. O(n log n).
std::vector<Finding> SelectWithoutOverlaps(std::vector<Finding> findings);

// -log(1 - score), so that the sum over a set is high where it is unlikely that all of the set are wrong: one
// finding of 0.95 outweighs two of 0.6. Between equals a small bonus for types that are not kept by default
// decides, then a smaller one for length.
double SelectionWeight(const Finding& finding);

}  // namespace privet

#endif  // PRIVET_PIPELINE_SELECTION_H_
