#include "training/data/text_lines.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

namespace privet {
namespace {

using testing::ElementsAre;

class TextLinesTest : public testing::Test {
 protected:
  ~TextLinesTest() override { std::filesystem::remove(file_); }

  TextLines Read() {
    const auto lines = ForEachText(file_, [&](int64_t line, const std::string& text) {
      texts_.push_back(std::to_string(line) + " " + text);
    });
    EXPECT_TRUE(lines.ok()) << lines.status().message();
    return lines.value_or(TextLines());
  }

  const std::filesystem::path file_ =
      std::filesystem::temp_directory_path() / ("text_lines_" + std::to_string(getpid()) + ".jsonl");
  std::vector<std::string> texts_;
};

TEST_F(TextLinesTest, LinesWithoutATextAreCountedAndTheOthersTaken) {
  std::ofstream(file_, std::ios::binary)
      << "{\"text\":\"Ann\"}\r\n\n{\"text\":7}\nno JSON\n{\"text\":\"\xFF\"}\n{\"text\":\"Bob\",\"n\":1e400}";
  const TextLines lines = Read();
  EXPECT_THAT(texts_, ElementsAre("1 Ann", "6 Bob"));
  EXPECT_EQ(lines.unusable, 3);
  EXPECT_EQ(lines.first_unusable, 3);
}

#ifndef __SANITIZE_ADDRESS__  // which takes all addresses there are
TEST_F(TextLinesTest, ALineOfAnyLengthNeedsNoMemoryForAllOfIt) {
  std::ofstream out(file_, std::ios::binary);
  out.seekp(std::streamoff{600} << 20);  // zeros, of which the file system keeps none
  out << "\n{\"text\":\"Ann\"}\n";
  out.close();
  size_t pages = 0;
  std::ifstream("/proc/self/statm") >> pages;
  rlimit before = {};
  getrlimit(RLIMIT_AS, &before);
  const rlimit now = {pages * static_cast<size_t>(getpagesize()) + (size_t{400} << 20), before.rlim_max};
  setrlimit(RLIMIT_AS, &now);
  const TextLines lines = Read();
  setrlimit(RLIMIT_AS, &before);
  EXPECT_THAT(texts_, ElementsAre("2 Ann"));
  EXPECT_EQ(lines.unusable, 1);
}
#endif

}  // namespace
}  // namespace privet
