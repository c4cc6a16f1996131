// Where the work is done: in this process, or on a server. Commands do not care which.
#ifndef PRIVET_CLI_BACKEND_H_
#define PRIVET_CLI_BACKEND_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "core/taxonomy.h"
#include "pipeline/bundle_manifest.h"
#include "pipeline/detector.h"
#include "pipeline/load.h"
#include "pipeline/offer.h"
#include "pipeline/policy.h"
#include "pipeline/redactor.h"

namespace privet {

// What `privet info` shows.
struct Capabilities {
  std::string version;
  size_t rules = 0;
  // Nothing for rules alone. A server keeps the folders and the fusion's numbers to itself.
  std::optional<BundleManifest> bundle;
  TypeSet available;  // types that can be found
  std::vector<OperatingPoint> operating_points;
  std::vector<std::pair<std::string, uint64_t>> limits;
};

class Backend {
 public:
  virtual ~Backend() = default;

  // One result a text, in order; a text that fails does not fail the others. Texts are worked on at once
  // where possible, so callers hand over several at a time.
  virtual std::vector<absl::StatusOr<Detection>> Detect(const std::vector<std::string>& texts) = 0;

  // Numbers for `replace` start anew with each text.
  virtual absl::StatusOr<RedactedText> Redact(const std::string& text, const RedactionPlan& plan) = 0;
};

struct ConnectionOptions {
  std::string server;       // "HOST:PORT"; empty: this process
  std::string tls_ca_file;  // any TLS file switches TLS on
  std::string tls_certificate_file;
  std::string tls_key_file;
  double timeout_seconds = 60;  // of one call
};

// `threads` 0: one for each core.
absl::StatusOr<std::unique_ptr<Backend>> NewLocalBackend(const Policy& policy, const PipelineFolders& folders,
                                                         size_t threads);
absl::StatusOr<std::unique_ptr<Backend>> NewRemoteBackend(const Policy& policy,
                                                          const ConnectionOptions& connection);

// Reads no weights, so it says quickly what is wrong with a bundle's manifest and files.
absl::StatusOr<Capabilities> DescribeLocal(const PipelineFolders& folders);
absl::StatusOr<Capabilities> DescribeServer(const ConnectionOptions& connection);

}  // namespace privet

#endif  // PRIVET_CLI_BACKEND_H_
