#include "core/available_cores.h"

#include <gtest/gtest.h>
#include <sched.h>

#include <filesystem>
#include <fstream>
#include <string>

namespace privet {
namespace {

// Files as the kernel shows them, in a folder of the test's own.
class AvailableCoresTest : public testing::Test {
 protected:
  AvailableCoresTest()
      : folder_(std::filesystem::path(testing::TempDir()) /
                (std::string("cores.") + testing::UnitTest::GetInstance()->current_test_info()->name())) {}
  ~AvailableCoresTest() override { std::filesystem::remove_all(folder_); }

  void Write(const std::string& name, const std::string& content) const {
    std::filesystem::create_directories((folder_ / name).parent_path());
    std::ofstream(folder_ / name) << content;
  }
  std::optional<int> Cores() const { return CoresOfQuota(folder_ / "self", folder_ / "root"); }

  std::filesystem::path folder_;
};

TEST_F(AvailableCoresTest, AContainersLimitIsAtTheRootThatItSees) {
  Write("self", "0::/\n");
  Write("root/cpu.max", "200000 100000\n");
  EXPECT_EQ(Cores(), 2);
}

TEST_F(AvailableCoresTest, AServiceHasTheSmallestLimitOfItsGroupAndThoseAbove) {
  Write("self", "0::/system.slice/privet.service\n");
  Write("root/system.slice/cpu.max", "150000 100000\n");
  Write("root/system.slice/privet.service/cpu.max", "400000 100000\n");
  EXPECT_EQ(Cores(), 2) << "1.5 cores, rounded up";
  Write("root/system.slice/cpu.max", "max 100000\n");
  EXPECT_EQ(Cores(), 4);
}

TEST_F(AvailableCoresTest, LessThanOneCoreIsOne) {
  Write("self", "0::/\n");
  Write("root/cpu.max", "5000 100000\n");
  EXPECT_EQ(Cores(), 1);
}

TEST_F(AvailableCoresTest, WithoutALimitThereIsNothing) {
  EXPECT_EQ(Cores(), std::nullopt) << "no /proc";
  Write("self", "2:cpu:/docker/ab\n1:memory:/docker/ab\n");
  Write("root/docker/ab/cpu.max", "100000 100000\n");
  EXPECT_EQ(Cores(), std::nullopt) << "cgroup v1";
  Write("self", "0::/\n");
  EXPECT_EQ(Cores(), std::nullopt) << "no file";
  for (const char* content : {"max 100000\n", "", "0 0\n", "100000 0\n", "-1 100000\n", "many\n"}) {
    Write("root/cpu.max", content);
    EXPECT_EQ(Cores(), std::nullopt) << content;
  }
}

TEST_F(AvailableCoresTest, APinnedProcessHasTheCoresThatItIsPinnedTo) {
  cpu_set_t before;
  ASSERT_EQ(sched_getaffinity(0, sizeof(before), &before), 0);
  EXPECT_GE(AvailableCores(), 1);
  EXPECT_LE(AvailableCores(), CPU_COUNT(&before));
  cpu_set_t one;
  CPU_ZERO(&one);
  CPU_SET(static_cast<size_t>(sched_getcpu()), &one);
  ASSERT_EQ(sched_setaffinity(0, sizeof(one), &one), 0);
  EXPECT_EQ(AvailableCores(), 1);
  sched_setaffinity(0, sizeof(before), &before);
}

}  // namespace
}  // namespace privet
