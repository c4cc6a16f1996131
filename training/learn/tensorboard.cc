#include "training/learn/tensorboard.h"

#include <array>
#include <bit>
#include <cmath>
#include <ctime>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/absl_view.h"

namespace privet {
namespace {

// A file's name, around the time at which it was made.
constexpr std::string_view kNameBegin = "events.out.tfevents.";
constexpr std::string_view kNameEnd = ".privet";

// The wire format of protocol buffers, as far as event.proto needs it.
void PutVarint(uint64_t value, std::string* out) {
  while (value >= 0x80) {
    out->push_back(static_cast<char>(value | 0x80));
    value >>= 7;
  }
  out->push_back(static_cast<char>(value));
}

void PutFixed(uint64_t value, int bytes, std::string* out) {
  for (int i = 0; i < bytes; ++i) out->push_back(static_cast<char>(value >> (8 * i)));
}

void PutInteger(int field, int64_t value, std::string* out) {
  PutVarint(static_cast<uint64_t>(field) << 3, out);
  PutVarint(static_cast<uint64_t>(value), out);
}

void PutDouble(int field, double value, std::string* out) {
  PutVarint((static_cast<uint64_t>(field) << 3) | 1, out);
  PutFixed(std::bit_cast<uint64_t>(value), 8, out);
}

void PutFloat(int field, float value, std::string* out) {
  PutVarint((static_cast<uint64_t>(field) << 3) | 5, out);
  PutFixed(std::bit_cast<uint32_t>(value), 4, out);
}

void PutBytes(int field, std::string_view bytes, std::string* out) {
  PutVarint((static_cast<uint64_t>(field) << 3) | 2, out);
  PutVarint(bytes.size(), out);
  out->append(bytes);
}

double Now() {
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

// TFRecord's mask, so that a CRC of data that holds CRCs stays useful.
uint32_t Masked(uint32_t crc) { return std::rotr(crc, 15) + 0xA282EAD8; }

std::string EventOf(int64_t step, std::string_view value) {
  std::string summary;
  PutBytes(1, value, &summary);
  std::string event;
  PutDouble(1, Now(), &event);
  PutInteger(2, step, &event);
  PutBytes(5, summary, &event);
  return event;
}

}  // namespace

uint32_t Crc32c(std::string_view bytes) {
  static constexpr auto kTable = [] {
    std::array<uint32_t, 256> table{};
    for (uint32_t i = 0; i < 256; ++i) {
      uint32_t crc = i;
      for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) != 0 ? 0x82F63B78 : 0);
      table[i] = crc;
    }
    return table;
  }();
  uint32_t crc = ~uint32_t{0};
  for (const char c : bytes) crc = (crc >> 8) ^ kTable[(crc ^ static_cast<unsigned char>(c)) & 0xFF];
  return ~crc;
}

absl::StatusOr<EventFile> EventFile::Create(const std::filesystem::path& folder) {
  const std::filesystem::path file =
      folder / absl::StrCat(AbslView(kNameBegin), static_cast<int64_t>(Now() * 1e3), AbslView(kNameEnd));
  std::ofstream out(file, std::ios::binary);
  if (!out) return absl::UnavailableError(absl::StrCat(file.string(), ": cannot be written"));
  EventFile events(std::move(out));
  std::string event;
  PutDouble(1, Now(), &event);
  PutBytes(3, "brain.Event:2", &event);
  events.WriteEvent(event);
  return events;
}

bool EventFile::IsNamedAsOne(std::string_view name) {
  return name.starts_with(kNameBegin) && name.ends_with(kNameEnd);
}

void EventFile::WriteEvent(std::string_view event) {
  std::string head;
  PutFixed(event.size(), 8, &head);
  PutFixed(Masked(Crc32c(head)), 4, &head);
  std::string tail;
  PutFixed(Masked(Crc32c(event)), 4, &tail);
  out_ << head << event << tail;
}

void EventFile::Scalar(std::string_view tag, int64_t step, double value) {
  std::string summary_value;
  PutBytes(1, tag, &summary_value);
  PutFloat(2, static_cast<float>(value), &summary_value);
  WriteEvent(EventOf(step, summary_value));
}

void EventFile::PrCurve(std::string_view tag, int64_t step, std::span<const CurvePoint> curve, int64_t gold) {
  constexpr int kThresholds = 51;
  // Rows of the plugin's tensor: true and false positives, true and false negatives, precision, recall.
  std::array<std::array<float, kThresholds>, 6> rows{};
  for (int i = 0; i < kThresholds; ++i) {
    const double threshold = static_cast<double>(i) / (kThresholds - 1);
    const auto at = static_cast<size_t>(i);
    for (const CurvePoint& point : curve) {
      if (point.threshold < threshold) break;
      const double right = point.recall * static_cast<double>(gold);
      rows[0][at] = static_cast<float>(right);
      rows[1][at] = static_cast<float>(point.precision > 0 ? right / point.precision - right : 0);
      rows[4][at] = static_cast<float>(point.precision);
      rows[5][at] = static_cast<float>(point.recall);
    }
    rows[3][at] = static_cast<float>(gold) - rows[0][at];
  }
  std::string content;
  for (const auto& row : rows) {
    for (const float value : row) PutFixed(std::bit_cast<uint32_t>(value), 4, &content);
  }
  std::string shape;
  for (const int64_t size : {int64_t{6}, int64_t{kThresholds}}) {
    std::string dimension;
    PutInteger(1, size, &dimension);
    PutBytes(2, dimension, &shape);
  }
  std::string tensor;
  PutInteger(1, 1, &tensor);  // DT_FLOAT
  PutBytes(2, shape, &tensor);
  PutBytes(4, content, &tensor);
  std::string plugin_content;
  PutInteger(2, kThresholds, &plugin_content);
  std::string plugin;
  PutBytes(1, "pr_curves", &plugin);
  PutBytes(2, plugin_content, &plugin);
  std::string metadata;
  PutBytes(1, plugin, &metadata);
  std::string value;
  PutBytes(1, tag, &value);
  PutBytes(8, tensor, &value);
  PutBytes(9, metadata, &value);
  WriteEvent(EventOf(step, value));
}

}  // namespace privet
