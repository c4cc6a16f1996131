#include "training/learn/fresh_records.h"

namespace privet {

absl::StatusOr<std::shared_ptr<const FreshRecords>> FreshRecords::OfTemplates(const std::string& path,
                                                                              uint64_t seed,
                                                                              std::optional<TypeSet> covers) {
  SynthesizerOptions options;
  options.templates = {path};
  auto synthesizer = Synthesizer::Load(std::move(options));
  if (!synthesizer.ok()) return synthesizer.status();
  return std::shared_ptr<const FreshRecords>(
      new FreshRecords(*std::move(synthesizer), seed, covers, /*unescape=*/true));
}

absl::StatusOr<std::shared_ptr<const FreshRecords>> FreshRecords::OfSwaps(std::vector<LabeledRecord> records,
                                                                          uint64_t seed) {
  SynthesizerOptions options;
  options.annotated = std::move(records);
  auto synthesizer = Synthesizer::Load(std::move(options));
  if (!synthesizer.ok()) return synthesizer.status();
  return std::shared_ptr<const FreshRecords>(
      new FreshRecords(*std::move(synthesizer), seed, std::nullopt, /*unescape=*/false));
}

LabeledRecord FreshRecords::Draw(int64_t pass, int64_t index) const {
  LabeledRecord record = synthesizer_->Draw(seed_, static_cast<uint64_t>(pass), static_cast<uint64_t>(index));
  if (covers_.has_value()) record.covers = *covers_;
  if (unescape_) Unescape(&record);
  return record;
}

}  // namespace privet
