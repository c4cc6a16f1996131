#include "rules/pack.h"

#include <algorithm>
#include <filesystem>
#include <limits>
#include <map>
#include <optional>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "core/absl_view.h"
#include "core/code_point_folding.h"
#include "core/utf8.h"
#include "core/yaml_reader.h"

namespace privet {
namespace {

constexpr std::string_view kSharedFile = "common.yaml";

// What a file defines by name for the use of its rules.
struct Definitions {
  std::map<std::string, std::string> macros;
  std::map<std::string, ContextGroup> context;
};

// The value of an optional key, or the next that an int can hold: what is out of any range stays so.
int IntegerOf(YamlMapping* mapping, std::string_view key, int fallback) {
  return static_cast<int>(std::clamp<int64_t>(
      mapping->Integer(key, fallback), std::numeric_limits<int>::min(), std::numeric_limits<int>::max()));
}

absl::StatusOr<ContextGroup> ParseContextGroup(const YAML::Node& node, std::string_view file,
                                               std::string_view where) {
  YamlMapping mapping(node, file, where);
  ContextGroup group;
  for (const std::string& word : mapping.Strings("words")) {
    if (word.empty()) return mapping.Error("words", "a context word is empty");
    group.words.push_back(absl::AsciiStrToLower(word));
  }
  group.strength = mapping.Number("strength");
  group.window = IntegerOf(&mapping, "window", ContextGroup().window);
  if (absl::Status status = mapping.Finish(); !status.ok()) return status;
  if (group.words.empty()) return mapping.Error("words", "needs at least one word");
  if (group.strength < -10 || group.strength > 10 || group.strength == 0) {
    return mapping.Error("strength", "is in logits and lies between -10 and 10, not 0");
  }
  if (group.window < 1 || group.window > 100) return mapping.Error("window", "is in code points, 1 to 100");
  return group;
}

absl::Status ParseDefinitions(YamlMapping& pack, std::string_view file, Definitions* definitions) {
  if (const YAML::Node macros = pack.Node("define")) {
    if (!macros.IsMap()) return pack.Error("define", "must be a mapping from a name to a piece of a pattern");
    for (const auto& entry : macros) {
      if (!entry.first.IsScalar() || !entry.second.IsScalar()) {
        return pack.Error("define", "must be a mapping from a name to a piece of a pattern");
      }
      // A macro may use those defined before it.
      std::string value = entry.second.Scalar();
      for (const auto& [name, body] : definitions->macros) {
        value =
            absl::StrReplaceAll(value, {{absl::StrCat("{{", name, "}}"), absl::StrCat("(?:", body, ")")}});
      }
      constexpr size_t kLongestMacro = 20000;
      if (value.size() > kLongestMacro) return pack.Error("define", "a macro grows over 20000 bytes");
      definitions->macros[entry.first.Scalar()] = value;
    }
  }
  if (const YAML::Node groups = pack.Node("context")) {
    if (!groups.IsMap()) return pack.Error("context", "must be a mapping from a name to a group of words");
    for (const auto& entry : groups) {
      if (!entry.first.IsScalar()) return pack.Error("context", "a group's name must be a word");
      const std::string name = entry.first.Scalar();
      absl::StatusOr<ContextGroup> group =
          ParseContextGroup(entry.second, file, absl::StrCat("context '", name, "'"));
      if (!group.ok()) return group.status();
      definitions->context[name] = *std::move(group);
    }
  }
  return absl::OkStatus();
}

std::optional<Boundary> ParseBoundary(std::string_view name) {
  if (name == "number") return Boundary::Number;
  if (name == "address") return Boundary::Address;
  if (name == "digit") return Boundary::Digit;
  if (name == "word") return Boundary::Word;
  if (name == "none") return Boundary::None;
  return std::nullopt;
}

bool IsSnakeCase(std::string_view id) {
  if (id.empty() || id.size() > 64) return false;
  for (const char c : id) {
    if (!absl::ascii_islower(c) && !absl::ascii_isdigit(c) && c != '_') return false;
  }
  return true;
}

// "[京沪][ab]" stands for 京a 京b 沪a 沪b. Nothing else is special, and there are no ranges.
absl::StatusOr<std::vector<std::string>> ExpandLiteral(const std::string& literal) {
  constexpr size_t kMostLiterals = 4000;
  std::vector<std::string> expanded = {""};
  for (size_t i = 0; i < literal.size();) {
    std::vector<std::string> choices;
    const size_t close = literal[i] == '[' ? literal.find(']', i) : std::string::npos;
    if (close != std::string::npos && close > i + 1) {
      for (size_t k = i + 1; k < close;) {
        const size_t length = DecodeUtf8(literal, k).length;
        choices.push_back(literal.substr(k, length));
        k += length;
      }
      i = close + 1;
    } else {
      choices.push_back(literal.substr(i, 1));
      ++i;
    }
    std::vector<std::string> longer;
    for (const std::string& head : expanded) {
      for (const std::string& tail : choices) longer.push_back(head + tail);
      if (longer.size() > kMostLiterals)
        return absl::InvalidArgumentError("stands for more than 4000 literals");
    }
    expanded = std::move(longer);
  }
  return expanded;
}

class RuleParser {
 public:
  RuleParser(const YAML::Node& node, std::string_view file, const Definitions& definitions)
      : definitions_(definitions), file_(file), where_(WhereOf(node)), mapping_(node, file, where_) {
    rule_.line = node.Mark().line + 1;
  }

