// Two things in one target. Bytes that begin with '{' are a tokenizer.json: it is refused with the file's
// name, or gives a tokenizer that works. Everything else is a text for a tokenizer that knows 256 bytes and
// what the text's own first bytes say to merge: tokens are in order, lie in the text, and spell its NFC form.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <string>
#include <string_view>
#include <vector>

#include "core/utf8.h"
#include "qwen3/byte_level.h"
#include "qwen3/nfc.h"
#include "qwen3/qwen_split.h"
#include "qwen3/tokenizer.h"

namespace privet {
namespace {

void Check(bool holds, std::string_view what) {
  if (holds) return;
  std::cerr << "does not hold: " << what << "\n";
  std::abort();
}

// The bytes in their order, and merges of pairs of what is there so far: `recipe` holds two indices a merge.
TokenizerSpec SpecOf(std::string_view recipe) {
  TokenizerSpec spec;
  spec.nfc = recipe.size() % 2 == 0;
  for (int32_t byte = 0; byte < 256; ++byte) {
    spec.vocabulary.byte_ids[static_cast<size_t>(byte)] = byte;
    spec.vocabulary.tokens.push_back({std::string(1, static_cast<char>(byte)), byte});
  }
  std::vector<BytePairVocabulary::Token>& tokens = spec.vocabulary.tokens;
  for (size_t i = 0; i + 1 < recipe.size(); i += 2) {
    const auto pick = [&](size_t at) {
      const size_t index = static_cast<uint8_t>(recipe[at]);
      // The later half of the range names what was merged last.
      return index >= 0xC0 && tokens.size() > 256 ? tokens.size() - 1 - (index - 0xC0) % (tokens.size() - 256)
                                                  : index;
    };
    const BytePairVocabulary::Token left = tokens[pick(i)];
    const BytePairVocabulary::Token right = tokens[pick(i + 1)];
    if (left.bytes.size() + right.bytes.size() > 64) continue;
    const auto merged = static_cast<int32_t>(tokens.size());
    tokens.push_back({left.bytes + right.bytes, merged});
    spec.vocabulary.merges.push_back({left.id, right.id, merged});
  }
  const auto end = static_cast<int32_t>(tokens.size());
  spec.added_tokens = {{"<|a|>", end}, {"<|", end + 1}};
  spec.isolated = IsolatedCharacters{*CodePointSet::Parse(R"([\u4E00-\u9FFF])"), spec.nfc};
  spec.vocabulary_size = static_cast<size_t>(end) + 2;
  return spec;
}

bool IsBorder(std::string_view text, size_t offset) {
  return offset == text.size() || (offset < text.size() && !IsUtf8Continuation(text[offset]));
}

void CheckOrder(std::string_view text, const std::vector<Token>& tokens, size_t vocabulary_size) {
  Span previous;
  for (const Token& token : tokens) {
    Check(token.id >= 0 && static_cast<size_t>(token.id) < vocabulary_size, "an id is of the vocabulary");
    Check(token.bytes.begin < token.bytes.end && token.bytes.end <= text.size(), "a range lies in the text");
    Check(previous.begin <= token.bytes.begin && previous.end <= token.bytes.end,
          "ranges never run backwards");
    Check(IsBorder(text, token.bytes.begin) && IsBorder(text, token.bytes.end), "ranges part no code point");
    previous = token.bytes;
  }
}

// The text that tokens are made of: normalised between added tokens.
std::string Spelled(std::string_view text, const AddedTokens& added, bool nfc) {
  std::string spelled;
  size_t begin = 0;
  for (;;) {
    const auto match = added.Find(text, begin);
    const size_t end = match.has_value() ? match->span.begin : text.size();
    const std::string_view between = text.substr(begin, end - begin);
    spelled += nfc ? NormalizeNfc(between).text : std::string(between);
    if (!match.has_value()) return spelled;
    spelled += text.substr(match->span.begin, match->span.size());
    begin = match->span.end;
  }
}

void EncodeWithRecipe(std::string_view recipe, std::string text) {
  for (size_t bad; (bad = FindInvalidUtf8(text)) != std::string::npos;) text[bad] = '?';
  const TokenizerSpec spec = SpecOf(recipe);
  const Tokenizer tokenizer(spec);
  std::vector<Token> tokens;
  tokenizer.Encode(text, &tokens);
  CheckOrder(text, tokens, tokenizer.vocabulary_size());

  std::string spelled;
  size_t covered = 0;
  for (const Token& token : tokens) {
    const auto index = static_cast<size_t>(token.id);
    const size_t added = index - spec.vocabulary.tokens.size();
    spelled += index < spec.vocabulary.tokens.size() ? spec.vocabulary.tokens[index].bytes
                                                     : spec.added_tokens[added].content;
    if (!spec.nfc) Check(token.bytes.begin <= covered, "no byte is left out");
    covered = token.bytes.end;
  }
  Check(spelled == Spelled(text, AddedTokens(spec.added_tokens), spec.nfc),
        "tokens spell the normalised text");
  if (spelled == text) Check(covered == text.size(), "no byte is left out at the end");
  Check(!IsSurelyNfc(text) || NormalizeNfc(text).text == text, "what is surely NFC is NFC");
}

// A tokenizer.json with a byte-level vocabulary, in which "@" stands for what the fuzzer wrote.
std::string TokenizerJson(std::string_view wish) {
  static const std::string* const vocabulary = [] {
    auto* entries = new std::string();
    for (int byte = 0; byte < 256; ++byte) {
      const std::string character = ByteLevelCharacter(static_cast<uint8_t>(byte));
      *entries += (byte == 0 ? "\"" : ",\"") +
                  (character == "\"" || character == "\\" ? "\\" + character : character) +
                  "\":" + std::to_string(byte);
    }
    return entries;
  }();
  std::string json(wish);
  const size_t at = json.find('@');
  return at == std::string::npos ? json : json.replace(at, 1, *vocabulary);
}

void LoadAndEncode(std::string_view wish) {
  const std::string text = "王小明's e\u0301 <|im_end|> 12 \u00E9\u0323\r\n";
  const auto spec = ParseTokenizerJson(TokenizerJson(wish), "fuzz/tokenizer.json");
  if (!spec.ok()) {
    Check(spec.status().code() == absl::StatusCode::kInvalidArgument, "a refused file is the caller's fault");
    Check(spec.status().message().find("fuzz/tokenizer.json: ") != absl::string_view::npos,
          "an error names the file");
    return;
  }
  const Tokenizer tokenizer(*spec);
  std::vector<Token> tokens;
  tokenizer.Encode(text, &tokens);
  CheckOrder(text, tokens, tokenizer.vocabulary_size());
}

}  // namespace
}  // namespace privet

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  if (bytes.starts_with('{')) {
    privet::LoadAndEncode(bytes);
    return 0;
  }
  // One byte that says how many merges there are, two bytes for each of them, and the text.
  const size_t merges = bytes.empty() ? 0 : static_cast<uint8_t>(bytes[0]) % 64;
  const size_t recipe = std::min(bytes.size(), 1 + merges * 2);
  privet::EncodeWithRecipe(bytes.substr(std::min<size_t>(1, bytes.size()), recipe > 0 ? recipe - 1 : 0),
                           std::string(bytes.substr(recipe)));
  return 0;
}
