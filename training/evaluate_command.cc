#include <algorithm>
#include <iostream>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "training/commands.h"
#include "training/data/output_file.h"
#include "training/judge/comparison.h"
#include "training/judge/marked_files.h"
#include "training/judge/report.h"

namespace privet {
namespace {

// Texts are read at least so far down, to see what a lower tau would have proposed.
constexpr double kReadTau = 0.005;

struct EvaluateFlags {
  std::string bundle, against, point = kDefaultOperatingPoint, json_file, html_file;
  std::vector<std::string> data, train;
  bool rules_only = false, stage1_only = false, texts = false;
  ModelOptions models;
};

// A pipeline to judge, its models not yet read.
struct JudgedPipeline {
  PipelineContents contents;
  OperatingPoint point;
};

absl::StatusOr<JudgedPipeline> FindPipeline(const std::string& bundle, const EvaluateFlags& flags) {
  absl::StatusOr<PipelineContents> contents = ReadContents({{}, bundle});
  if (!contents.ok()) return contents.status();
  absl::StatusOr<OperatingPoint> point = FindOperatingPoint(contents->offer(), flags.point);
  if (!point.ok()) return point.status();
  return JudgedPipeline{*std::move(contents), *std::move(point)};
}

absl::StatusOr<Evaluation> EvaluatePipeline(const JudgedPipeline& pipeline, const EvaluateFlags& flags,
                                            const std::vector<LabeledRecord>& records,
                                            const SurfaceForms* training) {
  const PipelineContents& contents = pipeline.contents;
  EvaluationOptions options;
  options.judged = flags.stage1_only  ? Judged::Stage1Only
                   : flags.rules_only ? Judged::RulesOnly
                                      : Judged::WholePipeline;
  options.point = pipeline.point;
  options.bundle = contents.bundle.has_value() ? &*contents.bundle : nullptr;
  options.read_tau = LowestTau(contents.offer(), kReadTau);
  options.training = training;
  options.keep_texts = flags.texts;
  const absl::StatusOr<Readings> readings =
      ReadWithPipeline(contents, flags.models, options.read_tau, records);
  if (!readings.ok()) return readings.status();
  return Evaluate(*readings, options);
}

// Where everything goes but the terminal.
absl::Status WriteReports(const EvaluateFlags& flags, const Evaluation& evaluation, const Evaluation* against,
                          const std::vector<std::string>& unusable) {
  absl::Status status;
  if (!flags.json_file.empty()) {
    nlohmann::ordered_json json = JsonReport(evaluation);
    json["unusable"] = unusable;
    if (against != nullptr) {
      json["against"] = JsonReport(*against);
      const auto difference = ComparePipelines(evaluation, *against);
      json["f1_difference"] = nullptr;
      if (difference.has_value()) json["f1_difference"] = {difference->low, difference->high};
    }
    // Names of files need not be UTF-8.
    status = WriteWholeFile(
        flags.json_file, json.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n");
  }
  if (!flags.html_file.empty())
    status.Update(WriteWholeFile(flags.html_file, HtmlReport(evaluation, against)));
  return status;
}

absl::Status CheckEvaluateFiles(const EvaluateFlags& flags) {
  std::vector<std::string> inputs = flags.data, outputs;
  inputs.insert(inputs.end(), flags.train.begin(), flags.train.end());
  for (const std::string& file : {flags.json_file, flags.html_file}) {
    if (!file.empty()) outputs.push_back(file);
  }
  return CheckFiles(inputs, outputs);
}

int64_t LinesOf(const std::vector<LabeledRecord>& records, const UnusableLines& unusable) {
  return static_cast<int64_t>(records.size()) + unusable.count;
}

// Where labels are of another taxonomy, only records without any are left, and a report on these would look
// like one on the data.
absl::Status CheckThereIsWhatToJudge(const std::vector<LabeledRecord>& records,
                                     const UnusableLines& unusable) {
  const bool has_entities = std::any_of(records.begin(), records.end(),
                                        [](const LabeledRecord& record) { return !record.spans.empty(); });
  if (has_entities || unusable.count == 0) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(
      "--data: ", unusable.count, " of ", LinesOf(records, unusable),
      " lines are no records, and the others have no entity, so there is nothing to judge; the first fault: ",
      unusable.named.front()));
}

int RunEvaluate(const EvaluateFlags& flags) {
  if (flags.bundle.empty() && !flags.rules_only) {
    return TrainerFail(absl::InvalidArgumentError("--bundle DIR is needed, or --rules-only"));
  }
  if (absl::Status status = CheckEvaluateFiles(flags); !status.ok()) return TrainerFail(status);
  std::vector<JudgedPipeline> pipelines;  // with the one to compare with, if there is one
  for (const std::string& bundle : {flags.bundle, flags.against}) {
    if (!pipelines.empty() && bundle.empty()) break;
    auto pipeline = FindPipeline(bundle, flags);
    if (!pipeline.ok()) return TrainerFail(pipeline.status());
    pipelines.push_back(*std::move(pipeline));
  }
  UnusableLines unusable;
  SurfaceForms training;
  if (!flags.train.empty()) {
    UnusableLines ignored;
    auto records = ReadMarkedFiles(flags.train, &ignored);
    if (!records.ok()) return TrainerFail(records.status());
    for (LabeledRecord& record : *records) training.Add(std::move(record));
  }
  const SurfaceForms* seen = flags.train.empty() ? nullptr : &training;
  const auto records = ReadMarkedFiles(flags.data, &unusable);
  if (!records.ok()) return TrainerFail(records.status());
  if (absl::Status status = CheckThereIsWhatToJudge(*records, unusable); !status.ok())
    return TrainerFail(status);
  const absl::StatusOr<Evaluation> evaluation = EvaluatePipeline(pipelines[0], flags, *records, seen);
  if (!evaluation.ok()) return TrainerFail(evaluation.status());
  absl::StatusOr<Evaluation> against = Evaluation();
  if (pipelines.size() > 1) against = EvaluatePipeline(pipelines[1], flags, *records, seen);
  // What the first took long to find out is shown, whatever becomes of the second.
  const Evaluation* const beside = pipelines.size() > 1 && against.ok() ? &*against : nullptr;
  if (unusable.count > 0) {
    std::cout << unusable.count << " of " << LinesOf(*records, unusable)
              << " lines are no records and count nowhere; "
              << (unusable.named.size() > kMostFaultsListed ? "the first of them stand" : "they stand")
              << " at the end\n\n";
  }
  std::cout << TextReport(*evaluation, beside);
  if (unusable.count > 0) std::cout << "\nLines that are no records\n\n";
  for (size_t i = 0; i < std::min(unusable.named.size(), kMostFaultsListed); ++i)
    std::cout << "- " << unusable.named[i] << "\n";
  std::cout << std::flush;
  absl::Status written = WriteReports(flags, *evaluation, beside, unusable.named);
  if (!against.ok()) written = against.status();
  if (written.ok() && evaluation->texts == 0)
    written = absl::InvalidArgumentError("--data: no text could be read, so nothing was judged");
  return written.ok() ? kTrainerDone : TrainerFail(written);
}

}  // namespace

TrainerCommand AddEvaluate(CLI::App* app) {
  const auto flags = std::make_shared<EvaluateFlags>();
  CLI::App* const command =
      app->add_subcommand("evaluate", "says how good a bundle is, and where its recall goes");
  command->add_option("--bundle", flags->bundle, "folder of the model bundle");
  command->add_option("--data", flags->data, "marked texts, JSON Lines")->required();
  CLI::Option* const against =
      command->add_option("--against", flags->against, "another bundle to compare with");
  CLI::Option* const rules =
      command->add_flag("--rules-only", flags->rules_only, "judge the rules alone; needs no bundle")
          ->excludes(against);
  command->add_flag("--stage1-only", flags->stage1_only, "judge stage 1 alone")
      ->excludes(against)
      ->excludes(rules);
  command->add_option("--operating-point", flags->point, "whose thresholds hold")->capture_default_str();
  command->add_option("--train", flags->train,
                      "what the models learnt from: tells seen entities from unseen ones");
  command->add_option("--json", flags->json_file, "write all numbers to this file");
  command->add_option("--html", flags->html_file, "write a page with curves to this file");
  command->add_flag("--texts", flags->texts,
                    "put texts with errors into the page; it then holds personal data");
  command->add_option("--device", flags->models.device, "auto, cpu, cuda or cuda:N")->capture_default_str();
  command->add_option("--precision", flags->models.precision, "auto, fp32, bf16 or int8")
      ->capture_default_str();
  return [flags] { return RunEvaluate(*flags); };
}

}  // namespace privet