  absl::StatusOr<RuleSpec> Parse() {
    rule_.id = mapping_.String("id");
    const std::string type = mapping_.String("type");
    rule_.patterns = mapping_.Strings("patterns");
    rule_.validator = mapping_.String("validator", "");
    rule_.score = mapping_.Number("score");
    rule_.validates_whole = mapping_.Boolean("validates_whole", false);
    rule_.ends_at_wide_sign = mapping_.Boolean("ends_at_wide_sign", false);
    rule_.multiline = mapping_.Boolean("multiline", false);
    const std::string boundary = mapping_.String("boundary", "word");
    for (const std::string& column : mapping_.Strings("columns"))
      rule_.columns.push_back(SimplifiedHan(absl::AsciiStrToLower(column)));
    const YAML::Node gate = mapping_.Node("gate");
    const YAML::Node context = mapping_.Node("context");
    const YAML::Node examples = mapping_.Node("examples");
    const YAML::Node patterns = mapping_.Node("patterns");
    if (absl::Status status = mapping_.Finish(); !status.ok()) return status;

    if (!IsSnakeCase(rule_.id)) return mapping_.Error("id", "must be snake_case, at most 64 characters");
    const std::optional<EntityType> known_type = FindEntityType(type);
    if (!known_type.has_value()) {
      return mapping_.Error("type", absl::StrCat("'", type, "' is not an entity type", EntityTypeHint(type)));
    }
    rule_.type = *known_type;
    if (rule_.score <= 0 || rule_.score >= 1)
      return mapping_.Error("score", "must lie between 0 and 1, without both");
    const std::optional<Boundary> known_boundary = ParseBoundary(boundary);
    if (!known_boundary.has_value())
      return mapping_.Error("boundary", "must be number, address, digit, word or none");
    rule_.boundary = *known_boundary;

    if (rule_.patterns.empty()) return mapping_.Error("patterns", "needs at least one pattern");
    for (size_t i = 0; i < rule_.patterns.size(); ++i) {
      rule_.pattern_lines.push_back((patterns.IsSequence() ? patterns[i] : patterns).Mark().line + 1);
      if (absl::Status status = ExpandMacros(&rule_.patterns[i]); !status.ok()) return status;
    }
    if (absl::Status status = rule_.columns.empty() ? ParseGate(gate) : GateOnColumns(gate); !status.ok())
      return status;
    if (absl::Status status = ParseContext(context); !status.ok()) return status;
    if (absl::Status status = ParseExamples(examples); !status.ok()) return status;
    return std::move(rule_);
  }

