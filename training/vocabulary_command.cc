#include <filesystem>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_format.h"
#include "qwen3/tokenizer_spec.h"
#include "training/commands.h"
#include "training/count_range.h"
#include "training/data/output_file.h"
#include "training/data/text_lines.h"
#include "training/data/vocabulary.h"
#include "training/learn/whole_model.h"

namespace privet {
namespace {

struct VocabularyFlags {
  std::string tokenizer;
  std::vector<std::string> texts;
  std::string out;
  std::string model_out;
  PruneOptions options;
  bool keep_han_merges = false;
};

int RunVocabulary(const VocabularyFlags& flags) {
  if (absl::Status status = MakeFolder(flags.out); !status.ok()) return TrainerFail(status);
  const std::string tokenizer = (std::filesystem::path(flags.out) / "tokenizer.json").string();
  std::vector<std::string> inputs = flags.texts;
  std::error_code ignored;
  if (const auto large = std::filesystem::path(flags.tokenizer) / "tokenizer.json"; exists(large, ignored))
    inputs.push_back(large.string());
  if (absl::Status status = CheckFiles(inputs, {tokenizer}); !status.ok()) return TrainerFail(status);
  if (!flags.model_out.empty()) {
    absl::Status status = CheckNewFolder(flags.model_out, {flags.tokenizer, flags.out});
    if (!status.ok()) return TrainerFail(status);
  }
  auto spec = ReadTokenizerSpec(flags.tokenizer);
  if (!spec.ok()) return TrainerFail(spec.status());
  int64_t unusable = 0;
  const auto pruned = PruneVocabulary(*std::move(spec), flags.options, [&](const auto& take) -> absl::Status {
    for (const std::string& file : flags.texts) {
      const auto lines = ForEachText(file, [&](int64_t, const std::string& text) { take(text); });
      if (!lines.ok()) return lines.status();
      unusable += lines->unusable;
    }
    return absl::OkStatus();
  });
  if (!pruned.ok()) return TrainerFail(pruned.status());
  if (absl::Status status = WriteWholeFile(tokenizer, pruned->tokenizer_json); !status.ok())
    return TrainerFail(status);
  if (unusable > 0) std::cerr << "trainer: " << unusable << " lines without text in UTF-8 were left out\n";
  std::cout << absl::StrFormat(
      "%d tokens kept; of %d in the corpus %.2f %% stay whole; %s\n", pruned->size, pruned->corpus_tokens,
      pruned->corpus_tokens == 0
          ? 0.0
          : 100.0 * static_cast<double>(pruned->whole_tokens) / static_cast<double>(pruned->corpus_tokens),
      tokenizer);
  if (flags.model_out.empty()) return kTrainerDone;
  const absl::Status written = WriteWholeFolder(flags.model_out, [&](const std::filesystem::path& partial) {
    absl::Status status = MakeFolder(partial);
    if (status.ok()) status = WriteWholeModel({.folder = flags.tokenizer}, {.tokenizer = flags.out}, partial);
    return status;
  });
  if (!written.ok()) return TrainerFail(written);
  std::cout << "The model with these tokens alone is in " << flags.model_out << "\n";
  return kTrainerDone;
}

}  // namespace

TrainerCommand AddVocabulary(CLI::App* app) {
  const auto flags = std::make_shared<VocabularyFlags>();
  CLI::App* const command = app->add_subcommand(
      "vocabulary", "makes a small tokenizer of a large one, for texts like those of a corpus");
  command->add_option("--tokenizer", flags->tokenizer, "folder of a Qwen tokenizer")->required();
  command->add_option("--texts", flags->texts, "files of the corpus: a text a line, or .jsonl with \"text\"")
      ->required();
  command->add_option("--size", flags->options.size, "tokens to keep at most")
      ->check(CountRange())
      ->capture_default_str();
  command->add_option("--least-count", flags->options.least_count, "how often a token must occur to be kept")
      ->check(CountRange())
      ->capture_default_str();
  command->add_flag(
      "--keep-han-merges", flags->keep_han_merges,
      "let tokens hold several Han characters, as the large tokenizer does; names then lose borders");
  command->add_option("--out", flags->out, "folder for tokenizer.json")->required();
  command->add_option("--model-out", flags->model_out,
                      "new folder for the model of the tokenizer's folder, with the kept tokens' embeddings "
                      "alone; it can be a run's base.folder");
  return [flags] {
    flags->options.isolate_han = !flags->keep_han_merges;
    return RunVocabulary(*flags);
  };
}

}  // namespace privet
