#include "qwen3/tokenizer_spec.h"

#include <fstream>
#include <nlohmann/json.hpp>
#include <set>
#include <string_view>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "core/absl_view.h"
#include "core/utf8.h"
#include "qwen3/byte_level.h"
#include "qwen3/qwen_split.h"

namespace privet {
namespace {

using Json = nlohmann::json;

constexpr size_t kMostFileBytes = size_t{64} << 20;
constexpr int64_t kMostIds = int64_t{1} << 24;  // far above any vocabulary; keeps ranks and sizes in 32 bits

absl::Status Refused(std::string_view file, std::string_view key, std::string_view reason) {
  return absl::InvalidArgumentError(
      absl::StrCat(AbslView(file), ": ", AbslView(key), ": ", AbslView(reason)));
}

// The beginning of a value, for an error.
std::string Shown(const Json& value) {
  constexpr size_t kMostBytes = 120;
  std::string text = value.is_structured() && value.size() > 20
                         ? absl::StrCat("a list or mapping of ", value.size(), " entries")
                         : value.dump(-1, ' ', /*ensure_ascii=*/true, Json::error_handler_t::replace);
  if (text.size() > kMostBytes)
    text = absl::StrCat(AbslView(std::string_view(text).substr(0, kMostBytes)), "...");
  return text;
}

absl::Status Unsupported(std::string_view file, std::string_view key, const Json& found,
                         std::string_view accepted) {
  return Refused(file, key, absl::StrCat("found ", Shown(found), "; accepted: ", AbslView(accepted)));
}

// A member of a mapping, or null where it is absent.
const Json& Member(const Json& mapping, const char* key) {
  static const Json* const null = new Json();
  const auto found = mapping.find(key);
  return found != mapping.end() ? *found : *null;
}

absl::StatusOr<Json> ParseJson(std::string_view content, std::string_view file) {
  try {
    return Json::parse(content);
  } catch (const Json::parse_error& error) {
    return absl::InvalidArgumentError(absl::StrCat(AbslView(file), ": not JSON from byte ", error.byte,
                                                   "; the file is damaged or cut short"));
  } catch (const Json::exception&) {  // a number too large
    return absl::InvalidArgumentError(
        absl::StrCat(AbslView(file), ": holds a number that no tokenizer needs"));
  }
}

absl::StatusOr<std::string> ReadFile(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return absl::NotFoundError(absl::StrCat(path.string(), ": cannot be opened"));
  std::error_code error;
  const auto size = std::filesystem::file_size(path, error);
  if (error) return absl::NotFoundError(absl::StrCat(path.string(), ": not a regular file"));
  if (size > kMostFileBytes) {
    return absl::InvalidArgumentError(absl::StrCat(path.string(), ": is larger than 64 MiB"));
  }
  std::string content(size, '\0');
  in.read(content.data(), static_cast<std::streamsize>(size));
  if (static_cast<size_t>(in.gcount()) != size) {
    return absl::DataLossError(absl::StrCat(path.string(), ": could not be read to its end"));
  }
  return content;
}

// A member that must be absent, null, or one of a few values.
absl::Status ExpectOneOf(std::string_view file, std::string_view path, const Json& mapping, const char* key,
                         std::initializer_list<Json> accepted) {
  const Json& found = Member(mapping, key);
  if (found.is_null()) return absl::OkStatus();
  for (const Json& value : accepted) {
    if (found == value) return absl::OkStatus();
  }
  return Unsupported(file, absl::StrCat(AbslView(path), ".", key), found, Shown(*accepted.begin()));
}

std::optional<int32_t> IdOf(const Json& value) {
  if (!value.is_number_integer()) return std::nullopt;
  const auto id = value.get<int64_t>();
  if (id < 0 || id >= kMostIds) return std::nullopt;
  return static_cast<int32_t>(id);
}

// Builds a BytePairVocabulary from a `vocab` mapping and merges given one after the other.
class VocabularyReader {
 public:
  VocabularyReader(std::string_view file, std::string_view key) : file_(file), key_(key) {}

  absl::Status ReadVocabulary(const Json& vocab) {
    if (!vocab.is_object()) return Unsupported(file_, key_, vocab, "a mapping from token to id");
    ids_.reserve(vocab.size());
    absl::flat_hash_set<int32_t> seen;
    for (const auto& entry : vocab.items()) {
      const std::optional<int32_t> id = IdOf(entry.value());
      if (!id.has_value())
        return Unsupported(file_, KeyOf(entry.key()), entry.value(), "an id from 0 to 16777215");
      if (!seen.insert(*id).second) {
        return Refused(file_, KeyOf(entry.key()), absl::StrCat("id ", *id, " belongs to another token too"));
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
        return Refused(file_, key_,
                       absl::StrCat("has no token for byte ", byte, "; a byte-level vocabulary has all 256"));
      }
      vocabulary_.byte_ids[byte] = known->second;
    }
    return absl::OkStatus();
  }

