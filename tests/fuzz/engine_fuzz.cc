// Any text under any policy: Detect and Redact never crash, and what they answer is sound.
//
// The input is text, then fields of the policy, each behind a byte 0xFF (which no UTF-8 has) and a letter
// that says what it is; see PolicyOf. So seeds can be written by hand.
#include <cstdlib>
#include <iostream>
#include <string>
#include <string_view>

#include "core/unescape.h"
#include "core/utf8.h"
#include "pipeline/compiled_policy.h"
#include "pipeline/detector.h"
#include "pipeline/redactor.h"
#include "rules/rule_set.h"

namespace privet {
namespace {

void Check(bool holds, std::string_view what) {
  if (holds) return;
  std::cerr << "does not hold: " << what << "\n";
  std::abort();
}

const Detector& BuiltIn() {
  static const Detector* const detector = [] {
    auto rules = RuleSet::Load(BuiltInPacks());
    if (!rules.ok()) std::cerr << rules.status() << "\n";
    Check(rules.ok(), "the built-in packs load");
    return new Detector(*rules, Limits());
  }();
  return *detector;
}

std::string_view NextField(std::string_view* rest) {
  const size_t end = rest->find('\xFF');
  const std::string_view field = rest->substr(0, end);
  rest->remove_prefix(end == std::string_view::npos ? rest->size() : end + 1);
  return field;
}

double Fraction(std::string_view field) {
  return field.empty() ? 0.5 : static_cast<unsigned char>(field[0]) / 100.0;
}

Policy PolicyOf(std::string_view fields) {
  Policy policy;
  while (!fields.empty()) {
    std::string_view field = NextField(&fields);
    const char kind = field.empty() ? ' ' : field[0];
    if (!field.empty()) field.remove_prefix(1);
    const std::string value(field);
    switch (kind) {
      case 't':
        policy.types.push_back(value);
        break;
      case 's':
        policy.min_score = Fraction(field);
        break;
      case 'm':
        policy.max_findings = static_cast<uint32_t>(value.size());
        break;
      case 'r': {
        CustomRule rule;
        rule.name = std::to_string(policy.custom_rules.size());
        rule.pattern = value;
        policy.custom_rules.push_back(rule);
        break;
      }
      case 'w':
        if (!policy.custom_rules.empty()) policy.custom_rules.back().context_words.push_back(value);
        break;
      case 'a':
        policy.allow.push_back({ListEntry::Kind::Exact, value, ""});
        break;
      case 'A':
        policy.allow.push_back({ListEntry::Kind::Pattern, value, ""});
        break;
      case 'd':
        policy.deny.push_back({ListEntry::Kind::Exact, value, "PERSON"});
        break;
      case 'D':
        policy.deny.push_back({ListEntry::Kind::Pattern, value, ""});
        break;
      default:
        break;
    }
  }
  return policy;
}

bool IsBorder(std::string_view text, size_t offset) {
  return offset == text.size() || (offset < text.size() && !IsUtf8Continuation(text[offset]));
}

void CheckFindings(std::string_view text, const CompiledPolicy& policy,
                   const std::vector<Finding>& findings) {
  // Thresholds and lists are for what the text reads like.
  const UnescapedText unescaped(text);
  Check(findings.size() <= policy.max_findings, "no more findings than allowed");
  size_t end = 0;
  for (const Finding& finding : findings) {
    Check(
        finding.span.begin >= end && finding.span.begin < finding.span.end && finding.span.end <= text.size(),
        "findings are in order, not empty, without overlaps");
    end = finding.span.end;
    Check(IsBorder(text, finding.span.begin) && IsBorder(text, finding.span.end),
          "findings part no code point");
    Check(!finding.evidence.empty(), "a finding has evidence");
    Check(finding.score >= 0 && finding.score <= 1, "a score lies in [0, 1]");
    const std::string_view source = finding.evidence[0].source;
    if (source.starts_with("deny:")) continue;
    Check(finding.score >= policy.MinScoreIn(unescaped.read())[IndexOf(finding.type)],
          "a score reaches its threshold");
    Check(source.starts_with("custom:") || policy.types.test(IndexOf(finding.type)), "a type was asked for");
    Finding as_read = finding;
    as_read.span = unescaped.AsRead(finding.span);
    Check(!policy.Allows(unescaped.read(), as_read), "no allowed value is reported");
  }
}

void CheckRedaction(std::string_view text, const std::vector<Finding>& findings) {
  RedactionPlan plan;
  plan.hash_key = "key";
  for (const EntityTypeSpec& spec : Taxonomy()) {
    plan.by_type[spec.type] = {static_cast<Treatment>(IndexOf(spec.type) % 5), 1, 1, "*"};
  }
  Check(ValidateRedactionPlan(plan).ok(), "the plan is valid");
  const RedactedText redacted = Redact(text, findings, plan);
  Check(FindInvalidUtf8(redacted.text) == std::string_view::npos, "redacted text is UTF-8");
  size_t in = 0, out = 0;
  for (const Replacement& replacement : redacted.replacements) {
    const size_t same = replacement.input.begin - in;
    Check(replacement.output.begin == out + same && replacement.output.end <= redacted.text.size(),
          "replacements lie where they say");
    Check(text.substr(in, same) == redacted.text.substr(out, same), "text beside findings is unchanged");
    in = replacement.input.end;
    out = replacement.output.end;
  }
  Check(text.substr(in) == redacted.text.substr(out), "text behind the last finding is unchanged");
}

void DetectAndRedact(std::string_view text, const CompiledPolicy& policy) {
  const absl::StatusOr<Detection> detection = BuiltIn().Detect(text, policy);
  Check(detection.ok() == (FindInvalidUtf8(text) == std::string_view::npos),
        "UTF-8 is taken, nothing else is");
  if (!detection.ok()) return;
  CheckFindings(text, policy, detection->findings);
  CheckRedaction(text, detection->findings);
}

}  // namespace
}  // namespace privet

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
  std::string_view rest(reinterpret_cast<const char*>(bytes), size);
  std::string text(privet::NextField(&rest));
  const auto policy = privet::CompilePolicy(privet::PolicyOf(rest), privet::Limits());
  if (!policy.ok()) return 0;
  privet::DetectAndRedact(text, **policy);
  // Broken bytes would keep most of a mutated text from the engine.
  for (size_t bad; (bad = privet::FindInvalidUtf8(text)) != std::string::npos;) text[bad] = '?';
  privet::DetectAndRedact(text, **policy);
  return 0;
}
