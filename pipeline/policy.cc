#include "pipeline/policy.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "core/absl_view.h"
#include "core/field_error.h"
#include "core/unescape.h"
#include "core/utf8.h"
#include "pipeline/compiled_policy.h"
#include "rules/pattern.h"
#include "rules/rule_set.h"

namespace privet {
namespace {

// How far a context word of a custom rule raises its score, in logits.
constexpr double kContextWordStrength = 2;
// What RE2 may use for all patterns of one request together; but each may use kLeastPatternMemoryBytes.
constexpr size_t kAllPatternsMemoryBytes = 64 << 20;
constexpr size_t kLeastPatternMemoryBytes = 256 << 10;

std::string Element(std::string_view list, size_t i) { return absl::StrCat(AbslView(list), "[", i, "]"); }

std::string Member(std::string_view list, size_t i, std::string_view field) {
  return absl::StrCat(Element(list, i), ".", AbslView(field));
}

// Whether an id of the request may stand in an error: it looks like an id and not like a value put in the
// wrong field.
bool MayBeNamed(std::string_view id) {
  constexpr size_t kLongestId = 40;
  return !id.empty() && id.size() <= kLongestId && std::all_of(id.begin(), id.end(), [](char c) {
    return c == '_' || c == '-' || absl::ascii_isalpha(static_cast<unsigned char>(c));
  });
}

std::string Quoted(std::string_view id) {
  return MayBeNamed(id) ? absl::StrCat(" \"", AbslView(id), "\"") : std::string();
}

absl::StatusOr<EntityType> ParseType(std::string_view id, std::string_view field) {
  const std::optional<EntityType> type = FindEntityType(id);
  if (type.has_value()) return *type;
  return InvalidField(field, absl::StrCat("unknown type", Quoted(id), EntityTypeHint(id)));
}

absl::Status CheckScore(double score, std::string_view field) {
  if (score >= 0 && score <= 1) return absl::OkStatus();  // false for NaN too
  return InvalidField(field, "must lie in [0, 1]");
}

absl::Status CheckCount(size_t count, size_t most, std::string_view what, std::string_view field) {
  if (count <= most) return absl::OkStatus();
  return InvalidField(field,
                      absl::StrCat("has ", count, " ", AbslView(what), ", at most ", most, " are allowed"));
}

absl::Status CheckString(std::string_view value, size_t max_bytes, std::string_view field) {
  if (value.empty()) return InvalidField(field, "is empty; give it a value or leave the entry out");
  if (absl::Status status = CheckCount(value.size(), max_bytes, "bytes", field); !status.ok()) return status;
  const size_t bad = FindInvalidUtf8(value);
  if (bad == std::string_view::npos) return absl::OkStatus();
  return InvalidField(field, absl::StrCat("is not UTF-8: the byte at offset ", bad, " does not belong"));
}

// A custom rule as the rules engine takes it.
absl::StatusOr<RuleSpec> SpecOf(const CustomRule& rule, size_t i, const Limits& limits) {
  const auto field = [&](std::string_view name) { return Member("custom_rules", i, name); };
  if (absl::Status status = CheckString(rule.name, limits.max_entry_bytes, field("name")); !status.ok()) {
    return status;
  }
  const absl::StatusOr<EntityType> type =
      ParseType(rule.type.empty() ? "OTHER_ID" : rule.type, field("type"));
  if (!type.ok()) return type.status();
  if (absl::Status status = CheckString(rule.pattern, limits.max_pattern_bytes, field("pattern"));
      !status.ok()) {
    return status;
  }
  if (absl::Status status = CheckScore(rule.score, field("score")); !status.ok()) return status;
  if (absl::Status status =
          CheckCount(rule.context_words.size(), limits.max_context_words, "words", field("context_words"));
      !status.ok()) {
    return status;
  }

  RuleSpec spec;
  spec.id = absl::StrCat("custom:", rule.name);
  spec.type = *type;
  spec.patterns = {rule.pattern};
  spec.boundary = Boundary::None;
  spec.score = rule.score;
  if (rule.context_words.empty()) return spec;

  ContextGroup words;
  words.strength = kContextWordStrength;
  for (size_t w = 0; w < rule.context_words.size(); ++w) {
    const std::string& word = rule.context_words[w];
    const std::string element = Element(field("context_words"), w);
    if (absl::Status status = CheckString(word, limits.max_entry_bytes, element); !status.ok()) return status;
    const size_t code_points = static_cast<size_t>(
        std::count_if(word.begin(), word.end(), [](char c) { return !IsUtf8Continuation(c); }));
    if (absl::Status status = CheckCount(code_points, kMaxContextWordCodePoints, "code points", element);
        !status.ok()) {
      return status;
    }
    words.words.push_back(absl::AsciiStrToLower(word));
  }
  spec.context.push_back(std::move(words));
  // Context moves a score by its logit, which 0 and 1 have not.
  spec.score = std::clamp(rule.score, 1e-6, 1 - 1e-6);
  return spec;
}

bool IsPattern(const ListEntry& entry) { return entry.kind == ListEntry::Kind::Pattern; }

// What RE2 may use for each pattern of the request.
size_t PatternMemoryBytes(const Policy& policy) {
  size_t patterns = policy.custom_rules.size();
  for (const auto* list : {&policy.allow, &policy.deny})
    patterns += static_cast<size_t>(std::count_if(list->begin(), list->end(), IsPattern));
  return std::clamp(kAllPatternsMemoryBytes / (patterns + 1), kLeastPatternMemoryBytes, kPatternMemoryBytes);
}

// The fault that CompilePattern found, as one of a field.
absl::Status PatternFault(std::string_view field, const absl::Status& fault) {
  return InvalidField(
      field,
      absl::StrCat(fault.message(), absl::IsResourceExhausted(fault) ? " or send fewer patterns along" : ""));
}

absl::Status CheckStop(const StopToken& stop) {
  return stop && stop() ? absl::CancelledError("stopped by the caller") : absl::OkStatus();
}

absl::Status CompileCustomRules(const Policy& policy, const Limits& limits, const StopToken& stop,
                                CompiledPolicy* compiled) {
  const std::vector<CustomRule>& rules = policy.custom_rules;
  if (absl::Status status = CheckCount(rules.size(), limits.max_custom_rules, "rules", "custom_rules");
      !status.ok()) {
    return status;
  }
  const size_t pattern_memory_bytes = PatternMemoryBytes(policy);
  for (size_t i = 0; i < rules.size(); ++i) {
    if (absl::Status status = CheckStop(stop); !status.ok()) return status;
    const absl::StatusOr<RuleSpec> spec = SpecOf(rules[i], i, limits);
    if (!spec.ok()) return spec.status();
    for (size_t other = 0; other < i; ++other) {
      if (rules[other].name != rules[i].name) continue;
      return InvalidField(Member("custom_rules", i, "name"),
                          absl::StrCat("is also the name of ", Element("custom_rules", other),
                                       "; evidence could not tell them apart"));
    }
    auto rule = RuleSet::CompileCustomRule(*spec, pattern_memory_bytes);
    if (!rule.ok()) return PatternFault(Member("custom_rules", i, "pattern"), rule.status());
    compiled->custom_rules.push_back(*std::move(rule));
  }
  return absl::OkStatus();
}

absl::Status CompileLists(const Policy& policy, const Limits& limits, const StopToken& stop,
                          CompiledPolicy* compiled) {
  const size_t pattern_memory_bytes = PatternMemoryBytes(policy);
  std::vector<std::string> denied_values;

  const auto compile = [&](const ListEntry& entry, std::string_view list, size_t i) -> absl::Status {
    const bool allow = list == "allow";
    const std::string field = Member(list, i, IsPattern(entry) ? "pattern" : "exact");
    TypeSet types;
    CompiledPolicy::DeniedEntry denied{EntityType::OTHER_ID, i};
    if (entry.type.empty()) {
      types.set();
    } else {
      const absl::StatusOr<EntityType> type = ParseType(entry.type, Member(list, i, "type"));
      if (!type.ok()) return type.status();
      types.set(IndexOf(*type));
      denied.type = *type;
    }
    const size_t max_bytes = IsPattern(entry) ? limits.max_pattern_bytes : limits.max_entry_bytes;
    if (absl::Status status = CheckString(entry.value, max_bytes, field); !status.ok()) return status;

    if (IsPattern(entry)) {
      auto pattern = CompilePattern(entry.value, PatternLines::All, pattern_memory_bytes);
      if (!pattern.ok()) return PatternFault(field, pattern.status());
      if (allow) {
        compiled->allowed_patterns.push_back({*std::move(pattern), types});
      } else {
        compiled->denied_patterns.push_back({*std::move(pattern), denied});
      }
      return absl::OkStatus();
    }
    const UnescapedText value(entry.value);
    if (allow) {
      for (const NormalForm form : kNormalForms) {
        compiled->allowed_values[static_cast<size_t>(form)][Normalise(form, value.read())] |= types;
      }
    } else {
      denied_values.emplace_back(value.read());
      compiled->denied_value_entries.push_back(denied);
    }
    return absl::OkStatus();
  };

  using NamedList = std::pair<std::string_view, const std::vector<ListEntry>*>;
  for (const auto& [list, entries] : {NamedList{"allow", &policy.allow}, NamedList{"deny", &policy.deny}}) {
    if (absl::Status status = CheckCount(entries->size(), limits.max_list_entries, "entries", list);
        !status.ok()) {
      return status;
    }
    for (size_t i = 0; i < entries->size(); ++i) {
      if (absl::Status status = CheckStop(stop); !status.ok()) return status;
      if (absl::Status status = compile((*entries)[i], list, i); !status.ok()) return status;
    }
  }
  compiled->denied_values = ValueSearch(denied_values);
  return absl::OkStatus();
}

absl::StatusOr<const OperatingPoint*> FindOperatingPoint(const std::string& name, const Offer& offer) {
  const std::vector<OperatingPoint>& points = offer.operating_points;
  const std::string_view wanted = name.empty() ? std::string_view(kDefaultOperatingPoint) : name;
  const auto point =
      std::find_if(points.begin(), points.end(), [&](const OperatingPoint& p) { return p.name == wanted; });
  if (point != points.end()) return &*point;
  const std::string names = absl::StrJoin(
      points, ", ", [](std::string* out, const OperatingPoint& p) { absl::StrAppend(out, p.name); });
  return InvalidField("operating_point",
                      absl::StrCat("unknown operating point", Quoted(wanted), "; there are ", names));
}

// What the caller itself asks for, by type; nothing where the operating point decides.
absl::StatusOr<std::array<std::optional<double>, kEntityTypeCount>> RequestedScores(const Policy& policy) {
  std::array<std::optional<double>, kEntityTypeCount> requested;
  requested.fill(policy.min_score);
  if (policy.min_score.has_value()) {
    if (absl::Status status = CheckScore(*policy.min_score, "min_score"); !status.ok()) return status;
  }
  for (const auto& [id, score] : policy.min_score_by_type) {
    const std::string field =
        MayBeNamed(id) ? absl::StrCat("min_score_by_type[", id, "]") : "min_score_by_type";
    const absl::StatusOr<EntityType> type = ParseType(id, field);
    if (!type.ok()) return type.status();
    if (absl::Status status = CheckScore(score, field); !status.ok()) return status;
    requested[IndexOf(*type)] = score;
  }
  return requested;
}

absl::Status CompileThresholds(const Policy& policy, const Offer& offer, CompiledPolicy* compiled) {
  const absl::StatusOr<const OperatingPoint*> point = FindOperatingPoint(policy.operating_point, offer);
  if (!point.ok()) return point.status();
  const auto requested = RequestedScores(policy);
  if (!requested.ok()) return requested.status();
  constexpr double kBareForm = 0.05;
  for (const EntityTypeSpec& spec : Taxonomy()) {
    const size_t type = IndexOf(spec.type);
    const auto least = [&](bool has_han) {
      return (*requested)[type].value_or(MinScoreOf(**point, spec.type, has_han));
    };
    compiled->min_score[type] = least(/*has_han=*/true);
    compiled->min_score_without_han[type] = least(/*has_han=*/false);
    compiled->ungated.set(
        type, std::min(compiled->min_score[type], compiled->min_score_without_han[type]) <= kBareForm);
    if (!offer.model_types.test(type) || !compiled->types.test(type)) continue;
    const double tau = TauOf(**point, spec.type);
    compiled->tau[type] = std::min(tau, (*requested)[type].value_or(tau));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::shared_ptr<const CompiledPolicy>> CompilePolicy(const Policy& policy,
                                                                    const Limits& limits, const Offer& offer,
                                                                    const StopToken& stop) {
  auto compiled = std::make_shared<CompiledPolicy>();
  if (policy.types.empty()) compiled->types = AllTypes();
  for (size_t i = 0; i < policy.types.size(); ++i) {
    const absl::StatusOr<EntityType> type = ParseType(policy.types[i], Element("types", i));
    if (!type.ok()) return type.status();
    compiled->types.set(IndexOf(*type));
  }
  if (absl::Status status = CompileThresholds(policy, offer, compiled.get()); !status.ok()) return status;
  if (absl::Status status = CompileCustomRules(policy, limits, stop, compiled.get()); !status.ok())
    return status;
  if (absl::Status status = CompileLists(policy, limits, stop, compiled.get()); !status.ok()) return status;
  compiled->max_findings = policy.max_findings == 0
                               ? limits.max_findings
                               : std::min<size_t>(policy.max_findings, limits.max_findings);
  return compiled;
}

}  // namespace privet
