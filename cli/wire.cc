#include "cli/wire.h"

#include <map>
#include <optional>
#include <string>
#include <utility>

namespace privet {
namespace {

// A newer server may know types that this program does not; they are left out.
std::map<EntityType, double> ByType(const google::protobuf::Map<std::string, double>& wire) {
  std::map<EntityType, double> by_type;
  for (const auto& [id, number] : wire) {
    if (const std::optional<EntityType> type = FindEntityType(id); type.has_value()) by_type[*type] = number;
  }
  return by_type;
}

}  // namespace

v1::Policy ToWire(const Policy& policy) {
  v1::Policy wire;
  for (const std::string& type : policy.types) wire.add_types(type);
  wire.set_operating_point(policy.operating_point);
  if (policy.min_score.has_value()) wire.set_min_score(*policy.min_score);
  for (const auto& [type, score] : policy.min_score_by_type)
    (*wire.mutable_min_score_by_type())[type] = score;
  for (const CustomRule& rule : policy.custom_rules) {
    v1::CustomRule* custom = wire.add_custom_rules();
    custom->set_name(rule.name);
    custom->set_type(rule.type);
    custom->set_pattern(rule.pattern);
    custom->set_score(rule.score);
    for (const std::string& word : rule.context_words) custom->add_context_words(word);
  }
  const auto add = [](const ListEntry& entry, v1::ListEntry* out) {
    if (entry.kind == ListEntry::Kind::Pattern) {
      out->set_pattern(entry.value);
    } else {
      out->set_exact(entry.value);
    }
    out->set_type(entry.type);
  };
  for (const ListEntry& entry : policy.allow) add(entry, wire.add_allow());
  for (const ListEntry& entry : policy.deny) add(entry, wire.add_deny());
  wire.set_max_findings(policy.max_findings);
  wire.set_include_evidence(true);
  return wire;
}

v1::Redaction ToWire(const Redaction& redaction) {
  v1::Redaction wire;
  switch (redaction.treatment) {
    case Treatment::Keep:
      wire.set_treatment(v1::TREATMENT_KEEP);
      break;
    case Treatment::Mask:
      wire.set_treatment(v1::TREATMENT_MASK);
      break;
    case Treatment::Replace:
      wire.set_treatment(v1::TREATMENT_REPLACE);
      break;
    case Treatment::Hash:
      wire.set_treatment(v1::TREATMENT_HASH);
      break;
    case Treatment::Remove:
      wire.set_treatment(v1::TREATMENT_REMOVE);
      break;
  }
  wire.set_keep_first(static_cast<uint32_t>(redaction.keep_first));
  wire.set_keep_last(static_cast<uint32_t>(redaction.keep_last));
  wire.set_mask_with(redaction.mask_with);
  return wire;
}

absl::Status FromGrpc(const grpc::Status& status) {
  if (status.ok()) return absl::OkStatus();
  return absl::Status(static_cast<absl::StatusCode>(status.error_code()), status.error_message());
}

Detection FromWire(const v1::DetectResponse& response) {
  Detection detection;
  detection.truncated = response.truncated();
  for (const v1::Finding& wire : response.findings()) {
    Finding finding;
    finding.span = {wire.range().bytes().begin(), wire.range().bytes().end()};
    // A newer server may know types that this program does not.
    finding.type = FindEntityType(wire.type()).value_or(EntityType::OTHER_ID);
    finding.score = wire.score();
    for (const v1::Evidence& from : wire.evidence()) {
      Evidence evidence{from.source(), from.score(), from.validator(), from.validator_result(), {}};
      for (const v1::ContextHit& hit : from.context()) evidence.context.push_back({hit.word(), hit.shift()});
      finding.evidence.push_back(std::move(evidence));
    }
    detection.findings.push_back(std::move(finding));
  }
  return detection;
}

Treatment FromWire(v1::Treatment treatment) {
  switch (treatment) {
    case v1::TREATMENT_REPLACE:
      return Treatment::Replace;
    case v1::TREATMENT_HASH:
      return Treatment::Hash;
    case v1::TREATMENT_REMOVE:
      return Treatment::Remove;
    case v1::TREATMENT_KEEP:
      return Treatment::Keep;
    default:
      return Treatment::Mask;
  }
}

OperatingPoint FromWire(const v1::OperatingPoint& wire) {
  OperatingPoint point;
  point.name = wire.name();
  point.description = wire.description();
  point.min_score = wire.min_score();
  point.min_score_by_type = ByType(wire.min_score_by_type());
  if (wire.has_min_score_without_han()) point.min_score_without_han = wire.min_score_without_han();
  point.min_score_without_han_by_type = ByType(wire.min_score_without_han_by_type());
  point.tau = wire.tau();
  point.tau_by_type = ByType(wire.tau_by_type());
  return point;
}

Limits FromWire(const v1::Limits& wire) {
  Limits limits;
  limits.max_text_bytes = wire.max_text_bytes();
  limits.max_batch_texts = wire.max_batch_texts();
  limits.max_batch_bytes = wire.max_batch_bytes();
  limits.max_findings = wire.max_findings();
  limits.max_custom_rules = wire.max_custom_rules();
  limits.max_pattern_bytes = wire.max_pattern_bytes();
  limits.max_context_words = wire.max_context_words();
  limits.max_list_entries = wire.max_list_entries();
  limits.max_entry_bytes = wire.max_entry_bytes();
  return limits;
}

BundleManifest FromWire(const v1::Bundle& wire) {
  BundleManifest bundle;
  bundle.name = wire.name();
  bundle.version = wire.version();
  for (const std::string& id : wire.types()) {
    const std::optional<EntityType> type = FindEntityType(id);
    if (type.has_value()) bundle.offer.model_types.set(IndexOf(*type));
  }
  for (const v1::BundleStage& stage : wire.stages()) {
    StageModel& model = stage.name() == "stage2" ? bundle.stage2.emplace() : bundle.stage1;
    model.head = stage.head() == NameOf(FilterHead::Span) ? FilterHead::Span : FilterHead::Tagger;
  }
  bundle.windows = {wire.window_tokens(), wire.window_overlap_tokens()};
  bundle.calibration.documents = static_cast<int64_t>(wire.calibration().documents());
  if (wire.calibration().has_alpha()) bundle.calibration.alpha = wire.calibration().alpha();
  bundle.calibration.operating_point = wire.calibration().operating_point();
  for (const v1::BundleFact& fact : wire.card()) bundle.card.emplace_back(fact.name(), fact.text());
  return bundle;
}

}  // namespace privet
