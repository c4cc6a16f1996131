#include "server/wire.h"

#include <algorithm>
#include <optional>
#include <vector>

#include "absl/strings/str_cat.h"
#include "core/field_error.h"
#include "core/offsets.h"
#include "rules/rule_set.h"

namespace privet {
namespace {

ListEntry FromWire(const v1::ListEntry& entry) {
  ListEntry result;
  result.kind = entry.has_pattern() ? ListEntry::Kind::Pattern : ListEntry::Kind::Exact;
  result.value = entry.has_pattern() ? entry.pattern() : entry.exact();
  result.type = entry.type();
  return result;
}

// Positions of spans, to be read back in the order they were added.
class RangeWriter {
 public:
  explicit RangeWriter(std::string_view text) : text_(text) {}

  void Add(const Span& span) {
    offsets_.push_back(span.begin);
    offsets_.push_back(span.end);
  }
  void Resolve() { positions_ = PositionsOf(text_, offsets_); }
  void Write(v1::Range* range) {
    const Position& begin = positions_[next_++];
    const Position& end = positions_[next_++];
    const auto set = [](v1::Interval* interval, size_t from, size_t to) {
      interval->set_begin(from);
      interval->set_end(to);
    };
    set(range->mutable_bytes(), begin.bytes, end.bytes);
    set(range->mutable_codepoints(), begin.codepoints, end.codepoints);
    set(range->mutable_utf16(), begin.utf16, end.utf16);
  }

