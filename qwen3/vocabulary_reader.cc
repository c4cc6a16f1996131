#include "qwen3/vocabulary_reader.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "core/absl_view.h"
#include "core/utf8.h"
#include "qwen3/byte_level.h"
#include "qwen3/tokenizer_json.h"

namespace privet {
namespace {

using Json = nlohmann::json;

constexpr int64_t kMostIds = int64_t{1} << 24;

std::string KeyOf(std::string_view key, const std::string& token) {
  return absl::StrCat(AbslView(key), "[", Shown(Json(token)), "]");
}

}  // namespace

std::optional<int32_t> IdOf(const Json& value) {
  if (!value.is_number_integer()) return std::nullopt;
  const auto id = value.get<int64_t>();
  if (id < 0 || id >= kMostIds) return std::nullopt;
  return static_cast<int32_t>(id);
}

absl::Status VocabularyReader::ReadTokens(const Json& vocab, std::string_view file, std::string_view key) {
  if (!vocab.is_object()) return Unsupported(file, key, vocab, "a mapping from token to id");
  ids_.reserve(vocab.size());
  absl::flat_hash_set<int32_t> seen;
  for (const auto& entry : vocab.items()) {
    const std::optional<int32_t> id = IdOf(entry.value());
    if (!id.has_value())
      return Unsupported(file, KeyOf(key, entry.key()), entry.value(), "an id from 0 to 16777215");
    if (!seen.insert(*id).second) {
      return Refused(file, KeyOf(key, entry.key()),
                     absl::StrCat("id ", *id, " belongs to another token too"));
    }
    ids_.emplace(entry.key(), *id);
    size_ = std::max(size_, static_cast<size_t>(*id) + 1);
    // What is not written in the byte-level alphabet cannot come out of merging bytes.
    if (std::optional<std::string> bytes = BytesOfToken(entry.key()); bytes.has_value()) {
      vocabulary_.tokens.push_back({*std::move(bytes), *id});
    }
  }
  for (uint32_t byte = 0; byte < 256; ++byte) {
    const auto known = ids_.find(ByteLevelCharacter(static_cast<uint8_t>(byte)));
    if (known == ids_.end()) {
      return Refused(file, key,
                     absl::StrCat("has no token for byte ", byte, "; a byte-level vocabulary has all 256"));
    }
    vocabulary_.byte_ids[byte] = known->second;
  }
  return absl::OkStatus();
}

absl::Status VocabularyReader::AddMerge(std::string_view left, std::string_view right, std::string_view file,
                                        std::string_view key) {
  const std::optional<int32_t> left_id = Find(left);
  const std::optional<int32_t> right_id = Find(right);
  const std::optional<int32_t> merged = Find(absl::StrCat(AbslView(left), AbslView(right)));
  if (!left_id.has_value() || !right_id.has_value() || !merged.has_value()) {
    return Refused(
        file, key,
        absl::StrCat(Shown(left), " and ", Shown(right), " or what they make is not in the vocabulary"));
  }
  vocabulary_.merges.push_back({*left_id, *right_id, *merged});
  return absl::OkStatus();
}

std::optional<int32_t> VocabularyReader::Find(std::string_view token) const {
  const auto known = ids_.find(AbslView(token));
  return known != ids_.end() ? std::optional<int32_t>(known->second) : std::nullopt;
}

absl::Status VocabularyReader::ReadModel(const Json& model, std::string_view file) {
  if (!model.is_object() || Member(model, "type") != "BPE") {
    return Unsupported(file, "model.type", model.is_object() ? Member(model, "type") : model, "\"BPE\"");
  }
  // unk_token and fuse_unk speak of characters that have no token, and all 256 bytes have one.
  constexpr std::string_view kKnownKeys[] = {"type",
                                             "vocab",
                                             "merges",
                                             "dropout",
                                             "unk_token",
                                             "fuse_unk",
                                             "continuing_subword_prefix",
                                             "end_of_word_suffix",
                                             "byte_fallback",
                                             "ignore_merges"};
  for (const auto& entry : model.items()) {
    if (std::find(std::begin(kKnownKeys), std::end(kKnownKeys), entry.key()) == std::end(kKnownKeys)) {
      return Refused(file, absl::StrCat("model.", Shown(Json(entry.key()))),
                     "is a key that this reader does not know");
    }
  }
  for (const auto& [key, accepted] :
       std::initializer_list<std::pair<const char*, Json>>{{"dropout", Json(nullptr)},
                                                           {"continuing_subword_prefix", Json("")},
                                                           {"end_of_word_suffix", Json("")},
                                                           {"byte_fallback", Json(false)},
                                                           {"ignore_merges", Json(false)}}) {
    if (absl::Status status = ExpectMember(file, "model", model, key, accepted); !status.ok()) return status;
  }
  if (absl::Status status = ReadTokens(Member(model, "vocab"), file, "model.vocab"); !status.ok())
    return status;
  const Json& merges = Member(model, "merges");
  if (!merges.is_array()) return Unsupported(file, "model.merges", merges, "a list");
  for (size_t i = 0; i < merges.size(); ++i) {
    const Json& merge = merges[i];
    std::string_view left, right;
    if (merge.is_string()) {
      const std::string_view pair = merge.get_ref<const std::string&>();
      left = pair.substr(0, pair.find(' '));
      right = pair.substr(std::min(pair.size(), left.size() + 1));
    } else if (merge.is_array() && merge.size() == 2 && merge[0].is_string() && merge[1].is_string()) {
      left = merge[0].get_ref<const std::string&>();
      right = merge[1].get_ref<const std::string&>();
    }
    const std::string key = absl::StrCat("model.merges[", i, "]");
    if (left.empty() || right.empty()) return Unsupported(file, key, merge, "\"a b\" or [\"a\", \"b\"]");
    if (absl::Status status = AddMerge(left, right, file, key); !status.ok()) return status;
  }
  return absl::OkStatus();
}

absl::Status VocabularyReader::ReadMergesText(std::string_view content, std::string_view file) {
  if (FindInvalidUtf8(content) != std::string_view::npos) {
    return absl::InvalidArgumentError(
        absl::StrCat(AbslView(file), ": not UTF-8 from byte ", FindInvalidUtf8(content)));
  }
  for (size_t line_number = 1; !content.empty(); ++line_number) {
    std::string_view line = content.substr(0, content.find('\n'));
    content.remove_prefix(std::min(content.size(), line.size() + 1));
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.starts_with("#version")) continue;
    const std::string key = absl::StrCat("line ", line_number);
    const size_t border = line.find(' ');
    if (border == std::string_view::npos || border == 0 || border + 1 == line.size()) {
      return Refused(file, key, "is not two tokens with a space between");
    }
    if (absl::Status status = AddMerge(line.substr(0, border), line.substr(border + 1), file, key);
        !status.ok()) {
      return status;
    }
  }
  return absl::OkStatus();
}

}  // namespace privet
