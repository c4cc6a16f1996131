// Measures the rules engine on one core: MB/s over running Chinese and English text and over a dense log, all
// packs at once, beside two references in the same run: a plain scan of the memory (the limit) and the same
// patterns run one by one over the same text.
#include <re2/re2.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "core/folded_text.h"
#include "core/unescape.h"
#include "core/utf8.h"
#include "dense_log.h"
#include "pipeline/detector.h"
#include "rules/pack.h"
#include "rules/rule_set.h"
#include "timing.h"

namespace privet::bench {
namespace {

struct Corpus {
  std::string name;
  std::string text;
};

// All text.txt under the folders whose name ends with `suffix`, up to a bound each, so that no source drowns
// the rest.
std::string ReadCorpus(const std::filesystem::path& root, std::string_view suffix) {
  constexpr size_t kMostOfOneSource = 3 << 20;
  std::string all;
  std::vector<std::filesystem::path> folders;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(root, error)) folders.push_back(entry.path());
  std::sort(folders.begin(), folders.end());
  for (const std::filesystem::path& folder : folders) {
    if (!folder.filename().string().ends_with(suffix)) continue;
    std::ifstream in(folder / "text.txt", std::ios::binary);
    std::string text(kMostOfOneSource, '\0');
    in.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<size_t>(in.gcount()));
    const size_t last_line = text.rfind('\n');
    if (last_line != std::string::npos) text.resize(last_line + 1);
    if (FindInvalidUtf8(text) == std::string_view::npos) all += text;
  }
  return all;
}

std::vector<std::string_view> Pieces(std::string_view text) {
  constexpr size_t kPieceBytes = 256 << 10;
  std::vector<std::string_view> pieces;
  while (!text.empty()) {
    size_t end = text.size() > kPieceBytes ? text.rfind('\n', kPieceBytes) : text.size();
    if (end == std::string_view::npos || end == 0) end = text.size();
    pieces.push_back(text.substr(0, end));
    text.remove_prefix(std::min(text.size(), end + 1));
  }
  return pieces;
}

double MegabytesPerSecond(size_t bytes, double seconds) { return static_cast<double>(bytes) / 1e6 / seconds; }

nlohmann::json Measure(const Corpus& corpus, const Detector& detector, int runs) {
  const std::string& text = corpus.text;
  const std::vector<std::string_view> pieces = Pieces(text);
  const auto policy = CompilePolicy(Policy(), detector.limits());

  volatile const void* sink = nullptr;
  const Seconds scan =
      TimeRuns(runs, [&] { sink = std::char_traits<char>::find(text.data(), text.size(), '\x01'); });

  size_t candidates = 0;
  const Seconds rules = TimeRuns(runs, [&] {
    candidates = 0;
    for (const std::string_view piece : pieces)
      candidates += detector.rules().Scan(UnescapedText(piece), ScanRequest())->size();
  });
  size_t findings = 0;
  const Seconds whole = TimeRuns(runs, [&] {
    findings = 0;
    for (const std::string_view piece : pieces) findings += detector.Detect(piece, **policy)->findings.size();
  });

  // One by one: every pattern over the same text, matches only; on a part, because it takes long.
  std::vector<std::unique_ptr<RE2>> patterns;
  for (const RuleSpec& spec : detector.rules().specs()) {
    for (const std::string& pattern : spec.patterns) patterns.push_back(std::make_unique<RE2>(pattern));
  }
  constexpr size_t kPartBytes = 1 << 20;
  const std::string_view part = std::string_view(text).substr(0, std::min(text.size(), kPartBytes));
  size_t matches = 0;
  const Seconds one_by_one = TimeRuns(1, [&] {
    for (const auto& pattern : patterns) {
      re2::StringPiece rest(part.data(), part.size());
      while (RE2::FindAndConsume(&rest, *pattern)) ++matches;
    }
  });

  const double rules_rate = MegabytesPerSecond(text.size(), rules.median);
  const double one_rate = MegabytesPerSecond(part.size(), one_by_one.median);
  return {{"corpus", corpus.name},
          {"bytes", text.size()},
          {"candidates", candidates},
          {"findings", findings},
          {"rules_mb_per_s", rules_rate},
          {"rules_mb_per_s_min", MegabytesPerSecond(text.size(), rules.max)},
          {"rules_mb_per_s_max", MegabytesPerSecond(text.size(), rules.min)},
          {"detector_mb_per_s", MegabytesPerSecond(text.size(), whole.median)},
          {"memory_scan_mb_per_s", MegabytesPerSecond(text.size(), scan.median)},
          {"one_by_one_mb_per_s", one_rate},
          {"ratio_to_memory_scan", rules_rate / MegabytesPerSecond(text.size(), scan.median)},
          {"ratio_to_one_by_one", rules_rate / one_rate}};
}

