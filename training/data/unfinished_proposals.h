// Proposals of a command that was stopped: what the same command need not do again.
#ifndef PRIVET_TRAINING_DATA_UNFINISHED_PROPOSALS_H_
#define PRIVET_TRAINING_DATA_UNFINISHED_PROPOSALS_H_

#include <cstddef>
#include <filesystem>
#include <fstream>
#include <span>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "training/data/record.h"

namespace privet {

// The file FILE.unfinished: a line that says what proposes, then records with their proposals, in their
// order, as many as are done. It is there until Remove, also where the program is killed. Beside a pipe or a
// device there is none, and nothing is kept.
class UnfinishedProposals {
 public:
  // Begins the file, or goes on with the one that is there: where its first line is `made_by`, which holds no
  // line feed, records[i] gets the proposals of its line i, up to the first that is cut short or of another
  // record. UNAVAILABLE where it cannot be written.
  static absl::StatusOr<UnfinishedProposals> Open(const std::filesystem::path& file,
                                                  const std::string& made_by,
                                                  std::vector<LabeledRecord>* records);

  // Where it lies; empty where nothing is kept.
  const std::filesystem::path& path() const { return path_; }
  // How many of the records have their proposals.
  size_t done() const { return done_; }
  // Those that follow `done` records; they are the file's when it returns.
  absl::Status Append(std::span<const LabeledRecord> records);
  void Remove();

 private:
  absl::Status Fault() const;

  std::filesystem::path path_;
  std::ofstream out_;
  size_t done_ = 0;
};

}  // namespace privet

#endif  // PRIVET_TRAINING_DATA_UNFINISHED_PROPOSALS_H_
