#include "tagging/label_scheme.h"

#include <algorithm>
#include <string_view>

#include "absl/status/status.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "core/absl_view.h"

namespace privet {
namespace {

constexpr std::string_view kTagLetters = "OBIES";  // by Tag

absl::Status LabelError(std::span<const std::string> labels, size_t index, std::string_view reason) {
  constexpr size_t kMostShown = 60;
  return absl::InvalidArgumentError(absl::StrCat("id2label[", index, "] '",
                                                 absl::Utf8SafeCEscape(labels[index].substr(0, kMostShown)),
                                                 "': ", AbslView(reason)));
}

// The tag of "B-PERSON"; nothing for a label that is not written like that.
std::optional<Tag> TagOf(std::string_view label) {
  if (label.size() < 3 || label[1] != '-') return std::nullopt;
  const size_t tag = kTagLetters.find(label[0]);
  if (tag == std::string_view::npos || static_cast<Tag>(tag) == Tag::Outside) return std::nullopt;
  return static_cast<Tag>(tag);
}

}  // namespace

size_t LabelScheme::TypeIndexOf(EntityType type) {
  const auto found = std::find(types_.begin(), types_.end(), type);
  if (found != types_.end()) return static_cast<size_t>(found - types_.begin());
  types_.push_back(type);
  labels_of_type_.emplace_back().fill(kNoLabel);
  return types_.size() - 1;
}

absl::StatusOr<LabelScheme> LabelScheme::FromId2Label(const std::map<int64_t, std::string>& id2label,
                                                      std::string_view file) {
  std::vector<std::string> labels;
  labels.reserve(id2label.size());
  for (const auto& [index, label] : id2label) labels.push_back(label);
  absl::StatusOr<LabelScheme> scheme = FromLabels(labels);
  if (scheme.ok()) return scheme;
  return absl::Status(scheme.status().code(), absl::StrCat(AbslView(file), ": ", scheme.status().message()));
}

absl::StatusOr<LabelScheme> LabelScheme::FromLabels(std::span<const std::string> labels) {
  LabelScheme scheme;
  for (size_t i = 0; i < labels.size(); ++i) {
    const std::string_view label = labels[i];
    if (label == "O") {
      if (scheme.outside_label_ != kNoLabel) return LabelError(labels, i, "stands twice");
      scheme.outside_label_ = i;
      scheme.labels_.emplace_back();
      continue;
    }
    const std::optional<Tag> tag = TagOf(label);
    if (!tag.has_value()) {
      return LabelError(labels, i,
                        "is neither BIO nor BIOES; a label is O, or one of B, I, E and S, '-' and an entity "
                        "type, such as B-PERSON");
    }
    const std::string_view id = label.substr(2);
    const std::optional<EntityType> type = FindEntityType(id);
    if (!type.has_value()) {
      return LabelError(labels, i, absl::StrCat("is of no entity type", EntityTypeHint(id)));
    }
    const size_t type_index = scheme.TypeIndexOf(*type);
    size_t& place = scheme.labels_of_type_[type_index][static_cast<size_t>(*tag)];
    if (place != kNoLabel) return LabelError(labels, i, "stands twice");
    place = i;
    scheme.labels_.push_back({*tag, type_index});
    if (*tag == Tag::End || *tag == Tag::Single) scheme.format_ = TagFormat::Bioes;
  }
  if (scheme.outside_label_ == kNoLabel) {
    return absl::InvalidArgumentError("id2label: there is no label O, for tokens of no entity");
  }
  if (scheme.types_.empty()) {
    return absl::InvalidArgumentError("id2label: there is no label but O; name at least one type: B-PERSON");
  }
  if (absl::Status status = scheme.CheckEachLabelCanStand(labels); !status.ok()) return status;
  return scheme;
}

absl::Status LabelScheme::CheckEachLabelCanStand(std::span<const std::string> labels) const {
  for (size_t i = 0; i < labels_.size(); ++i) {
    const auto needs = [&](Tag other) {
      return LabelOf(other, labels_[i].type_index).has_value()
                 ? absl::OkStatus()
                 : LabelError(
                       labels, i,
                       absl::StrCat("needs ", AbslView(kTagLetters.substr(static_cast<size_t>(other), 1)),
                                    "-", AbslView(IdOf(types_[labels_[i].type_index])), " in ",
                                    format_ == TagFormat::Bio ? "BIO" : "BIOES"));
    };
    const Tag tag = labels_[i].tag;
    absl::Status status;
    if (tag == Tag::Inside || tag == Tag::End) status = needs(Tag::Begin);
    if (status.ok() && tag == Tag::Begin && format_ == TagFormat::Bioes) status = needs(Tag::End);
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

std::optional<size_t> LabelScheme::LabelOf(Tag tag, size_t type_index) const {
  const size_t label = labels_of_type_[type_index][static_cast<size_t>(tag)];
  return label == kNoLabel ? std::nullopt : std::optional(label);
}

bool LabelScheme::MayStart(size_t label) const { return tag(label) != Tag::Inside && tag(label) != Tag::End; }

bool LabelScheme::MayEnd(size_t label) const {
  return format_ == TagFormat::Bio || (tag(label) != Tag::Begin && tag(label) != Tag::Inside);
}

bool LabelScheme::MayFollow(size_t label, size_t next) const {
  const bool open = tag(label) == Tag::Begin || tag(label) == Tag::Inside;
  if (!MayStart(next)) return open && type_index(label) == type_index(next);
  return MayEnd(label);
}

}  // namespace privet
