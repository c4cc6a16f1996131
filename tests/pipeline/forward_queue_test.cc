#include "pipeline/forward_queue.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <future>
#include <mutex>
#include <numeric>
#include <thread>

namespace privet {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

using Windows = std::vector<std::vector<int32_t>>;

std::vector<std::span<const int32_t>> SpansOf(const Windows& windows) {
  return {windows.begin(), windows.end()};
}

// Gives each token the row [id, the id's place in its own sequence].
absl::StatusOr<TokenRows> Echo(const PackedTokens& tokens) {
  TokenRows rows;
  rows.width = 2;
  for (size_t i = 0; i + 1 < tokens.offsets.size(); ++i) {
    for (int32_t t = tokens.offsets[i]; t < tokens.offsets[i + 1]; ++t) {
      rows.values.push_back(static_cast<float>(tokens.ids[static_cast<size_t>(t)]));
      rows.values.push_back(static_cast<float>(t - tokens.offsets[i]));
    }
  }
  return rows;
}

// A device that computes only when it is let, so that tests decide what waits.
class Gate {
 public:
  absl::StatusOr<TokenRows> Forward(const PackedTokens& tokens) {
    {
      std::unique_lock lock(mutex_);
      batches_.push_back(tokens.ids);
      changed_.notify_all();
      changed_.wait(lock, [&] { return open_ || permits_ > 0; });
      if (!open_) --permits_;
    }
    return Echo(tokens);
  }
  void Open() {
    const std::lock_guard lock(mutex_);
    open_ = true;
    changed_.notify_all();
  }
  // Until the device holds its n-th batch.
  void AwaitBatch(size_t n) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return batches_.size() >= n; });
  }
  std::vector<std::vector<int32_t>> batches() {
    const std::lock_guard lock(mutex_);
    return batches_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::vector<int32_t>> batches_;
  size_t permits_ = 0;
  bool open_ = false;
};

TEST(ForwardQueueTest, GivesEachWindowItsOwnRowsInOrder) {
  ForwardQueue queue({Echo}, 4);
  const Windows windows = {{7, 8, 9}, {}, {5}, {1, 2, 3, 4, 5, 6}};
  const auto rows = queue.Forward(0, SpansOf(windows));
  ASSERT_TRUE(rows.ok()) << rows.status();
  ASSERT_THAT(*rows, SizeIs(4));
  EXPECT_THAT((*rows)[0].values, ElementsAre(7, 0, 8, 1, 9, 2));
  EXPECT_THAT((*rows)[1].values, IsEmpty());
  EXPECT_THAT((*rows)[2].values, ElementsAre(5, 0));
  EXPECT_THAT((*rows)[3].Rows(4, 6), ElementsAre(5, 4, 6, 5));
}

TEST(ForwardQueueTest, NothingAskedIsNothingAnswered) {
  ForwardQueue queue({Echo}, 4);
  const auto rows = queue.Forward(0, {});
  ASSERT_TRUE(rows.ok());
  EXPECT_THAT(*rows, IsEmpty());
}

TEST(ForwardQueueTest, WhatWaitsWhileTheDeviceIsBusySharesTheNextBatchUpToTheBudget) {
  Gate gate;
  ForwardQueue queue({[&](const PackedTokens& tokens) { return gate.Forward(tokens); }}, 4);
  std::vector<std::thread> callers;
  std::atomic<size_t> answered = 0;
  // One after another, so that it is known which is older.
  const auto call = [&](std::vector<int32_t> ids) {
    callers.emplace_back([&, ids = std::move(ids)] {
      const Windows windows = {ids};
      if (queue.Forward(0, SpansOf(windows)).ok()) ++answered;
    });
    std::this_thread::sleep_for(std::chrono::milliseconds(30));
  };
  call({1});
  gate.AwaitBatch(1);
  call({2, 2});
  call({3});
  call({4, 4});
  call({5});
  gate.Open();
  for (std::thread& caller : callers) caller.join();
  EXPECT_EQ(answered, 5u);
  // 2 and 3 fill three of four places; 4 would be too much, and 5 does not overtake it.
  EXPECT_THAT(gate.batches(), ElementsAre(ElementsAre(1), ElementsAre(2, 2, 3), ElementsAre(4, 4, 5)));
}

