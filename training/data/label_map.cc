#include "training/data/label_map.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "core/absl_view.h"
#include "core/read_file.h"
#include "core/yaml_reader.h"

namespace privet {
namespace {

struct Alias {
  std::string_view label;  // lower case
  EntityType type;
};

constexpr Alias kAliases[] = {
    {"per", EntityType::PERSON},
    {"name", EntityType::PERSON},
    {"nr", EntityType::PERSON},
    {"first_name", EntityType::PERSON},
    {"last_name", EntityType::PERSON},
    {"full_name", EntityType::PERSON},
    {"姓名", EntityType::PERSON},
    {"人名", EntityType::PERSON},
    {"org", EntityType::ORGANIZATION},
    {"company", EntityType::ORGANIZATION},
    {"organisation", EntityType::ORGANIZATION},
    {"corporation", EntityType::ORGANIZATION},
    {"government", EntityType::ORGANIZATION},
    {"公司", EntityType::ORGANIZATION},
    {"机构", EntityType::ORGANIZATION},
    {"组织", EntityType::ORGANIZATION},
    {"nt", EntityType::ORGANIZATION},
    {"loc", EntityType::LOCATION},
    {"gpe", EntityType::LOCATION},
    {"ns", EntityType::LOCATION},
    {"place", EntityType::LOCATION},
    {"地点", EntityType::LOCATION},
    {"地名", EntityType::LOCATION},
    {"street_address", EntityType::ADDRESS},
    {"地址", EntityType::ADDRESS},
    {"住址", EntityType::ADDRESS},
    {"phone", EntityType::PHONE_NUMBER},
    {"mobile", EntityType::PHONE_NUMBER},
    {"tel", EntityType::PHONE_NUMBER},
    {"电话", EntityType::PHONE_NUMBER},
    {"手机号", EntityType::PHONE_NUMBER},
    {"email", EntityType::EMAIL_ADDRESS},
    {"邮箱", EntityType::EMAIL_ADDRESS},
    {"id_card", EntityType::CN_RESIDENT_ID},
    {"身份证", EntityType::CN_RESIDENT_ID},
    {"身份证号", EntityType::CN_RESIDENT_ID},
    {"银行卡", EntityType::BANK_CARD},
    {"车牌", EntityType::CN_LICENSE_PLATE},
    {"dob", EntityType::DATE_OF_BIRTH},
    {"birthday", EntityType::DATE_OF_BIRTH},
    {"出生日期", EntityType::DATE_OF_BIRTH},
    {"ip", EntityType::IP_ADDRESS},
    {"url", EntityType::URL},
    {"user", EntityType::USERNAME},
    {"user_name", EntityType::USERNAME},
    {"password", EntityType::SECRET},
    {"ssn", EntityType::US_SSN},
    {"iban_code", EntityType::IBAN},
};

}  // namespace

absl::StatusOr<LabelMap> LabelMap::Parse(std::string_view yaml, std::string_view file) {
  const auto root = ParseYaml(yaml, file);
  if (!root.ok()) return root.status();
  YamlMapping top(*root, file, "label map");
  const YAML::Node labels = top.Node("labels");
  if (absl::Status status = top.Finish(); !status.ok()) return status;
  LabelMap map;
  if (!labels || !labels.IsMap())
    return top.Error("labels", "must be a mapping of labels to types, or to ignore or unsure");
  for (const auto& entry : labels) {
    const std::string label = entry.first.Scalar();
    const auto type_of = [&](const YAML::Node& node) -> absl::StatusOr<EntityType> {
      const std::string id = node.IsScalar() ? node.Scalar() : "";
      if (const auto type = FindEntityType(id)) return *type;
      return absl::InvalidArgumentError(
          absl::StrCat(AbslView(file), ":", node.Mark().line + 1, ": label '", label, "': '", id,
                       "' is not an entity type (nor ignore, nor unsure)", EntityTypeHint(id)));
    };
    LabelMeaning meaning;
    if (entry.second.IsSequence()) {
      for (const YAML::Node& node : entry.second) {
        const auto type = type_of(node);
        if (!type.ok()) return type.status();
        meaning.perhaps.set(IndexOf(*type));
      }
    } else if (entry.second.IsScalar() && entry.second.Scalar() == "unsure") {
      meaning.perhaps = AllTypes();
    } else if (!entry.second.IsScalar() || entry.second.Scalar() != "ignore") {
      const auto type = type_of(entry.second);
      if (!type.ok()) return type.status();
      meaning.type = *type;
    }
    map.given_[label] = meaning;
  }
  return map;
}

absl::StatusOr<LabelMap> LabelMap::Read(const std::string& file) {
  const auto content = ReadFile(file);
  if (!content.ok()) return content.status();
  return Parse(*content, file);
}

std::vector<std::string> LabelMap::GivenLabels() const {
  std::vector<std::string> labels;
  labels.reserve(given_.size());
  for (const auto& [label, meaning] : given_) labels.push_back(label);
  return labels;
}

std::optional<LabelMeaning> LabelMap::Find(std::string_view label) const {
  if (const auto given = given_.find(label); given != given_.end()) return given->second;
  const std::string upper = absl::AsciiStrToUpper(AbslView(label));
  if (const auto type = FindEntityType(upper)) return LabelMeaning{type, {}};
  const std::string lower = absl::AsciiStrToLower(AbslView(label));
  const auto* const alias = std::find_if(std::begin(kAliases), std::end(kAliases),
                                         [&](const Alias& entry) { return entry.label == lower; });
  if (alias == std::end(kAliases)) return std::nullopt;
  return LabelMeaning{alias->type, {}, /*guessed=*/true};
}

}  // namespace privet
