#include "core/pem.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>

namespace privet {
namespace {

// Of nobody ("/CN=a test"), valid from 2020-01-01 to 2021-01-01.
constexpr const char* kCertificate = R"(-----BEGIN CERTIFICATE-----
MIIBHDCBwwIUNwToEcqpKguEonTDkbxX/KIqtVYwCgYIKoZIzj0EAwIwETEPMA0G
A1UEAwwGYSB0ZXN0MB4XDTIwMDEwMTAwMDAwMFoXDTIxMDEwMTAwMDAwMFowETEP
MA0GA1UEAwwGYSB0ZXN0MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEAZYTXIJm
eAIOpZPH57BRC3sNgv2MB8EjyTocGpuZwMTpuUQGmnzLm+KqMcDjTucZKaVDryaO
PRgDbq4/KFXfTzAKBggqhkjOPQQDAgNIADBFAiEA495+5kktn+2s5Juuwy5hPQ61
6IahMvCpwcaD7ajkHUUCIANUKZh3FgfTP64lZ3E4DHuTtxEFsjFKplWVHEskqY9Y
-----END CERTIFICATE-----
)";

// What is said of a file with these bytes, without its name; nothing where it is taken.
std::string FaultOf(const std::string& content) {
  const std::string file = ::testing::TempDir() + "/pem_test.pem";
  std::ofstream(file, std::ios::binary) << content;
  const absl::StatusOr<std::string> pem = ReadCertificates(file);
  if (!pem.ok()) return std::string(pem.status().message()).substr(file.size());
  EXPECT_EQ(*pem, content);
  return {};
}

absl::Time At(const char* time) {
  absl::Time result;
  EXPECT_TRUE(absl::ParseTime(absl::RFC3339_full, time, &result, nullptr));
  return result;
}

TEST(PemTest, CertificatesAreReadToTheLast) {
  const std::string one = kCertificate;
  EXPECT_EQ(FaultOf(one), "");
  EXPECT_EQ(FaultOf("# of the tests\n" + one + "\n" + one + "\n"), "");
  EXPECT_EQ(FaultOf(""), ": has no PEM certificate");
  EXPECT_EQ(FaultOf("no PEM at all\n"), ": has no PEM certificate");
  EXPECT_EQ(FaultOf("-----BEGIN CERTIFICATE-----\n!\n-----END CERTIFICATE-----\n"),
            ": certificate 1 is broken");
  EXPECT_EQ(FaultOf(one + one.substr(0, one.size() / 2)), ": certificate 2 is broken");
}

TEST(PemTest, ACertificateIsValidBetweenItsDates) {
  const std::string two = std::string(kCertificate) + kCertificate;
  EXPECT_TRUE(CheckDates(two, At("2020-01-01T00:00:00Z")).ok());
  EXPECT_TRUE(CheckDates(two, At("2020-12-31T23:59:59Z")).ok());
  EXPECT_EQ(CheckDates(two, At("2021-01-01T00:00:01Z")).message(),
            "certificate 1 ran out on 2021-01-01T00:00:00Z; put another in its place");
  EXPECT_EQ(CheckDates(two, At("2019-12-31T23:59:59Z")).message(),
            "certificate 1 is not valid before 2020-01-01T00:00:00Z; look at this machine's clock");
}

}  // namespace
}  // namespace privet
