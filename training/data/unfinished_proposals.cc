#include "training/data/unfinished_proposals.h"

#include <cerrno>
#include <cstdint>
#include <cstring>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "training/data/json_line.h"
#include "training/data/record_reader.h"

namespace privet {

absl::StatusOr<UnfinishedProposals> UnfinishedProposals::Open(const std::filesystem::path& file,
                                                              const std::string& made_by,
                                                              std::vector<LabeledRecord>* records) {
  UnfinishedProposals unfinished;
  std::error_code error;
  if (std::filesystem::is_other(file, error)) return unfinished;
  unfinished.path_ = file.string() + ".unfinished";
  std::uintmax_t good_bytes = 0;
  {
    std::ifstream in(unfinished.path_, std::ios::binary);
    std::string line;
    // A line without its line feed was cut short.
    const auto next = [&] { return ReadLine(&in, &line) && !in.eof(); };
    if (next() && line == made_by) {
      good_bytes = static_cast<std::uintmax_t>(in.tellg());
      while (unfinished.done_ < records->size() && next()) {
        absl::StatusOr<LabeledRecord> read = ParseRecord(line);
        LabeledRecord& record = (*records)[unfinished.done_];
        if (!read.ok() || !read->proposals.has_value() || read->text != record.text ||
            read->spans != record.spans) {
          break;
        }
        record.proposals = std::move(read->proposals);
        ++unfinished.done_;
        good_bytes = static_cast<std::uintmax_t>(in.tellg());
      }
    }
  }
  if (std::filesystem::exists(unfinished.path_, error))
    std::filesystem::resize_file(unfinished.path_, good_bytes, error);
  errno = 0;
  unfinished.out_.open(unfinished.path_, std::ios::binary | std::ios::app);
  if (error || !unfinished.out_) return unfinished.Fault();
  if (good_bytes == 0 && !(unfinished.out_ << made_by << "\n" << std::flush)) return unfinished.Fault();
  return unfinished;
}

absl::Status UnfinishedProposals::Append(std::span<const LabeledRecord> records) {
  done_ += records.size();
  if (path_.empty()) return absl::OkStatus();
  errno = 0;
  for (const LabeledRecord& record : records) out_ << WriteRecord(record) << "\n";
  return out_.flush() ? absl::OkStatus() : Fault();
}

void UnfinishedProposals::Remove() {
  if (path_.empty()) return;
  out_.close();
  std::error_code ignored;
  std::filesystem::remove(path_, ignored);
}

absl::Status UnfinishedProposals::Fault() const {
  const int error = errno;
  return absl::UnavailableError(absl::StrCat(path_.string(), ": cannot be written",
                                             error == 0 ? "" : absl::StrCat(": ", std::strerror(error))));
}

}  // namespace privet