  absl::Status AddMerge(std::string_view left, std::string_view right, std::string_view file,
                        std::string_view key) {
    const std::optional<int32_t> left_id = Find(left);
    const std::optional<int32_t> right_id = Find(right);
    const std::optional<int32_t> merged = Find(absl::StrCat(AbslView(left), AbslView(right)));
    if (!left_id.has_value() || !right_id.has_value() || !merged.has_value()) {
      return Refused(file, key,
                     absl::StrCat("'", AbslView(left), "' and '", AbslView(right),
                                  "' or what they make is not in the vocabulary"));
    }
    vocabulary_.merges.push_back({*left_id, *right_id, *merged});
    return absl::OkStatus();
  }

  std::optional<int32_t> Find(std::string_view token) const {
    const auto known = ids_.find(AbslView(token));
    return known != ids_.end() ? std::optional<int32_t>(known->second) : std::nullopt;
  }

  size_t size() const { return size_; }
  BytePairVocabulary Take() { return std::move(vocabulary_); }

 private:
  std::string KeyOf(const std::string& token) const {
    return absl::StrCat(key_, "[", Shown(Json(token)), "]");
  }

  std::string file_, key_;
  absl::flat_hash_map<std::string, int32_t> ids_;
  size_t size_ = 0;
  BytePairVocabulary vocabulary_;
};

// Checks one added token's properties and appends it.
absl::Status AddAddedToken(const Json& token, std::optional<int32_t> id, std::string_view file,
                           std::string_view key, const VocabularyReader& vocabulary, TokenizerSpec* spec) {
  constexpr size_t kMostBytes = 256;
  const Json& content = token.is_object() ? Member(token, "content") : token;
  if (!token.is_object() || !content.is_string())
    return Unsupported(file, key, token, "a mapping with content and id");
  const auto& text = content.get_ref<const std::string&>();
  if (text.empty() || text.size() > kMostBytes) {
    return Unsupported(file, absl::StrCat(AbslView(key), ".content"), content, "1 to 256 bytes");
  }
  if (!id.has_value())
    return Unsupported(file, absl::StrCat(AbslView(key), ".id"), token, "an id from 0 to 16777215");
  for (const char* flag : {"lstrip", "rstrip", "single_word", "normalized"}) {
    if (absl::Status status = ExpectOneOf(file, key, token, flag, {Json(false)}); !status.ok()) return status;
  }
  if (const std::optional<int32_t> known = vocabulary.Find(text); known.has_value() && known != id) {
    return Refused(file, absl::StrCat(AbslView(key), ".id"),
                   absl::StrCat("is ", *id, ", but the vocabulary gives this token ", *known));
  }
  spec->added_tokens.push_back({text, *id});
  spec->vocabulary_size = std::max(spec->vocabulary_size, static_cast<size_t>(*id) + 1);
  return absl::OkStatus();
}

absl::Status ReadNormalizer(const Json& normalizer, std::string_view file, TokenizerSpec* spec) {
  if (normalizer.is_null()) return absl::OkStatus();
  if (!normalizer.is_object() || Member(normalizer, "type") != "NFC") {
    return Unsupported(file, "normalizer", normalizer, "null or {\"type\": \"NFC\"}");
  }
  spec->nfc = true;
  return absl::OkStatus();
}

absl::Status ReadPreTokenizer(const Json& pre_tokenizer, std::string_view file, TokenizerSpec* spec) {
  constexpr std::string_view kAccepted =
      "a Sequence of Split by Qwen's pattern, at most one Split by a class of code points, and ByteLevel";
  if (!pre_tokenizer.is_object() || Member(pre_tokenizer, "type") != "Sequence" ||
      !Member(pre_tokenizer, "pretokenizers").is_array()) {
    return Unsupported(file, "pre_tokenizer", pre_tokenizer, kAccepted);
  }
  const Json& steps = Member(pre_tokenizer, "pretokenizers");
  bool words = false;
  bool bytes = false;
  for (size_t i = 0; i < steps.size(); ++i) {
    const Json& step = steps[i];
    const std::string key = absl::StrCat("pre_tokenizer.pretokenizers[", i, "]");
    const Json& type = step.is_object() ? Member(step, "type") : step;
    if (bytes) return Unsupported(file, key, type, "nothing behind ByteLevel");
    if (type == "ByteLevel") {
      // Both are true where they are absent.
      for (const char* flag : {"add_prefix_space", "use_regex"}) {
        if (Member(step, flag) != false) {
          return Unsupported(file, absl::StrCat(key, ".", flag), Member(step, flag), "false");
        }
      }
      bytes = true;
      continue;
    }
    if (type != "Split") return Unsupported(file, absl::StrCat(key, ".type"), type, "Split or ByteLevel");
    if (Member(step, "behavior") != "Isolated") {
      return Unsupported(file, absl::StrCat(key, ".behavior"), Member(step, "behavior"), "\"Isolated\"");
    }
    if (absl::Status status = ExpectOneOf(file, key, step, "invert", {Json(false)}); !status.ok())
      return status;
    const Json& pattern = Member(step, "pattern");
    const std::string pattern_key = absl::StrCat(key, ".pattern");
    if (!pattern.is_object() || !Member(pattern, "Regex").is_string()) {
      return Unsupported(file, pattern_key, pattern, "{\"Regex\": \"...\"}");
    }
    const auto& regex = Member(pattern, "Regex").get_ref<const std::string&>();
    if (regex == kQwenSplitPattern) {
      if (words) return Refused(file, pattern_key, "Qwen's pattern stands here a second time");
      words = true;
      continue;
    }
    absl::StatusOr<CodePointSet> set = CodePointSet::Parse(regex);
    if (!set.ok()) {
      return Unsupported(
          file, pattern_key, Member(pattern, "Regex"),
          absl::StrCat("Qwen's pattern, or a class of code points (", set.status().message(), ")"));
    }
    if (spec->isolated.has_value())
      return Refused(file, pattern_key, "a second Split by a class of code points");
    spec->isolated = IsolatedCharacters{*std::move(set), /*before_words=*/!words};
  }
  if (!words || !bytes) return Unsupported(file, "pre_tokenizer", pre_tokenizer, kAccepted);
  return absl::OkStatus();
}

absl::Status ReadPostProcessor(const Json& processor, std::string_view file, const std::string& key) {
  if (processor.is_null()) return absl::OkStatus();
  const Json& type = processor.is_object() ? Member(processor, "type") : processor;
  if (type == "TemplateProcessing") return absl::OkStatus();
  if (type == "ByteLevel") {
    if (Member(processor, "trim_offsets") == false) return absl::OkStatus();
    return Unsupported(file, absl::StrCat(key, ".trim_offsets"), Member(processor, "trim_offsets"), "false");
  }
  const Json& parts = processor.is_object() ? Member(processor, "processors") : processor;
  if (type != "Sequence" || !parts.is_array()) {
    return Unsupported(file, absl::StrCat(key, ".type"), type,
                       "ByteLevel, TemplateProcessing or a Sequence of them");
  }
  for (size_t i = 0; i < parts.size(); ++i) {
    if (Member(parts[i].is_object() ? parts[i] : Json::object(), "type") == "Sequence") {
      return Refused(file, key, "a Sequence in a Sequence");
    }
    if (absl::Status status = ReadPostProcessor(parts[i], file, absl::StrCat(key, ".processors[", i, "]"));
        !status.ok()) {
      return status;
    }
  }
  return absl::OkStatus();
}

absl::Status ReadModel(const Json& model, std::string_view file, VocabularyReader* vocabulary) {
  if (!model.is_object() || Member(model, "type") != "BPE") {
    return Unsupported(file, "model.type", model.is_object() ? Member(model, "type") : model, "\"BPE\"");
  }
  // unk_token and fuse_unk speak of characters that have no token, and all 256 bytes have one.
  static const std::set<std::string>* const known_keys =
      new std::set<std::string>{"type",
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
    if (known_keys->count(entry.key()) == 0) {
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
    if (absl::Status status = ExpectOneOf(file, "model", model, key, {accepted}); !status.ok()) return status;
  }
  if (absl::Status status = vocabulary->ReadVocabulary(Member(model, "vocab")); !status.ok()) return status;
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
    if (absl::Status status = vocabulary->AddMerge(left, right, file, key); !status.ok()) return status;
  }
  return absl::OkStatus();
}

// merges.txt: a line a merge, "a b"; the first line may be a comment that begins with "#version".
absl::Status ReadMergesText(std::string_view content, const std::string& file, VocabularyReader* vocabulary) {
  if (FindInvalidUtf8(content) != std::string_view::npos) {
    return absl::InvalidArgumentError(absl::StrCat(file, ": not UTF-8 from byte ", FindInvalidUtf8(content)));
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
    if (absl::Status status =
            vocabulary->AddMerge(line.substr(0, border), line.substr(border + 1), file, key);
        !status.ok()) {
      return status;
    }
  }
  return absl::OkStatus();
}

absl::Status ReadAddedTokensDecoder(const std::filesystem::path& path, const VocabularyReader& vocabulary,
                                    TokenizerSpec* spec) {
  absl::StatusOr<std::string> content = ReadFile(path);
  if (!content.ok()) return content.status();
  absl::StatusOr<Json> config = ParseJson(*content, path.string());
  if (!config.ok()) return config.status();
  const Json& tokens = config->is_object() ? Member(*config, "added_tokens_decoder") : *config;
  if (tokens.is_null()) return absl::OkStatus();
  if (!tokens.is_object()) {
    return Unsupported(path.string(), "added_tokens_decoder", tokens, "a mapping from id to token");
  }
  for (const auto& entry : tokens.items()) {
    const Json id = Json::parse(entry.key(), nullptr, /*allow_exceptions=*/false);
    if (absl::Status status = AddAddedToken(
            entry.value(), IdOf(id), path.string(),
            absl::StrCat("added_tokens_decoder[", Shown(Json(entry.key())), "]"), vocabulary, spec);
        !status.ok()) {
      return status;
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<TokenizerSpec> ReadVocabularyAndMerges(const std::filesystem::path& folder) {
  const std::filesystem::path vocab_path = folder / "vocab.json";
  const std::filesystem::path merges_path = folder / "merges.txt";
  absl::StatusOr<std::string> vocab = ReadFile(vocab_path);
  if (!vocab.ok()) {
    return absl::NotFoundError(absl::StrCat(
        folder.string(), ": holds neither tokenizer.json nor a readable vocab.json and merges.txt (",
        vocab.status().message(), ")"));
  }
  absl::StatusOr<std::string> merges = ReadFile(merges_path);
  if (!merges.ok()) return merges.status();
  absl::StatusOr<Json> json = ParseJson(*vocab, vocab_path.string());
  if (!json.ok()) return json.status();

  TokenizerSpec spec;
  spec.nfc = true;
  VocabularyReader vocabulary(vocab_path.string(), "the vocabulary");
  if (absl::Status status = vocabulary.ReadVocabulary(*json); !status.ok()) return status;
  if (absl::Status status = ReadMergesText(*merges, merges_path.string(), &vocabulary); !status.ok())
    return status;
  spec.vocabulary_size = vocabulary.size();
  const std::filesystem::path config = folder / "tokenizer_config.json";
  if (std::filesystem::exists(config)) {
    if (absl::Status status = ReadAddedTokensDecoder(config, vocabulary, &spec); !status.ok()) return status;
  }
  spec.vocabulary = vocabulary.Take();
  return spec;
}

}  // namespace

absl::StatusOr<TokenizerSpec> ParseTokenizerJson(std::string_view content, const std::string& file) {
  absl::StatusOr<Json> json = ParseJson(content, file);
  if (!json.ok()) return json.status();
  if (!json->is_object()) return Refused(file, "top level", "must be a mapping");
  TokenizerSpec spec;
  if (absl::Status status = ReadNormalizer(Member(*json, "normalizer"), file, &spec); !status.ok())
    return status;
  if (absl::Status status = ReadPreTokenizer(Member(*json, "pre_tokenizer"), file, &spec); !status.ok())
    return status;
  if (absl::Status status = ReadPostProcessor(Member(*json, "post_processor"), file, "post_processor");
      !status.ok()) {
    return status;
  }
  VocabularyReader vocabulary(file, "model.vocab");
  if (absl::Status status = ReadModel(Member(*json, "model"), file, &vocabulary); !status.ok()) return status;
  spec.vocabulary_size = vocabulary.size();
  const Json& added = Member(*json, "added_tokens");
  if (!added.is_null() && !added.is_array()) return Unsupported(file, "added_tokens", added, "a list");
  for (size_t i = 0; i < added.size(); ++i) {
    const std::optional<int32_t> id = added[i].is_object() ? IdOf(Member(added[i], "id")) : std::nullopt;
    if (absl::Status status =
            AddAddedToken(added[i], id, file, absl::StrCat("added_tokens[", i, "]"), vocabulary, &spec);
        !status.ok()) {
      return status;
    }
  }
  spec.vocabulary = vocabulary.Take();
  return spec;
}

absl::StatusOr<TokenizerSpec> ReadTokenizerSpec(const std::filesystem::path& folder) {
  const std::filesystem::path path = folder / "tokenizer.json";
  std::error_code error;
  if (!std::filesystem::exists(path, error)) return ReadVocabularyAndMerges(folder);
  absl::StatusOr<std::string> content = ReadFile(path);
  if (!content.ok()) return content.status();
  return ParseTokenizerJson(*content, path.string());
}

}  // namespace privet
