#include "core/read_file.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>

namespace privet {
namespace {

TEST(ReadFileTest, GivesAllBytesOfAFileAndOfAnEmptyOne) {
  const std::string path = ::testing::TempDir() + "/read_file.txt";
  const std::string content = std::string(100'000, 'a') + '\0' + "\r\n";
  std::ofstream(path, std::ios::binary) << content;
  EXPECT_EQ(*ReadFile(path), content);
  std::ofstream(path, std::ios::trunc).flush();
  EXPECT_EQ(*ReadFile(path), "");
}

TEST(ReadFileTest, SaysWhyAFileCannotBeRead) {
  const std::string folder = ::testing::TempDir() + "/read_file_folder";
  std::filesystem::create_directories(folder);
  EXPECT_EQ(ReadFile(folder).status().message(), folder + ": is a folder, not a file");
  EXPECT_EQ(OpenFile(folder).status().message(), folder + ": is a folder, not a file");
  EXPECT_EQ(CheckReadable(folder + "/none").message(),
            folder + "/none: cannot be read: No such file or directory");
  EXPECT_EQ(ReadFile("/proc/self/mem").status().message(), "/proc/self/mem: reading failed");
}

}  // namespace
}  // namespace privet
