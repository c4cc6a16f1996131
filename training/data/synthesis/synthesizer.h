// Records without end: snippets and documents filled anew, and annotated sentences with other names in them.
#ifndef PRIVET_TRAINING_DATA_SYNTHESIS_SYNTHESIZER_H_
#define PRIVET_TRAINING_DATA_SYNTHESIS_SYNTHESIZER_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "core/taxonomy.h"
#include "training/data/record.h"
#include "training/data/synthesis/fillers.h"
#include "training/data/synthesis/template.h"

namespace privet {

struct SynthesizerOptions {
  // Files of snippets or documents, one a line (slots are listed in README.md); a folder stands for its
  // *.txt but README.md. Each line is as likely as every other.
  std::vector<std::string> templates;
  // Annotated records of which some entities are replaced by others of their kind. As likely as a line, each.
  std::vector<LabeledRecord> annotated;
  // Of the entities of an annotated record or of a document's typed values, from 0 to 1.
  double swap_share = 0.5;
  // Types to label; others are left without a span, and `covers` of the records says so.
  TypeSet types = AllTypes();
  // A folder of lists (lists/README.md), each in place of the built-in list of its name.
  std::optional<std::string> lists;
};

// Immutable: Draw may be called from any number of threads. Takes about 30 MB and half a second to load.
class Synthesizer {
 public:
  // Errors name file and line: what cannot be read, an unknown slot or type, no line at all.
  static absl::StatusOr<std::unique_ptr<const Synthesizer>> Load(SynthesizerOptions options);

  // Record `index` of an epoch. The same (seed, epoch, index) gives the same record, whatever was drawn
  // before: an epoch is resumed by going on with the next index. Over indices 0 to size() - 1 every line
  // comes once; further indices begin again, with new values. Another epoch has the lines in another order.
  LabeledRecord Draw(uint64_t seed, uint64_t epoch, uint64_t index) const;

  // How many lines and annotated records there are.
  size_t size() const { return templates_.size() + options_.annotated.size(); }

  const Fillers& fillers() const { return *fillers_; }

 private:
  Synthesizer(SynthesizerOptions options, std::unique_ptr<const Fillers> fillers,
              std::vector<Template> templates)
      : options_(std::move(options)), fillers_(std::move(fillers)), templates_(std::move(templates)) {}

  SynthesizerOptions options_;
  std::unique_ptr<const Fillers> fillers_;
  std::vector<Template> templates_;
};

}  // namespace privet

#endif  // PRIVET_TRAINING_DATA_SYNTHESIS_SYNTHESIZER_H_