TEST(ForwardQueueTest, AShortTextDoesNotWaitForAllOfALongOneNorALongOneForAllThatCome) {
  Gate gate;
  ForwardQueue queue({[&](const PackedTokens& tokens) { return gate.Forward(tokens); }}, 2);
  std::vector<std::thread> callers;
  const auto call = [&](Windows windows) {
    callers.emplace_back(
        [&, windows = std::move(windows)] { EXPECT_TRUE(queue.Forward(0, SpansOf(windows)).ok()); });
    std::this_thread::sleep_for(std::chrono::milliseconds(30));
  };
  call({{0, 0}});
  gate.AwaitBatch(1);
  call({{1, 1}, {1, 2}, {1, 3}, {1, 4}});
  for (int32_t i = 2; i < 8; ++i) call({{i, i}});
  gate.Open();
  for (std::thread& caller : callers) caller.join();
  const std::vector<std::vector<int32_t>> batches = gate.batches();
  const auto place = [&](int32_t a, int32_t b) {
    return std::find(batches.begin(), batches.end(), std::vector<int32_t>{a, b}) - batches.begin();
  };
  ASSERT_THAT(batches, SizeIs(11));
  EXPECT_LT(place(7, 7), place(1, 3)) << "the last to come waits for the long text's end";
  EXPECT_LT(place(1, 1), place(2, 2)) << "the first in line is passed over";
}

TEST(ForwardQueueTest, ALongTextIsReadWhileShortOnesGoOnComing) {
  // Each short call comes as soon as the one before it was answered, two at any time.
  std::vector<std::vector<int32_t>> batches;
  ForwardQueue queue({[&](const PackedTokens& tokens) {
                       batches.push_back(tokens.ids);
                       return Echo(tokens);
                     }},
                     2);
  std::atomic<bool> read = false;
  std::vector<std::thread> shorts;
  for (int32_t i = 2; i < 4; ++i) {
    shorts.emplace_back([&, i] {
      const Windows windows = {{i, i}};
      for (int n = 0; n < 1'000'000 && !read; ++n) EXPECT_TRUE(queue.Forward(0, SpansOf(windows)).ok());
    });
  }
  const Windows windows(50, {1, 1});
  EXPECT_TRUE(queue.Forward(0, SpansOf(windows)).ok());
  read = true;
  for (std::thread& thread : shorts) thread.join();
  const auto last = std::find(batches.rbegin(), batches.rend(), std::vector<int32_t>{1, 1});
  EXPECT_LT(batches.rend() - last, 1000) << "of which fifty are the long text's";
}

TEST(ForwardQueueTest, TheOldestWindowSaysWhichModelIsNext) {
  Gate gate;
  std::vector<size_t> order;
  const auto model = [&](size_t index) {
    return [&, index](const PackedTokens& tokens) {
      order.push_back(index);
      return gate.Forward(tokens);
    };
  };
  ForwardQueue queue({model(0), model(1)}, 100);
  std::vector<std::thread> callers;
  const auto call = [&](size_t which) {
    callers.emplace_back([&, which] {
      const Windows windows = {{1}};
      EXPECT_TRUE(queue.Forward(which, SpansOf(windows)).ok());
    });
    std::this_thread::sleep_for(std::chrono::milliseconds(30));
  };
  call(0);
  gate.AwaitBatch(1);
  call(1);
  call(0);
  call(1);
  gate.Open();
  for (std::thread& caller : callers) caller.join();
  EXPECT_THAT(order, ElementsAre(0, 1, 0));  // both windows of model 1 in one forward
}

