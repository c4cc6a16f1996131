#include "cli/json_output.h"

#include <cmath>
#include <string>
#include <vector>

#include "core/offsets.h"
#include "core/taxonomy.h"

namespace privet {
namespace {

using Json = nlohmann::ordered_json;

// Four decimals say all that a score knows.
double Rounded(double score) { return std::round(score * 1e4) / 1e4; }

// The spans in all three units, in the order given.
std::vector<Json> SpansToJson(std::string_view text, const std::vector<Span>& spans) {
  std::vector<size_t> offsets;
  for (const Span& span : spans) {
    offsets.push_back(span.begin);
    offsets.push_back(span.end);
  }
  const std::vector<Position> at = PositionsOf(text, offsets);
  std::vector<Json> json;
  for (size_t i = 0; i < at.size(); i += 2) {
    json.push_back({{"bytes", {at[i].bytes, at[i + 1].bytes}},
                    {"codepoints", {at[i].codepoints, at[i + 1].codepoints}},
                    {"utf16", {at[i].utf16, at[i + 1].utf16}}});
  }
  return json;
}

Json ToJson(const Evidence& evidence) {
  Json json = {{"source", evidence.source}, {"score", Rounded(evidence.score)}};
  if (!evidence.validator.empty()) {
    json["validator"] = evidence.validator;
    json["validator_result"] = evidence.validator_result;
  }
  if (!evidence.context.empty()) {
    Json words = Json::array();
    for (const ContextHit& hit : evidence.context)
      words.push_back({{"word", hit.word}, {"shift", hit.shift}});
    json["context"] = words;
  }
  return json;
}

}  // namespace

std::string Write(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); }

Json ToJson(std::string_view text, const Detection& detection, bool quote) {
  std::vector<Span> spans;
  spans.reserve(detection.findings.size());
  for (const Finding& finding : detection.findings) spans.push_back(finding.span);
  const std::vector<Json> ranges = SpansToJson(text, spans);
  Json findings = Json::array();
  for (size_t i = 0; i < spans.size(); ++i) {
    const Finding& finding = detection.findings[i];
    Json json = {{"type", IdOf(finding.type)}, {"score", Rounded(finding.score)}, {"span", ranges[i]}};
    if (quote) json["quote"] = text.substr(finding.span.begin, finding.span.size());
    json["evidence"] = Json::array();
    for (const Evidence& evidence : finding.evidence) json["evidence"].push_back(ToJson(evidence));
    findings.push_back(std::move(json));
  }
  return {{"findings", findings}, {"truncated", detection.truncated}};
}

Json ToJson(std::string_view text, const RedactedText& redacted) {
  std::vector<Span> inputs, outputs;
  for (const Replacement& replacement : redacted.replacements) {
    inputs.push_back(replacement.input);
    outputs.push_back(replacement.output);
  }
  const std::vector<Json> input_ranges = SpansToJson(text, inputs);
  const std::vector<Json> output_ranges = SpansToJson(redacted.text, outputs);
  Json json = Json::array();
  for (size_t i = 0; i < inputs.size(); ++i) {
    const Replacement& replacement = redacted.replacements[i];
    json.push_back({{"type", IdOf(replacement.type)},
                    {"treatment", NameOf(replacement.treatment)},
                    {"score", Rounded(replacement.score)},
                    {"input", input_ranges[i]},
                    {"output", output_ranges[i]}});
  }
  return json;
}

}  // namespace privet
