// What every least score would give on some documents, and which one serves an operating point best.
#ifndef PRIVET_TRAINING_JUDGE_THRESHOLD_SWEEP_H_
#define PRIVET_TRAINING_JUDGE_THRESHOLD_SWEEP_H_

#include <cstddef>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "core/taxonomy.h"
#include "stage2_filter/fusion_model.h"
#include "training/judge/matching.h"
#include "training/judge/replay.h"
#include "training/judge/risk_control.h"

namespace privet {

using Documents = std::vector<const JudgedText*>;

// What the documents say at each of the thresholds.
struct Sweep {
  std::vector<double> thresholds;  // least scores, the same for all types; they rise
  std::vector<LossCurve> losses;   // share of entities missed: monotone, of documents with entities
  std::vector<TypeCounts> exact;   // by threshold
  std::map<std::string, std::vector<TypeCounts>, std::less<>> exact_of_file;  // by the records' origin
};

// `recall_tau` is for the losses, `tau` for the counts.
Sweep SweepThresholds(const Documents& documents, const Readings& readings, const FusionModel& fusion,
                      const TypeThresholds& recall_tau, const TypeThresholds& tau);

// The mean loss at a threshold's index, corrected for the number of documents (risk_control.h).
double CorrectedMean(const std::vector<LossCurve>& losses, size_t threshold);

// The index of the lowest threshold from which on up to the best exact F1 is as good as that, to 0.2 points:
// of equals the one that misses less.
size_t BestThreshold(const Sweep& sweep);

// Least scores of an operating point, for one kind of text or for all.
struct MinScores {
  double others = 0;
  std::map<EntityType, double> by_type;
};

// The threshold for all types, but kLeastGated at least for those that rules find.
MinScores OneForAllTypes(double threshold, const Readings& readings);

// For each type with enough findings the lowest score from `least` on at which its exact precision reaches
// `aim`, over all documents and in each file that has enough of them; for other types the same over all. `of`
// names the documents in remarks, which say where no score reaches the aim.
MinScores PreciseScores(const Sweep& sweep, double least, double aim, const std::string& of,
                        std::vector<std::string>* remarks);

}  // namespace privet

#endif  // PRIVET_TRAINING_JUDGE_THRESHOLD_SWEEP_H_
