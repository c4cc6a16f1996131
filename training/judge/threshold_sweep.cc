#include "training/judge/threshold_sweep.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace privet {
namespace {

// Findings from which on a precision is worth a threshold of its own.
constexpr size_t kLeastFindings = 30;

// The least scores that are tried; below 0.01 there is one more.
std::vector<double> Thresholds() {
  std::vector<double> thresholds = {0.005};
  for (int percent = 1; percent < 100; ++percent) thresholds.push_back(percent / 100.0);
  return thresholds;
}

using CountsOf = std::function<Counts(const TypeCounts&)>;

// The indexes of the thresholds from `least` on that leave enough findings.
std::vector<size_t> WithEnoughFindings(const Sweep& sweep, double least, const CountsOf& of) {
  std::vector<size_t> indexes;
  for (size_t i = 0; i < sweep.thresholds.size(); ++i) {
    if (sweep.thresholds[i] >= std::max(least, kLeastGated) && of(sweep.exact[i]).findings >= kLeastFindings)
      indexes.push_back(i);
  }
  return indexes;
}

// The least score, `least` or above, whose findings reach the aim, over all documents and in each file that
// has enough of them: what is easy in one kind of text must not hide what another gets. Nothing where no
// score does. What other scores would give does not matter: an operating point reports all that lies above
// its own. Precision may fall as scores rise, so one below `least` says nothing about `least`.
std::optional<double> PreciseFrom(const Sweep& sweep, double least, double aim, const CountsOf& of) {
  const auto fails = [&](const std::vector<TypeCounts>& exact, size_t i) {
    const Counts counts = of(exact[i]);
    return counts.findings >= kLeastFindings && counts.precision().value_or(0) < aim;
  };
  for (const size_t i : WithEnoughFindings(sweep, least, of)) {
    if (fails(sweep.exact, i)) continue;
    if (std::none_of(sweep.exact_of_file.begin(), sweep.exact_of_file.end(),
                     [&](const auto& file) { return fails(file.second, i); }))
      return sweep.thresholds[i];
  }
  return std::nullopt;
}

}  // namespace

Sweep SweepThresholds(const Documents& documents, const Readings& readings, const FusionModel& fusion,
                      const TypeThresholds& recall_tau, const TypeThresholds& tau) {
  Sweep sweep;
  sweep.thresholds = Thresholds();
  sweep.exact.resize(sweep.thresholds.size());
  Variant recall, others;
  recall.fusion = others.fusion = fusion;
  recall.tau = recall_tau;
  others.tau = tau;
  for (const JudgedText* text : documents) {
    const std::vector<LabeledSpan> entities = JudgedEntities(text->record);
    std::vector<TypeCounts>& of_file = sweep.exact_of_file[std::string(FileOf(text->record))];
    of_file.resize(sweep.thresholds.size());
    ReplayAtEach(readings, *text, others, sweep.thresholds, [&](size_t i, std::vector<Finding> findings) {
      findings = JudgedFindings(text->record, std::move(findings));
      sweep.exact[i].Add(entities, findings, Match::Exact);
      of_file[i].Add(entities, findings, Match::Exact);
    });
    const std::vector<LabeledSpan> findable = FindableEntities(text->record, readings.types);
    if (findable.empty()) continue;
    LossCurve losses(sweep.thresholds.size());
    ReplayAtEach(
        readings, *text, recall, sweep.thresholds,
        [&](size_t i, const std::vector<Finding>& findings) { losses[i] = MissedShare(findable, findings); });
    sweep.losses.push_back(Monotone(std::move(losses)));
  }
  return sweep;
}

double CorrectedMean(const std::vector<LossCurve>& losses, size_t threshold) {
  double sum = 1;
  for (const LossCurve& curve : losses) sum += curve[threshold];
  return sum / static_cast<double>(losses.size() + 1);
}

size_t BestThreshold(const Sweep& sweep) {
  const auto f1 = [&](size_t i) { return sweep.exact[i].micro().f(1).value_or(0); };
  size_t best = sweep.thresholds.size() / 2;
  for (size_t i = 0; i < sweep.thresholds.size(); ++i) {
    if (sweep.thresholds[i] >= kLeastGated && f1(i) > f1(best)) best = i;
  }
  // Near its top the curve is flat, and where just the top lies is chance.
  constexpr double kAsGood = 0.002;
  size_t lowest = best;
  while (lowest > 0 && sweep.thresholds[lowest - 1] >= kLeastGated && f1(lowest - 1) >= f1(best) - kAsGood)
    --lowest;
  return lowest;
}

MinScores OneForAllTypes(double threshold, const Readings& readings) {
  MinScores least = {std::max(threshold, kLeastGated), {}};
  if (threshold >= kLeastGated) return least;
  for (const EntityTypeSpec& spec : Taxonomy()) {
    const size_t t = IndexOf(spec.type);
    if (readings.types.test(t) && !readings.rule_types.test(t)) least.by_type[spec.type] = threshold;
  }
  return least;
}

MinScores PreciseScores(const Sweep& sweep, double least, double aim, const std::string& of,
                        std::vector<std::string>* remarks) {
  const std::optional<double> all =
      PreciseFrom(sweep, least, aim, [](const TypeCounts& counts) { return counts.micro(); });
  const std::string where = of.empty() ? "" : absl::StrCat(" of ", of);
  if (!all.has_value()) {
    remarks->push_back(absl::StrFormat(
        "high_precision%s: no least score from %g on gives a precision of %g over %d findings "
        "in every file; it is set to 0.95 at least",
        where, least, aim, kLeastFindings));
  }
  constexpr double kWithoutEvidence = 0.95;
  MinScores scores = {std::max(all.value_or(kWithoutEvidence), least), {}};
  for (const EntityTypeSpec& spec : Taxonomy()) {
    const size_t t = IndexOf(spec.type);
    const auto of_type = [t](const TypeCounts& counts) { return counts.by_type[t]; };
    const auto own = PreciseFrom(sweep, least, aim, of_type);
    if (own.has_value()) {
      if (*own != scores.others) scores.by_type[spec.type] = *own;
      continue;
    }
    if (WithEnoughFindings(sweep, least, of_type).empty()) continue;
    scores.by_type[spec.type] = std::max(scores.others, kWithoutEvidence);
    remarks->push_back(absl::StrCat("high_precision", where, ": ", std::string(spec.id),
                                    " reaches the aim at no least score"));
  }
  return scores;
}

}  // namespace privet
