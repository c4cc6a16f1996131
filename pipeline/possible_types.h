// Which types a value cannot be, however surely a model says so.
#ifndef PRIVET_PIPELINE_POSSIBLE_TYPES_H_
#define PRIVET_PIPELINE_POSSIBLE_TYPES_H_

#include <string_view>

#include "core/taxonomy.h"
#include "tagging/span_reading.h"

namespace privet {

// Types of a fixed length or alphabet that `value`, valid UTF-8, has not: a resident ID has 15 or 18 signs, a
// VIN 17, an IPv4 address four numbers up to 255. Read folded (core/folded_text.h), and with room for slips
// of the pen. None where a part is hidden (****) or spelt in words, since models are there for odd writings.
TypeSet ImpossibleTypes(std::string_view value);

// A reading of the value without those types. What was said of them goes to OTHER_ID, where the reader knows
// it and the value has four digits or more: a number that a model took for a wrong kind is still one.
void RuleOutImpossible(std::string_view value, SpanReading* reading);

}  // namespace privet

#endif  // PRIVET_PIPELINE_POSSIBLE_TYPES_H_
