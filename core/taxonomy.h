// The entity types that Privet knows. core/taxonomy.def is the one list; this header gives it names.
#ifndef PRIVET_CORE_TAXONOMY_H_
#define PRIVET_CORE_TAXONOMY_H_

#include <bitset>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace privet {

enum class EntityType : uint8_t {
#define PRIVET_ENTITY_TYPE(id, ...) id,
#include "core/taxonomy.def"
#undef PRIVET_ENTITY_TYPE
};

inline constexpr size_t kEntityTypeCount = [] {
  size_t count = 0;
#define PRIVET_ENTITY_TYPE(id, ...) ++count;
#include "core/taxonomy.def"
#undef PRIVET_ENTITY_TYPE
  return count;
}();

// A set of types, indexed by the enumerator's value.
using TypeSet = std::bitset<kEntityTypeCount>;

enum class TypeGroup : uint8_t {
  Identity,
  Contact,
  GovernmentId,
  Finance,
  Account,
  Credential,
  Network,
  Device,
  Vehicle,
  Place,
  Business,
  Other,
};

// What redaction does with a type when the request does not say.
enum class Treatment : uint8_t { Keep, Mask, Replace, Hash, Remove };

struct EntityTypeSpec {
  EntityType type;
  std::string_view id;  // stable, upper case: "CN_RESIDENT_ID"
  TypeGroup group;
  Treatment treatment;
  std::string_view name_zh;
  std::string_view name_en;
  std::string_view description_zh;
  std::string_view description_en;
};

// Every type, in the order of the enumerators.
std::span<const EntityTypeSpec> Taxonomy();

const EntityTypeSpec& Describe(EntityType type);

// The stable id of a type: "PHONE_NUMBER".
std::string_view IdOf(EntityType type);

// The type of that id (exact, upper case), or nothing.
std::optional<EntityType> FindEntityType(std::string_view id);

std::string_view NameOf(TypeGroup group);
std::string_view NameOf(Treatment treatment);  // "keep", "mask", "replace", "hash", "remove"

// What follows in an error text that says that an id is of no type: "; did you mean PERSON?", or, when none
// is near, "; `privet info` lists the types". Holds nothing of the mistyped id.
std::string EntityTypeHint(std::string_view mistyped);

inline TypeSet AllTypes() { return TypeSet().set(); }
inline size_t IndexOf(EntityType type) { return static_cast<size_t>(type); }

}  // namespace privet

#endif  // PRIVET_CORE_TAXONOMY_H_
