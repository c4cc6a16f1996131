// From files of raw texts to the windows that masked-token training reads.
#ifndef PRIVET_TRAINING_LEARN_RAW_TEXTS_H_
#define PRIVET_TRAINING_LEARN_RAW_TEXTS_H_

#include <atomic>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "qwen3/tokenizer.h"
#include "training/config.h"

namespace privet {

// One file's windows, one after another: 4 bytes a token and 16 a window, as corpora are large.
struct RawTexts {
  std::string path;
  double weight = 1;
  int64_t texts = 0;
  std::vector<int32_t> ids;
  std::vector<size_t> offsets = {0};  // window i is ids[offsets[i], offsets[i + 1])
  std::vector<int64_t> lines;         // of each window: where its text is, from 1

  size_t windows() const { return lines.size(); }
  std::span<const int32_t> Window(size_t i) const {
    return std::span(ids).subspan(offsets[i], offsets[i + 1] - offsets[i]);
  }
};

struct RawData {
  std::vector<RawTexts> train;
  std::vector<RawTexts> dev;
};

// Without data.dev, of the training texts each hundredth is held out, up to so many tokens of a file.
inline constexpr int64_t kHeldOutEvery = 100;
inline constexpr size_t kMostHeldOutTokens = 100'000;

// Reads and tokenises everything; texts are cut into windows of data.max_tokens. `say` gets a line about each
// file that has lines which cannot be used. INVALID_ARGUMENT where a file has no text; CANCELLED once `stop`
// is set; RESOURCE_EXHAUSTED where it does not fit in memory.
absl::StatusOr<RawData> LoadRawTexts(const TrainingConfig& config, const Tokenizer& tokenizer,
                                     const std::function<void(const std::string&)>& say,
                                     const std::atomic<bool>* stop = nullptr);

}  // namespace privet

#endif  // PRIVET_TRAINING_LEARN_RAW_TEXTS_H_
