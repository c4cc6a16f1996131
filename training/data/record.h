// A text with the entities that someone or something marked in it: what every part of the trainer reads.
#ifndef PRIVET_TRAINING_DATA_RECORD_H_
#define PRIVET_TRAINING_DATA_RECORD_H_

#include <optional>
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

// What a model that has not learned from the text said could be an entity.
struct Proposal {
  Span span;  // as of a LabeledSpan; proposals may overlap
  EntityType type = EntityType::OTHER_ID;
  double probability = 0;  // that the span is one of this type with just these borders, in [0, 1]

  friend bool operator==(const Proposal&, const Proposal&) = default;
};

struct LabeledRecord {
  std::string text;                // valid UTF-8
  std::vector<LabeledSpan> spans;  // in order of position, without overlaps
  // Types whose absence means absence. Where a source never marks places, an unmarked place says nothing, and
  // learning and judging leave it out.
  TypeSet covers = AllTypes();
  std::string origin;  // "FILE:LINE", for messages
  // In order of begin, end and type. None: nobody asked a model; an empty list: it proposed nothing.
  std::optional<std::vector<Proposal>> proposals = {};
  // What else its JSON object holds, as an object's JSON with each value as it was written; empty where there
  // is nothing, or nobody asked for it.
  std::string other_fields;
};

// Puts what the text reads like (core/unescape.h) in its place, spans with it: learning and judging see what
// detection sees.
void Unescape(LabeledRecord* record);

}  // namespace privet

#endif  // PRIVET_TRAINING_DATA_RECORD_H_
