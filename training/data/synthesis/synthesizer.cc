#include "training/data/synthesis/synthesizer.h"

#include <algorithm>

#include "core/read_file.h"
#include "training/data/synthesis/fill.h"
#include "training/data/synthesis/swap.h"
#include "training/data/synthesis/text_files.h"

namespace privet {
namespace {

absl::StatusOr<std::unique_ptr<const Fillers>> LoadFillers(const std::optional<std::string>& folder) {
  if (!folder) return Fillers::Load(BuiltInLists());
  const absl::StatusOr<std::vector<std::string>> files = TextFilesOf(*folder);
  if (!files.ok()) return files.status();
  std::vector<ListSource> sources(BuiltInLists().begin(), BuiltInLists().end());
  for (const std::string& file : *files) {
    absl::StatusOr<std::string> content = ReadFile(file);
    if (!content.ok()) return content.status();
    sources.push_back({file, *std::move(content), true});
  }
  return Fillers::Load(sources);
}

// Where `index` comes in an order of 0 to size - 1 that depends on the key: four rounds of a Feistel network
// over the next power of four, walked until the value is in range (cycle walking), so that nothing of length
// `size` is kept.
size_t Shuffled(uint64_t key, size_t index, size_t size) {
  unsigned half_bits = 1;
  while ((size_t{1} << (2 * half_bits)) < size) ++half_bits;
  const size_t mask = (size_t{1} << half_bits) - 1;
  size_t value = index;
  do {
    size_t left = value >> half_bits, right = value & mask;
    for (uint64_t round = 0; round < 4; ++round) {
      const size_t mixed = Random(key, round, right).Next() & mask;
      left = std::exchange(right, left ^ mixed);
    }
    value = (left << half_bits) | right;
  } while (value >= size);
  return value;
}

}  // namespace

absl::StatusOr<std::unique_ptr<const Synthesizer>> Synthesizer::Load(SynthesizerOptions options) {
  absl::StatusOr<std::unique_ptr<const Fillers>> fillers = LoadFillers(options.lists);
  if (!fillers.ok()) return fillers.status();
  std::vector<Template> templates;
  for (const std::string& path : options.templates) {
    const absl::StatusOr<std::vector<std::string>> files = TextFilesOf(path);
    if (!files.ok()) return files.status();
    for (const std::string& file : *files) {
      const absl::StatusOr<std::string> content = ReadFile(file);
      if (!content.ok()) return content.status();
      absl::StatusOr<std::vector<Template>> parsed = ParseTemplates(file, *content, (*fillers)->readings());
      if (!parsed.ok()) return parsed.status();
      std::move(parsed->begin(), parsed->end(), std::back_inserter(templates));
    }
  }
  if (templates.empty() && options.annotated.empty()) {
    return absl::InvalidArgumentError(
        "nothing to draw records from: no snippet, document or annotated record");
  }
  return std::unique_ptr<const Synthesizer>(
      new Synthesizer(std::move(options), *std::move(fillers), std::move(templates)));
}

LabeledRecord Synthesizer::Draw(uint64_t seed, uint64_t epoch, uint64_t index) const {
  const uint64_t pass = index / size();
  // A pass has an order of its own.
  const size_t line = Shuffled(Random(seed, epoch, pass).Next(), static_cast<size_t>(index % size()), size());
  Random random(seed, epoch, index);
  LabeledRecord record = line < templates_.size() ? Fill(templates_[line], *fillers_, random)
                                                  : options_.annotated[line - templates_.size()];
  if (line >= templates_.size() || templates_[line].document) {
    record = Swapped(record, options_.swap_share, *fillers_, random);
  }
  if (!options_.types.all()) {
    std::erase_if(record.spans,
                  [&](const LabeledSpan& span) { return !options_.types.test(IndexOf(span.type)); });
    record.covers &= options_.types;
  }
  return record;
}

}  // namespace privet
