#include "qwen3/tokenizer_spec.h"

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "core/absl_view.h"
#include "qwen3/qwen_split.h"
#include "qwen3/tokenizer_json.h"
#include "qwen3/vocabulary_reader.h"

namespace privet {
namespace {

using Json = nlohmann::json;

constexpr size_t kMostFileBytes = size_t{64} << 20;

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
    if (absl::Status status = ExpectMember(file, key, token, flag, false); !status.ok()) return status;
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
    if (absl::Status status = ExpectMember(file, key, step, "invert", false); !status.ok()) return status;
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
  VocabularyReader vocabulary;
  if (absl::Status status = vocabulary.ReadTokens(*json, vocab_path.string(), "the vocabulary"); !status.ok())
    return status;
  if (absl::Status status = vocabulary.ReadMergesText(*merges, merges_path.string()); !status.ok())
    return status;
  spec.vocabulary_size = vocabulary.size();
  const std::filesystem::path config = folder / "tokenizer_config.json";
  std::error_code error;
  if (std::filesystem::exists(config, error)) {
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
  VocabularyReader vocabulary;
  if (absl::Status status = vocabulary.ReadModel(Member(*json, "model"), file); !status.ok()) return status;
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
