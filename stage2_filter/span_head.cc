#include "stage2_filter/span_head.h"

#include <algorithm>
#include <cmath>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "core/absl_view.h"
#include "qwen3/safetensors.h"

namespace privet {
namespace {

// Far above any real head's, and small enough that no product of sizes overflows.
constexpr int64_t kLargestSize = 1 << 16;

// Reads tensors of one file, and remembers the first fault.
class HeadFile {
 public:
  HeadFile(const SafetensorsFolder& tensors, std::string file) : tensors_(tensors), file_(std::move(file)) {}

  // The first dimension of a matrix; 0 where there is none.
  int64_t Rows(std::string_view name) {
    const TensorRef* const tensor = tensors_.Find(name);
    if (tensor == nullptr) return Fail(name, "missing"), 0;
    if (tensor->shape.size() != 2 || tensor->shape[0] < 1 || tensor->shape[0] > kLargestSize)
      return Fail(name, absl::StrCat("has shape [", absl::StrJoin(tensor->shape, ", "),
                                     "], but a matrix is needed")),
             0;
    return tensor->shape[0];
  }

  std::vector<float> Read(std::string_view name, const std::vector<int64_t>& shape) {
    const TensorRef* const tensor = tensors_.Find(name);
    if (tensor == nullptr) return Fail(name, "missing"), std::vector<float>();
    if (tensor->shape != shape) {
      return Fail(name, absl::StrCat("has shape [", absl::StrJoin(tensor->shape, ", "), "], but [",
                                     absl::StrJoin(shape, ", "), "] is needed")),
             std::vector<float>();
    }
    std::vector<float> values(static_cast<size_t>(tensor->elements()));
    if (!ReadAsFloat(*tensor, values.data()))
      Fail(name, absl::StrCat("is ", tensor->dtype_name, "; F32, BF16 or F16 is needed"));
    if (!std::all_of(values.begin(), values.end(), [](float value) { return std::isfinite(value); }))
      Fail(name, "holds what is no number; train the head anew, with a lower learning rate");
    return values;
  }

  void Fail(std::string_view name, std::string_view reason) {
    status_.Update(absl::InvalidArgumentError(
        absl::StrCat(file_, ": tensor '", AbslView(name), "': ", AbslView(reason))));
  }
  const absl::Status& status() const { return status_; }

