// Packs are swapped while calls run: no call fails, none sees half of a swap. Meant for ThreadSanitizer.
#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <thread>
#include <vector>

#include "server/engine.h"
#include "server/worker_pool.h"

namespace privet {
namespace {

class Packs {
 public:
  Packs() : folder_(std::filesystem::path(::testing::TempDir()) / "reload_under_load") {
    std::filesystem::create_directories(folder_);
  }
  ~Packs() { std::filesystem::remove_all(folder_); }

  void Write(const std::string& pattern) const {
    std::ofstream(folder_ / "pack.yaml")
        << "pack: p\nrules:\n  - id: number\n    type: PHONE_NUMBER\n    patterns: ['" << pattern
        << "']\n    score: 0.9\n    boundary: number\n"
        << "    gate: {digits: 11}\n    examples: {match: ['13800138000']}\n";
  }
  std::string folder() const { return folder_.string(); }

 private:
  std::filesystem::path folder_;
};

TEST(ReloadUnderLoadTest, NoCallFailsWhilePacksAreSwapped) {
  const Packs packs;
  packs.Write(R"(1\d{10})");
  auto engine = Engine::Load({packs.folder(), ""}, {}, Limits());
  ASSERT_TRUE(engine.ok()) << engine.status();
  const auto policy = CompilePolicy(Policy(), Limits());

  std::atomic<bool> over = false;
  std::atomic<int> calls = 0, failures = 0;
  {
    WorkerPool workers(3);
    for (int i = 0; i < 3; ++i) {
      workers.Submit([&] {
        while (!over) {
          const auto detection =
              (*engine)->pipeline()->detector->Detect("电话13800138000，再打13900139000", **policy);
          if (!detection.ok() || detection->findings.size() != 2) ++failures;
          ++calls;
        }
      });
    }
    for (int round = 0; round < 30; ++round) {
      packs.Write(round % 3 == 2 ? R"(1\d{10}()" : R"(1[3-9]\d{9})");
      EXPECT_EQ((*engine)->Reload().ok(), round % 3 != 2);
    }
    over = true;
  }
  EXPECT_GT(calls, 0);
  EXPECT_EQ(failures, 0);
}

}  // namespace
}  // namespace privet
