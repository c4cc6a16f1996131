#include "training/learn/raw_texts.h"

#include <new>
#include <utility>

#include "absl/strings/str_cat.h"
#include "pipeline/windows.h"
#include "training/data/text_lines.h"

namespace privet {
namespace {

class Cutter {
 public:
  Cutter(const TrainingConfig& config, const Tokenizer& tokenizer)
      : sizes_{static_cast<size_t>(config.max_tokens), static_cast<size_t>(config.overlap_tokens)},
        tokenizer_(tokenizer) {}

  // Appends the windows of a text.
  void Add(int64_t line, const std::string& text, RawTexts* texts) {
    tokens_.clear();
    bytes_.clear();
    tokenizer_.Encode(text, &tokens_);
    for (const Token& token : tokens_) bytes_.push_back(token.bytes);
    ++texts->texts;
    for (const Window& window : CutWindows(text, bytes_, sizes_)) {
      for (size_t i = window.tokens.begin; i < window.tokens.end; ++i) texts->ids.push_back(tokens_[i].id);
      texts->offsets.push_back(texts->ids.size());
      texts->lines.push_back(line);
    }
  }

  const WindowSizes& sizes() const { return sizes_; }

 private:
  WindowSizes sizes_;
  const Tokenizer& tokenizer_;
  std::vector<Token> tokens_;
  std::vector<Span> bytes_;
};

}  // namespace

absl::StatusOr<RawData> LoadRawTexts(const TrainingConfig& config, const Tokenizer& tokenizer,
                                     const std::function<void(const std::string&)>& say,
                                     const std::atomic<bool>* stop) try {
  Cutter cutter(config, tokenizer);
  if (absl::Status status = ValidateWindowSizes(cutter.sizes()); !status.ok()) return status;
  // A held-out text goes to `held_out`, where there is one.
  const auto read = [&](const DataSource& source, RawTexts* held_out) -> absl::StatusOr<RawTexts> {
    RawTexts made;
    made.path = source.path;
    made.weight = source.weight;
    int64_t texts = 0;
    const auto stopped = [stop] { return stop != nullptr && stop->load(); };
    const auto lines = ForEachText(source.path, [&](int64_t line, const std::string& text) {
      if (stopped()) return;
      const bool held =
          ++texts % kHeldOutEvery == 0 && held_out != nullptr && held_out->ids.size() < kMostHeldOutTokens;
      cutter.Add(line, text, held ? held_out : &made);
    });
    if (!lines.ok()) return lines.status();
    if (stopped()) return absl::CancelledError("stopped");
    if (lines->unusable > 0) {
      say(absl::StrCat(source.path, ": ", lines->unusable, " of ", lines->unusable + lines->texts,
                       " lines have no text in UTF-8 and are left out; the first is line ",
                       lines->first_unusable));
    }
    if (made.ids.empty())
      return absl::InvalidArgumentError(absl::StrCat(
          source.path, ": has no text; write one a line, or objects with \"text\" into a .jsonl file"));
    return made;
  };

  RawData data;
  for (const DataSource& source : config.train) {
    RawTexts held_out;
    held_out.path = source.path;
    auto made = read(source, config.dev.empty() ? &held_out : nullptr);
    if (!made.ok()) return made.status();
    data.train.push_back(*std::move(made));
    if (held_out.windows() > 0) data.dev.push_back(std::move(held_out));
  }
  for (const DataSource& source : config.dev) {
    auto made = read(source, nullptr);
    if (!made.ok()) return made.status();
    data.dev.push_back(*std::move(made));
  }
  return data;
} catch (const std::bad_alloc&) {
  return absl::ResourceExhaustedError(
      "data.train and data.dev do not fit in memory, where all of their tokens lie; give fewer or smaller "
      "files");
}

}  // namespace privet