 private:
  static std::string WhereOf(const YAML::Node& node) {
    if (node.IsMap() && node["id"] && node["id"].IsScalar())
      return absl::StrCat("rule '", node["id"].Scalar(), "'");
    return "rule without an id";
  }

  absl::Status ExpandMacros(std::string* pattern) {
    // Macros may use others, so a few lines could ask for more memory than there is.
    constexpr size_t kMaxPatternBytes = 16 << 10;
    for (const auto& [name, body] : definitions_.macros) {
      absl::StrReplaceAll({{absl::StrCat("{{", name, "}}"), absl::StrCat("(?:", body, ")")}}, pattern);
      if (pattern->size() > kMaxPatternBytes) {
        return mapping_.Error("patterns", "with its macros written out a pattern is longer than 16 KiB");
      }
    }
    const size_t left = pattern->find("{{");
    if (left != std::string::npos) {
      return mapping_.Error("patterns",
                            absl::StrCat("macro '", pattern->substr(left, 24), "' is not defined"));
    }
    return absl::OkStatus();
  }

  absl::Status ParseGate(const YAML::Node& node) {
    if (!node)
      return mapping_.Error("gate", "missing; say what must be near: {digits: N} or {literals: [...]}");
    YamlMapping gate(node, file_, where_);
    rule_.gate.min_digits = IntegerOf(&gate, "digits", 0);
    rule_.gate.min_lettered = IntegerOf(&gate, "lettered", 0);
    rule_.gate.min_runs = IntegerOf(&gate, "runs", 0);
    rule_.gate.clock = gate.Boolean("clock", false);
    rule_.gate.min_token = IntegerOf(&gate, "token", 0);
    rule_.gate.hex_groups = gate.Boolean("hex_groups", false);
    for (const std::string& literal : gate.Strings("literals")) {
      if (FindInvalidUtf8(literal) != std::string_view::npos) return gate.Error("literals", "is not UTF-8");
      const absl::StatusOr<std::vector<std::string>> expanded =
          ExpandLiteral(SimplifiedHan(absl::AsciiStrToLower(literal)));
      if (!expanded.ok()) return gate.Error("literals", StdView(expanded.status().message()));
      rule_.gate.literals.insert(rule_.gate.literals.end(), expanded->begin(), expanded->end());
    }
    if (absl::Status status = gate.Finish(); !status.ok()) return status;
    if (rule_.gate.min_digits < 0 || rule_.gate.min_digits > 40)
      return gate.Error("digits", "must be 0 to 40");
    if (rule_.gate.min_lettered < 0 || rule_.gate.min_lettered > 40)
      return gate.Error("lettered", "must be 0 to 40");
    if (rule_.gate.min_runs < 0 || rule_.gate.min_runs > 8) return gate.Error("runs", "must be 0 to 8");
    if (rule_.gate.min_token < 0 || rule_.gate.min_token > 64) return gate.Error("token", "must be 0 to 64");
    for (const std::string& literal : rule_.gate.literals) {
      if (literal.empty() || literal.size() > 64)
        return gate.Error("literals", "a literal has 1 to 64 bytes");
    }
    if (rule_.gate == Gate()) {
      return mapping_.Error("gate",
                            "is empty, so the rule would run on every text; name digits, lettered, runs, "
                            "clock, token, hex_groups or literals");
    }
    if (rule_.multiline && rule_.gate.literals.empty()) {
      return mapping_.Error("gate", "of a multiline rule must name literals");
    }
    return absl::OkStatus();
  }

