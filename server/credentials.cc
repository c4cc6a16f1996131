#include "server/credentials.h"

#include <grpcpp/grpcpp.h>

#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/absl_view.h"
#include "core/pem.h"
#include "pipeline/redactor.h"

namespace privet {
namespace {

constexpr std::string_view kCertificates = "tls.certificate_file", kKey = "tls.key_file",
                           kAuthorities = "tls.client_ca_file";

absl::Status Of(std::string_view key, const absl::Status& status) {
  return absl::Status(status.code(), absl::StrCat(AbslView(key), ": ", status.message()));
}

}  // namespace

absl::StatusOr<std::shared_ptr<grpc::ServerCredentials>> ReadTlsFiles(const ServerConfig& config) {
  if (config.tls_certificate_file.empty()) return grpc::InsecureServerCredentials();
  absl::StatusOr<std::string> certificates = ReadCertificates(config.tls_certificate_file);
  if (!certificates.ok()) return Of(kCertificates, certificates.status());
  absl::StatusOr<std::string> key = ReadPrivateKey(config.tls_key_file, *certificates);
  if (!key.ok()) return Of(kKey, key.status());
  grpc::SslServerCredentialsOptions options;
  options.pem_key_cert_pairs.push_back({*std::move(key), *std::move(certificates)});
  if (!config.tls_client_ca_file.empty()) {
    absl::StatusOr<std::string> authorities = ReadCertificates(config.tls_client_ca_file);
    if (!authorities.ok()) return Of(kAuthorities, authorities.status());
    options.pem_root_certs = *std::move(authorities);
    options.client_certificate_request = GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY;
  }
  return grpc::SslServerCredentials(options);
}

absl::Status CheckCertificateDates(const ServerConfig& config, absl::Time now) {
  for (const auto& [key, file] : {std::pair{kCertificates, &config.tls_certificate_file},
                                  std::pair{kAuthorities, &config.tls_client_ca_file}}) {
    if (file->empty()) continue;
    const absl::StatusOr<std::string> certificates = ReadCertificates(*file);
    if (!certificates.ok()) return Of(key, certificates.status());
    const absl::Status status = CheckDates(*certificates, now);
    if (!status.ok()) return Of(key, Of(*file, status));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::string> ReadHashKey(const ServerConfig& config) {
  if (config.hash_key_file.empty()) return std::string();
  absl::StatusOr<std::string> key = ReadHashKey(config.hash_key_file);
  if (!key.ok()) return Of("redaction.hash_key_file", key.status());
  return key;
}

}  // namespace privet
