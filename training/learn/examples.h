// From files of records to what a model learns from and is judged on.
#ifndef PRIVET_TRAINING_LEARN_EXAMPLES_H_
#define PRIVET_TRAINING_LEARN_EXAMPLES_H_

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "pipeline/windows.h"
#include "qwen3/tokenizer.h"
#include "tagging/label_scheme.h"
#include "training/config.h"
#include "training/data/record.h"
#include "training/data/record_reader.h"
#include "training/learn/fresh_records.h"
#include "training/learn/targets.h"

namespace privet {

// One file's.
struct ExampleSource {
  std::string path;
  double weight = 1;
  std::vector<Example> examples;
  std::vector<std::string> origins;  // of each example: "FILE:LINE"
  std::vector<int32_t> copies;       // of each in a pass: oversampled, or thinned out
  int64_t records = 0;
  int64_t records_with_entities = 0;
  int64_t unusable = 0;
  TargetCounts counts;
  // Where records are drawn anew in each pass: from here, and there are no examples. The numbers above are
  // then those of a sample.
  std::shared_ptr<const FreshRecords> fresh;
};

// A text to be judged on, tokenised and cut.
struct DevText {
  LabeledRecord record;
  std::vector<Span> token_bytes;
  std::vector<int32_t> ids;
  std::vector<Window> windows;
};

struct TrainingData {
  std::vector<std::string> labels;  // id2label
  WindowSizes sizes;
  std::vector<ExampleSource> train;
  std::vector<DevText> dev;
  // Of the training tokens whose label is known, as they are drawn: by sources' weights and examples' copies.
  std::vector<double> label_shares;
};

// A source's records as they are written (record.h, Unescape), with the types that it covers; lines that
// cannot be used are counted, and said.
// INVALID_ARGUMENT where none can.
absl::StatusOr<std::vector<LabeledRecord>> ReadSource(const DataSource& source, int64_t* unusable,
                                                      const std::function<void(const std::string&)>& warn,
                                                      OtherFields others = OtherFields::Drop);

// Reads and tokenises everything. `warn` gets a line about each file that has lines which cannot be used, and
// what else a user should know. INVALID_ARGUMENT where nothing is left to learn from; RESOURCE_EXHAUSTED
// where it does not fit in memory; CANCELLED once `stop` is set.
absl::StatusOr<TrainingData> LoadTrainingData(const TrainingConfig& config, const Tokenizer& tokenizer,
                                              const std::function<void(const std::string&)>& warn,
                                              const std::atomic<bool>* stop = nullptr);

// Example `index` of a pass over fresh records: the record's window, or one of its windows that is drawn as
// well. No tokens where the record has none.
Example DrawExample(const FreshRecords& fresh, int64_t pass, int64_t index, const Tokenizer& tokenizer,
                    const WindowSizes& sizes, const LabelScheme& scheme);

// The windows of a record as examples.
std::vector<Example> ExamplesOf(const LabeledRecord& record, const Tokenizer& tokenizer,
                                const WindowSizes& sizes, const LabelScheme& scheme, TargetCounts* counts);

}  // namespace privet

#endif  // PRIVET_TRAINING_LEARN_EXAMPLES_H_
