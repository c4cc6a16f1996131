#include "pipeline/redactor.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <array>
#include <optional>
#include <set>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "core/absl_view.h"
#include "core/field_error.h"
#include "core/read_file.h"
#include "core/unescape.h"
#include "core/utf8.h"
#include "pipeline/normal_form.h"

namespace privet {
namespace {

size_t CodePointsIn(std::string_view text) {
  return static_cast<size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return !IsUtf8Continuation(c); }));
}

Redaction Chosen(const RedactionPlan& plan, EntityType type) {
  const auto own = plan.by_type.find(type);
  if (own != plan.by_type.end()) return own->second;
  if (plan.fallback.has_value()) return *plan.fallback;
  Redaction redaction;
  redaction.treatment = Describe(type).treatment;
  return redaction;
}

// An escape sequence is one character: what is kept of \u738b is all of it.
std::string Masked(const UnescapedText& value, const Redaction& redaction) {
  const std::string_view read = value.read();
  const size_t length = CodePointsIn(read);
  // A mask that would hide nothing hides all: keeping is what `keep` is for.
  const bool hides = redaction.keep_first < length && redaction.keep_last < length - redaction.keep_first;
  const size_t first = hides ? redaction.keep_first : 0;
  const size_t last = hides ? redaction.keep_last : 0;
  std::string masked;
  size_t index = 0;
  for (size_t i = 0; i < read.size(); ++index) {
    const size_t bytes = DecodeUtf8(read, i).length;
    if (index < first || index >= length - last) {
      const Span kept = value.AsWritten({i, i + bytes});
      masked.append(value.written().substr(kept.begin, kept.size()));
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

std::string Placeholder(EntityType type, size_t number) {
  return absl::StrCat("<", AbslView(IdOf(type)), "_", number, ">");
}

// What looks like a placeholder in what the text reads like: Go's JSON writes \u003c in place of <.
std::set<std::string> PlaceholdersIn(std::string_view written) {
  const UnescapedText unescaped(written);
  const std::string_view text = unescaped.read();
  std::set<std::string> placeholders;
  for (size_t begin = text.find('<'); begin != std::string_view::npos; begin = text.find('<', begin + 1)) {
    const size_t end = text.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789", begin + 1);
    if (end != std::string_view::npos && text[end] == '>')
      placeholders.emplace(text.substr(begin, end + 1 - begin));
  }
  return placeholders;
}

// Numbers the values of each type from 1 on, without those that the text holds as placeholders already.
class ValueNumbering {
 public:
  // `written` outlives the object, and is looked through once a number is asked for.
  explicit ValueNumbering(std::string_view written) : written_(written) {}

  size_t NumberOf(EntityType type, const std::string& value) {
    OfType& of_type = types_[type];
    const auto [known, is_new] = of_type.numbers.try_emplace(value, 0);
    if (is_new) {
      if (!used_.has_value()) used_ = PlaceholdersIn(written_);
      do {
        ++of_type.last;
      } while (used_->contains(Placeholder(type, of_type.last)));
      known->second = of_type.last;
    }
    return known->second;
  }

 private:
  struct OfType {
    size_t last = 0;
    std::map<std::string, size_t> numbers;
  };
  std::string_view written_;
  std::optional<std::set<std::string>> used_;
  std::map<EntityType, OfType> types_;
};

absl::Status CheckRedaction(const Redaction& redaction, const std::string& field) {
  if (redaction.treatment != Treatment::Mask) return absl::OkStatus();
  const std::string& mask = redaction.mask_with;
  if (mask.empty() || FindInvalidUtf8(mask) != std::string_view::npos || CodePointsIn(mask) != 1) {
    return InvalidField(absl::StrCat(field, ".mask_with"), "must be one character");
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::string> ReadHashKey(const std::string& file) {
  constexpr size_t kLeastKeyBytes = 16;
  absl::StatusOr<std::string> key = ReadFile(file);
  if (key.ok() && key->size() < kLeastKeyBytes)
    return absl::InvalidArgumentError(
        absl::StrCat(file, ": a hash key has at least ", kLeastKeyBytes, " bytes"));
  return key;
}

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

RedactedText Redact(std::string_view text, std::span<const Finding> findings, const RedactionPlan& plan) {
  ValueNumbering numbering(text);
  RedactedText redacted;
  size_t copied = 0;
  for (const Finding& finding : findings) {
    const Redaction redaction = Chosen(plan, finding.type);
    if (redaction.treatment == Treatment::Keep) continue;
    redacted.text.append(text.substr(copied, finding.span.begin - copied));
    copied = finding.span.end;

    const UnescapedText value(text.substr(finding.span.begin, finding.span.size()));
    const auto normal = [&] { return Normalise(NormalFormOf(finding.type), value.read()); };
    const size_t begin = redacted.text.size();
    switch (redaction.treatment) {
      case Treatment::Mask:
        redacted.text.append(Masked(value, redaction));
        break;
      case Treatment::Replace:
        redacted.text.append(Placeholder(finding.type, numbering.NumberOf(finding.type, normal())));
        break;
      case Treatment::Hash:
        absl::StrAppend(&redacted.text, "<", AbslView(IdOf(finding.type)), ":",
                        HashOf(plan.hash_key, normal()), ">");
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
