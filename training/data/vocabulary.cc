#include "training/data/vocabulary.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <unordered_map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "qwen3/byte_level.h"
#include "qwen3/qwen_split.h"
#include "qwen3/tokenizer.h"

namespace privet {
namespace {

// CJK ideographs: the extension A and main blocks, compatibility, and the supplementary planes'.
constexpr const char* kHan = "[\\u3400-\\u4DBF\\u4E00-\\u9FFF\\uF900-\\uFAFF\\x{20000}-\\x{323AF}]";
constexpr const char* kEndOfText = "<|endoftext|>";
constexpr const char* kMask = "<|mask|>";

std::string Written(const std::string& bytes) {
  std::string text;
  for (const char c : bytes) text += ByteLevelCharacter(static_cast<uint8_t>(c));
  return text;
}

// The bytes of every token, by id.
std::unordered_map<int32_t, std::string> BytesOfTokens(const BytePairVocabulary& vocabulary) {
  std::unordered_map<int32_t, std::string> bytes;
  for (size_t byte = 0; byte < 256; ++byte)
    bytes[vocabulary.byte_ids[byte]] = std::string(1, static_cast<char>(byte));
  for (const BytePairVocabulary::Token& token : vocabulary.tokens) bytes[token.id] = token.bytes;
  for (const BytePairVocabulary::Merge& merge : vocabulary.merges) {
    if (bytes.contains(merge.left) && bytes.contains(merge.right))
      bytes.emplace(merge.merged, bytes[merge.left] + bytes[merge.right]);
  }
  return bytes;
}

nlohmann::ordered_json Split(std::string_view pattern) {
  return {{"type", "Split"},
          {"pattern", {{"Regex", std::string(pattern)}}},
          {"behavior", "Isolated"},
          {"invert", false}};
}

nlohmann::ordered_json AddedTokenJson(int64_t id, const char* content) {
  return {{"id", id},        {"content", content},  {"single_word", false}, {"lstrip", false},
          {"rstrip", false}, {"normalized", false}, {"special", true}};
}

}  // namespace

absl::StatusOr<PrunedVocabulary> PruneVocabulary(
    TokenizerSpec spec, const PruneOptions& options,
    const std::function<absl::Status(const std::function<void(const std::string&)>&)>& for_each_text) {
  constexpr int64_t kAdded = 2;
  if (options.size < 256 + kAdded)
    return absl::InvalidArgumentError(
        "size: must be 258 at least: each byte has a token, and there are two added ones");
  if (options.isolate_han) {
    auto han = CodePointSet::Parse(kHan);
    if (!han.ok()) return han.status();
    spec.isolated = IsolatedCharacters{*std::move(han), true};
  }
  PrunedVocabulary result;
  const Tokenizer tokenizer(spec);
  std::unordered_map<int32_t, int64_t> counts;
  std::vector<Token> tokens;
  absl::Status read = for_each_text([&](const std::string& text) {
    tokens.clear();
    tokenizer.Encode(text, &tokens);
    result.corpus_tokens += static_cast<int64_t>(tokens.size());
    for (const Token& token : tokens) ++counts[token.id];
  });
  if (!read.ok()) return read;

  const std::unordered_map<int32_t, std::string> bytes = BytesOfTokens(spec.vocabulary);
  std::unordered_map<int32_t, std::pair<int32_t, int32_t>>
      parts;  // of a token: what the first merge makes it of
  for (const BytePairVocabulary::Merge& merge : spec.vocabulary.merges)
    parts.emplace(merge.merged, std::pair(merge.left, merge.right));

  std::vector<int32_t> kept(spec.vocabulary.byte_ids.begin(), spec.vocabulary.byte_ids.end());
  std::unordered_map<int32_t, int32_t> new_id;
  for (size_t i = 0; i < kept.size(); ++i) new_id[kept[i]] = static_cast<int32_t>(i);
  std::vector<std::pair<int64_t, int32_t>> by_count;
  for (const auto& [id, count] : counts) {
    if (count >= options.least_count && bytes.contains(id)) by_count.emplace_back(-count, id);
  }
  std::sort(by_count.begin(), by_count.end());
  for (const auto& [count, id] : by_count) {
    // The token, and what it is merged from, as far as that is not there yet; parts first.
    std::vector<int32_t> missing;
    std::vector<int32_t> open = {id};
    while (!open.empty()) {
      const int32_t next = open.back();
      open.pop_back();
      if (new_id.contains(next) || std::find(missing.begin(), missing.end(), next) != missing.end()) continue;
      missing.push_back(next);
      if (const auto made = parts.find(next); made != parts.end()) {
        open.push_back(made->second.first);
        open.push_back(made->second.second);
      }
    }
    if (static_cast<int64_t>(kept.size() + missing.size()) > options.size - kAdded) continue;
    for (auto it = missing.rbegin(); it != missing.rend(); ++it) {
      new_id[*it] = static_cast<int32_t>(kept.size());
      kept.push_back(*it);
    }
  }
  for (const auto& [id, count] : counts) result.whole_tokens += new_id.contains(id) ? count : 0;

  nlohmann::ordered_json vocabulary = nlohmann::ordered_json::object();
  for (size_t i = 0; i < kept.size(); ++i) vocabulary[Written(bytes.at(kept[i]))] = i;
  nlohmann::ordered_json merges = nlohmann::ordered_json::array();
  for (const BytePairVocabulary::Merge& merge : spec.vocabulary.merges) {
    if (new_id.contains(merge.left) && new_id.contains(merge.right) && new_id.contains(merge.merged))
      merges.push_back({Written(bytes.at(merge.left)), Written(bytes.at(merge.right))});
  }
  const auto size = static_cast<int64_t>(kept.size());
  result.size = size + kAdded;
  nlohmann::ordered_json splits = nlohmann::ordered_json::array();
  if (options.isolate_han) splits.push_back(Split(kHan));
  splits.push_back(Split(kQwenSplitPattern));
  splits.push_back(
      {{"type", "ByteLevel"}, {"add_prefix_space", false}, {"trim_offsets", false}, {"use_regex", false}});
  const nlohmann::ordered_json json = {
      {"version", "1.0"},
      {"truncation", nullptr},
      {"padding", nullptr},
      {"added_tokens", {AddedTokenJson(size, kEndOfText), AddedTokenJson(size + 1, kMask)}},
      {"normalizer", {{"type", "NFC"}}},
      {"pre_tokenizer", {{"type", "Sequence"}, {"pretokenizers", splits}}},
      {"post_processor", nullptr},
      {"decoder",
       {{"type", "ByteLevel"}, {"add_prefix_space", false}, {"trim_offsets", false}, {"use_regex", false}}},
      {"model",
       {{"type", "BPE"},
        {"dropout", nullptr},
        {"unk_token", nullptr},
        {"continuing_subword_prefix", ""},
        {"end_of_word_suffix", ""},
        {"fuse_unk", false},
        {"byte_fallback", false},
        {"ignore_merges", false},
        {"vocab", vocabulary},
        {"merges", merges}}}};
  result.tokenizer_json = json.dump() + "\n";
  return result;
}

absl::StatusOr<std::vector<int32_t>> OriginalIds(const TokenizerSpec& small, const TokenizerSpec& large) {
  std::unordered_map<std::string, int32_t> by_bytes, by_content;
  for (const auto& [id, bytes] : BytesOfTokens(large.vocabulary)) by_bytes[bytes] = id;
  for (const AddedToken& token : large.added_tokens) by_content[token.content] = token.id;
  std::vector<int32_t> ids(small.vocabulary_size, -1);
  for (const auto& [id, bytes] : BytesOfTokens(small.vocabulary)) {
    const auto found = by_bytes.find(bytes);
    if (found == by_bytes.end()) {
      return absl::InvalidArgumentError(
          absl::StrCat("token ", id, " is none of the model's; the tokenizer was made of another one"));
    }
    ids[static_cast<size_t>(id)] = found->second;
  }
  for (const AddedToken& token : small.added_tokens) {
    const auto found = by_content.find(token.content);
    ids[static_cast<size_t>(token.id)] = found == by_content.end() ? -1 : found->second;
  }
  return ids;
}

}  // namespace privet
