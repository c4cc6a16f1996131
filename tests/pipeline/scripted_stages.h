// Stages whose models know a list of words by heart, so that tests say exactly what each stage says of what.
#ifndef PRIVET_TESTS_PIPELINE_SCRIPTED_STAGES_H_
#define PRIVET_TESTS_PIPELINE_SCRIPTED_STAGES_H_

#include <algorithm>
#include <atomic>
#include <cmath>
#include <memory>
#include <string>
#include <vector>

#include "pipeline/learned_stages.h"
#include "tests/qwen3/tokenizer_folder.h"

namespace privet {

// A word, and the probability that the stage gives its being just this.
struct ScriptedWord {
  std::string word;
  EntityType type;
  double probability;
};

// A model of a stage: real tokens, real chain, invented scores. A word is seen wherever its tokens stand,
// words that overlap are not in these tests. A window with the word 毒 in it makes the forward fail.
class ScriptedTagger {
 public:
  ScriptedTagger(const std::vector<EntityType>& types, const std::vector<ScriptedWord>& words)
      : tokenizer_(SharedTokenizer()), types_(types) {
    for (const ScriptedWord& word : words) {
      Word known = {IdsOf(word.word), 1, std::log(word.probability) - std::log1p(-word.probability)};
      while (types.at((known.first_label - 1) / 4) != word.type) known.first_label += 4;
      words_.push_back(std::move(known));
    }
    poison_ = IdsOf("毒");
  }

  TextModel Model() const {
    TextModel model;
    model.tokenizer = tokenizer_;
    model.forward = [self = *this, windows = windows_read_](const PackedTokens& tokens) {
      return self.Forward(tokens, windows.get());
    };
    return model;
  }
  LabelScheme Labels() const {
    std::vector<std::string> labels = {"O"};
    for (const EntityType type : types_) {
      for (const char* tag : {"B-", "I-", "E-", "S-"}) labels.push_back(tag + std::string(IdOf(type)));
    }
    return *LabelScheme::FromLabels(labels);
  }
  size_t windows_read() const { return *windows_read_; }

  static std::shared_ptr<const Tokenizer> SharedTokenizer() {
    static const auto* const tokenizer =
        new std::shared_ptr<const Tokenizer>(LoadJson(WithHanSplit(SmallTokenizerJson(), HanSplit::kFirst)));
    return *tokenizer;
  }

 private:
  struct Word {
    std::vector<int32_t> ids;
    size_t first_label;  // of its type: B, then I, E, S
    double log_odds;
  };

  std::vector<int32_t> IdsOf(std::string_view text) const {
    std::vector<int32_t> ids;
    for (const Token& token : TokensOf(*tokenizer_, text)) ids.push_back(token.id);
    return ids;
  }

  absl::StatusOr<TokenRows> Forward(const PackedTokens& tokens, std::atomic<size_t>* windows) const {
    TokenRows rows;
    rows.width = 1 + 4 * types_.size();
    // All that is no word is certainly outside.
    rows.values.assign(tokens.ids.size() * rows.width, -30);
    for (size_t t = 0; t < tokens.ids.size(); ++t) rows.values[t * rows.width] = 0;
    for (size_t s = 0; s + 1 < tokens.offsets.size(); ++s) {
      ++*windows;
      const auto begin = tokens.ids.begin() + tokens.offsets[s];
      const auto end = tokens.ids.begin() + tokens.offsets[s + 1];
      if (std::search(begin, end, poison_.begin(), poison_.end()) != end)
        return absl::InternalError("poisoned");
      for (const Word& word : words_) {
        for (auto at = std::search(begin, end, word.ids.begin(), word.ids.end()); at != end;
             at = std::search(at + 1, end, word.ids.begin(), word.ids.end())) {
          const auto first = static_cast<size_t>(at - tokens.ids.begin());
          const size_t length = word.ids.size();
          for (size_t i = 0; i < length; ++i) {
            const size_t tag = length == 1 ? 3 : i == 0 ? 0 : i + 1 < length ? 1 : 2;
            // The first step carries the odds against staying outside; the others are free.
            rows.values[(first + i) * rows.width + word.first_label + tag] =
                i == 0 ? static_cast<float>(word.log_odds) : 0;
          }
        }
      }
    }
    return rows;
  }

  std::shared_ptr<const Tokenizer> tokenizer_;
  std::vector<EntityType> types_;
  std::vector<Word> words_;
  std::vector<int32_t> poison_;
  std::shared_ptr<std::atomic<size_t>> windows_read_ = std::make_shared<std::atomic<size_t>>(0);
};

inline TypeSet SetOf(const std::vector<EntityType>& types) {
  TypeSet set;
  for (const EntityType type : types) set.set(IndexOf(type));
  return set;
}

}  // namespace privet

#endif  // PRIVET_TESTS_PIPELINE_SCRIPTED_STAGES_H_
