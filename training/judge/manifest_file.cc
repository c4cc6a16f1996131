#include "training/judge/manifest_file.h"

#include <fcntl.h>
#include <unistd.h>
#include <yaml-cpp/yaml.h>

#include <cerrno>
#include <cstring>
#include <map>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "core/absl_view.h"
#include "core/read_file.h"
#include "training/data/output_file.h"

namespace privet {
namespace {

std::string Number(double number) { return absl::StrFormat("%.6g", number); }

// Text as YAML has it, quoted where need be.
std::string Scalar(const std::string& text) {
  YAML::Emitter emitter;
  emitter << text;
  // What would go over several lines goes into quotes, in one.
  if (std::string_view(emitter.c_str()).find('\n') == std::string_view::npos) return emitter.c_str();
  YAML::Emitter quoted;
  quoted << YAML::DoubleQuoted << text;
  return quoted.c_str();
}

template <typename Numbers>
std::string Mapping(const Numbers& by_type, const std::string& first) {
  std::string entries = first;
  for (const auto& [type, number] : by_type) {
    absl::StrAppend(&entries, entries.empty() ? "" : ", ", std::string(IdOf(type)), ": ", Number(number));
  }
  return absl::StrCat("{", entries, "}");
}

std::string Threshold(double others, const std::map<EntityType, double>& by_type) {
  return by_type.empty() ? Number(others) : Mapping(by_type, absl::StrCat("default: ", Number(others)));
}

std::string PointsBlock(const std::vector<OperatingPoint>& points) {
  std::string block = "operating_points:\n";
  for (const OperatingPoint& point : points) {
    absl::StrAppend(&block, "  ", Scalar(point.name), ":\n");
    if (!point.description.empty())
      absl::StrAppend(&block, "    description: ", Scalar(point.description), "\n");
    absl::StrAppend(&block, "    tau: ", Threshold(point.tau, point.tau_by_type), "\n");
    absl::StrAppend(&block, "    min_score: ", Threshold(point.min_score, point.min_score_by_type), "\n");
    if (point.min_score_without_han.has_value()) {
      absl::StrAppend(&block, "    min_score_without_han: ",
                      Threshold(*point.min_score_without_han, point.min_score_without_han_by_type), "\n");
    }
  }
  return block;
}

std::string CalibrationBlock(const Calibration& calibration) {
  const FusionModel& fusion = calibration.fusion;
  std::string weights;
  for (size_t i = 0; i < kFusionFeatureCount; ++i) {
    absl::StrAppend(&weights, i == 0 ? "" : ", ", AbslView(kFusionFeatureNames[i]), ": ",
                    Number(fusion.weights[i]));
  }
  std::map<EntityType, double> bias, temperature;
  for (const EntityTypeSpec& spec : Taxonomy()) {
    const size_t t = IndexOf(spec.type);
    if (fusion.bias[t] != 0) bias[spec.type] = fusion.bias[t];
    if (fusion.temperature[t] != 1) temperature[spec.type] = fusion.temperature[t];
  }
  std::string block = absl::StrCat("calibration:\n  fusion:\n    weights: {", weights, "}\n");
  if (!bias.empty()) absl::StrAppend(&block, "    bias: ", Mapping(bias, ""), "\n");
  if (!temperature.empty()) absl::StrAppend(&block, "    temperature: ", Mapping(temperature, ""), "\n");
  absl::StrAppend(&block, "  documents: ", calibration.documents, "\n");
  if (calibration.alpha.has_value()) {
    absl::StrAppend(&block, "  alpha: ", Number(*calibration.alpha),
                    "\n  operating_point: ", calibration.operating_point, "\n");
  }
  if (!calibration.split.empty()) absl::StrAppend(&block, "  split: ", Scalar(calibration.split), "\n");
  if (calibration.seed.has_value()) absl::StrAppend(&block, "  seed: ", *calibration.seed, "\n");
  return block;
}

// The lines of a top-level key's block: from the key to the next line that begins one. Comments and empty
// lines before the next key belong to what comes after.
struct Block {
  size_t begin = std::string_view::npos;
  size_t end = 0;
};
Block FindBlock(std::string_view text, std::string_view key) {
  Block block;
  for (size_t at = 0; at < text.size();) {
    const size_t line_end = std::min(text.find('\n', at), text.size() - 1) + 1;
    const std::string_view line = text.substr(at, line_end - at);
    const bool inside = line.front() == ' ' || line.front() == '\t';
    const bool aside = line.front() == '#' || line.front() == '\n' || line.front() == '\r';
    const bool is_key = line.starts_with(key) && line.size() > key.size() && line[key.size()] == ':';
    if (block.begin == std::string_view::npos) {
      if (is_key) block = {at, line_end};
    } else if (inside || line.front() == '}' || line.front() == ']') {
      block.end = line_end;
    } else if (!aside) {
      break;
    }
    at = line_end;
  }
  return block;
}

void PutBlock(std::string_view key, const std::string& content, std::string* text) {
  const Block block = FindBlock(*text, key);
  if (block.begin != std::string_view::npos) {
    text->replace(block.begin, block.end - block.begin, content);
    return;
  }
  // A new one goes before the card, which is last by custom.
  const Block card = FindBlock(*text, "card");
  text->insert(card.begin == std::string_view::npos ? text->size() : card.begin, content);
}

bool Same(const OperatingPoint& a, const OperatingPoint& b) {
  const auto written = [](double number) { return Number(number); };
  if (a.name != b.name || a.description != b.description) return false;
  for (const EntityTypeSpec& spec : Taxonomy()) {
    for (const bool has_han : {true, false}) {
      if (written(MinScoreOf(a, spec.type, has_han)) != written(MinScoreOf(b, spec.type, has_han)))
        return false;
    }
    if (written(TauOf(a, spec.type)) != written(TauOf(b, spec.type))) return false;
  }
  return true;
}

absl::Status SystemError(std::string_view what, const std::filesystem::path& path) {
  return absl::UnavailableError(
      absl::StrCat(path.string(), ": ", AbslView(what), ": ", std::strerror(errno)));
}

}  // namespace

absl::StatusOr<std::string> WithCalibration(std::string_view manifest, const std::filesystem::path& folder,
                                            const std::vector<OperatingPoint>& points,
                                            const Calibration& calibration) {
  std::string text(manifest);
  const std::string file = (folder / kBundleManifestName).string();
  if (FindBlock(text, "name").begin == std::string_view::npos) {
    return absl::InvalidArgumentError(absl::StrCat(
        file,
        ": cannot be written anew; give each key, such as `name:`, a line of its own at the left margin"));
  }
  if (text.back() != '\n') text += '\n';
  PutBlock("operating_points", PointsBlock(points), &text);
  PutBlock("calibration", CalibrationBlock(calibration), &text);

  const absl::StatusOr<BundleManifest> read = ParseBundleManifest(text, folder);
  if (!read.ok()) return read.status();
  bool same = read->offer.operating_points.size() == points.size() &&
              read->calibration.documents == calibration.documents &&
              read->calibration.alpha.has_value() == calibration.alpha.has_value();
  for (size_t i = 0; same && i < points.size(); ++i) same = Same(points[i], read->offer.operating_points[i]);
  if (!same) {
    return absl::InternalError(absl::StrCat(
        file, ": says something else once it is written anew; it stays as it was. Write its keys in blocks"));
  }
  return text;
}

absl::Status ReplaceManifest(const std::filesystem::path& folder, std::string_view content) {
  const std::filesystem::path path = folder / kBundleManifestName;
  const std::filesystem::path next = path.string() + ".next", previous = path.string() + ".previous";
  const int file = open(next.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (file < 0) return SystemError("cannot be written", next);
  size_t written = 0;
  while (written < content.size()) {
    const ssize_t count = write(file, content.data() + written, content.size() - written);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) break;
    written += static_cast<size_t>(count);
  }
  const bool whole = written == content.size() && fsync(file) == 0;
  absl::Status status = whole ? absl::OkStatus() : SystemError("cannot be written", next);
  if (close(file) != 0) status.Update(SystemError("cannot be written", next));
  std::error_code error;
  if (status.ok() && std::filesystem::exists(path, error)) {
    status = CopyWholeFile(path, previous);
  }
  if (status.ok()) {
    std::filesystem::rename(next, path, error);
    if (error) status = absl::UnavailableError(absl::StrCat(path.string(), ": ", error.message()));
  }
  if (!status.ok()) std::filesystem::remove(next, error);
  return status;
}

absl::StatusOr<std::string> ReadManifest(const std::filesystem::path& folder) {
  return ReadFile((folder / kBundleManifestName).string());
}

}  // namespace privet
