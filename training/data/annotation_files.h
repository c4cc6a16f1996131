// Files of annotated texts, one text at a time.
#ifndef PRIVET_TRAINING_DATA_ANNOTATION_FILES_H_
#define PRIVET_TRAINING_DATA_ANNOTATION_FILES_H_

#include <functional>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "training/data/annotation_shapes.h"
#include "training/data/label_map.h"

namespace privet {

// Gives `take` each record of a file, with its origin: JSON Lines where the file begins with an object, a
// JSON array where with a bracket, else columns (blank lines between texts), if all its lines have tags;
// `shape` says which where it is given. `labels` tell a tag that is a label alone from a piece of text. Holds
// one record at a time. An error, without any text, where the file cannot be read, an array is broken, or a
// file that is none of these, after what came before.
absl::Status ForEachAnnotation(const std::string& file, std::optional<AnnotationShape> shape,
                               const LabelMap& labels, const std::function<void(RawRecord)>& take);

}  // namespace privet

#endif  // PRIVET_TRAINING_DATA_ANNOTATION_FILES_H_
