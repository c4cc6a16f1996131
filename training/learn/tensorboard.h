// Scalars and curves in TensorBoard's event files.
#ifndef PRIVET_TRAINING_LEARN_TENSORBOARD_H_
#define PRIVET_TRAINING_LEARN_TENSORBOARD_H_

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <span>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "training/judge/curve.h"

namespace privet {

// Appends to one file. An event is a TFRecord (length, masked CRC-32C of it, bytes, masked CRC-32C of those)
// that holds an Event message of TensorFlow's event.proto. What cannot be written is lost without an error: a
// run does not end for that.
class EventFile {
 public:
  // Makes events.out.tfevents.TIME.privet in the folder.
  static absl::StatusOr<EventFile> Create(const std::filesystem::path& folder);
  // Whether Create may have made a file of this name.
  static bool IsNamedAsOne(std::string_view name);

  void Scalar(std::string_view tag, int64_t step, double value);
  // For TensorBoard's PR curves: the points in order of falling threshold, put on 51 even thresholds.
  void PrCurve(std::string_view tag, int64_t step, std::span<const CurvePoint> curve, int64_t gold);
  void Flush() { out_.flush(); }

 private:
  explicit EventFile(std::ofstream out) : out_(std::move(out)) {}
  void WriteEvent(std::string_view event);

  std::ofstream out_;
};

// Castagnoli's CRC (RFC 3720, appendix B.4).
uint32_t Crc32c(std::string_view bytes);

}  // namespace privet

#endif  // PRIVET_TRAINING_LEARN_TENSORBOARD_H_
