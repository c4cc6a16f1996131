// What a stage-1 model holds possible in texts that it has not learned from.
#ifndef PRIVET_TRAINING_LEARN_PROPOSE_H_
#define PRIVET_TRAINING_LEARN_PROPOSE_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>

#include "absl/status/status.h"
#include "pipeline/windows.h"
#include "stage1_recall/recall_stage.h"
#include "training/data/record.h"

namespace privet {

struct ProposeOptions {
  WindowSizes windows;          // as in training
  double tau = 0.02;            // least probability of a proposal
  int64_t batch_tokens = 4096;  // of one forward
  // Ends the work early. May be nullptr.
  const std::atomic<bool>* stop = nullptr;
  // How many of the records are read. May be empty.
  std::function<void(size_t done)> progress = {};
};

// Sets the proposals of each record, whose text is as it is written and stays so; what is read is what it
// reads like (record.h, Unescape): every span whose marginal probability is at least tau, as the pipeline
// has them (cut into the same windows, a span read by the window that owns it), without what rules find.
// CANCELLED when it was stopped; what the model fails with.
absl::Status Propose(const RecallStage& stage, const ProposeOptions& options,
                     std::span<LabeledRecord* const> records);

struct ProposalCounts {
  int64_t records = 0;
  int64_t proposals = 0;
  int64_t entities = 0;
  int64_t proposed_entities = 0;  // with just their borders and type
};

ProposalCounts CountProposals(std::span<const LabeledRecord> records);

}  // namespace privet

#endif  // PRIVET_TRAINING_LEARN_PROPOSE_H_
