// Entity types as flags and configurations name them.
#ifndef PRIVET_TRAINING_TYPE_NAMES_H_
#define PRIVET_TRAINING_TYPE_NAMES_H_

#include <span>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "core/taxonomy.h"

namespace privet {

// The types of these ids. INVALID_ARGUMENT "WHERE: 'PERSN' is not an entity type; did you mean PERSON?".
absl::StatusOr<TypeSet> ParseTypes(std::span<const std::string> ids, std::string_view where);

}  // namespace privet

#endif  // PRIVET_TRAINING_TYPE_NAMES_H_
