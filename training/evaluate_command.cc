#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "training/commands.h"
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

absl::StatusOr<Evaluation> EvaluatePipeline(const std::string& bundle, const EvaluateFlags& flags,
                                            const std::vector<LabeledRecord>& records,
                                            const SurfaceForms* training) {
  const absl::StatusOr<PipelineContents> contents = ReadContents({{}, bundle});
  if (!contents.ok()) return contents.status();
  EvaluationOptions options;
  options.judged = flags.stage1_only                    ? Judged::Stage1Only
                   : flags.rules_only || bundle.empty() ? Judged::RulesOnly
                                                        : Judged::WholePipeline;
  const absl::StatusOr<OperatingPoint> point = FindOperatingPoint(contents->offer(), flags.point);
  if (!point.ok()) return point.status();
  options.point = *point;
  options.bundle = contents->bundle.has_value() ? &*contents->bundle : nullptr;
  options.read_tau = LowestTau(contents->offer(), kReadTau);
  options.training = training;
  options.keep_texts = flags.texts;
  const absl::StatusOr<Readings> readings =
      ReadWithPipeline(*contents, flags.models, options.read_tau, records);
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
    if (against != nullptr) json["against"] = JsonReport(*against);
    status = WriteWholeFile(flags.json_file, json.dump(2) + "\n");
  }
  if (!flags.html_file.empty())
    status.Update(WriteWholeFile(flags.html_file, HtmlReport(evaluation, against)));
  return status;
}

int RunEvaluate(const EvaluateFlags& flags) {
  if (flags.bundle.empty() && !flags.rules_only) {
    return TrainerFail(absl::InvalidArgumentError("--bundle DIR is needed, or --rules-only"));
  }
  std::vector<std::string> unusable;
  SurfaceForms training;
  if (!flags.train.empty()) {
    std::vector<std::string> ignored;
    const auto records = ReadMarkedFiles(flags.train, &ignored);
    if (!records.ok()) return TrainerFail(records.status());
    for (const LabeledRecord& record : *records) training.Add(record);
  }
  const SurfaceForms* seen = flags.train.empty() ? nullptr : &training;
  const auto records = ReadMarkedFiles(flags.data, &unusable);
  if (!records.ok()) return TrainerFail(records.status());
  const absl::StatusOr<Evaluation> evaluation = EvaluatePipeline(flags.bundle, flags, *records, seen);
  if (!evaluation.ok()) return TrainerFail(evaluation.status());
  absl::StatusOr<Evaluation> against = Evaluation();
  if (!flags.against.empty()) {
    against = EvaluatePipeline(flags.against, flags, *records, seen);
    if (!against.ok()) return TrainerFail(against.status());
  }
  const Evaluation* const beside = flags.against.empty() ? nullptr : &*against;
  std::cout << TextReport(*evaluation, beside);
  if (!unusable.empty()) std::cout << "\n" << unusable.size() << " lines are no records and count nowhere\n";
  for (const std::string& line : unusable) std::cout << "- " << line << "\n";
  std::cout << std::flush;
  const absl::Status written = WriteReports(flags, *evaluation, beside, unusable);
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
