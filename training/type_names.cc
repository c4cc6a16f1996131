#include "training/type_names.h"

#include <optional>

#include "absl/strings/str_cat.h"
#include "core/absl_view.h"

namespace privet {

absl::StatusOr<TypeSet> ParseTypes(std::span<const std::string> ids, std::string_view where) {
  TypeSet types;
  for (const std::string& id : ids) {
    const std::optional<EntityType> type = FindEntityType(id);
    if (!type.has_value()) {
      return absl::InvalidArgumentError(
          absl::StrCat(AbslView(where), ": '", id, "' is not an entity type", EntityTypeHint(id)));
    }
    types.set(IndexOf(*type));
  }
  return types;
}

}  // namespace privet
