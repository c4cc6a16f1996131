#include "pipeline/bundle_manifest.h"

#include <algorithm>
#include <array>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "core/absl_view.h"
#include "core/field_error.h"
#include "core/utf8.h"
#include "core/yaml_reader.h"
#include "tagging/span_marginals.h"

namespace privet {
namespace {

constexpr size_t kMostNameBytes = 64;
constexpr size_t kMostPathBytes = 1000;
constexpr size_t kMostDescriptionBytes = 500;
constexpr size_t kMostOperatingPoints = 16;
constexpr size_t kMostCardBytes = 4000;

// Also refuses NaN.
bool IsWithin(double value, double least, double most) { return value >= least && value <= most; }

bool IsName(std::string_view name) {
  return !name.empty() && name.size() <= kMostNameBytes && std::all_of(name.begin(), name.end(), [](char c) {
    return c == '.' || c == '_' || c == '-' || absl::ascii_isalnum(static_cast<unsigned char>(c));
  });
}
constexpr const char* kNameRule = "must be 1 to 64 letters, digits, '.', '_' or '-'";

// What is wrong with words that people read, or nothing. They also travel in messages, which are UTF-8.
std::string TextFault(std::string_view text, size_t most_bytes) {
  if (text.empty()) return "is empty";
  if (text.size() > most_bytes) {
    return absl::StrCat("has ", text.size(), " bytes, at most ", most_bytes, " are allowed");
  }
  return FindInvalidUtf8(text) == std::string_view::npos ? "" : "is not UTF-8";
}

std::string PathFault(std::string_view path) {
  std::string fault = TextFault(path, kMostPathBytes);
  if (fault.empty() && path.find('\0') != std::string_view::npos) fault = "holds a zero byte";
  return fault;
}

absl::StatusOr<TypeSet> ParseTypes(YamlMapping& bundle) {
  const std::vector<std::string> ids = bundle.Strings("types");
  if (ids.empty()) return bundle.Error("types", "missing; list the types that the models find");
  TypeSet types;
  for (const std::string& id : ids) {
    const std::optional<EntityType> type = FindEntityType(id);
    if (!type.has_value())
      return bundle.Error("types", absl::StrCat("'", id, "' is not an entity type", EntityTypeHint(id)));
    if (types.test(IndexOf(*type))) return bundle.Error("types", absl::StrCat(id, " stands twice"));
    types.set(IndexOf(*type));
  }
  return types;
}

// A stage that is there.
absl::StatusOr<StageModel> ParseStage(const YAML::Node& node, std::string_view file, std::string_view where,
                                      const std::filesystem::path& bundle_folder, bool may_have_span_head) {
  YamlMapping mapping(node, file, where);
  const std::string folder = mapping.String("folder");
  const std::string base = mapping.String("base", "");
  const std::string head =
      may_have_span_head ? mapping.String("head") : std::string(NameOf(FilterHead::Tagger));
  if (absl::Status status = mapping.Finish(); !status.ok()) return status;

  if (const std::string fault = PathFault(folder); !fault.empty()) return mapping.Error("folder", fault);
  const std::filesystem::path inside = std::filesystem::path(folder).lexically_normal();
  if (inside.is_absolute() || *inside.begin() == "..") {
    return mapping.Error("folder", "must lie in the bundle; only `base` may be somewhere else");
  }
  StageModel stage;
  stage.folder = bundle_folder / inside;
  if (mapping.Has("base")) {
    if (const std::string fault = PathFault(base); !fault.empty()) return mapping.Error("base", fault);
    stage.base = (bundle_folder / base).lexically_normal();  // an absolute one stays as it is
  }
  if (head == NameOf(FilterHead::Span)) {
    stage.head = FilterHead::Span;
  } else if (head != NameOf(FilterHead::Tagger)) {
    return mapping.Error("head", "must be tagger or span");
  }
  stage.line = mapping.LineOf("folder");
  return stage;
}

absl::StatusOr<WindowSizes> ParseWindows(const YAML::Node& node, std::string_view file) {
  WindowSizes sizes;
  if (!node) return sizes;
  YamlMapping mapping(node, file, "windows");
  const int64_t max_tokens = mapping.Integer("max_tokens", static_cast<int64_t>(sizes.max_tokens));
  const int64_t overlap_tokens =
      mapping.Integer("overlap_tokens", static_cast<int64_t>(sizes.overlap_tokens));
  if (absl::Status status = mapping.Finish(); !status.ok()) return status;
  if (max_tokens < 0) return mapping.Error("max_tokens", "must not be negative");
  if (overlap_tokens < 0) return mapping.Error("overlap_tokens", "must not be negative");
  sizes = {static_cast<size_t>(max_tokens), static_cast<size_t>(overlap_tokens)};
  if (absl::Status status = ValidateWindowSizes(sizes); !status.ok()) {
    const FieldViolation violation = ViolationOf(status);
    return mapping.Error(violation.field, violation.description);
  }
  return sizes;
}

// One number for all types, or a mapping with `default` and other numbers for some of `allowed`.
struct Threshold {
  double others = 0;
  std::map<EntityType, double> by_type;
};

absl::StatusOr<Threshold> ParseThreshold(YamlMapping& point, std::string_view key, std::string_view file,
                                         std::string_view where, double least, const TypeSet& allowed) {
  constexpr double kMost = 1;
  const std::string range = absl::StrCat("must be ", least, " to ", kMost);
  const YAML::Node node = point.Node(key);
  if (!node) return point.Error(key, "missing; give a number, or a mapping of types with `default`");
  Threshold threshold;
  if (!node.IsMap()) {
    if (!node.IsScalar() || !YAML::convert<double>::decode(node, threshold.others)) {
      return point.Error(key, "must be a number, or a mapping of types with `default`");
    }
    if (!IsWithin(threshold.others, least, kMost)) return point.Error(key, range);
    return threshold;
  }
  YamlMapping mapping(node, file, absl::StrCat(AbslView(where), ": ", AbslView(key)));
  threshold.others = mapping.Number("default");
  for (const EntityTypeSpec& spec : Taxonomy()) {
    const double number = mapping.Number(spec.id, least);
    if (mapping.Has(spec.id)) threshold.by_type[spec.type] = number;
  }
  if (absl::Status status = mapping.Finish(); !status.ok()) return status;
  if (!IsWithin(threshold.others, least, kMost)) return mapping.Error("default", range);
  for (const auto& [type, number] : threshold.by_type) {
    if (!allowed.test(IndexOf(type))) return mapping.Error(IdOf(type), "is not among the bundle's types");
    if (!IsWithin(number, least, kMost)) return mapping.Error(IdOf(type), range);
  }
  return threshold;
}

absl::StatusOr<OperatingPoint> ParseOperatingPoint(const std::string& name, const YAML::Node& node,
                                                   std::string_view file, const TypeSet& model_types) {
  const std::string where = absl::StrCat("operating point '", name, "'");
  YamlMapping mapping(node, file, where);
  OperatingPoint point;
  point.name = name;
  point.description = mapping.String("description", "");
  if (!node.IsMap()) return mapping.Finish();
  absl::StatusOr<Threshold> tau =
      ParseThreshold(mapping, "tau", file, where, SpanMarginals::kLowestTau, model_types);
  if (!tau.ok()) return tau.status();
  // Rules' findings have to reach it too, so it may name types that no model fills.
  absl::StatusOr<Threshold> min_score = ParseThreshold(mapping, "min_score", file, where, 0, AllTypes());
  if (!min_score.ok()) return min_score.status();
  std::optional<Threshold> without_han;
  if (mapping.Has("min_score_without_han")) {
    absl::StatusOr<Threshold> own =
        ParseThreshold(mapping, "min_score_without_han", file, where, 0, AllTypes());
    if (!own.ok()) return own.status();
    without_han = *std::move(own);
  }
  if (absl::Status status = mapping.Finish(); !status.ok()) return status;
  if (mapping.Has("description")) {
    const std::string fault = TextFault(point.description, kMostDescriptionBytes);
    if (!fault.empty()) return mapping.Error("description", fault);
  }
  point.tau = tau->others;
  point.tau_by_type = std::move(tau->by_type);
  point.min_score = min_score->others;
  point.min_score_by_type = std::move(min_score->by_type);
  if (without_han.has_value()) {
    point.min_score_without_han = without_han->others;
    point.min_score_without_han_by_type = std::move(without_han->by_type);
  }
  return point;
}

absl::StatusOr<std::vector<OperatingPoint>> ParseOperatingPoints(YamlMapping& bundle, std::string_view file,
                                                                 const TypeSet& model_types) {
  const YAML::Node node = bundle.Node("operating_points");
  if (!node) return bundle.Error("operating_points", "missing; name at least balanced");
  if (!node.IsMap()) {
    return bundle.Error("operating_points", "must be a mapping of names to tau and min_score");
  }
  if (node.size() > kMostOperatingPoints) return bundle.Error("operating_points", "has more than 16");
  std::vector<OperatingPoint> points;
  for (const auto& entry : node) {
    const std::string& name = entry.first.Scalar();
    if (!IsName(name)) return bundle.Error("operating_points", absl::StrCat("a name ", kNameRule));
    absl::StatusOr<OperatingPoint> point = ParseOperatingPoint(name, entry.second, file, model_types);
    if (!point.ok()) return point.status();
    points.push_back(*std::move(point));
  }
  const bool has_default = std::any_of(points.begin(), points.end(), [](const OperatingPoint& point) {
    return point.name == kDefaultOperatingPoint;
  });
  if (!has_default) {
    return bundle.Error("operating_points",
                        absl::StrCat("lack ", kDefaultOperatingPoint, ", which a request without one means"));
  }
  return points;
}

absl::StatusOr<Calibration> ParseCalibration(const YAML::Node& node, std::string_view file,
                                             const std::vector<OperatingPoint>& points) {
  constexpr int64_t kMostDocuments = 1'000'000'000;
  Calibration calibration;
  if (!node) return calibration;
  YamlMapping mapping(node, file, "calibration");
  const YAML::Node fusion = mapping.Node("fusion");
  calibration.documents = mapping.Integer("documents", 0);
  const double alpha = mapping.Number("alpha", 0);
  calibration.operating_point = mapping.String("operating_point", "");
  calibration.split = mapping.String("split", "");
  const int64_t seed = mapping.Integer("seed", 0);
  if (absl::Status status = mapping.Finish(); !status.ok()) return status;

  if (fusion) {
    absl::StatusOr<FusionModel> model = ParseFusionModel(fusion, file);
    if (!model.ok()) return model.status();
    calibration.fusion = *model;
  }
  if (mapping.Has("documents") && (calibration.documents < 1 || calibration.documents > kMostDocuments)) {
    return mapping.Error("documents", "must be 1 to 1000000000");
  }
  if (mapping.Has("split")) {
    const std::string fault = TextFault(calibration.split, kMostDescriptionBytes);
    if (!fault.empty()) return mapping.Error("split", fault);
  }
  if (mapping.Has("seed")) {
    if (seed < 0) return mapping.Error("seed", "must not be negative");
    calibration.seed = seed;
  }
  if (mapping.Has("alpha") != mapping.Has("operating_point") ||
      (mapping.Has("alpha") && !mapping.Has("documents"))) {
    return mapping.Error("alpha", "goes with documents and operating_point; a bound needs all three");
  }
  if (!mapping.Has("alpha")) return calibration;
  if (!(alpha > 0 && alpha < 1)) return mapping.Error("alpha", "must lie between 0 and 1, without both");
  calibration.alpha = alpha;
  const bool known = std::any_of(points.begin(), points.end(), [&](const OperatingPoint& point) {
    return point.name == calibration.operating_point;
  });
  if (!known) return mapping.Error("operating_point", "is not among the bundle's operating points");
  return calibration;
}

absl::StatusOr<std::vector<std::pair<std::string, std::string>>> ParseCard(const YAML::Node& node,
                                                                           std::string_view file) {
  std::vector<std::pair<std::string, std::string>> card;
  if (!node) return card;
  YamlMapping mapping(node, file, "card");
  if (!node.IsMap()) return mapping.Finish();
  for (const auto& entry : node) {
    const std::string& key = entry.first.Scalar();
    card.emplace_back(key, absl::StrJoin(mapping.Strings(key), "; "));
  }
  if (absl::Status status = mapping.Finish(); !status.ok()) return status;
  for (const auto& [key, text] : card) {
    if (!IsName(key)) return mapping.Error(key, absl::StrCat("a card's key ", kNameRule));
    if (const std::string fault = TextFault(text, kMostCardBytes); !fault.empty()) {
      return mapping.Error(key, fault);
    }
  }
  return card;
}

}  // namespace

absl::StatusOr<BundleManifest> ParseBundleManifest(std::string_view content,
                                                   const std::filesystem::path& folder) {
  const std::string file = (folder / kBundleManifestName).string();
  const absl::StatusOr<YAML::Node> root = ParseYaml(content, file);
  if (!root.ok()) return root.status();
  YamlMapping bundle(*root, file, "bundle");
  BundleManifest manifest;
  manifest.name = bundle.String("name");
  manifest.version = bundle.String("version");
  const YAML::Node stage1 = bundle.Node("stage1");
  const YAML::Node stage2 = bundle.Node("stage2");
  const YAML::Node windows = bundle.Node("windows");
  const YAML::Node calibration = bundle.Node("calibration");
  const YAML::Node card = bundle.Node("card");
  for (const char* key : {"types", "operating_points"}) bundle.Node(key);  // read below
  if (absl::Status status = bundle.Finish(); !status.ok()) return status;
  if (!IsName(manifest.name)) return bundle.Error("name", kNameRule);
  if (!IsName(manifest.version)) return bundle.Error("version", kNameRule);
  if (!stage1) return bundle.Error("stage1", "missing; say where its model lies, {folder: stage1}");

  // The first error counts.
  absl::Status status;
  const auto take = [&status](auto part, auto* into) {
    if (part.ok()) {
      *into = *std::move(part);
    } else {
      status.Update(part.status());
    }
  };
  take(ParseTypes(bundle), &manifest.offer.model_types);
  take(ParseStage(stage1, file, "stage1", folder, false), &manifest.stage1);
  if (stage2) take(ParseStage(stage2, file, "stage2", folder, true), &manifest.stage2);
  take(ParseWindows(windows, file), &manifest.windows);
  take(ParseOperatingPoints(bundle, file, manifest.offer.model_types), &manifest.offer.operating_points);
  if (status.ok()) {
    take(ParseCalibration(calibration, file, manifest.offer.operating_points), &manifest.calibration);
  }
  take(ParseCard(card, file), &manifest.card);
  if (!status.ok()) return status;
  return manifest;
}

}  // namespace privet
