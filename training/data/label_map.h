// Other people's labels in terms of the taxonomy.
#ifndef PRIVET_TRAINING_DATA_LABEL_MAP_H_
#define PRIVET_TRAINING_DATA_LABEL_MAP_H_

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "core/taxonomy.h"

namespace privet {

// What becomes of a label. Of a type: it is marked. Of none ("ignore"): it is not, and teaches that it is
// nothing. Perhaps of some types: it is not marked, and its record no longer covers those types, so that it
// does not teach that it is none of them. (Nor does anything else in that record; what it marks still
// counts.)
struct LabelMeaning {
  std::optional<EntityType> type;
  TypeSet perhaps;
  bool guessed = false;  // by what common corpora call things
};

// A label's meaning: first the user's map, then ids of the taxonomy, then what common corpora call things
// (PER, GPE, 姓名, phone, ...), in any case. Immutable, thread-safe.
class LabelMap {
 public:
  LabelMap() = default;
  // A YAML file `labels: {PER: PERSON, job: ignore, GPE: [LOCATION, ORGANIZATION], misc: unsure}`: a type,
  // none, perhaps one of these, perhaps any. Errors name file and line.
  static absl::StatusOr<LabelMap> Read(const std::string& file);
  static absl::StatusOr<LabelMap> Parse(std::string_view yaml, std::string_view file);

  // The user's labels, in order.
  std::vector<std::string> GivenLabels() const;
  bool IsGiven(std::string_view label) const { return given_.contains(label); }

  // Nothing where the label is not known.
  std::optional<LabelMeaning> Find(std::string_view label) const;

 private:
  std::map<std::string, LabelMeaning, std::less<>> given_;
};

}  // namespace privet

#endif  // PRIVET_TRAINING_DATA_LABEL_MAP_H_
