#include "training/judge/judge_bundle.h"

#include <algorithm>
#include <fstream>
#include <sstream>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "core/absl_view.h"

namespace privet {
namespace {

// Where rules run with their gates, as they do at every sensible operating point (policy.h).
constexpr double kLeastRuleScore = 0.06;

std::string Quoted(const std::string& text) {
  YAML::Emitter out;
  out << YAML::DoubleQuoted << text;
  return out.c_str();
}

std::string Number(double value) {
  std::ostringstream out;
  out.precision(6);
  out << value;
  return out.str();
}

std::string NameOfType(EntityType type) { return std::string(IdOf(type)); }

// One number, or a mapping with a default.
std::string Thresholds(double value, const std::map<EntityType, double>& by_type) {
  if (by_type.empty()) return Number(value);
  std::string out = absl::StrCat("{default: ", Number(value));
  for (const auto& [type, other] : by_type)
    absl::StrAppend(&out, ", ", NameOfType(type), ": ", Number(other));
  return out + "}";
}

template <typename Values>
std::string ByType(const Values& values, double usual) {
  std::vector<std::string> entries;
  for (const EntityTypeSpec& spec : Taxonomy()) {
    const double value = values[IndexOf(spec.type)];
    if (value != usual) entries.push_back(absl::StrCat(std::string(spec.id), ": ", Number(value)));
  }
  return absl::StrCat("{", absl::StrJoin(entries, ", "), "}");
}

std::string PathIn(const std::filesystem::path& folder, const std::filesystem::path& path) {
  const std::filesystem::path relative = path.lexically_relative(folder);
  return relative.empty() ? path.string() : relative.string();
}

}  // namespace

absl::StatusOr<std::vector<JudgedText>> RunOverRecords(const Pipeline& pipeline,
                                                       std::vector<LabeledRecord> records, double tau,
                                                       const std::function<void(const std::string&)>& warn,
                                                       const std::function<void(size_t done)>& progress) {
  Offer offer = pipeline.contents.offer();
  OperatingPoint point;
  point.name = kDefaultOperatingPoint;
  point.min_score = kLeastRuleScore;
  point.tau = tau;
  offer.operating_points = {point};
  const auto policy = CompilePolicy({}, pipeline.detector->limits(), offer);
  if (!policy.ok()) return policy.status();
  std::vector<JudgedText> texts;
  texts.reserve(records.size());
  for (LabeledRecord& record : records) {
    auto opinions = pipeline.detector->Opinions(record.text, **policy);
    if (opinions.ok()) {
      texts.push_back({std::move(record), *std::move(opinions)});
    } else {
      warn(absl::StrCat(record.origin, ": ", opinions.status().message()));
    }
    if (progress) progress(texts.size());
  }
  return texts;
}

TypeThresholds LeastScoresOf(const OperatingPoint& point) {
  TypeThresholds scores;
  for (const EntityTypeSpec& spec : Taxonomy()) scores[IndexOf(spec.type)] = MinScoreOf(point, spec.type);
  return scores;
}

std::string WriteBundleManifest(const BundleManifest& manifest, const std::filesystem::path& folder) {
  std::vector<std::string> types;
  for (const EntityTypeSpec& spec : Taxonomy()) {
    if (manifest.offer.model_types.test(IndexOf(spec.type))) types.emplace_back(spec.id);
  }
  std::string out = absl::StrCat("name: ", Quoted(manifest.name), "\nversion: ", Quoted(manifest.version),
                                 "\ntypes: [", absl::StrJoin(types, ", "), "]\n");
  const auto stage = [&](const char* name, const StageModel& model, bool with_head) {
    absl::StrAppend(&out, name, ":\n  folder: ", Quoted(PathIn(folder, model.folder)), "\n");
    if (!model.base.empty()) absl::StrAppend(&out, "  base: ", Quoted(PathIn(folder, model.base)), "\n");
    if (with_head)
      absl::StrAppend(&out, "  head: ", model.head == FilterHead::Span ? "span" : "tagger", "\n");
  };
  stage("stage1", manifest.stage1, false);
  if (manifest.stage2.has_value()) stage("stage2", *manifest.stage2, true);
  absl::StrAppend(&out, "windows:\n  max_tokens: ", manifest.windows.max_tokens,
                  "\n  overlap_tokens: ", manifest.windows.overlap_tokens, "\noperating_points:\n");
  for (const OperatingPoint& point : manifest.offer.operating_points) {
    absl::StrAppend(&out, "  ", point.name, ":\n");
    if (!point.description.empty())
      absl::StrAppend(&out, "    description: ", Quoted(point.description), "\n");
    absl::StrAppend(&out, "    tau: ", Thresholds(point.tau, point.tau_by_type),
                    "\n    min_score: ", Thresholds(point.min_score, point.min_score_by_type), "\n");
  }
  const Calibration& calibration = manifest.calibration;
  if (calibration.documents > 0) {
    absl::StrAppend(&out, "calibration:\n  fusion:\n    weights: {");
    for (size_t f = 0; f < kFusionFeatureCount; ++f) {
      absl::StrAppend(&out, f == 0 ? "" : ", ", AbslView(kFusionFeatureNames[f]), ": ",
                      Number(calibration.fusion.weights[f]));
    }
    absl::StrAppend(&out, "}\n    bias: ", ByType(calibration.fusion.bias, 0),
                    "\n    temperature: ", ByType(calibration.fusion.temperature, 1),
                    "\n  documents: ", calibration.documents, "\n");
    if (calibration.alpha.has_value()) {
      absl::StrAppend(&out, "  alpha: ", Number(*calibration.alpha),
                      "\n  operating_point: ", calibration.operating_point, "\n");
    }
  }
  if (!manifest.card.empty()) absl::StrAppend(&out, "card:\n");
  for (const auto& [key, text] : manifest.card) absl::StrAppend(&out, "  ", key, ": ", Quoted(text), "\n");
  return out;
}

absl::Status ReplaceBundleManifest(const BundleManifest& manifest, const std::filesystem::path& folder) {
  const std::string text = WriteBundleManifest(manifest, folder);
  const auto read = ParseBundleManifest(text, folder);
  if (!read.ok())
    return absl::InternalError(absl::StrCat("the new manifest would not be read: ", read.status().message()));
  const std::filesystem::path file = folder / kBundleManifestName;
  const std::filesystem::path temporary = file.string() + ".tmp";
  std::ofstream out(temporary, std::ios::binary | std::ios::trunc);
  out << text << std::flush;
  if (!out)
    return absl::UnavailableError(absl::StrCat(temporary.string(), ": cannot be written; is the disk full?"));
  out.close();
  std::error_code error;
  if (std::filesystem::exists(file)) {
    std::filesystem::copy_file(file, file.string() + ".previous",
                               std::filesystem::copy_options::overwrite_existing, error);
    if (error) return absl::UnavailableError(absl::StrCat(file.string(), ".previous: ", error.message()));
  }
  std::filesystem::rename(temporary, file, error);
  if (error) return absl::UnavailableError(absl::StrCat(file.string(), ": ", error.message()));
  return absl::OkStatus();
}

}  // namespace privet
