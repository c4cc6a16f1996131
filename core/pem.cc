#include "core/pem.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <ctime>
#include <memory>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "core/read_file.h"

namespace privet {
namespace {

using Bytes = std::unique_ptr<BIO, decltype(&BIO_free)>;
using Certificate = std::unique_ptr<X509, decltype(&X509_free)>;
using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;

Bytes BytesOfPem(const std::string& pem) {
  return {BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), &BIO_free};
}

// All of them, at least one. An error has no file.
absl::StatusOr<std::vector<Certificate>> CertificatesOf(const std::string& pem) {
  const Bytes bytes = BytesOfPem(pem);
  std::vector<Certificate> certificates;
  ERR_clear_error();
  while (X509* const next = PEM_read_bio_X509(bytes.get(), nullptr, nullptr, nullptr))
    certificates.emplace_back(next, &X509_free);
  const bool at_end = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
  ERR_clear_error();  // gRPC would take it for one of its own
  if (!at_end)
    return absl::InvalidArgumentError(absl::StrCat("certificate ", certificates.size() + 1, " is broken"));
  if (certificates.empty()) return absl::InvalidArgumentError("has no PEM certificate");
  return certificates;
}

// Nobody is there to type the passphrase of an encrypted key.
int NoPassphrase(char*, int, int, void*) { return 0; }

Key KeyOf(const std::string& pem) {
  Key key(PEM_read_bio_PrivateKey(BytesOfPem(pem).get(), nullptr, &NoPassphrase, nullptr), &EVP_PKEY_free);
  ERR_clear_error();
  return key;
}

absl::Time TimeOf(const ASN1_TIME* time) {
  std::tm utc = {};
  return ASN1_TIME_to_tm(time, &utc) == 1 ? absl::FromTM(utc, absl::UTCTimeZone()) : absl::InfinitePast();
}

absl::Status Fault(const std::string& file, const std::string& what) {
  return absl::InvalidArgumentError(absl::StrCat(file, ": ", what));
}

}  // namespace

absl::StatusOr<std::string> ReadCertificates(const std::string& file) {
  absl::StatusOr<std::string> pem = ReadFile(file);
  if (!pem.ok()) return pem;
  if (const auto certificates = CertificatesOf(*pem); !certificates.ok())
    return Fault(file, std::string(certificates.status().message()));
  return pem;
}

absl::StatusOr<std::string> ReadPrivateKey(const std::string& file, const std::string& certificates) {
  absl::StatusOr<std::string> pem = ReadFile(file);
  if (!pem.ok()) return pem;
  const Key key = KeyOf(*pem);
  if (key == nullptr) return Fault(file, "has no PEM private key without a passphrase");
  const auto chain = CertificatesOf(certificates);
  if (!chain.ok()) return chain.status();
  const bool fits = X509_check_private_key(chain->front().get(), key.get()) == 1;
  ERR_clear_error();
  if (!fits) return Fault(file, "is not the key of the first certificate");
  return pem;
}

absl::Status CheckDates(const std::string& certificates, absl::Time now) {
  const auto chain = CertificatesOf(certificates);
  if (!chain.ok()) return chain.status();
  for (size_t i = 0; i < chain->size(); ++i) {
    const X509* const certificate = (*chain)[i].get();
    const absl::Time begin = TimeOf(X509_get0_notBefore(certificate));
    const absl::Time end = TimeOf(X509_get0_notAfter(certificate));
    if (now >= begin && now <= end) continue;
    return absl::FailedPreconditionError(
        absl::StrCat("certificate ", i + 1, now < begin ? " is not valid before " : " ran out on ",
                     absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", now < begin ? begin : end, absl::UTCTimeZone()),
                     now < begin ? "; look at this machine's clock" : "; put another in its place"));
  }
  return absl::OkStatus();
}

}  // namespace privet
