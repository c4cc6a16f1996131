// What the outputs of a token classifier mean: for each label its tag and entity type.
#ifndef PRIVET_TAGGING_LABEL_SCHEME_H_
#define PRIVET_TAGGING_LABEL_SCHEME_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "core/taxonomy.h"

namespace privet {

// A token's place in a span: in none, first of several, between, last of several, alone.
enum class Tag : uint8_t { Outside, Begin, Inside, End, Single };
inline constexpr size_t kTagCount = 5;

// BIOES says where a span ends. BIO does not: a span ends before the first label that does not continue it.
enum class TagFormat : uint8_t { Bio, Bioes };

// Immutable and thread-safe.
class LabelScheme {
 public:
  // Reads a checkpoint's id2label, in order of index: "O", "B-PERSON", "I-PERSON" and so on, with ids of
  // core/taxonomy.h. Where any label has the tag E or S the format is BIOES, else BIO. A type may lack a tag
  // that its training data never had, as long as each label can stand in a valid sequence: I needs its B and,
  // in BIOES, B and E need one another. Errors are INVALID_ARGUMENT, name the label as id2label[INDEX] and
  // say what is allowed: neither O nor TAG-TYPE, an unknown type, a label that stands twice, no O, no type at
  // all, a label without the one it needs.
  static absl::StatusOr<LabelScheme> FromLabels(std::span<const std::string> labels);

  // The same from a configuration's id2label; errors begin with `file`, the configuration's name.
  static absl::StatusOr<LabelScheme> FromId2Label(const std::map<int64_t, std::string>& id2label,
                                                  std::string_view file);

  TagFormat format() const { return format_; }
  size_t label_count() const { return labels_.size(); }

  // The types that have labels, in order of their first label. A "type index" counts in this list.
  std::span<const EntityType> types() const { return types_; }

  Tag tag(size_t label) const { return labels_[label].tag; }
  // The type index of a label that is not O.
  size_t type_index(size_t label) const { return labels_[label].type_index; }

  size_t outside_label() const { return outside_label_; }
  // The label of a tag other than Outside; nothing when this scheme has none.
  std::optional<size_t> LabelOf(Tag tag, size_t type_index) const;

  // Valid sequences: those that start and end as these two say, and whose neighbours MayFollow one another.
  bool MayStart(size_t label) const;
  bool MayEnd(size_t label) const;
  bool MayFollow(size_t label, size_t next) const;

 private:
  static constexpr size_t kNoLabel = ~size_t{0};
  struct Label {
    Tag tag = Tag::Outside;
    size_t type_index = 0;
  };

  LabelScheme() = default;
  size_t TypeIndexOf(EntityType type);
  absl::Status CheckEachLabelCanStand(std::span<const std::string> labels) const;

  TagFormat format_ = TagFormat::Bio;
  std::vector<Label> labels_;
  std::vector<EntityType> types_;
  std::vector<std::array<size_t, kTagCount>>
      labels_of_type_;  // [type index][tag], kNoLabel where there is none
  size_t outside_label_ = kNoLabel;
};

}  // namespace privet

#endif  // PRIVET_TAGGING_LABEL_SCHEME_H_
