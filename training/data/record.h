// A text with the entities that someone or something marked in it: what every part of the trainer reads.
#ifndef PRIVET_TRAINING_DATA_RECORD_H_
#define PRIVET_TRAINING_DATA_RECORD_H_

#include <string>
#include <vector>

#include "core/span.h"
#include "core/taxonomy.h"

namespace privet {

struct LabeledSpan {
  Span span;  // bytes of the record's text, never empty, at code point borders
  EntityType type = EntityType::OTHER_ID;

  friend bool operator==(const LabeledSpan&, const LabeledSpan&) = default;
};

struct LabeledRecord {
  std::string text;                // valid UTF-8
  std::vector<LabeledSpan> spans;  // in order of position, without overlaps
  // Types whose absence means absence. Where a source never marks places, an unmarked place says nothing, and
  // learning and judging leave it out.
  TypeSet covers = AllTypes();
  std::string origin;  // "FILE:LINE", for messages
  // What else its JSON object holds, as an object's JSON; empty where there is nothing, or nobody asked for
  // it.
  std::string other_fields;
};

}  // namespace privet

#endif  // PRIVET_TRAINING_DATA_RECORD_H_
