#include "training/learn/processes.h"

#include <ATen/Context.h>
#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/equal.h>
#include <ATen/ops/full.h>
#include <ATen/ops/tensor.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <map>
#include <thread>
#include <utility>
#include <vector>

#include "training/learn/shared_run.h"

namespace privet {
namespace {

using testing::HasSubstr;

using Environment = std::map<std::string, std::string>;
absl::StatusOr<ProcessPlace> PlaceIn(const Environment& environment) {
  return ProcessPlaceOf([&](const char* name) {
    const auto found = environment.find(name);
    return found == environment.end() ? nullptr : found->second.c_str();
  });
}

const Environment kSecondOfFour = {{"WORLD_SIZE", "4"},       {"RANK", "1"},
                                   {"LOCAL_WORLD_SIZE", "2"}, {"LOCAL_RANK", "1"},
                                   {"MASTER_ADDR", "node-a"}, {"MASTER_PORT", "29500"}};

TEST(ProcessPlaceTest, IsAloneWithoutTorchrun) {
  EXPECT_EQ(PlaceIn({})->count, 1);
  EXPECT_EQ(PlaceIn({{"WORLD_SIZE", "1"}})->count, 1);
  EXPECT_TRUE(PlaceIn({})->leads());
  EXPECT_TRUE(PlaceIn({})->Computes(3));
}

TEST(ProcessPlaceTest, IsWhatTorchrunSays) {
  const ProcessPlace place = PlaceIn(kSecondOfFour).value();
  EXPECT_EQ(place.count, 4);
  EXPECT_EQ(place.rank, 1);
  EXPECT_EQ(place.local_rank, 1);
  EXPECT_EQ(place.local_count, 2);
  EXPECT_EQ(place.address, "node-a");
  EXPECT_EQ(place.port, 29500);
  EXPECT_FALSE(place.leads());
  EXPECT_FALSE(place.port_is_served);
  Environment served = kSecondOfFour;
  served["TORCHELASTIC_USE_AGENT_STORE"] = "True";
  EXPECT_TRUE(PlaceIn(served)->port_is_served);
}

TEST(ProcessPlaceTest, NamesTheVariableThatIsWrong) {
  const std::vector<std::pair<std::string, std::string>> wrong = {
      {"RANK", "4"},       {"RANK", "-1"},           {"RANK", "first"},
      {"WORLD_SIZE", "0"}, {"MASTER_PORT", "70000"}, {"LOCAL_RANK", "4"}};
  for (const auto& [name, value] : wrong) {
    Environment environment = kSecondOfFour;
    environment[name] = value;
    EXPECT_THAT(std::string(PlaceIn(environment).status().message()), HasSubstr(name + ": ")) << value;
  }
  for (const char* const name : {"RANK", "MASTER_ADDR", "MASTER_PORT"}) {
    Environment environment = kSecondOfFour;
    environment.erase(name);
    EXPECT_THAT(std::string(PlaceIn(environment).status().message()),
                HasSubstr(std::string(name) + ": is missing"));
  }
}

TEST(ProcessPlaceTest, EachBatchIsComputedByOne) {
  for (size_t batch = 0; batch < 7; ++batch) {
    int computed = 0;
    for (int rank = 0; rank < 3; ++rank) {
      ProcessPlace place;
      place.count = 3;
      place.rank = rank;
      computed += place.Computes(batch) ? 1 : 0;
    }
    EXPECT_EQ(computed, 1) << batch;
  }
}

int FreePort() {
  const int listener = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  EXPECT_EQ(bind(listener, reinterpret_cast<const sockaddr*>(&address), size), 0);
  EXPECT_EQ(getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size), 0);
  close(listener);
  return ntohs(address.sin_port);
}

// Two ends of one group, each on a thread and, with CUDA, on a device of its own.
class TwoProcessesTest : public testing::TestWithParam<at::DeviceType> {
 protected:
  void SetUp() override {
    if (GetParam() == at::kCUDA && at::getNumGPUs() < 2) GTEST_SKIP() << "there are not two CUDA devices";
  }

  static at::Tensor OnDevice(int rank, const at::Tensor& tensor) { return tensor.to(DeviceOf(rank)); }

  template <typename F>
  static void OnBoth(const F& f) {
    const int port = FreePort();
    std::vector<std::thread> threads;
    for (int rank = 0; rank < 2; ++rank) {
      threads.emplace_back([&f, port, rank] {
        ProcessPlace place;
        place.rank = place.local_rank = rank;
        place.count = place.local_count = 2;
        place.address = "127.0.0.1";
        place.port = port;
        auto processes = Processes::Connect(place, DeviceOf(rank), std::chrono::seconds(30));
        ASSERT_TRUE(processes.ok()) << processes.status().message();
        EXPECT_EQ((*processes)->over_nccl(), GetParam() == at::kCUDA);
        f(rank, std::move(*processes));
      });
    }
    for (std::thread& thread : threads) thread.join();
  }

