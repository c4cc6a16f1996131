// Strict reading of YAML: every key must be known, every error names the line.
#ifndef PRIVET_CORE_YAML_READER_H_
#define PRIVET_CORE_YAML_READER_H_

#include <yaml-cpp/yaml.h>

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace privet {

// Parses a document. yaml-cpp's exceptions end here: a syntax error is INVALID_ARGUMENT "NAME:LINE: what".
absl::StatusOr<YAML::Node> ParseYaml(std::string_view content, std::string_view file_name);

// One mapping of a YAML file whose keys are checked. Reads values by key, remembers the first error, and
// lists every key that nobody asked for. Usage:
//   YamlMapping rule(node, "rules/packs/cn.yaml", "rule 'cn_mobile'");
//   std::string id = rule.String("id");               // required
//   double score = rule.Number("score", 0.5);         // optional
//   if (absl::Status status = rule.Finish(); !status.ok()) return status;
class YamlMapping {
 public:
  YamlMapping(const YAML::Node& node, std::string_view file_name, std::string_view where);

  // Required values; a missing key is an error.
  std::string String(std::string_view key);
  double Number(std::string_view key);
  // Optional values.
  std::string String(std::string_view key, std::string_view fallback);
  double Number(std::string_view key, double fallback);
  int64_t Integer(std::string_view key, int64_t fallback);
  bool Boolean(std::string_view key, bool fallback);
  // A scalar or a list of scalars; empty when the key is absent.
  std::vector<std::string> Strings(std::string_view key);
  // Any node; undefined (converts to false) when the key is absent.
  YAML::Node Node(std::string_view key);

  // Whether the key is present, without claiming it.
  bool Has(std::string_view key) const;

  // The line (1-based) of a key's value, or of the mapping when the key is absent.
  int LineOf(std::string_view key) const;

  // "FILE:LINE: WHERE: REASON" as INVALID_ARGUMENT.
  absl::Status Error(std::string_view key, std::string_view reason) const;

  // The first error met, or one for the first unknown key (with the nearest known key as a hint).
  absl::Status Finish();

 private:
  YAML::Node Find(std::string_view key);
  void Fail(std::string_view key, std::string_view reason);

  YAML::Node node_;
  std::string file_name_;
  std::string where_;
  std::vector<std::string> asked_;
  absl::Status first_error_;
};

}  // namespace privet

#endif  // PRIVET_CORE_YAML_READER_H_
