#include "training/judge/marked_files.h"

#include <unistd.h>

#include <algorithm>
#include <iostream>
#include <iterator>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "training/data/record_reader.h"

namespace privet {
namespace {

// "1280 of 5000 texts, 310 texts/s, 12s left", over and over on one line.
ReadingProgress ProgressLine() {
  if (isatty(STDERR_FILENO) == 0) return {};
  return [begin = absl::Now()](size_t done, size_t of) {
    const double seconds = std::max(absl::ToDoubleSeconds(absl::Now() - begin), 1e-3);
    const double rate = static_cast<double>(done) / seconds;
    std::cerr << "\r\033[K"
              << absl::StrFormat("%d of %d texts, %.0f texts/s, %.0fs left", done, of, rate,
                                 static_cast<double>(of - done) / rate);
    if (done == of) std::cerr << "\r\033[K";
    std::cerr << std::flush;
  };
}

}  // namespace

absl::StatusOr<std::vector<LabeledRecord>> ReadMarkedFiles(std::span<const std::string> files,
                                                           UnusableLines* unusable) {
  std::vector<LabeledRecord> records;
  for (const std::string& name : files) {
    absl::StatusOr<RecordFile> file = ReadRecordFile(name);
    if (!file.ok()) return file.status();
    unusable->count += file->unusable_count;
    for (const UnusableLine& line : file->unusable)
      unusable->named.push_back(absl::StrCat(line.origin, ": ", line.reason));
    if (const auto named = static_cast<int64_t>(file->unusable.size()); file->unusable_count > named) {
      unusable->named.push_back(
          absl::StrCat(name, ": ", file->unusable_count - named, " more lines are no records"));
    }
    if (file->records.empty()) {
      return absl::InvalidArgumentError(absl::StrCat(
          name, ": holds no record; a line is {\"text\": \"...\", \"spans\": [[begin, end, \"TYPE\"]]}",
          file->unusable.empty() ? ""
                                 : absl::StrCat("; the first fault: ", file->unusable[0].origin, ": ",
                                                file->unusable[0].reason)));
    }
    std::move(file->records.begin(), file->records.end(), std::back_inserter(records));
  }
  return records;
}

absl::StatusOr<Readings> ReadWithPipeline(const PipelineContents& contents, const ModelOptions& models,
                                          double tau, std::vector<LabeledRecord> records) {
  const auto detector = LoadDetector(contents, models, Limits());
  if (!detector.ok()) return detector.status();
  return ReadTexts(**detector, contents.offer().model_types, tau, std::move(records), ProgressLine());
}

absl::StatusOr<OperatingPoint> FindOperatingPoint(const Offer& offer, const std::string& name) {
  std::vector<std::string> names;
  for (const OperatingPoint& point : offer.operating_points) {
    if (point.name == name) return point;
    names.push_back(point.name);
  }
  return absl::NotFoundError(
      absl::StrCat("--operating-point: there is no '", name, "'; there are ", absl::StrJoin(names, ", ")));
}

double LowestTau(const Offer& offer, double most) {
  double lowest = most;
  for (const OperatingPoint& point : offer.operating_points) {
    for (const EntityTypeSpec& spec : Taxonomy()) {
      if (offer.model_types.test(IndexOf(spec.type))) lowest = std::min(lowest, TauOf(point, spec.type));
    }
  }
  return lowest;
}

}  // namespace privet
