// Other people's labels in terms of the taxonomy.
#ifndef PRIVET_TRAINING_DATA_LABEL_MAP_H_
#define PRIVET_TRAINING_DATA_LABEL_MAP_H_

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "core/taxonomy.h"

namespace privet {

// What becomes of a label: a type, or nothing ("ignore").
using MappedLabel = std::optional<EntityType>;

// A label's meaning: first the user's map, then ids of the taxonomy, then what common corpora call things
// (PER, GPE, 姓名, phone, ...), in any case. Immutable, thread-safe.
class LabelMap {
 public:
  LabelMap() = default;
  // A YAML file `labels: {PER: PERSON, job: ignore}`. Errors name file and line.
  static absl::StatusOr<LabelMap> Read(const std::string& file);
  static absl::StatusOr<LabelMap> Parse(std::string_view yaml, std::string_view file);

  // Nothing where the label is not known; else what it maps to.
  std::optional<MappedLabel> Find(std::string_view label) const;

 private:
  std::map<std::string, MappedLabel, std::less<>> given_;
};

}  // namespace privet

#endif  // PRIVET_TRAINING_DATA_LABEL_MAP_H_
