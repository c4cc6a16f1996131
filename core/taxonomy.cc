#include "core/taxonomy.h"

#include <algorithm>
#include <array>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "core/absl_view.h"
#include "core/nearest_name.h"

namespace privet {
namespace {

constexpr std::array<EntityTypeSpec, kEntityTypeCount> kTaxonomy = {{
#define PRIVET_ENTITY_TYPE(id, group, treatment, name_zh, name_en, description_zh, description_en) \
  {EntityType::id, #id,     TypeGroup::group, Treatment::treatment,                                \
   name_zh,        name_en, description_zh,   description_en},
#include "core/taxonomy.def"
#undef PRIVET_ENTITY_TYPE
}};

// Whether `word` is one of the words that underscores part in `id`.
bool IsWordOf(std::string_view word, std::string_view id) {
  for (size_t at = id.find(word); at != std::string_view::npos; at = id.find(word, at + 1)) {
    const size_t end = at + word.size();
    if ((at == 0 || id[at - 1] == '_') && (end == id.size() || id[end] == '_')) return true;
  }
  return false;
}

// The id that was most likely meant, in whatever case it was written; empty when none is near.
std::string_view NearestEntityTypeId(std::string_view written) {
  constexpr size_t kLongestWorthComparing = 40;
  if (written.empty() || written.size() > kLongestWorthComparing) return {};
  const std::string mistyped = absl::AsciiStrToUpper(AbslView(written));
  constexpr size_t kShortestPrefix = 3;
  for (const EntityTypeSpec& spec : kTaxonomy) {
    if (mistyped.size() >= kShortestPrefix && spec.id.starts_with(mistyped)) return spec.id;  // PER, ORG, LOC
  }
  for (const EntityTypeSpec& spec : kTaxonomy) {
    if (IsWordOf(mistyped, spec.id)) return spec.id;  // PHONE, EMAIL, SSN
  }
  std::array<std::string_view, kTaxonomy.size()> ids;
  std::ranges::transform(kTaxonomy, ids.begin(), &EntityTypeSpec::id);
  return NearestName(mistyped, ids);
}

}  // namespace

std::span<const EntityTypeSpec> Taxonomy() { return kTaxonomy; }

const EntityTypeSpec& Describe(EntityType type) { return kTaxonomy[IndexOf(type)]; }

std::string_view IdOf(EntityType type) { return Describe(type).id; }

std::optional<EntityType> FindEntityType(std::string_view id) {
  for (const EntityTypeSpec& spec : kTaxonomy) {
    if (spec.id == id) return spec.type;
  }
  return std::nullopt;
}

std::string_view NameOf(TypeGroup group) {
  switch (group) {
    case TypeGroup::Identity:
      return "identity";
    case TypeGroup::Contact:
      return "contact";
    case TypeGroup::GovernmentId:
      return "government id";
    case TypeGroup::Finance:
      return "finance";
    case TypeGroup::Account:
      return "account";
    case TypeGroup::Credential:
      return "credential";
    case TypeGroup::Network:
      return "network";
    case TypeGroup::Device:
      return "device";
    case TypeGroup::Vehicle:
      return "vehicle";
    case TypeGroup::Place:
      return "place";
    case TypeGroup::Business:
      return "business";
    case TypeGroup::Other:
      return "other";
  }
  return "other";
}

std::string_view NameOf(Treatment treatment) {
  switch (treatment) {
    case Treatment::Keep:
      return "keep";
    case Treatment::Mask:
      return "mask";
    case Treatment::Replace:
      return "replace";
    case Treatment::Hash:
      return "hash";
    case Treatment::Remove:
      return "remove";
  }
  return "keep";
}

std::string EntityTypeHint(std::string_view mistyped) {
  const std::string_view nearest = NearestEntityTypeId(mistyped);
  if (nearest.empty()) return "; `privet info` lists the types";
  return absl::StrCat("; did you mean ", AbslView(nearest), "?");
}

}  // namespace privet
