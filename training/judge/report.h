// An evaluation for people and for programs. Only the marked texts, where the evaluation kept them, hold any
// text.
#ifndef PRIVET_TRAINING_JUDGE_REPORT_H_
#define PRIVET_TRAINING_JUDGE_REPORT_H_

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "training/judge/evaluation.h"

namespace privet {

// Rows in aligned columns, the first row a header; the first column to the left, the others to the right.
std::string AlignedTable(const std::vector<std::vector<std::string>>& rows);

// For a terminal. `against` may be nullptr: another pipeline on the same texts, shown beside.
std::string TextReport(const Evaluation& evaluation, const Evaluation* against);

// The keys are stable: a later version may add some, and takes none away. Ratios are null where there is
// nothing to divide by. README.md lists the keys.
nlohmann::ordered_json JsonReport(const Evaluation& evaluation);

// One page that needs nothing else: style and drawings are in it, and no script. Marked texts are in it where
// the evaluation kept any.
std::string HtmlReport(const Evaluation& evaluation, const Evaluation* against);

}  // namespace privet

#endif  // PRIVET_TRAINING_JUDGE_REPORT_H_
