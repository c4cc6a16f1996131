#include "stage2_filter/span_reader.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "tagging/chain.h"
#include "tagging/span_marginals.h"

namespace privet {

TypeSet TaggerReader::types() const {
  TypeSet types;
  for (const EntityType type : labels_.types()) types.set(IndexOf(type));
  return types;
}

absl::StatusOr<std::vector<SpanReading>> TaggerReader::Read(std::span<const float> rows,
                                                            std::span<const TokenRange> spans) const {
  absl::StatusOr<Chain> chain = Chain::FromScores(labels_, rows);
  if (!chain.ok()) return absl::InternalError(absl::StrCat("stage 2: ", chain.status().message()));
  const SpanMarginals marginals(*std::move(chain));
  std::vector<SpanReading> readings;
  readings.reserve(spans.size());
  for (const TokenRange& span : spans) readings.push_back(marginals.Read(span));
  return readings;
}

}  // namespace privet
