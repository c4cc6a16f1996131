// Proposals for the texts that stage 1 learns from, by models that have not seen them.
#ifndef PRIVET_TRAINING_LEARN_FOLD_RUNS_H_
#define PRIVET_TRAINING_LEARN_FOLD_RUNS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "training/config.h"
#include "training/learn/propose.h"
#include "training/learn/train.h"

namespace privet {

struct FoldOptions {
  int64_t folds = 3;
  double tau = 0.02;  // least probability of a proposal
  std::string out;    // file of the records
  TrainOptions train;
};

// A file that was written.
struct ProposedFile {
  std::string path;
  DataSource source;  // whose records it holds
  bool dev = false;
};

struct FoldResult {
  bool interrupted = false;
  std::vector<ProposedFile> files;
  ProposalCounts counts;  // of the training records
};

// Parts the records of data.train into folds, with similar texts in one fold (data/similar_texts.h), and for
// each fold trains a model of `config` on the others, in config.output/fold1, fold2 and so on. Each model
// then proposes in the texts of its fold (propose.h), and the first one in those of data.dev, which none has
// learned from.
//
// Snippets (`templates`) teach every fold and get no proposals; where a source has `swap`, the folds learn
// from its records with other names, and propose in them as they are.
//
// A source's records go to `out` in their order, with all their fields; with several sources to OUT.1, OUT.2
// and so on, the number before the file's ending; those of data.dev to OUT.dev. Each is written whole
// (data/output_file.h); that one could not be written, or is read, is an error before anything is trained.
//
// What a fold learns from is written into its folder, so that its run goes on where it was stopped (train.h);
// a finished fold is not trained again. FAILED_PRECONDITION where the folder was made from other records or
// another configuration and restart is not set, or where another process makes folds there. INVALID_ARGUMENT
// for fewer than two folds, or fewer texts that differ than folds.
absl::StatusOr<FoldResult> ProposeInFolds(const TrainingConfig& config, const FoldOptions& options);

}  // namespace privet

#endif  // PRIVET_TRAINING_LEARN_FOLD_RUNS_H_
