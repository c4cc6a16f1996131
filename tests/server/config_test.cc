#include "server/config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

namespace privet {
namespace {

using ::testing::HasSubstr;

std::string FaultOf(std::string_view yaml) {
  ServerConfig config;
  return std::string(ReadConfig(yaml, "server.yaml", &config).message());
}

TEST(ConfigTest, ReadsKeysOverTheDefaults) {
  ServerConfig config;
  const absl::Status status = ReadConfig(
      "listen: {address: 0.0.0.0, port: 9000}\nlimits:\n  max_text_bytes: 2048\nlog: {calls: false}\n",
      "server.yaml", &config);
  ASSERT_TRUE(status.ok()) << status;
  EXPECT_EQ(config.listen_address, "0.0.0.0");
  EXPECT_EQ(config.listen_port, 9000);
  EXPECT_EQ(config.limits().max_text_bytes, 2048u);
  EXPECT_FALSE(config.log_calls);
  EXPECT_EQ(config.max_in_flight, ServerConfig().max_in_flight);
}

TEST(ConfigTest, ModelsHaveOptionsOfTheirOwn) {
  ServerConfig config;
  const absl::Status status = ReadConfig(
      "models: {bundle_dir: /tmp, device: cuda, precision: bf16, batch_tokens: 512, compute_threads: 3}\n"
      "rules: {packs_dir: /p}\n",
      "server.yaml", &config);
  ASSERT_TRUE(status.ok()) << status;
  const absl::StatusOr<PipelineFolders> folders = config.folders();
  ASSERT_TRUE(folders.ok()) << folders.status();
  EXPECT_EQ(folders->bundle, "/tmp");
  EXPECT_EQ(folders->packs, "/p");
  EXPECT_EQ(config.models().device, "cuda");
  EXPECT_EQ(config.models().precision, "bf16");
  EXPECT_EQ(config.models().batch_tokens, 512);
  EXPECT_EQ(config.models().compute_threads, 3);
  EXPECT_EQ(ServerConfig().bundle_dir, "default");
  config.bundle_dir = "none";
  EXPECT_TRUE(config.folders()->bundle.empty());
  config.bundle_dir = "";
  EXPECT_THAT(std::string(config.folders().status().message()), HasSubstr("'none' (rules alone)"));
  config.bundle_dir = "defualt";
  EXPECT_EQ(config.folders().status().message(),
            "models.bundle_dir: there is no folder 'defualt'; did you mean default?");
}

TEST(ConfigTest, AnEmptyFileIsFine) { EXPECT_EQ(FaultOf(""), ""); }

TEST(ConfigTest, FaultsNameFileLineAndKey) {
  EXPECT_THAT(FaultOf("listen:\n  prot: 1\n"), HasSubstr("server.yaml:2: listen: unknown key 'prot'"));
  EXPECT_THAT(FaultOf("listne: {port: 1}\n"),
              HasSubstr("server.yaml:1: configuration: unknown key 'listne'; did you mean 'listen'?"));
  EXPECT_THAT(FaultOf("listen:\n  port: 70000\n"),
              HasSubstr("server.yaml:2: listen: port: must lie between 0 and 65535"));
  EXPECT_THAT(FaultOf("listen:\n  port: many\n"),
              HasSubstr("server.yaml:2: listen: port: must be a whole number"));
  EXPECT_THAT(FaultOf("models:\n  device: gpu\n"),
              HasSubstr("server.yaml:2: models: device: must be one of auto, cpu, cuda"));
  EXPECT_THAT(FaultOf("models: {precision: fp16}\n"), HasSubstr("must be one of auto, fp32, bf16, int8"));
  EXPECT_THAT(FaultOf("models: {batch_tokens: 0}\n"), HasSubstr("must lie between 64 and 1048576"));
  EXPECT_THAT(FaultOf("listen: 5\n"), HasSubstr("server.yaml:1: listen: must be a mapping"));
}

TEST(ConfigTest, ChecksWhatOneKeyCannotTellAlone) {
  ServerConfig config;
  EXPECT_TRUE(CheckConfig(config).ok());
  config.tls_certificate_file = "a.pem";
  EXPECT_THAT(std::string(CheckConfig(config).message()),
              HasSubstr("certificate_file and key_file go together"));
  config = ServerConfig();
  config.tls_client_ca_file = "ca.pem";
  EXPECT_FALSE(CheckConfig(config).ok());
  config = ServerConfig();
  config.model_device = "tpu";  // as a flag may say
  EXPECT_EQ(CheckConfig(config).message(), "--models-device: must be one of auto, cpu, cuda");
  config = ServerConfig();
  config.listen_port = config.metrics_port;
  EXPECT_THAT(std::string(CheckConfig(config).message()), HasSubstr("metrics.port: is listen.port as well"));
  config = ServerConfig();
  config.max_message_bytes = 2048;
  EXPECT_THAT(std::string(CheckConfig(config).message()), HasSubstr("max_message_bytes"));
}

TEST(ConfigTest, EveryKeyIsDocumentedAndHasAFlagOfItsOwn) {
  std::set<std::string> flags;
  const std::string table = DescribeConfiguration();
  for (const ConfigKey& key : ConfigKeys()) {
    EXPECT_FALSE(key.description.empty()) << key.name;
    EXPECT_TRUE(flags.insert(FlagOf(key)).second) << FlagOf(key);
    EXPECT_THAT(table, HasSubstr(FlagOf(key)));
  }
}

}  // namespace
}  // namespace privet
