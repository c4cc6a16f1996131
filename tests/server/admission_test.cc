#include "server/admission.h"

#include <gtest/gtest.h>

#include <thread>
#include <utility>
#include <vector>

namespace privet {
namespace {

TEST(AdmissionTest, AdmitsUpToItsBoundOfCallsAndGivesPlacesBack) {
  Admission admission(2, 1000);
  std::string_view why;
  std::optional<Admission::Ticket> first = admission.TryEnter(1, &why);
  const std::optional<Admission::Ticket> second = admission.TryEnter(1, &why);
  EXPECT_TRUE(first.has_value());
  EXPECT_TRUE(second.has_value());
  EXPECT_FALSE(admission.TryEnter(1, &why).has_value());
  EXPECT_EQ(why, "calls");
  first.reset();
  EXPECT_EQ(admission.calls_in_flight(), 1u);
  EXPECT_TRUE(admission.TryEnter(1, &why).has_value());
}

TEST(AdmissionTest, BoundsBytesButLetsOneLargeCallInAlone) {
  Admission admission(10, 100);
  std::string_view why;
  {
    const std::optional<Admission::Ticket> large = admission.TryEnter(500, &why);
    EXPECT_TRUE(large.has_value());
    EXPECT_FALSE(admission.TryEnter(1, &why).has_value());
    EXPECT_EQ(why, "bytes");
  }
  EXPECT_TRUE(admission.TryEnter(100, &why).has_value());
}

TEST(AdmissionTest, ACallOfNoBytesNeedsNoRoomForThem) {
  Admission admission(2, 100);
  std::string_view why;
  const std::optional<Admission::Ticket> large = admission.TryEnter(500, &why);
  EXPECT_TRUE(admission.TryEnter(0, &why).has_value());
}

TEST(AdmissionTest, LetsBytesWaitInOrderUntilThereIsRoom) {
  Admission admission(10, 100);
  std::string_view why;
  std::optional<Admission::Ticket> call = admission.TryEnter(50, &why);
  std::vector<Admission::Ticket> admitted;
  const auto enter = [&](size_t bytes) {
    admission.EnterBytes(bytes, [&](Admission::Ticket ticket) { admitted.push_back(std::move(ticket)); });
  };
  const auto leave = [&] { std::exchange(admitted, {}).clear(); };
  enter(50);
  EXPECT_EQ(admitted.size(), 1u);  // at once
  enter(70);
  enter(1);  // there would be room for it alone, once the first is gone
  EXPECT_EQ(admitted.size(), 1u);
  leave();
  EXPECT_EQ(admitted.size(), 0u);
  call.reset();
  EXPECT_EQ(admitted.size(), 2u);
  EXPECT_EQ(admission.calls_in_flight(), 0u);  // they are bytes of calls, not calls
  enter(500);
  leave();
  EXPECT_EQ(admitted.size(), 1u);  // alone, whatever its size
  EXPECT_FALSE(admission.TryEnter(1, &why).has_value());
}

TEST(AdmissionTest, AMovedTicketGivesItsPlaceBackOnce) {
  Admission admission(1, 10);
  std::string_view why;
  {
    std::optional<Admission::Ticket> a = admission.TryEnter(5, &why);
    const std::optional<Admission::Ticket> b = std::move(a);
    EXPECT_EQ(admission.calls_in_flight(), 1u);
  }
  EXPECT_EQ(admission.calls_in_flight(), 0u);
}

TEST(AdmissionTest, CountsRightUnderManyThreads) {
  Admission admission(4, 1 << 20);
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] {
      std::string_view why;
      for (int k = 0; k < 5000; ++k) {
        const std::optional<Admission::Ticket> ticket = admission.TryEnter(1, &why);
        if (ticket.has_value()) {
          EXPECT_LE(admission.calls_in_flight(), 4u);
        }
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(admission.calls_in_flight(), 0u);
}

}  // namespace
}  // namespace privet
