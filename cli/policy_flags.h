// The flags that all detecting commands share.
#ifndef PRIVET_CLI_POLICY_FLAGS_H_
#define PRIVET_CLI_POLICY_FLAGS_H_

#include <CLI/CLI.hpp>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "cli/backend.h"

namespace privet {

class PolicyFlags {
 public:
  void AddTo(CLI::App* command);

  // The backend that the flags describe.
  absl::StatusOr<std::unique_ptr<Backend>> NewBackend() const;

  // What could be found where the flags say; no weights are read for it.
  absl::StatusOr<Capabilities> Describe() const;

  bool remote() const { return !connection_.server.empty(); }

 private:
  absl::StatusOr<Policy> ToPolicy() const;
  // A server has packs and a bundle of its own.
  absl::Status CheckFolders() const;
  // Where this process finds them.
  absl::StatusOr<PipelineFolders> Folders() const;

  ConnectionOptions connection_;
  std::string packs_;
  std::string bundle_;  // empty: the flag was not given
  ModelOptions models_;
  size_t jobs_ = 0;
  std::vector<std::string> types_;
  std::string operating_point_;
  std::vector<std::string> min_scores_;
  std::vector<std::string> allow_, allow_patterns_, deny_, deny_patterns_;
  std::string custom_rules_file_;
  uint32_t max_findings_ = 0;
};

}  // namespace privet

#endif  // PRIVET_CLI_POLICY_FLAGS_H_