 private:
  std::string_view text_;
  std::vector<size_t> offsets_;
  std::vector<Position> positions_;
  size_t next_ = 0;
};

void WriteEvidence(const Evidence& evidence, v1::Evidence* wire) {
  wire->set_source(evidence.source);
  wire->set_score(evidence.score);
  wire->set_validator(evidence.validator);
  wire->set_validator_result(evidence.validator_result);
  for (const ContextHit& hit : evidence.context) {
    v1::ContextHit* word = wire->add_context();
    word->set_word(hit.word);
    word->set_shift(hit.shift);
  }
}

absl::StatusOr<Redaction> FromWire(const v1::Redaction& redaction, EntityType type,
                                   const std::string& field) {
  Redaction result;
  switch (redaction.treatment()) {
    case v1::TREATMENT_UNSPECIFIED:
      result.treatment = Describe(type).treatment;
      break;
    case v1::TREATMENT_MASK:
      result.treatment = Treatment::Mask;
      break;
    case v1::TREATMENT_REPLACE:
      result.treatment = Treatment::Replace;
      break;
    case v1::TREATMENT_HASH:
      result.treatment = Treatment::Hash;
      break;
    case v1::TREATMENT_REMOVE:
      result.treatment = Treatment::Remove;
      break;
    case v1::TREATMENT_KEEP:
      result.treatment = Treatment::Keep;
      break;
    default:
      return InvalidField(absl::StrCat(field, ".treatment"),
                          "is not a treatment of this version of the contract");
  }
  result.keep_first = redaction.keep_first();
  result.keep_last = redaction.keep_last();
  if (!redaction.mask_with().empty()) result.mask_with = redaction.mask_with();
  return result;
}

void WriteBundle(const PipelineContents& contents, v1::Bundle* wire) {
  wire->set_rules(static_cast<uint32_t>(contents.rules->specs().size()));
  if (!contents.bundle.has_value()) {
    wire->set_name("rules");
    wire->set_version(PRIVET_VERSION);
    return;
  }
  const BundleManifest& bundle = *contents.bundle;
  wire->set_name(bundle.name);
  wire->set_version(bundle.version);
  wire->set_has_models(true);
  for (const EntityTypeSpec& spec : Taxonomy()) {
    if (bundle.offer.model_types.test(IndexOf(spec.type))) wire->add_types(std::string(spec.id));
  }
  const auto add = [wire](const char* name, const StageModel& stage) {
    v1::BundleStage* added = wire->add_stages();
    added->set_name(name);
    added->set_head(std::string(NameOf(stage.head)));
  };
  add("stage1", bundle.stage1);
  if (bundle.stage2.has_value()) add("stage2", *bundle.stage2);
  wire->set_window_tokens(static_cast<uint32_t>(bundle.windows.max_tokens));
  wire->set_window_overlap_tokens(static_cast<uint32_t>(bundle.windows.overlap_tokens));
  v1::BundleCalibration* calibration = wire->mutable_calibration();
  calibration->set_documents(static_cast<uint64_t>(bundle.calibration.documents));
  if (bundle.calibration.alpha.has_value()) calibration->set_alpha(*bundle.calibration.alpha);
  calibration->set_operating_point(bundle.calibration.operating_point);
  for (const auto& [name, text] : bundle.card) {
    v1::BundleFact* fact = wire->add_card();
    fact->set_name(name);
    fact->set_text(text);
  }
}

}  // namespace

Policy FromWire(const v1::Policy& wire) {
  Policy policy;
  policy.types.assign(wire.types().begin(), wire.types().end());
  policy.operating_point = wire.operating_point();
  if (wire.has_min_score()) policy.min_score = wire.min_score();
  for (const auto& [type, score] : wire.min_score_by_type()) policy.min_score_by_type[type] = score;
  for (const v1::CustomRule& rule : wire.custom_rules()) {
    CustomRule custom;
    custom.name = rule.name();
    custom.type = rule.type();
    custom.pattern = rule.pattern();
    if (rule.has_score()) custom.score = rule.score();
    custom.context_words.assign(rule.context_words().begin(), rule.context_words().end());
    policy.custom_rules.push_back(std::move(custom));
  }
  for (const v1::ListEntry& entry : wire.allow()) policy.allow.push_back(FromWire(entry));
  for (const v1::ListEntry& entry : wire.deny()) policy.deny.push_back(FromWire(entry));
  policy.max_findings = wire.max_findings();
  return policy;
}

absl::StatusOr<RedactionPlan> FromWire(const v1::RedactRequest& request, const std::string& hash_key) {
  RedactionPlan plan;
  plan.hash_key = hash_key;
  for (const auto& [id, redaction] : request.redactions()) {
    const std::optional<EntityType> type = FindEntityType(id);
    if (!type.has_value())
      return InvalidField("redactions", "has a key that is not an entity type; Info lists all types");
    absl::StatusOr<Redaction> converted = FromWire(redaction, *type, absl::StrCat("redactions[", id, "]"));
    if (!converted.ok()) return converted.status();
    plan.by_type[*type] = *converted;
  }
  if (request.has_default_redaction()) {
    v1::Redaction fallback = request.default_redaction();
    // Each type's default: what is said of the mask is for the types that are masked.
    if (fallback.treatment() == v1::TREATMENT_UNSPECIFIED) {
      fallback.set_treatment(v1::TREATMENT_MASK);
      for (const EntityTypeSpec& spec : Taxonomy()) {
        if (spec.treatment != Treatment::Mask) plan.by_type.try_emplace(spec.type, Redaction{spec.treatment});
      }
    }
    absl::StatusOr<Redaction> converted = FromWire(fallback, EntityType::OTHER_ID, "default_redaction");
    if (!converted.ok()) return converted.status();
    plan.fallback = *converted;
  }
  if (absl::Status status = ValidateRedactionPlan(plan); !status.ok()) return status;
  return plan;
}

v1::DetectResponse ToWire(std::string_view text, const Detection& detection, const v1::Policy& policy) {
  v1::DetectResponse response;
  response.set_truncated(detection.truncated);
  RangeWriter ranges(text);
  for (const Finding& finding : detection.findings) ranges.Add(finding.span);
  ranges.Resolve();
  for (const Finding& finding : detection.findings) {
    v1::Finding* wire = response.add_findings();
    wire->set_type(std::string(IdOf(finding.type)));
    wire->set_score(finding.score);
    ranges.Write(wire->mutable_range());
    if (policy.include_evidence()) {
      for (const Evidence& evidence : finding.evidence) WriteEvidence(evidence, wire->add_evidence());
    }
    if (policy.include_quote())
      wire->set_quote(std::string(text.substr(finding.span.begin, finding.span.size())));
  }
  return response;
}

void FillReplacements(std::string_view text, const RedactedText& redacted, v1::RedactResponse* response) {
  RangeWriter inputs(text), outputs(redacted.text);
  for (const Replacement& replacement : redacted.replacements) {
    inputs.Add(replacement.input);
    outputs.Add(replacement.output);
  }
  inputs.Resolve();
  outputs.Resolve();
  for (const Replacement& replacement : redacted.replacements) {
    v1::Replacement* wire = response->add_replacements();
    inputs.Write(wire->mutable_input());
    outputs.Write(wire->mutable_output());
    wire->set_type(std::string(IdOf(replacement.type)));
    wire->set_treatment(ToWire(replacement.treatment));
    wire->set_score(replacement.score);
  }
}

v1::Treatment ToWire(Treatment treatment) {
  switch (treatment) {
    case Treatment::Keep:
      return v1::TREATMENT_KEEP;
    case Treatment::Mask:
      return v1::TREATMENT_MASK;
    case Treatment::Replace:
      return v1::TREATMENT_REPLACE;
    case Treatment::Hash:
      return v1::TREATMENT_HASH;
    case Treatment::Remove:
      return v1::TREATMENT_REMOVE;
  }
  return v1::TREATMENT_UNSPECIFIED;
}

void FillContents(const PipelineContents& contents, v1::InfoResponse* response) {
  WriteBundle(contents, response->mutable_bundle());
  const TypeSet available = contents.types();
  for (const EntityTypeSpec& spec : Taxonomy()) {
    v1::EntityTypeDescription* type = response->add_types();
    type->set_id(std::string(spec.id));
    type->set_group(std::string(NameOf(spec.group)));
    type->set_name_zh(std::string(spec.name_zh));
    type->set_name_en(std::string(spec.name_en));
    type->set_description_zh(std::string(spec.description_zh));
    type->set_description_en(std::string(spec.description_en));
    type->set_default_treatment(ToWire(spec.treatment));
    type->set_available(available.test(IndexOf(spec.type)));
  }
  for (const OperatingPoint& point : contents.offer().operating_points) {
    v1::OperatingPoint* wire = response->add_operating_points();
    wire->set_name(point.name);
    wire->set_description(point.description);
    wire->set_min_score(point.min_score);
    wire->set_tau(point.tau);
    for (const auto& [type, score] : point.min_score_by_type)
      (*wire->mutable_min_score_by_type())[std::string(IdOf(type))] = score;
    if (const std::optional<double> least = point.min_score_without_han; least.has_value())
      wire->set_min_score_without_han(*least);
    for (const auto& [type, score] : point.min_score_without_han_by_type)
      (*wire->mutable_min_score_without_han_by_type())[std::string(IdOf(type))] = score;
    for (const auto& [type, tau] : point.tau_by_type)
      (*wire->mutable_tau_by_type())[std::string(IdOf(type))] = tau;
  }
}

}  // namespace privet