int Run(int argc, char** argv) {
  CLI::App app("Speed of the rules engine on one core, all packs at once.");
  std::string text_folder = "../shared/data/text";
  std::string packs_folder;
  bool json = false;
  int runs = 5;
  size_t log_bytes = 8 << 20;
  app.add_option("--text", text_folder,
                 "folder with one folder a source (NAME_zh, NAME_en) that holds text.txt")
      ->capture_default_str();
  app.add_option("--packs", packs_folder, "folder of rule packs in place of those built in");
  app.add_option("--runs", runs, "timed runs of each measurement")
      ->check(CLI::Range(1, 100))
      ->capture_default_str();
  app.add_flag("--json", json, "print one JSON object");
  CLI11_PARSE(app, argc, argv);

  const auto sources = packs_folder.empty() ? absl::StatusOr<std::vector<PackSource>>(BuiltInPacks())
                                            : ReadPackFolder(packs_folder);
  const auto rules = sources.ok() ? RuleSet::Load(*sources) : sources.status();
  if (!rules.ok()) {
    std::cerr << rules.status().ToString() << "\n";
    return 2;
  }
  const Detector detector(*rules, Limits());

  std::vector<Corpus> corpora;
  if (std::filesystem::is_directory(text_folder)) {
    corpora.push_back({"running text, zh", ReadCorpus(text_folder, "_zh")});
    corpora.push_back({"running text, en", ReadCorpus(text_folder, "_en")});
  } else {
    std::cerr << "skipped: running text, zh and en (" << text_folder
              << " is not there; name a folder with --text)\n";
  }
  corpora.push_back({"dense log", DenseLog(log_bytes, 1)});

  nlohmann::json results = nlohmann::json::array();
  for (const Corpus& corpus : corpora) {
    if (!corpus.text.empty()) results.push_back(Measure(corpus, detector, runs));
  }
  if (json) {
    std::cout << nlohmann::json(
                     {{"benchmark", "rules"}, {"rules", (*rules)->specs().size()}, {"results", results}})
                     .dump()
              << "\n";
    return 0;
  }
  std::printf("%-18s %7s %10s %18s %10s %12s %12s %12s %10s\n", "corpus", "MB", "rules MB/s", "(min..max)",
              "detect", "memory scan", "one by one", "vs one", "findings");
  for (const auto& r : results) {
    std::printf("%-18s %7.1f %10.1f %8.1f..%8.1f %10.1f %12.0f %12.2f %11.1fx %10zu\n",
                r["corpus"].get<std::string>().c_str(), r["bytes"].get<double>() / 1e6,
                r["rules_mb_per_s"].get<double>(), r["rules_mb_per_s_min"].get<double>(),
                r["rules_mb_per_s_max"].get<double>(), r["detector_mb_per_s"].get<double>(),
                r["memory_scan_mb_per_s"].get<double>(), r["one_by_one_mb_per_s"].get<double>(),
                r["ratio_to_one_by_one"].get<double>(), r["findings"].get<size_t>());
  }
  return 0;
}

}  // namespace
}  // namespace privet::bench

int main(int argc, char** argv) { return privet::bench::Run(argc, argv); }
