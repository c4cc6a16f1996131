#include "core/field_error.h"

#include "absl/strings/cord.h"
#include "absl/strings/str_cat.h"
#include "core/absl_view.h"

namespace privet {
namespace {

constexpr std::string_view kFieldPayload = "privet/field";
constexpr std::string_view kDescriptionPayload = "privet/description";

std::string Payload(const absl::Status& status, std::string_view url) {
  const auto payload = status.GetPayload(AbslView(url));
  return payload.has_value() ? std::string(*payload) : std::string();
}

}  // namespace

absl::Status InvalidField(std::string_view field, std::string_view description) {
  absl::Status status =
      absl::InvalidArgumentError(absl::StrCat(AbslView(field), ": ", AbslView(description)));
  status.SetPayload(AbslView(kFieldPayload), absl::Cord(AbslView(field)));
  status.SetPayload(AbslView(kDescriptionPayload), absl::Cord(AbslView(description)));
  return status;
}

absl::Status PrefixField(const absl::Status& status, std::string_view prefix) {
  const FieldViolation violation = ViolationOf(status);
  if (violation.field.empty()) return status;
  return InvalidField(absl::StrCat(AbslView(prefix), ".", violation.field), violation.description);
}

FieldViolation ViolationOf(const absl::Status& status) {
  return {Payload(status, kFieldPayload), Payload(status, kDescriptionPayload)};
}

}  // namespace privet
