#include "server/worker_pool.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>
#include <vector>

namespace privet {
namespace {

TEST(WorkerPoolTest, WorksInOrderButNotOnWhatWasWithdrawn) {
  std::promise<void> begun, go_on;
  std::vector<int> done;
  {
    WorkerPool workers(1);
    const WorkerPool::TaskId first = workers.Submit([&] {
      begun.set_value();
      go_on.get_future().wait();
      done.push_back(1);
    });
    begun.get_future().wait();
    workers.Submit([&] { done.push_back(2); });
    const WorkerPool::TaskId third = workers.Submit([&] { done.push_back(3); });
    workers.Submit([&] { done.push_back(4); });
    EXPECT_FALSE(workers.Withdraw(WorkerPool::kNoTask));
    EXPECT_FALSE(workers.Withdraw(first));  // it has begun
    EXPECT_TRUE(workers.Withdraw(third));
    EXPECT_FALSE(workers.Withdraw(third));
    go_on.set_value();
  }
  EXPECT_THAT(done, ::testing::ElementsAre(1, 2, 4));
}

}  // namespace
}  // namespace privet
