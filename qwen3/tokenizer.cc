#include "qwen3/tokenizer.h"

#include "core/utf8.h"
#include "qwen3/nfc.h"
#include "qwen3/qwen_split.h"

namespace privet {

// Takes the words of one stretch of text in order, and appends their tokens with ranges in the original.
class Tokenizer::Sink {
 public:
  // `text` begins at byte `offset` of the original, or is the NFC form of what begins there: then `nfc` is
  // not null.
  Sink(const BytePairEncoder& encoder, std::string_view text, size_t offset, const NfcText* nfc,
       std::vector<Token>* tokens)
      : encoder_(encoder), text_(text), offset_(offset), nfc_(nfc), tokens_(tokens) {}

  void Word(const Span& word) {
    pieces_.clear();
    encoder_.Encode(text_.substr(word.begin, word.size()), &pieces_);
    size_t begin = word.begin;
    for (const BytePairEncoder::Piece& piece : pieces_) {
      const size_t end = word.begin + piece.end;
      const Span bytes = nfc_ != nullptr ? nfc_->ToOriginal({begin, end}) : ToBorders({begin, end});
      tokens_->push_back({piece.id, {offset_ + bytes.begin, offset_ + bytes.end}});
      begin = end;
    }
  }

 private:
  // Widens a range to whole code points.
  Span ToBorders(Span bytes) const {
    while (IsUtf8Continuation(text_[bytes.begin])) --bytes.begin;
    while (bytes.end < text_.size() && IsUtf8Continuation(text_[bytes.end])) ++bytes.end;
    return bytes;
  }

  const BytePairEncoder& encoder_;
  const std::string_view text_;
  const size_t offset_;
  const NfcText* const nfc_;
  std::vector<Token>* const tokens_;
  std::vector<BytePairEncoder::Piece> pieces_;
};

namespace {

// Calls each(span) for every member of the set in text[range], and rest(span) for what lies between.
template <typename Each, typename Rest>
void Isolate(const CodePointSet& set, std::string_view text, const Span& range, const Each& each,
             const Rest& rest) {
  size_t begin = range.begin;
  for (size_t i = range.begin; i < range.end;) {
    const CodePoint c = DecodeUtf8(text, i);
    const size_t next = i + c.length;
    if (set.Contains(c.value)) {
      if (begin < i) rest(Span{begin, i});
      each(Span{i, next});
      begin = next;
    }
    i = next;
  }
  if (begin < range.end) rest(Span{begin, range.end});
}

}  // namespace

Tokenizer::Tokenizer(const TokenizerSpec& spec)
    : nfc_(spec.nfc),
      isolated_(spec.isolated),
      added_tokens_(spec.added_tokens),
      encoder_(spec.vocabulary),
      vocabulary_size_(spec.vocabulary_size) {}

absl::StatusOr<std::shared_ptr<const Tokenizer>> Tokenizer::Load(const std::filesystem::path& folder) {
  absl::StatusOr<TokenizerSpec> spec = ReadTokenizerSpec(folder);
  if (!spec.ok()) return spec.status();
  return std::make_shared<const Tokenizer>(*spec);
}

void Tokenizer::Encode(std::string_view text, std::vector<Token>* tokens) const {
  size_t begin = 0;
  while (const std::optional<AddedTokens::Match> match = added_tokens_.Find(text, begin)) {
    EncodeBetween(text.substr(begin, match->span.begin - begin), begin, tokens);
    tokens->push_back({match->id, match->span});
    begin = match->span.end;
  }
  EncodeBetween(text.substr(begin), begin, tokens);
}

void Tokenizer::EncodeBetween(std::string_view text, size_t offset, std::vector<Token>* tokens) const {
  if (!nfc_ || IsSurelyNfc(text)) {
    Sink sink(encoder_, text, offset, nullptr, tokens);
    SplitIntoWords(text, &sink);
  } else {
    const NfcText nfc = NormalizeNfc(text);
    Sink sink(encoder_, nfc.text, offset, &nfc, tokens);
    SplitIntoWords(nfc.text, &sink);
  }
}

void Tokenizer::SplitIntoWords(std::string_view text, Sink* sink) const {
  const auto word = [&](const Span& span) { sink->Word(span); };
  // Words of one stretch; the pattern's look-ahead does not see beyond it.
  const auto words = [&](const Span& stretch, const auto& take) {
    const std::string_view before_end = text.substr(0, stretch.end);
    for (size_t begin = stretch.begin; begin < stretch.end;) {
      const size_t end = QwenWordEnd(before_end, begin);
      take(Span{begin, end});
      begin = end;
    }
  };
  const Span whole = {0, text.size()};
  if (!isolated_.has_value()) {
    words(whole, word);
  } else if (isolated_->before_words) {
    Isolate(isolated_->characters, text, whole, word, [&](const Span& rest) { words(rest, word); });
  } else {
    words(whole, [&](const Span& span) { Isolate(isolated_->characters, text, span, word, word); });
  }
}

}  // namespace privet
