// The shapes in which people keep one annotated text, before anything is known of units and labels.
#ifndef PRIVET_TRAINING_DATA_ANNOTATION_SHAPES_H_
#define PRIVET_TRAINING_DATA_ANNOTATION_SHAPES_H_

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/taxonomy.h"

namespace privet {

// Spans to LabelStudio are JSON objects:
//   spans         text, spans: [[begin, end, label]], or objects with begin or start, end, label or type
//   entities      text, entities: the same
//   doccano       text, label or labels: the same
//   label-tree    text, label: {label: {value: [[begin, last]]}} with the last character inside (CLUENER)
//   instruction   input (or instruction), output: an object or its JSON with entities of type and text or
//                 value
//   chat          messages or conversations: the same, in the last assistant's turn about the user's
//                 before it; JSON in a text may stand behind <think></think> and in a fence, ```json
//   label-studio  data, annotations: Label Studio's export
//
// Columns are lines of a token and its tag: of BIO, BIOES, BMES or BILOU, or a label that is known (IO).
enum class AnnotationShape { Spans, Entities, Doccano, LabelTree, Instruction, Chat, LabelStudio, Columns };
inline constexpr std::array<std::string_view, 8> kAnnotationShapeNames = {
    "spans", "entities", "doccano", "label-tree", "instruction", "chat", "label-studio", "columns"};

// Offsets as they were written: of whatever unit, and perhaps of no place.
struct RawRange {
  int64_t begin = 0;
  int64_t end = 0;
};

// What stands between narrow tokens of columns that follow each other: nothing where each is one character,
// otherwise a space.
enum class TokenJoin { Characters, Words };

// An entity as it was written. Without a range its value is looked for; with one it may have a value or none.
struct RawEntity {
  std::optional<RawRange> range;
  std::string label;
  std::string value;
};

struct RawRecord {
  std::string text;
  std::vector<RawEntity> entities;
  std::optional<AnnotationShape> shape;
  std::string origin;
  std::string fault;                 // why it cannot be used; empty: nothing yet
  std::optional<TypeSet> covers;     // as the record itself says
  int64_t left_out_annotations = 0;  // of the same text, behind the one that counts
  std::optional<TokenJoin> join;     // of columns where it makes a difference
  std::string other_fields;          // what the shape has no use for, as in a LabeledRecord; empty: nothing
};

// One JSON object, of the shape given or, without, of the first whose keys it has. Label Studio's other data
// are fields of the record, too. What is wrong is the record's fault.
RawRecord ReadAnnotation(std::string_view json, std::optional<AnnotationShape> shape);

}  // namespace privet

#endif  // PRIVET_TRAINING_DATA_ANNOTATION_SHAPES_H_
