// What the text report and the page both show: titles, tables and notes. Internal to training/judge/.
#ifndef PRIVET_TRAINING_JUDGE_REPORT_SECTIONS_H_
#define PRIVET_TRAINING_JUDGE_REPORT_SECTIONS_H_

#include <optional>
#include <string>
#include <vector>

#include "training/judge/evaluation.h"

namespace privet {

struct ReportSection {
  std::string key;  // "curves"
  std::string title;
  std::vector<std::vector<std::string>> rows;  // the first is a header
  std::vector<std::string> notes;
};

std::vector<ReportSection> SectionsOf(const Evaluation& evaluation, const Evaluation* against);

// "0.912", or "-" where there is nothing.
std::string Shown(std::optional<double> score);

}  // namespace privet

#endif  // PRIVET_TRAINING_JUDGE_REPORT_SECTIONS_H_