  absl::Status GateOnColumns(const YAML::Node& gate) {
    if (gate) return mapping_.Error("gate", "must be left out where columns are named: they are the gate");
    if (rule_.multiline) return mapping_.Error("multiline", "makes no sense for cells of a table");
    for (const std::string& column : rule_.columns) {
      if (column.empty() || column.size() > 64 || FindInvalidUtf8(column) != std::string_view::npos)
        return mapping_.Error("columns", "a name has 1 to 64 bytes of UTF-8");
    }
    rule_.gate.literals = rule_.columns;
    return absl::OkStatus();
  }

  absl::Status ParseContext(const YAML::Node& node) {
    if (!node) return absl::OkStatus();
    if (!node.IsSequence()) return mapping_.Error("context", "must be a list of names or groups");
    for (const YAML::Node& item : node) {
      if (item.IsScalar()) {
        const auto known = definitions_.context.find(item.Scalar());
        if (known == definitions_.context.end()) {
          return mapping_.Error("context", absl::StrCat("group '", item.Scalar(), "' is not defined"));
        }
        rule_.context.push_back(known->second);
      } else {
        absl::StatusOr<ContextGroup> group = ParseContextGroup(item, file_, where_);
        if (!group.ok()) return group.status();
        rule_.context.push_back(*std::move(group));
      }
    }
    return absl::OkStatus();
  }

  absl::Status ParseExamples(const YAML::Node& node) {
    if (!node) return mapping_.Error("examples", "missing; a rule shows what it must match and what not");
    YamlMapping examples(node, file_, where_);
    rule_.match_examples = examples.Strings("match");
    rule_.no_match_examples = examples.Strings("no_match");
    if (absl::Status status = examples.Finish(); !status.ok()) return status;
    if (rule_.match_examples.empty()) return examples.Error("match", "needs at least one example");
    return absl::OkStatus();
  }

  const Definitions& definitions_;
  std::string file_;
  std::string where_;
  YamlMapping mapping_;
  RuleSpec rule_;
};

bool IsShared(const PackSource& source) {
  return std::filesystem::path(source.file_name).filename().string() == kSharedFile;
}

absl::StatusOr<Pack> ParsePack(const PackSource& source, Definitions* definitions) {
  absl::StatusOr<YAML::Node> root = ParseYaml(source.content, source.file_name);
  if (!root.ok()) return root.status();
  YamlMapping mapping(*root, source.file_name, "pack");
  Pack pack;
  pack.file_name = source.file_name;
  pack.name = mapping.String("pack");
  if (absl::Status status = ParseDefinitions(mapping, source.file_name, definitions); !status.ok())
    return status;
  const YAML::Node rules = mapping.Node("rules");
  if (absl::Status status = mapping.Finish(); !status.ok()) return status;
  // A file that was cut short must not pass for a pack.
  if (!rules && !IsShared(source))
    return mapping.Error("rules", "missing; a pack needs at least one rule, only common.yaml needs none");
  if (!rules) return pack;
  if (!rules.IsSequence()) return mapping.Error("rules", "must be a list");
  if (rules.size() == 0) return mapping.Error("rules", "needs at least one rule");
  for (const YAML::Node& node : rules) {
    absl::StatusOr<RuleSpec> rule = RuleParser(node, source.file_name, *definitions).Parse();
    if (!rule.ok()) return rule.status();
    pack.rules.push_back(*std::move(rule));
  }
  return pack;
}

}  // namespace

absl::StatusOr<std::vector<Pack>> ParsePacks(std::span<const PackSource> sources) {
  Definitions shared;
  std::vector<Pack> packs;
  for (const bool shared_pass : {true, false}) {
    for (const PackSource& source : sources) {
      if (IsShared(source) != shared_pass) continue;
      Definitions own = shared;
      absl::StatusOr<Pack> pack = ParsePack(source, &own);
      if (!pack.ok()) return pack.status();
      packs.push_back(*std::move(pack));
      if (shared_pass) shared = std::move(own);
    }
  }
  return packs;
}

}  // namespace privet
