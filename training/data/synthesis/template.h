// Carrier snippets: texts with slots where personal data stands.
#ifndef PRIVET_TRAINING_DATA_SYNTHESIS_TEMPLATE_H_
#define PRIVET_TRAINING_DATA_SYNTHESIS_TEMPLATE_H_

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "core/taxonomy.h"
#include "training/data/synthesis/readings.h"

namespace privet {

enum class SlotFamily : uint8_t { Person, Latin, Pinyin, Name, Organization, Place, Value };

enum class SlotKind : uint8_t {
#define PRIVET_SLOT(name, ...) name,
#define PRIVET_UNLABELED_SLOT(name, ...) name,
#include "training/data/synthesis/slots.def"
#undef PRIVET_UNLABELED_SLOT
#undef PRIVET_SLOT
};

struct SlotSpec {
  SlotKind kind;
  std::string_view name;           // "PER"
  std::optional<EntityType> type;  // nothing: the filler is no personal data
  SlotFamily family;
  std::string_view list_zh, list_en, list_hant;
};

// Every kind of slot, in the order of the enumerators.
std::span<const SlotSpec> Slots();
const SlotSpec& Describe(SlotKind kind);

// How values must be written to stand in a snippet.
enum class Notation : uint8_t { Prose, Json, Sql, Xml, Csv };
// Lower: in half of the fillings, as names in hasty text have capitals at times.
enum class Casing : uint8_t { AsDrawn, Lower, Upper };

struct TemplatePart {
  enum class Kind : uint8_t { Text, Slot, Open, Close };
  Kind kind = Kind::Text;
  std::string text = {};                // Text
  SlotKind slot = SlotKind::PER;        // Slot
  int tag = 0;                          // Slot: the n of {NAME#n}; 0 for none
  bool same_place = false;              // Slot: lies in the region of the place slot before it
  bool after_place = false;             // Slot: an organisation that touches a place, which it may begin with
  bool before_branch = false;           // Slot: a bank or company whose branch follows in the snippet
  std::optional<EntityType> type = {};  // Open
};

struct Template {
  std::vector<TemplatePart> parts;
  std::string origin;  // "FILE:LINE"
  Notation notation = Notation::Prose;
  Casing casing = Casing::AsDrawn;
  bool document = false;     // holds typed values of its writer
  bool english = false;      // no Chinese character in it
  bool traditional = false;  // written in traditional characters
};

// One line of a template or document file: slots `{NAME}` and `{NAME#1}`, typed values `[[TYPE|value]]` whose
// value may hold slots, and the escapes \n, \t and \\ where they are not part of code. Braces around anything
// but capitals are text. Places that touch from larger to smaller become one typed value, an address where
// they end in one; so does a place with the institution that follows it, and a bank with its branch. An
// unknown slot or type is an error that begins with `origin`.
absl::StatusOr<Template> ParseTemplate(std::string_view line, std::string origin,
                                       const HanReadings& readings);

// A file of them, one a line. Empty lines are left out, and lines that start with "# " and hold no typed
// value.
absl::StatusOr<std::vector<Template>> ParseTemplates(std::string_view name, std::string_view content,
                                                     const HanReadings& readings);

}  // namespace privet

#endif  // PRIVET_TRAINING_DATA_SYNTHESIS_TEMPLATE_H_
