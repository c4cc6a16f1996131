#include "core/yaml_reader.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/absl_view.h"

namespace privet {
namespace {

// Deep enough for every file of ours; yaml-cpp recurses, so hostile depth would exhaust the stack.
constexpr int kMaxDepth = 32;
constexpr size_t kMaxFileBytes = 4 << 20;
// Aliases share nodes; walking what they expand to must stay bounded.
constexpr size_t kMaxNodes = 200'000;

absl::Status At(std::string_view file, int line, std::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat(AbslView(file), ":", line, ": ", AbslView(what)));
}

// Brackets nested deeper than yaml-cpp can recurse into, found without parsing: block indentation cannot nest
// deeper than a line is long, flow brackets can.
bool NestsTooDeep(std::string_view content) {
  int depth = 0;
  for (const char c : content) {
    if (c == '[' || c == '{') ++depth;
    if (c == ']' || c == '}') depth = std::max(0, depth - 1);
    if (depth > 4 * kMaxDepth) return true;
  }
  return false;
}

absl::Status CheckTree(const YAML::Node& node, std::string_view file, int depth, size_t* nodes) {
  if (depth > kMaxDepth) return At(file, node.Mark().line + 1, "nested more than 32 levels deep");
  if (++*nodes > kMaxNodes) return At(file, node.Mark().line + 1, "more than 200000 values in one file");
  if (node.IsSequence()) {
    for (const YAML::Node& item : node) {
      if (absl::Status status = CheckTree(item, file, depth + 1, nodes); !status.ok()) return status;
    }
  }
  if (node.IsMap()) {
    std::set<std::string> keys;
    for (const auto& entry : node) {
      if (!entry.first.IsScalar()) return At(file, entry.first.Mark().line + 1, "a key must be a plain word");
      if (!keys.insert(entry.first.Scalar()).second) {
        return At(file, entry.first.Mark().line + 1,
                  absl::StrCat("key '", entry.first.Scalar(), "' stands twice"));
      }
      if (absl::Status status = CheckTree(entry.second, file, depth + 1, nodes); !status.ok()) return status;
    }
  }
  return absl::OkStatus();
}

size_t CommonLetters(std::string_view a, std::string_view b) {
  size_t common = 0;
  while (common < a.size() && common < b.size() && a[common] == b[common]) ++common;
  return common;
}

}  // namespace

absl::StatusOr<YAML::Node> ParseYaml(std::string_view content, std::string_view file_name) {
  if (content.size() > kMaxFileBytes) return At(file_name, 1, "larger than 4 MiB");
  if (NestsTooDeep(content)) return At(file_name, 1, "brackets nested too deep");
  YAML::Node root;
  try {
    root = YAML::Load(std::string(content));
  } catch (const YAML::Exception& error) {
    return At(file_name, std::max(error.mark.line + 1, 1), error.msg);
  }
  size_t nodes = 0;
  if (absl::Status status = CheckTree(root, file_name, 0, &nodes); !status.ok()) return status;
  return root;
}

YamlMapping::YamlMapping(const YAML::Node& node, std::string_view file_name, std::string_view where)
    : node_(node), file_name_(file_name), where_(where) {
  if (!node_.IsMap()) {
    first_error_ =
        At(file_name_, node_.Mark().line + 1, absl::StrCat(where_, ": must be a mapping of keys to values"));
  }
}

YAML::Node YamlMapping::Find(std::string_view key) {
  if (std::find(asked_.begin(), asked_.end(), key) == asked_.end()) asked_.emplace_back(key);
  if (!node_.IsMap()) return YAML::Node(YAML::NodeType::Undefined);
  const YAML::Node& node = node_;
  return node[std::string(key)];
}

bool YamlMapping::Has(std::string_view key) const {
  return node_.IsMap() && static_cast<bool>(std::as_const(node_)[std::string(key)]);
}

int YamlMapping::LineOf(std::string_view key) const {
  if (!Has(key)) return node_.Mark().line + 1;
  return std::as_const(node_)[std::string(key)].Mark().line + 1;
}

absl::Status YamlMapping::Error(std::string_view key, std::string_view reason) const {
  return At(file_name_, LineOf(key), absl::StrCat(where_, ": ", AbslView(key), ": ", AbslView(reason)));
}

void YamlMapping::Fail(std::string_view key, std::string_view reason) {
  if (first_error_.ok()) first_error_ = Error(key, reason);
}

YAML::Node YamlMapping::Node(std::string_view key) { return Find(key); }

std::string YamlMapping::String(std::string_view key) {
  if (!Has(key)) Fail(key, "missing");
  return String(key, "");
}

std::string YamlMapping::String(std::string_view key, std::string_view fallback) {
  const YAML::Node value = Find(key);
  if (!value) return std::string(fallback);
  if (!value.IsScalar()) {
    Fail(key, "must be text");
    return std::string(fallback);
  }
  return value.Scalar();
}

double YamlMapping::Number(std::string_view key) {
  if (!Has(key)) Fail(key, "missing");
  return Number(key, 0);
}

double YamlMapping::Number(std::string_view key, double fallback) {
  const YAML::Node value = Find(key);
  if (!value) return fallback;
  double number = fallback;
  if (!value.IsScalar() || !YAML::convert<double>::decode(value, number)) Fail(key, "must be a number");
  return number;
}

int64_t YamlMapping::Integer(std::string_view key, int64_t fallback) {
  const YAML::Node value = Find(key);
  if (!value) return fallback;
  int64_t number = fallback;
  if (!value.IsScalar() || !YAML::convert<int64_t>::decode(value, number))
    Fail(key, "must be a whole number");
  return number;
}

bool YamlMapping::Boolean(std::string_view key, bool fallback) {
  const YAML::Node value = Find(key);
  if (!value) return fallback;
  bool truth = fallback;
  if (!value.IsScalar() || !YAML::convert<bool>::decode(value, truth)) Fail(key, "must be true or false");
  return truth;
}

std::vector<std::string> YamlMapping::Strings(std::string_view key) {
  const YAML::Node value = Find(key);
  if (!value) return {};
  if (value.IsScalar()) return {value.Scalar()};
  std::vector<std::string> strings;
  if (!value.IsSequence()) {
    Fail(key, "must be text or a list of texts");
    return strings;
  }
  for (const YAML::Node& item : value) {
    if (!item.IsScalar()) {
      Fail(key, "must be text or a list of texts");
      return strings;
    }
    strings.push_back(item.Scalar());
  }
  return strings;
}

absl::Status YamlMapping::Finish() {
  if (!first_error_.ok() || !node_.IsMap()) return first_error_;
  for (const auto& entry : node_) {
    const std::string& key = entry.first.Scalar();
    if (std::find(asked_.begin(), asked_.end(), key) != asked_.end()) continue;
    const auto nearest = std::max_element(asked_.begin(), asked_.end(), [&](const auto& a, const auto& b) {
      return CommonLetters(a, key) < CommonLetters(b, key);
    });
    const bool near = nearest != asked_.end() && CommonLetters(*nearest, key) >= 2;
    return At(file_name_, entry.first.Mark().line + 1,
              absl::StrCat(where_, ": unknown key '", key, "'",
                           near ? absl::StrCat("; did you mean '", *nearest, "'?") : ""));
  }
  return absl::OkStatus();
}

}  // namespace privet