 private:
  static at::Device DeviceOf(int rank) {
    return GetParam() == at::kCUDA ? at::Device(at::kCUDA, static_cast<c10::DeviceIndex>(rank)) : at::kCPU;
  }
};

TEST_P(TwoProcessesTest, AddUpAndTakeOverTheFirstOnes) {
  OnBoth([](int rank, std::unique_ptr<Processes> processes) {
    const at::Tensor sum = OnDevice(rank, at::full({3, 2}, static_cast<float>(rank + 1)));
    ASSERT_TRUE(processes->Sum(sum).ok());
    EXPECT_TRUE(at::equal(sum.cpu(), at::full({3, 2}, 3.0F)));
    const at::Tensor first = OnDevice(rank, at::full({5}, static_cast<float>(rank + 1)));
    ASSERT_TRUE(processes->ShareFirst(first).ok());
    EXPECT_TRUE(at::equal(first.cpu(), at::full({5}, 1.0F)));

    RunProgress progress;  // is on the CPU
    progress.positions.resize(2);
    if (rank == 0) progress = {7, {{1, 2, 3}, {4, 5, int64_t{1} << 40}}, 0.875, 0.5, 5, 2, 0, true};
    ASSERT_TRUE(ShareProgress(&progress, processes.get()).ok());
    EXPECT_EQ(progress.step, 7);
    EXPECT_EQ(progress.best_metric, 0.875);
    EXPECT_EQ(progress.best_tie_break, 0.5);
    EXPECT_TRUE(progress.finished);
    EXPECT_EQ(progress.evaluations_without_better, 2);
    EXPECT_EQ(progress.positions[1], (SourcePosition{4, 5, int64_t{1} << 40}));
  });
}

TEST_P(TwoProcessesTest, AStepIsTheSumOfBoth) {
  OnBoth([](int rank, std::unique_ptr<Processes> processes) {
    std::vector<Parameter> parameters;
    for (int64_t i = 0; i < 3; ++i) {
      const at::Tensor value = OnDevice(rank, at::full({2, i + 1}, 0.5F));
      parameters.push_back({"p", value.requires_grad_(true), 1, true});
    }
    // Both have a gradient of the first, one of the second, none of the third.
    parameters[0].value.mutable_grad() = OnDevice(rank, at::full({2, 1}, rank == 0 ? 1.0F : 2.0F));
    if (rank == 1) parameters[1].value.mutable_grad() = OnDevice(rank, at::full({2, 2}, 4.0F));
    StepSums sums = {rank == 0 ? 0.25 : 0.5, rank == 1};
    at::Tensor buffer;
    ASSERT_TRUE(SumStep(&parameters, &sums, &buffer, processes.get()).ok());
    EXPECT_TRUE(at::equal(parameters[0].value.grad().cpu(), at::full({2, 1}, 3.0F)));
    EXPECT_TRUE(at::equal(parameters[1].value.grad().cpu(), at::full({2, 2}, 4.0F)));
    EXPECT_FALSE(parameters[2].value.grad().defined());
    EXPECT_EQ(sums.loss, 0.75);
    EXPECT_TRUE(sums.stop);
  });
}

TEST_P(TwoProcessesTest, OneThatFailsTellsTheOtherWhy) {
  OnBoth([](int rank, std::unique_ptr<Processes> processes) {
    if (rank == 1) {
      processes->Fail(absl::NotFoundError("records.jsonl: cannot be read"));
      return;
    }
    const absl::Status status = processes->Sum(OnDevice(rank, at::full({1}, 1.0F)));
    EXPECT_TRUE(absl::IsAborted(status));
    EXPECT_EQ(std::string(status.message()), "stopped because of process 1: records.jsonl: cannot be read");
  });
}

TEST_P(TwoProcessesTest, OneThatEndsIsNoticedAtOnce) {
  OnBoth([](int rank, std::unique_ptr<Processes> processes) {
    if (rank == 1) return;
    const absl::Status status = processes->Sum(OnDevice(rank, at::full({1}, 1.0F)));
    EXPECT_TRUE(absl::IsAborted(status));
    EXPECT_THAT(std::string(status.message()), HasSubstr("lost another process"));
  });
}

INSTANTIATE_TEST_SUITE_P(Devices, TwoProcessesTest, testing::Values(at::kCPU, at::kCUDA),
                         [](const auto& device) { return device.param == at::kCUDA ? "Cuda" : "Cpu"; });

TEST(ProcessesTest, WhoWaitsInVainGivesUp) {
  ProcessPlace place;
  place.count = 2;
  place.address = "127.0.0.1";
  place.port = FreePort();
  for (const int rank : {0, 1}) {
    place.rank = rank;
    const auto processes = Processes::Connect(place, at::kCPU, std::chrono::seconds(1));
    ASSERT_FALSE(processes.ok());
    EXPECT_THAT(std::string(processes.status().message()),
                HasSubstr("the 2 processes of this run do not meet there"));
  }
}

}  // namespace
}  // namespace privet
