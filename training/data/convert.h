// From the shapes in which people keep annotated text to records.
#ifndef PRIVET_TRAINING_DATA_CONVERT_H_
#define PRIVET_TRAINING_DATA_CONVERT_H_

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "training/data/annotation_shapes.h"
#include "training/data/label_map.h"
#include "training/data/record.h"
#include "training/data/record_reader.h"

namespace privet {

// What offsets count.
enum class OffsetUnit { Auto, Bytes, CodePoints, Utf16 };
inline constexpr std::array<std::string_view, 4> kOffsetUnitNames = {"auto", "bytes", "codepoints", "utf16"};

struct ConvertOptions {
  OffsetUnit unit = OffsetUnit::Auto;
  std::optional<AnnotationShape> shape;  // nothing: as each file and record looks
  LabelMap labels;
  std::optional<TypeSet> covers;  // of every record; empty: what the record says, else all types
};

struct ConvertReport {
  int64_t records = 0;
  int64_t with_entities = 0;
  std::map<EntityType, int64_t> entities;
  std::map<std::string, int64_t> shapes;     // how many records of each
  OffsetUnit unit = OffsetUnit::CodePoints;  // what offsets were taken to count
  bool unit_matters =
      false;  // found, not given: some offsets lie behind characters that units count differently
  // Where the unit was found and another is not ruled out: how many records each puts out of place.
  std::string unit_doubt;
  int64_t nested = 0;         // entities left out because they lie in another, or cross it
  int64_t contradicting = 0;  // values without offsets that came with another label before, which counts
  int64_t left_out_annotations = 0;  // of texts with several, of which the first counts
  int64_t joined_characters = 0;     // texts of columns, put together without spaces
  int64_t joined_words = 0;          // and with spaces between words of letters and digits
  int64_t inside_words = 0;          // marks that begin or end between two letters of the Latin alphabet
  int64_t unaligned = 0;             // values that do not occur in their text
  int64_t mismatched = 0;            // values that are not what stands at their offsets
  int64_t with_covers = 0;           // records that say themselves what they cover
  std::map<std::string, int64_t>
      guessed_labels;  // "per as PERSON": known from common corpora, not from the map
  std::map<std::string, int64_t> ignored_labels;  // told to be left out
  std::set<std::string> given_labels;             // of the user's map, those that some entity has
  std::map<std::string, int64_t> unsure_labels;   // perhaps of some types, which their records do not cover
  // In no map: their records are unusable. At most 50, which look like labels and do not stand in their
  // texts, as a value would that was swapped with its label. Of the others only how often there was one.
  std::map<std::string, int64_t> unknown_labels;
  int64_t hidden_labels = 0;
  std::vector<UnusableLine> unusable;  // the first RecordFile::kMostListed
  int64_t unusable_count = 0;
};

// Gives `take` the records of one file (annotation_files.h, annotation_shapes.h), each with the fields that
// its shape has no use for. Where entities have values and no offsets, each occurrence of a value is marked.
// Entities that lie in another are left out, of crossing ones the later. A record with an unknown label, with
// offsets out of place or with a value that does not occur, or not at its offsets, is unusable and listed;
// nothing is dropped silently, and no text is shown. Holds one record at a time; to tell the unit of offsets
// it reads the file twice. INVALID_ARGUMENT where more than one unit might be meant.
absl::StatusOr<ConvertReport> ConvertFile(const std::string& file, const ConvertOptions& options,
                                          const std::function<void(const LabeledRecord&)>& take);

}  // namespace privet

#endif  // PRIVET_TRAINING_DATA_CONVERT_H_
