// PEM files of TLS. gRPC takes bytes of any kind and then fails without a word about the file, so they are
// looked at before, as OpenSSL reads them.
#ifndef PRIVET_CORE_PEM_H_
#define PRIVET_CORE_PEM_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace privet {

// The bytes of a file of certificates, whatever their dates. Errors read "FILE: ...": it cannot be read,
// holds no certificate, or one that is broken.
absl::StatusOr<std::string> ReadCertificates(const std::string& file);

// The bytes of a file with the private key of the first of `certificates` (what ReadCertificates gave).
// Errors read "FILE: ...": it cannot be read, holds no key without a passphrase, or another's.
absl::StatusOr<std::string> ReadPrivateKey(const std::string& file, const std::string& certificates);

// FAILED_PRECONDITION where one of `certificates` is not valid at `now`: its number in the file and the date.
absl::Status CheckDates(const std::string& certificates, absl::Time now);

}  // namespace privet

#endif  // PRIVET_CORE_PEM_H_
