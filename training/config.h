// One run of the trainer: a YAML file, any key of which a command line may override; all keys in one table
// (training/config.cc) that the documentation is printed from.
#ifndef PRIVET_TRAINING_CONFIG_H_
#define PRIVET_TRAINING_CONFIG_H_

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace privet {

// A file of records, and how much of what is learned comes from it.
struct DataSource {
  std::string path;                 // JSON Lines as `trainer data convert` writes them
  double weight = 1;                // its share of a step's tokens, beside the other sources' weights
  std::vector<std::string> covers;  // types whose absence means absence; empty: as the records say
  bool templates = false;  // the path is that of snippets, or a folder of them, filled anew in each pass
  bool swap = false;       // other names are put into the records, anew in each pass

  bool fresh() const { return templates || swap; }
};

struct TrainingConfig {
  std::string output;
  int64_t seed = 1;
  int64_t steps = 1000;

  std::string base_folder;
  std::string base_tokenizer;
  std::string base_attention = "as_is";
  std::string base_quantization = "none";
  int64_t base_add_layers = 0;
  int64_t base_hidden_size = 256;
  int64_t base_layers = 4;
  int64_t base_heads = 4;
  int64_t base_kv_heads = 2;
  int64_t base_head_dim = 64;
  int64_t base_intermediate_size = 768;
  int64_t base_max_position_embeddings = 4096;
  double base_rope_theta = 10000;

  std::string method = "lora";
  int64_t frozen_layers = 0;
  std::string adapter_kind = "lora";
  int64_t adapter_rank = 16;
  double adapter_alpha = 32;
  double adapter_dropout = 0;
  bool adapter_rslora = false;
  double adapter_plus_ratio = 1;
  std::vector<std::string> adapter_targets = {"all-linear"};
  std::vector<std::string> adapter_ranks;

  std::string head = "tagger";
  int64_t head_size = 128;
  int64_t head_widths = 16;

  std::vector<std::string> types;
  std::vector<DataSource> train;
  std::vector<DataSource> dev;
  int64_t max_tokens = 512;
  int64_t overlap_tokens = 64;
  double empty_share = 1;
  double mask_share = 0;
  std::vector<std::string> oversample;

  double hidden_share = 0.15;
  int64_t longest_hidden = 1;

  int64_t batch_tokens = 4096;
  int64_t accumulate = 1;

  std::string objective = "cross_entropy";
  double focal_gamma = 2;
  double outside_gamma = 4;
  double label_smoothing = 0;
  double entity_weight = 1;
  std::string class_weights = "none";
  std::vector<std::string> type_weights;
  double hard_negative_weight = 1;
  double hard_positive_weight = 1;

  std::string optimizer = "adamw";
  double learning_rate = 2e-4;
  double head_learning_rate = 0;
  double muon_rate = 1;
  double momentum = 0.95;
  double beta1 = 0.9;
  double beta2 = 0.999;
  double epsilon = 1e-8;
  double weight_decay = 0.01;
  double clip_norm = 1;
  double ema = 0;

  std::string schedule = "cosine";
  double warmup_share = 0.05;
  double decay_share = 0.2;
  double final_share = 0;
  int64_t cycles = 1;

  int64_t evaluate_every = 200;
  std::string metric = "f1";
  double metric_at = 0.95;
  int64_t patience = 0;

  int64_t checkpoint_every = 200;
  int64_t keep_checkpoints = 2;

  std::string device = "auto";
  std::string precision = "fp32";
  int64_t threads = 0;
  bool cuda_graphs = false;
  bool gradient_checkpointing = false;
};

// Reads a file over `config`. Relative paths in it are relative to the file's folder. INVALID_ARGUMENT
// "FILE:LINE: ..." for an unknown key, a value of the wrong kind or out of its range.
absl::Status ReadTrainingConfig(const std::string& file, TrainingConfig* config);
// The same, and then each of `overrides`, as OverrideTrainingConfig reads them.
absl::Status ReadTrainingConfig(const std::string& file, std::span<const std::string> overrides,
                                TrainingConfig* config);
absl::Status ParseTrainingConfig(std::string_view content, const std::string& file, TrainingConfig* config);

// "section.key=value", as the command line's --set gives it. A list is [A, B] as in the file, or A,B.
absl::Status OverrideTrainingConfig(std::string_view assignment, TrainingConfig* config);

// What only makes sense together.
absl::Status CheckTrainingConfig(const TrainingConfig& config);

// With all paths absolute, as a run's folder keeps it: that is read from another folder.
TrainingConfig WithAbsolutePaths(TrainingConfig config);

// The whole configuration as YAML that ParseTrainingConfig reads.
std::string WriteTrainingConfig(const TrainingConfig& config);

// The first key whose values differ, with both, `config`'s before `other`'s: "steps is 10, not 20". Of
// data.train and data.dev, which come last, no values: "data.train is another". Empty where nothing differs.
std::string FirstDifference(const TrainingConfig& config, const TrainingConfig& other);

// A Markdown table of all keys with default and meaning.
std::string DescribeTrainingConfig();

// "PERSON=2" lists: pairs of a name and a number.
absl::StatusOr<std::vector<std::pair<std::string, double>>> ParseWeights(const std::vector<std::string>& list,
                                                                         std::string_view key);

}  // namespace privet

#endif  // PRIVET_TRAINING_CONFIG_H_
