// Where the work is done: in this process, or on a server. Commands do not care which.
#ifndef PRIVET_CLI_BACKEND_H_
#define PRIVET_CLI_BACKEND_H_

#include <cstdint>
#include <functional>
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

// Used by one thread.
class Backend {
 public:
  using Take = std::function<void(const std::string& text, const absl::StatusOr<Detection>& result)>;

  virtual ~Backend() = default;

  // Takes a text on. Several are worked on at once; `take` gets each result in its turn, in the order of the
  // texts and never two at once, now or later, perhaps on another thread. It must not call the backend.
  // A text that fails does not fail the others. Blocks while as many texts or bytes are in hand as should be.
  virtual void Detect(std::string text, Take take) = 0;
  // Calls `then` in its turn between the texts.
  void InTurn(std::function<void()> then) {
    Detect("", [then = std::move(then)](const auto&, const auto&) { then(); });
  }
  // Waits until everything was taken. What is in hand without it is lost.
  virtual void Finish() = 0;

  // Numbers for `replace` start anew with each text. RESOURCE_EXHAUSTED where not all that was found is
  // reported: what is left out would stay readable.
  virtual absl::StatusOr<RedactedText> Redact(const std::string& text, const RedactionPlan& plan) = 0;
};

inline absl::Status NotAllRedacted() {
  return absl::ResourceExhaustedError(
      "holds more than one answer reports, so that some of it would stay readable; redact it in parts "
      "(--lines), or raise "
      "--max-findings");
}

struct ConnectionOptions {
  std::string server;       // "HOST:PORT"; empty: this process
  std::string tls_ca_file;  // any TLS file switches TLS on
  std::string tls_certificate_file;
  std::string tls_key_file;     // goes with the certificate
  double timeout_seconds = 60;  // of one call; of a stream, without any answer
};

// `threads` 0: one for each core.
absl::StatusOr<std::unique_ptr<Backend>> NewLocalBackend(const Policy& policy, const PipelineFolders& folders,
                                                         const ModelOptions& models, size_t threads);
absl::StatusOr<std::unique_ptr<Backend>> NewRemoteBackend(const Policy& policy,
                                                          const ConnectionOptions& connection);

// Reads no weights, so it says quickly what is wrong with a bundle's manifest and files.
absl::StatusOr<Capabilities> DescribeLocal(const PipelineFolders& folders);
absl::StatusOr<Capabilities> DescribeServer(const ConnectionOptions& connection);

}  // namespace privet

#endif  // PRIVET_CLI_BACKEND_H_
