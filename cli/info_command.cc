#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "cli/commands.h"
#include "cli/display.h"
#include "cli/policy_flags.h"
#include "core/absl_view.h"

namespace privet {
namespace {

void PrintMarkdownTypes(const Capabilities& capabilities) {
  std::cout << "| type | group | name | 名称 | by default | form |\n| --- | --- | --- | --- | --- | --- |\n";
  for (const EntityTypeSpec& type : Taxonomy()) {
    std::cout << "| `" << type.id << "` | " << NameOf(type.group) << " | " << type.name_en << " | "
              << type.name_zh << " | " << NameOf(type.treatment) << " | "
              << (capabilities.available.test(IndexOf(type.type)) ? "form" : "") << " |\n";
  }
}

nlohmann::ordered_json ToJson(const std::map<EntityType, double>& by_type) {
  nlohmann::ordered_json json = nlohmann::ordered_json::object();
  for (const auto& [type, number] : by_type) json[std::string(IdOf(type))] = number;
  return json;
}

std::vector<std::pair<const char*, const StageModel*>> StagesOf(const BundleManifest& bundle) {
  std::vector<std::pair<const char*, const StageModel*>> stages = {{"stage1", &bundle.stage1}};
  if (bundle.stage2.has_value()) stages.emplace_back("stage2", &*bundle.stage2);
  return stages;
}

nlohmann::ordered_json ToJson(const BundleManifest& bundle) {
  nlohmann::ordered_json json = {{"name", bundle.name}, {"version", bundle.version}};
  json["types"] = nlohmann::ordered_json::array();
  for (const EntityTypeSpec& type : Taxonomy()) {
    if (bundle.offer.model_types.test(IndexOf(type.type))) json["types"].push_back(type.id);
  }
  for (const auto& [name, stage] : StagesOf(bundle)) {
    nlohmann::ordered_json one = {{"name", name}, {"head", NameOf(stage->head)}};
    if (!stage->folder.empty()) one["folder"] = stage->folder.string();
    if (!stage->base.empty()) one["base"] = stage->base.string();
    json["stages"].push_back(std::move(one));
  }
  json["windows"] = {{"max_tokens", bundle.windows.max_tokens},
                     {"overlap_tokens", bundle.windows.overlap_tokens}};
  nlohmann::ordered_json calibration = {{"documents", bundle.calibration.documents}};
  if (bundle.calibration.alpha.has_value()) {
    calibration["alpha"] = *bundle.calibration.alpha;
    calibration["operating_point"] = bundle.calibration.operating_point;
  }
  json["calibration"] = std::move(calibration);
  json["card"] = nlohmann::ordered_json::object();
  for (const auto& [name, text] : bundle.card) json["card"][name] = text;
  return json;
}

void PrintJson(const Capabilities& capabilities) {
  nlohmann::ordered_json json = {
      {"version", capabilities.version},
      {"bundle", capabilities.bundle.has_value() ? capabilities.bundle->name : "rules"},
      {"rules", capabilities.rules}};
  json["models"] = capabilities.bundle.has_value() ? ToJson(*capabilities.bundle) : nullptr;
  for (const EntityTypeSpec& type : Taxonomy()) {
    json["types"].push_back({{"id", type.id},
                             {"group", NameOf(type.group)},
                             {"name_zh", type.name_zh},
                             {"name_en", type.name_en},
                             {"description_zh", type.description_zh},
                             {"description_en", type.description_en},
                             {"default_treatment", NameOf(type.treatment)},
                             {"available", capabilities.available.test(IndexOf(type.type))}});
  }
  for (const OperatingPoint& point : capabilities.operating_points) {
    nlohmann::ordered_json one = {
        {"name", point.name}, {"description", point.description}, {"min_score", point.min_score}};
    if (capabilities.bundle.has_value()) {
      one["min_score_by_type"] = ToJson(point.min_score_by_type);
      if (point.min_score_without_han.has_value()) {
        one["min_score_without_han"] = *point.min_score_without_han;
        one["min_score_without_han_by_type"] = ToJson(point.min_score_without_han_by_type);
      }
      one["tau"] = point.tau;
      one["tau_by_type"] = ToJson(point.tau_by_type);
    }
    json["operating_points"].push_back(std::move(one));
  }
  for (const auto& [name, value] : capabilities.limits) json["limits"][name] = value;
  std::cout << json.dump() << "\n";
}

// "0.5; ADDRESS 0.02".
std::string InWords(double others, const std::map<EntityType, double>& by_type) {
  std::string words = absl::StrFormat("%g", others);
  for (const auto& [type, number] : by_type) {
    absl::StrAppend(&words, "; ", AbslView(IdOf(type)), " ", absl::StrFormat("%g", number));
  }
  return words;
}

std::vector<std::vector<std::string>> BundleRows(const BundleManifest& bundle) {
  std::vector<std::vector<std::string>> rows = {{"bundle", absl::StrCat(bundle.name, " ", bundle.version)}};
  for (const auto& [name, stage] : StagesOf(bundle)) {
    std::string words(NameOf(stage->head));
    if (!stage->folder.empty()) absl::StrAppend(&words, " in ", stage->folder.string());
    if (!stage->base.empty()) absl::StrAppend(&words, ", an adapter on ", stage->base.string());
    rows.push_back({name, words});
  }
  std::string types;
  for (const EntityTypeSpec& type : Taxonomy()) {
    if (!bundle.offer.model_types.test(IndexOf(type.type))) continue;
    absl::StrAppend(&types, types.empty() ? "" : ", ", AbslView(type.id));
  }
  rows.push_back({"types", types});
  rows.push_back({"windows", absl::StrCat(bundle.windows.max_tokens, " tokens, neighbours share ",
                                          bundle.windows.overlap_tokens)});
  const Calibration& calibration = bundle.calibration;
  std::string words =
      calibration.documents == 0 ? "none" : absl::StrCat("on ", calibration.documents, " documents");
  if (calibration.alpha.has_value()) {
    absl::StrAppend(&words, "; at ", calibration.operating_point,
                    " the expected share of missed entities is at most ", *calibration.alpha);
  }
  rows.push_back({"calibration", words});
  for (const auto& [name, text] : bundle.card) rows.push_back({name, text});
  return rows;
}

void PrintText(const Capabilities& capabilities, bool color) {
  const std::optional<BundleManifest>& bundle = capabilities.bundle;
  std::cout << "privet " << capabilities.version << ", bundle "
            << (bundle.has_value() ? bundle->name : "rules") << ", " << capabilities.rules << " rules\n\n";
  if (bundle.has_value()) std::cout << Table(BundleRows(*bundle), color) << "\n";
  std::vector<std::vector<std::string>> rows = {{"type", "name", "名称", "group", "by default", "found"}};
  for (const EntityTypeSpec& type : Taxonomy()) {
    rows.push_back({std::string(type.id), std::string(type.name_en), std::string(type.name_zh),
                    std::string(NameOf(type.group)), std::string(NameOf(type.treatment)),
                    capabilities.available.test(IndexOf(type.type)) ? "yes" : "needs a model"});
  }
  std::cout << Table(rows, color) << "\n";
  rows = {{"operating point", "least score", "without Chinese", "tau", ""}};
  for (const OperatingPoint& point : capabilities.operating_points) {
    const std::string least = InWords(point.min_score, point.min_score_by_type);
    rows.push_back({point.name, least,
                    point.min_score_without_han.has_value()
                        ? InWords(*point.min_score_without_han, point.min_score_without_han_by_type)
                        : least,
                    bundle.has_value() ? InWords(point.tau, point.tau_by_type) : "-", point.description});
  }
  std::cout << Table(rows, color) << "\n";
  rows = {{"limit", "value"}};
  for (const auto& [name, value] : capabilities.limits) rows.push_back({name, absl::StrCat(value)});
  std::cout << Table(rows, color);
}

}  // namespace

Command AddInfo(CLI::App* app) {
  struct InfoFlags {
    PolicyFlags policy;
    bool json = false;
    std::string markdown;
  };
  auto flags = std::make_shared<InfoFlags>();
  CLI::App* command =
      app->add_subcommand("info", "say what this program, or a server, can find and its limits");
  command->add_flag("--json", flags->json, "write one JSON object");
  command->add_option("--markdown", flags->markdown, "write a table for the documentation: types")
      ->check(CLI::IsMember({"types"}));
  flags->policy.AddTo(command);
  return [flags] {
    const absl::StatusOr<Capabilities> capabilities = flags->policy.Describe();
    if (!capabilities.ok()) return Fail(capabilities.status());
    if (!flags->markdown.empty()) {
      PrintMarkdownTypes(*capabilities);
    } else if (flags->json) {
      PrintJson(*capabilities);
    } else {
      PrintText(*capabilities, UseColor(ColorMode::Auto));
    }
    return static_cast<int>(kNothingFound);
  };
}

}  // namespace privet
