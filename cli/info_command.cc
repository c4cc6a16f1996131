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

void PrintJson(const Capabilities& capabilities) {
  nlohmann::ordered_json json = {
      {"version", capabilities.version}, {"bundle", capabilities.bundle}, {"rules", capabilities.rules}};
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
    json["operating_points"].push_back(
        {{"name", point.name}, {"description", point.description}, {"min_score", point.min_score}});
  }
  for (const auto& [name, value] : capabilities.limits) json["limits"][name] = value;
  std::cout << json.dump() << "\n";
}

void PrintText(const Capabilities& capabilities, bool color) {
  std::cout << "privet " << capabilities.version << ", bundle " << capabilities.bundle << ", "
            << capabilities.rules << " rules\n\n";
  std::vector<std::vector<std::string>> rows = {{"type", "name", "名称", "group", "by default", "found"}};
  for (const EntityTypeSpec& type : Taxonomy()) {
    rows.push_back({std::string(type.id), std::string(type.name_en), std::string(type.name_zh),
                    std::string(NameOf(type.group)), std::string(NameOf(type.treatment)),
                    capabilities.available.test(IndexOf(type.type)) ? "yes" : "needs a model"});
  }
  std::cout << Table(rows, color) << "\n";
  rows = {{"operating point", "least score", ""}};
  for (const OperatingPoint& point : capabilities.operating_points) {
    rows.push_back({point.name, absl::StrFormat("%.2f", point.min_score), point.description});
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
    const absl::StatusOr<std::unique_ptr<Backend>> backend = flags->policy.NewBackend();
    if (!backend.ok()) return Fail(backend.status());
    const absl::StatusOr<Capabilities> capabilities = (*backend)->Describe();
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
