// Measures the tokenizer on one core: MB/s and tokens/s over files of one text a line. tokenizer_bench.py
// runs it beside Hugging Face `tokenizers` on the same lines and prints the ratio.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "core/utf8.h"
#include "qwen3/tokenizer.h"
#include "timing.h"

namespace privet::bench {
namespace {

std::vector<std::string> ReadLines(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);) {
    if (FindInvalidUtf8(line) == std::string_view::npos) lines.push_back(line);
  }
  return lines;
}

nlohmann::json Measure(const std::string& path, const Tokenizer& tokenizer, int runs) {
  const std::vector<std::string> lines = ReadLines(path);
  size_t bytes = 0;
  for (const std::string& line : lines) bytes += line.size();
  size_t count = 0;
  std::vector<Token> tokens;
  const Seconds seconds = TimeRuns(runs, [&] {
    count = 0;
    for (const std::string& line : lines) {
      tokens.clear();
      tokenizer.Encode(line, &tokens);
      count += tokens.size();
    }
  });
  const auto rate = [](size_t amount, double s) { return static_cast<double>(amount) / 1e6 / s; };
  return {{"file", path},
          {"bytes", bytes},
          {"tokens", count},
          {"mb_per_s", rate(bytes, seconds.median)},
          {"mb_per_s_min", rate(bytes, seconds.max)},
          {"mb_per_s_max", rate(bytes, seconds.min)},
          {"million_tokens_per_s", rate(count, seconds.median)}};
}

int Run(int argc, char** argv) {
  CLI::App app("Speed of the tokenizer on one core.");
  std::string folder = "../shared/qwen_tokenizer";
  std::vector<std::string> files;
  bool json = false;
  int runs = 5;
  app.add_option("--tokenizer", folder, "folder with tokenizer.json, or vocab.json and merges.txt")
      ->capture_default_str();
  app.add_option("--runs", runs, "timed runs of each file")->check(CLI::Range(1, 100))->capture_default_str();
  app.add_flag("--json", json, "print one JSON object");
  app.add_option("files", files, "files of one text a line")->required()->check(CLI::ExistingFile);
  CLI11_PARSE(app, argc, argv);

  const auto tokenizer = Tokenizer::Load(folder);
  if (!tokenizer.ok()) {
    std::cerr << tokenizer.status().message() << "\n";
    return 2;
  }
  nlohmann::json results = nlohmann::json::array();
  for (const std::string& file : files) results.push_back(Measure(file, **tokenizer, runs));
  if (json) {
    std::cout << nlohmann::json({{"benchmark", "tokenizer"}, {"results", results}}).dump() << "\n";
    return 0;
  }
  std::printf("%-40s %8s %10s %18s %10s\n", "file", "MB", "MB/s", "(min..max)", "Mtokens/s");
  for (const auto& r : results) {
    std::printf("%-40s %8.2f %10.1f %8.1f..%8.1f %10.2f\n", r["file"].get<std::string>().c_str(),
                r["bytes"].get<double>() / 1e6, r["mb_per_s"].get<double>(), r["mb_per_s_min"].get<double>(),
                r["mb_per_s_max"].get<double>(), r["million_tokens_per_s"].get<double>());
  }
  return 0;
}

}  // namespace
}  // namespace privet::bench

int main(int argc, char** argv) { return privet::bench::Run(argc, argv); }
