// The learned half of the pipeline: windows -> stage 1 -> union with the rules -> stage 2 -> fusion.
#ifndef PRIVET_PIPELINE_LEARNED_STAGES_H_
#define PRIVET_PIPELINE_LEARNED_STAGES_H_

#include <cstddef>
#include <functional>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "core/finding.h"
#include "core/taxonomy.h"
#include "pipeline/decision.h"
#include "pipeline/forward_queue.h"
#include "pipeline/policy.h"
#include "pipeline/stop_token.h"
#include "pipeline/windows.h"
#include "stage1_recall/recall_stage.h"
#include "stage2_filter/filter_stage.h"
#include "stage2_filter/fusion_model.h"

namespace privet {

// What a bundle brings, loaded. Plain values.
struct LearnedStagesConfig {
  RecallStage stage1;
  std::optional<FilterStage> stage2;
  TypeSet types;  // that the stages are asked about; what they say of others does not count
  WindowSizes windows;
  FusionModel fusion;
  size_t batch_tokens = 4096;                         // see ForwardQueue
  std::function<void(const ForwardBatch&)> observer;  // models are kStage1 and kStage2
};

// How much the stages did for a text.
struct StageWork {
  size_t tokens = 0;          // of the text, for stage 1
  size_t windows = 0;         // that stage 1 read
  size_t stage2_windows = 0;  // that stage 2 read
};

// One of the texts that share forwards.
struct StagedText {
  std::string_view text;          // valid UTF-8
  std::vector<Finding> findings;  // in: the rules', one for each span and type; out: what the fusion kept
  // Where set, nothing is fused: what is known of each proposed span is appended here, with stage 2 asked of
  // all; `findings` then gets back only rules' findings that no model could read.
  std::vector<ProposedSpan>* proposals = nullptr;
  StageWork work;
  absl::Status status;  // of this text; the others go on
};

// Immutable and thread-safe.
class LearnedStages {
 public:
  static constexpr size_t kStage1 = 0;
  static constexpr size_t kStage2 = 1;
  // Spans that stage 1 proposes in a window, for each of its tokens; the most probable count. As
  // probabilities of spans that begin at one token add up to one at most, none that it holds for likelier
  // than this share of one is ever left out.
  static constexpr size_t kMostProposals = 4;

  explicit LearnedStages(LearnedStagesConfig config);

  // Joins what the stages say with what the rules found. Of each span that either proposes the fusion says
  // what it is and how probably; it is kept where that reaches the policy's least score. Left as they are:
  // findings of a conclusive rule, of a rule of the caller's own, and of types that no stage knows. Scores
  // are the fusion's; evidence gets "model:stage1" and "model:stage2".
  //
  // A text's answer is the one that it gets alone. Works through the windows in pieces of a few batches, so
  // memory beside tokens (some 30 bytes a byte of text) does not grow with the texts. Errors go to the status
  // of the texts whose windows they befell; CANCELLED to all that are not done.
  void Run(const CompiledPolicy& policy, const StopToken& stop, std::span<StagedText> texts) const;

  // Where and how the models run, such as "cpu int8".
  const std::string& compute() const { return config_.stage1.model.compute; }

  // Types that stage 2 is asked about; none without a stage 2.
  TypeSet stage2_types() const;

 private:
  LearnedStagesConfig config_;
  mutable ForwardQueue queue_;
};

}  // namespace privet

#endif  // PRIVET_PIPELINE_LEARNED_STAGES_H_