 private:
  const SafetensorsFolder& tensors_;
  std::string file_;
  absl::Status status_;
};

absl::StatusOr<std::vector<std::optional<EntityType>>> ParseClasses(std::span<const std::string> names) {
  std::vector<std::optional<EntityType>> classes;
  TypeSet seen;
  bool has_none = false;
  for (size_t i = 0; i < names.size(); ++i) {
    const bool none = names[i] == "O";
    const std::optional<EntityType> type = FindEntityType(names[i]);
    if (!none && !type.has_value()) {
      return absl::InvalidArgumentError(
          absl::StrCat("config.json: id2label[", i,
                       "]: a span head's classes are O and ids of entity types, without tags"));
    }
    if (none ? has_none : seen.test(IndexOf(*type)))
      return absl::InvalidArgumentError(absl::StrCat("config.json: id2label[", i, "]: stands twice"));
    if (none) {
      has_none = true;
      classes.push_back(std::nullopt);
    } else {
      seen.set(IndexOf(*type));
      classes.push_back(type);
    }
  }
  if (!has_none || seen.none())
    return absl::InvalidArgumentError("config.json: id2label: must have O, for no entity, and a type");
  return classes;
}

double Gelu(double x) { return 0.5 * x * (1 + std::erf(x / std::sqrt(2.0))); }

}  // namespace

absl::StatusOr<std::pair<SpanHead, LinearMap>> SpanHead::Load(const std::filesystem::path& folder,
                                                              std::span<const std::string> classes,
                                                              int64_t hidden_size) {
  auto parsed = ParseClasses(classes);
  if (!parsed.ok()) {
    return absl::Status(parsed.status().code(),
                        absl::StrCat(folder.string(), "/", parsed.status().message()));
  }
  const auto tensors = SafetensorsFolder::Open(folder, "head");
  if (!tensors.ok()) return tensors.status();
  HeadFile file(**tensors, (folder / "head.safetensors").string());
  const int64_t size = file.Rows("begin.weight");
  const int64_t widths = file.Rows("width.weight");
  const auto class_count = static_cast<int64_t>(classes.size());
  if (!file.status().ok()) return file.status();

  SpanHead head;
  head.size_ = static_cast<size_t>(size);
  head.widths_ = static_cast<size_t>(widths);
  head.width_ = file.Read("width.weight", {widths, size});
  head.bias_ = file.Read("hidden.bias", {size});
  head.type_weight_ = file.Read("type.weight", {class_count, size});
  head.type_bias_ = file.Read("type.bias", {class_count});
  head.classes_ = *std::move(parsed);
  for (const std::optional<EntityType>& type : head.classes_) {
    if (type.has_value()) head.types_.set(IndexOf(*type));
  }
  LinearMap map;
  map.outputs = 3 * size;
  for (const char* name : {"begin.weight", "end.weight", "inside.weight"}) {
    const std::vector<float> part = file.Read(name, {size, hidden_size});
    map.weight.insert(map.weight.end(), part.begin(), part.end());
  }
  if (!file.status().ok()) return file.status();
  return std::make_pair(std::move(head), std::move(map));
}

SpanReading SpanHead::ReadingOfScores(std::span<const double> scores) const {
  const double highest = *std::max_element(scores.begin(), scores.end());
  double sum = 0;
  for (const double score : scores) sum += std::exp(score - highest);
  std::array<double, kEntityTypeCount> probabilities{};
  for (size_t c = 0; c < classes_.size(); ++c) {
    const std::optional<EntityType> type = classes_[c];
    if (type.has_value()) probabilities[IndexOf(*type)] = std::exp(scores[c] - highest) / sum;
  }
  return ReadingOf(types_, probabilities);
}

absl::StatusOr<std::vector<SpanReading>> SpanHead::Read(std::span<const float> rows,
                                                        std::span<const TokenRange> spans) const {
  for (const float value : rows) {
    if (!std::isfinite(value))
      return absl::InternalError("stage 2: the model gave something that is no number");
  }
  const size_t tokens = rows.size() / (3 * size_);
  // inside[i] is the sum of the tokens before i, so that any span's mean is a difference.
  std::vector<double> inside((tokens + 1) * size_, 0.0);
  for (size_t i = 0; i < tokens; ++i) {
    const float* const row = rows.data() + i * 3 * size_ + 2 * size_;
    for (size_t k = 0; k < size_; ++k) inside[(i + 1) * size_ + k] = inside[i * size_ + k] + row[k];
  }
  std::vector<SpanReading> readings;
  readings.reserve(spans.size());
  std::vector<double> x(size_);
  std::vector<double> scores(classes_.size());
  for (const TokenRange& span : spans) {
    const float* const begin = rows.data() + span.begin * 3 * size_;
    const float* const end = rows.data() + (span.end - 1) * 3 * size_ + size_;
    const float* const width = width_.data() + (std::min(span.size(), widths_) - 1) * size_;
    const double share = 1.0 / static_cast<double>(span.size());
    for (size_t k = 0; k < size_; ++k) {
      const double mean = (inside[span.end * size_ + k] - inside[span.begin * size_ + k]) * share;
      x[k] = Gelu(begin[k] + end[k] + mean + width[k] + bias_[k]);
    }
    for (size_t c = 0; c < classes_.size(); ++c) {
      const float* const weight = type_weight_.data() + c * size_;
      double score = type_bias_[c];
      for (size_t k = 0; k < size_; ++k) score += weight[k] * x[k];
      scores[c] = score;
    }
    readings.push_back(ReadingOfScores(scores));
  }
  return readings;
}

}  // namespace privet
