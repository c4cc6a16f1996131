// The certificates and keys that the configuration names. They are read once, at the start: a reload leaves
// them as they are.
#ifndef PRIVET_SERVER_CREDENTIALS_H_
#define PRIVET_SERVER_CREDENTIALS_H_

#include <grpcpp/security/server_credentials.h>

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "server/config.h"

namespace privet {

// Plain without tls.certificate_file, else TLS. An error names the key and the file that is missing, holds no
// PEM of what belongs there, or is the key of another certificate.
absl::StatusOr<std::shared_ptr<grpc::ServerCredentials>> ReadTlsFiles(const ServerConfig& config);

// FAILED_PRECONDITION where a certificate is not valid at `now`, by key, file, number and date. A server may
// serve with it all the same, but clients refuse it, or it refuses them.
absl::Status CheckCertificateDates(const ServerConfig& config, absl::Time now);

// The key of `hash`; empty without redaction.hash_key_file. An error names the key, and the file that is
// missing or too short.
absl::StatusOr<std::string> ReadHashKey(const ServerConfig& config);

}  // namespace privet

#endif  // PRIVET_SERVER_CREDENTIALS_H_
