#include "pipeline/redactor.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <array>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "core/absl_view.h"
#include "core/field_error.h"
#include "core/utf8.h"
#include "pipeline/normal_form.h"

namespace privet {
namespace {

size_t CodePointsIn(std::string_view text) {
  return static_cast<size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return !IsUtf8Continuation(c); }));
}

Redaction DefaultOf(EntityType type) {
  Redaction redaction;
  redaction.treatment = Describe(type).treatment;
  return redaction;
}

Redaction Chosen(const RedactionPlan& plan, EntityType type, const Redaction& type_default) {
  const auto own = plan.by_type.find(type);
  if (own != plan.by_type.end()) return own->second;
  return plan.fallback.has_value() ? *plan.fallback : type_default;
}

std::string Masked(std::string_view value, const Redaction& redaction) {
  const size_t length = CodePointsIn(value);
  // A mask that would hide nothing hides all: keeping is what `keep` is for.
  const bool hides = redaction.keep_first < length && redaction.keep_last < length - redaction.keep_first;
  const size_t first = hides ? redaction.keep_first : 0;
  const size_t last = hides ? redaction.keep_last : 0;
  std::string masked;
  size_t index = 0;
  for (size_t i = 0; i < value.size(); ++index) {
    const size_t bytes = DecodeUtf8(value, i).length;
    if (index < first || index >= length - last) {
      masked.append(value.substr(i, bytes));
    } else {
      masked.append(redaction.mask_with);
    }
    i += bytes;
  }
  return masked;
}

// Hexadecimal; empty when OpenSSL cannot compute it.
std::string HashOf(const std::string& key, std::string_view value) {
  constexpr size_t kShownBytes = 16;
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int length = 0;
  if (HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
           reinterpret_cast<const unsigned char*>(value.data()), value.size(), digest.data(),
           &length) == nullptr) {
    return {};
  }
  return absl::BytesToHexString(
      absl::string_view(reinterpret_cast<const char*>(digest.data()), std::min<size_t>(length, kShownBytes)));
}

absl::Status CheckRedaction(const Redaction& redaction, const std::string& field) {
  if (redaction.treatment != Treatment::Mask) return absl::OkStatus();
  const std::string& mask = redaction.mask_with;
  if (mask.empty() || FindInvalidUtf8(mask) != std::string_view::npos || CodePointsIn(mask) != 1) {
    return InvalidField(absl::StrCat(field, ".mask_with"), "must be one character");
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status ValidateRedactionPlan(const RedactionPlan& plan) {
  bool hashes = plan.fallback.has_value() && plan.fallback->treatment == Treatment::Hash;
  for (const auto& [type, redaction] : plan.by_type) {
    const std::string field = absl::StrCat("redactions[", AbslView(IdOf(type)), "]");
    if (absl::Status status = CheckRedaction(redaction, field); !status.ok()) return status;
    hashes = hashes || redaction.treatment == Treatment::Hash;
  }
  if (plan.fallback.has_value()) {
    if (absl::Status status = CheckRedaction(*plan.fallback, "default_redaction"); !status.ok())
      return status;
  }
  for (const EntityTypeSpec& spec : Taxonomy()) {
    const bool by_default = !plan.fallback.has_value() && !plan.by_type.contains(spec.type);
    hashes = hashes || (by_default && spec.treatment == Treatment::Hash);
  }
  if (!hashes) return absl::OkStatus();
  if (plan.hash_key.empty()) {
    return absl::FailedPreconditionError(
        "hash needs a key and none is set; name its file (--hash-key-file, of a server "
        "redaction.hash_key_file) or choose another treatment");
  }
  if (HashOf(plan.hash_key, "").empty()) return absl::InternalError("OpenSSL offers no HMAC-SHA256");
  return absl::OkStatus();
}

size_t ValueNumbering::NumberOf(EntityType type, std::string_view value) {
  std::map<std::string, size_t, std::less<>>& of_type = numbers_[type];
  const auto known = of_type.find(value);
  if (known != of_type.end()) return known->second;
  const size_t number = of_type.size() + 1;
  of_type.emplace(std::string(value), number);
  return number;
}

RedactedText Redact(std::string_view text, std::span<const Finding> findings, const RedactionPlan& plan,
                    ValueNumbering* numbering) {
  RedactedText redacted;
  size_t copied = 0;
  for (const Finding& finding : findings) {
    const Redaction type_default = DefaultOf(finding.type);
    const Redaction redaction = Chosen(plan, finding.type, type_default);
    if (redaction.treatment == Treatment::Keep) continue;
    redacted.text.append(text.substr(copied, finding.span.begin - copied));
    copied = finding.span.end;

    const std::string_view value = text.substr(finding.span.begin, finding.span.size());
    const auto normal = [&] { return Normalise(NormalFormOf(finding.type), value); };
    const size_t begin = redacted.text.size();
    const absl::string_view id = AbslView(IdOf(finding.type));
    switch (redaction.treatment) {
      case Treatment::Mask:
        redacted.text.append(Masked(value, redaction));
        break;
      case Treatment::Replace:
        absl::StrAppend(&redacted.text, "<", id, "_", numbering->NumberOf(finding.type, normal()), ">");
        break;
      case Treatment::Hash:
        absl::StrAppend(&redacted.text, "<", id, ":", HashOf(plan.hash_key, normal()), ">");
        break;
      case Treatment::Remove:
      case Treatment::Keep:
        break;
    }
    redacted.replacements.push_back(
        {finding.span, {begin, redacted.text.size()}, finding.type, redaction.treatment, finding.score});
  }
  redacted.text.append(text.substr(copied));
  return redacted;
}

}  // namespace privet
