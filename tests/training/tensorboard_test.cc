#include "training/learn/tensorboard.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

namespace privet {
namespace {

TEST(TensorboardTest, TheChecksumIsThatOfTheStandard) {
  // RFC 3720, appendix B.4.
  EXPECT_EQ(Crc32c(std::string(32, '\0')), 0x8A9136AA);
  EXPECT_EQ(Crc32c(std::string(32, '\xFF')), 0x62A8AB43);
}

TEST(TensorboardTest, AFileIsAChainOfRecordsWithRightLengths) {
  const auto folder = std::filesystem::temp_directory_path() / ("events_" + std::to_string(getpid()));
  std::filesystem::create_directories(folder);
  {
    auto events = EventFile::Create(folder);
    ASSERT_TRUE(events.ok());
    events->Scalar("train/loss", 3, 0.5);
    const std::vector<CurvePoint> curve = {{0.9, 1, 0.5}, {0.2, 0.5, 1}};
    events->PrCurve("dev/pr", 3, curve, 10);
    events->Flush();
  }
  std::string bytes;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    std::ifstream in(entry.path(), std::ios::binary);
    bytes.assign(std::istreambuf_iterator<char>(in), {});
  }
  std::filesystem::remove_all(folder);
  std::vector<std::string> records;
  for (size_t at = 0; at < bytes.size();) {
    ASSERT_LE(at + 12, bytes.size());
    uint64_t length = 0;
    std::memcpy(&length, bytes.data() + at, 8);
    ASSERT_LE(at + 16 + length, bytes.size());
    records.push_back(bytes.substr(at + 12, length));
    at += 16 + length;
  }
  ASSERT_EQ(records.size(), 3);
  EXPECT_NE(records[0].find("brain.Event:2"), std::string::npos);
  EXPECT_NE(records[1].find("train/loss"), std::string::npos);
  EXPECT_NE(records[2].find("pr_curves"), std::string::npos);
}

}  // namespace
}  // namespace privet
