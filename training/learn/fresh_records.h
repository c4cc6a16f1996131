// Records that are drawn anew in every pass: snippets filled, and annotated records with other names in them.
#ifndef PRIVET_TRAINING_LEARN_FRESH_RECORDS_H_
#define PRIVET_TRAINING_LEARN_FRESH_RECORDS_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "core/taxonomy.h"
#include "training/data/record.h"
#include "training/data/synthesis/synthesizer.h"

namespace privet {

// One source of them. Its lines are in memory, what is drawn from them is not. Immutable: Draw may be called
// from any number of threads.
class FreshRecords {
 public:
  // From the snippets and documents of a file or folder, whose texts are unescaped (record.h) once they are
  // filled. Errors name file and line.
  static absl::StatusOr<std::shared_ptr<const FreshRecords>> OfTemplates(const std::string& path,
                                                                         uint64_t seed,
                                                                         std::optional<TypeSet> covers);
  // From annotated records, unescaped ones, one at least, of which each entity is replaced by another with
  // probability 1/2.
  static absl::StatusOr<std::shared_ptr<const FreshRecords>> OfSwaps(std::vector<LabeledRecord> records,
                                                                     uint64_t seed);

  // Lines, and so records of a pass.
  int64_t size() const { return static_cast<int64_t>(synthesizer_->size()); }

  // Record `index` of a pass, 0 <= index < size(): the seed, `pass` and `index` determine it. A pass has each
  // line once, in an order of its own, with values of its own.
  LabeledRecord Draw(int64_t pass, int64_t index) const;

 private:
  FreshRecords(std::unique_ptr<const Synthesizer> synthesizer, uint64_t seed, std::optional<TypeSet> covers,
               bool unescape)
      : synthesizer_(std::move(synthesizer)), seed_(seed), covers_(covers), unescape_(unescape) {}

  std::unique_ptr<const Synthesizer> synthesizer_;
  uint64_t seed_;
  std::optional<TypeSet> covers_;  // of all its records, where given
  bool unescape_;
};

}  // namespace privet

#endif  // PRIVET_TRAINING_LEARN_FRESH_RECORDS_H_