TEST(ForwardQueueTest, DropsWhatNobodyWaitsForBeforeItCostsAnything) {
  Gate gate;
  std::vector<size_t> dropped;
  ForwardQueue queue({[&](const PackedTokens& tokens) { return gate.Forward(tokens); }}, 1,
                     [&](const ForwardBatch& batch) { dropped.push_back(batch.dropped); });
  const auto call = [&] {
    const Windows windows = {{1}};
    EXPECT_TRUE(queue.Forward(0, SpansOf(windows)).ok());
  };
  std::thread busy(call);
  gate.AwaitBatch(1);
  std::atomic<bool> gone = false;
  auto given_up = std::async(std::launch::async, [&] {
    const Windows windows = {{2}, {3}, {4}};
    return queue.Forward(0, SpansOf(windows), [&] { return gone.load(); }).status();
  });
  std::this_thread::sleep_for(std::chrono::milliseconds(30));
  gone = true;
  // The device is still busy: the caller need not wait for it.
  ASSERT_EQ(given_up.wait_for(std::chrono::seconds(10)), std::future_status::ready);
  EXPECT_TRUE(absl::IsCancelled(given_up.get()));
  gate.Open();
  busy.join();
  call();
  EXPECT_THAT(gate.batches(), ElementsAre(ElementsAre(1), ElementsAre(1)));
  EXPECT_THAT(dropped, ElementsAre(0, 3));
}

TEST(ForwardQueueTest, AnErrorReachesAllThatWereInItsBatchAndNobodyElse) {
  ForwardQueue queue({[](const PackedTokens& tokens) {
                       return tokens.ids[0] < 0
                                  ? absl::StatusOr<TokenRows>(absl::ResourceExhaustedError("no memory"))
                                  : Echo(tokens);
                     }},
                     2);
  const Windows bad = {{1, 1}, {-1, 1}, {2, 2}};
  EXPECT_TRUE(absl::IsResourceExhausted(queue.Forward(0, SpansOf(bad)).status()));
  const Windows good = {{1}, {2}};
  EXPECT_TRUE(queue.Forward(0, SpansOf(good)).ok());
}

TEST(ForwardQueueTest, TellsItsObserverOfEachForward) {
  std::vector<ForwardBatch> seen;
  {
    ForwardQueue queue({Echo}, 3, [&](const ForwardBatch& batch) { seen.push_back(batch); });
    const Windows windows = {{1, 2}, {3, 4}, {5}};
    ASSERT_TRUE(queue.Forward(0, SpansOf(windows)).ok());
  }
  ASSERT_THAT(seen, SizeIs(2));
  EXPECT_EQ(seen[0].windows, 1u);
  EXPECT_EQ(seen[0].tokens, 2u);
  EXPECT_EQ(seen[1].windows, 2u);
  EXPECT_EQ(seen[1].tokens, 3u);
  EXPECT_THAT(seen[1].waits, SizeIs(2));
  EXPECT_GE(seen[1].waits[0], seen[0].forward_time);
}

TEST(ForwardQueueTest, ManyCallersGetTheirOwnAnswers) {
  ForwardQueue queue({Echo, Echo}, 16);
  std::vector<std::thread> callers;
  std::atomic<size_t> right = 0;
  for (int32_t caller = 0; caller < 8; ++caller) {
    callers.emplace_back([&, caller] {
      for (int32_t round = 0; round < 50; ++round) {
        Windows windows(static_cast<size_t>(1 + (caller + round) % 4));
        for (std::vector<int32_t>& window : windows)
          window.assign(static_cast<size_t>(1 + round % 7), caller * 100 + round);
        const auto rows = queue.Forward(static_cast<size_t>(caller % 2), SpansOf(windows));
        bool ok = rows.ok() && rows->size() == windows.size();
        for (size_t i = 0; ok && i < windows.size(); ++i) {
          for (size_t t = 0; t < windows[i].size(); ++t) {
            ok = ok && (*rows)[i].values[2 * t] == static_cast<float>(caller * 100 + round) &&
                 (*rows)[i].values[2 * t + 1] == static_cast<float>(t);
          }
        }
        if (ok) ++right;
      }
    });
  }
  for (std::thread& caller : callers) caller.join();
  EXPECT_EQ(right, 8u * 50u);
}

}  // namespace
}  // namespace privet
