#include "server/credentials.h"

#include <grpcpp/grpcpp.h>
#include <openssl/bio.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <utility>

#include "absl/strings/str_cat.h"
#include "core/read_file.h"
#include "pipeline/redactor.h"

namespace privet {
namespace {

using Bytes = std::unique_ptr<BIO, decltype(&BIO_free)>;
using Certificate = std::unique_ptr<X509, decltype(&X509_free)>;
using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;

Bytes BytesOfPem(const std::string& pem) {
  return {BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), &BIO_free};
}

// The first certificate, or nullptr.
Certificate CertificateOf(const std::string& pem) {
  return {PEM_read_bio_X509(BytesOfPem(pem).get(), nullptr, nullptr, nullptr), &X509_free};
}

// Nobody is there to type the passphrase of an encrypted key.
int NoPassphrase(char*, int, int, void*) { return 0; }

Key KeyOf(const std::string& pem) {
  return {PEM_read_bio_PrivateKey(BytesOfPem(pem).get(), nullptr, &NoPassphrase, nullptr), &EVP_PKEY_free};
}

absl::Status Fault(const std::string& file, const std::string& what) {
  return absl::InvalidArgumentError(absl::StrCat(file, ": ", what));
}

}  // namespace

// gRPC takes PEM of any kind and then fails to listen, without a word about the file.
absl::StatusOr<std::shared_ptr<grpc::ServerCredentials>> ReadTlsFiles(const ServerConfig& config) {
  if (config.tls_certificate_file.empty()) return grpc::InsecureServerCredentials();
  const absl::StatusOr<std::string> certificates = ReadFile(config.tls_certificate_file);
  if (!certificates.ok()) return certificates.status();
  const absl::StatusOr<std::string> key = ReadFile(config.tls_key_file);
  if (!key.ok()) return key.status();
  const Certificate first = CertificateOf(*certificates);
  if (first == nullptr) return Fault(config.tls_certificate_file, "has no PEM certificate");
  const Key private_key = KeyOf(*key);
  if (private_key == nullptr)
    return Fault(config.tls_key_file, "has no PEM private key without a passphrase");
  if (X509_check_private_key(first.get(), private_key.get()) != 1) {
    return Fault(config.tls_key_file,
                 absl::StrCat("is not the key of the first certificate in ", config.tls_certificate_file));
  }
  grpc::SslServerCredentialsOptions options;
  options.pem_key_cert_pairs.push_back({*key, *certificates});
  if (!config.tls_client_ca_file.empty()) {
    absl::StatusOr<std::string> authorities = ReadFile(config.tls_client_ca_file);
    if (!authorities.ok()) return authorities.status();
    if (CertificateOf(*authorities) == nullptr)
      return Fault(config.tls_client_ca_file, "has no PEM certificate");
    options.pem_root_certs = *std::move(authorities);
    options.client_certificate_request = GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY;
  }
  return grpc::SslServerCredentials(options);
}

absl::StatusOr<std::string> ReadHashKey(const ServerConfig& config) {
  if (config.hash_key_file.empty()) return std::string();
  return ReadHashKey(config.hash_key_file);
}

}  // namespace privet
