#include "training/learn/processes.h"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/full.h>

#include <cstdlib>
#include <exception>
#include <stdexcept>
#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"

#ifdef PRIVET_GLOO
#include <c10/util/Logging.h>
#include <torch/csrc/distributed/c10d/PrefixStore.hpp>
#include <torch/csrc/distributed/c10d/ProcessGroupGloo.hpp>
#include <torch/csrc/distributed/c10d/TCPStore.hpp>
#endif
#ifdef PRIVET_NCCL
#include <torch/csrc/distributed/c10d/ProcessGroupNCCL.hpp>
#endif

namespace privet {

#ifdef PRIVET_GLOO
namespace {

// A call waits so long for the slowest process, and NCCL for a sum that all have come to.
constexpr std::chrono::minutes kLongestCall{30};
[[maybe_unused]] constexpr std::chrono::minutes kLongestSum{5};
constexpr const char* kFailureKey = "privet/failure";
#ifdef PRIVET_NCCL
constexpr bool kHasNccl = true;
#else
constexpr bool kHasNccl = false;
#endif

// The first sentence of what libtorch, Gloo or NCCL says, without the place in their source.
std::string ReasonOf(const std::exception& error) {
  const auto* const torch_error = dynamic_cast<const c10::Error*>(&error);
  std::string_view text = torch_error != nullptr ? torch_error->what_without_backtrace() : error.what();
  constexpr std::string_view kOfNccl = "Last error:\n";  // what stands before is the same for many
  const size_t last = text.find(kOfNccl);
  if (last != std::string_view::npos && !text.substr(last + kOfNccl.size(), 1).starts_with('\n'))
    text.remove_prefix(last + kOfNccl.size());
  text = text.substr(0, text.find('\n'));
  if (const size_t place = text.find(".cc:"); place != std::string_view::npos) {
    if (const size_t end = text.find("] ", place); end != std::string_view::npos) text.remove_prefix(end + 2);
  }
  return std::string(text.substr(0, text.find(". ")));
}

// What they log are stacks of addresses; what matters comes as an error. TORCH_CPP_LOG_LEVEL brings them
// back.
void QuietLibtorch() {
  FLAGS_caffe2_log_level = c10::GLOG_FATAL;
  c10::initLogging();
}

std::shared_ptr<gloo::transport::Device> GlooDevice(const ProcessPlace& place) {
  if (const char* const interface = std::getenv("GLOO_SOCKET_IFNAME"); interface != nullptr)
    return c10d::ProcessGroupGloo::createDeviceForInterface(interface);
  // What never leaves the machine needs no name that resolves, and nobody else need reach it.
  if (place.local_count == place.count || place.address == "localhost" || place.address.starts_with("127."))
    return c10d::ProcessGroupGloo::createDeviceForHostname("127.0.0.1");
  return c10d::ProcessGroupGloo::createDefaultDevice();
}

class ConnectedProcesses : public Processes {
 public:
  ConnectedProcesses(ProcessPlace place, const at::Device& device, std::chrono::seconds patience)
      : place_(std::move(place)) {
    QuietLibtorch();
    c10d::TCPStoreOptions options;
    options.port = static_cast<uint16_t>(place_.port);
    options.isServer = place_.leads() && !place_.port_is_served;
    options.numWorkers = static_cast<size_t>(place_.count);
    options.waitWorkers = !place_.port_is_served;
    options.timeout = patience;
    store_ =
        c10::make_intrusive<c10d::PrefixStore>(absl::StrCat("privet/", place_.attempt),
                                               c10::make_intrusive<c10d::TCPStore>(place_.address, options));
    auto gloo = c10d::ProcessGroupGloo::Options::create(patience);
    gloo->devices = {GlooDevice(place_)};
    gloo_ = c10::make_intrusive<c10d::ProcessGroupGloo>(store_, place_.rank, place_.count, gloo);
    const at::Tensor takers = at::full({1}, kHasNccl && device.is_cuda() ? 1.0F : 0.0F);
    AddUp(gloo_.get(), takers);
    if (takers.item<float>() == static_cast<float>(place_.count)) ConnectNccl(device);
    gloo_->setTimeout(kLongestCall);
  }

  bool over_nccl() const override { return nccl_.defined(); }

  absl::Status Sum(const at::Tensor& values) override { return Call(values, AddUp); }

  absl::Status ShareFirst(const at::Tensor& values) override {
    return Call(values, [](c10d::Backend* group, const at::Tensor& tensor) {
      std::vector<at::Tensor> tensors = {tensor};
      group->broadcast(tensors)->wait();
    });
  }

  bool Fail(const absl::Status& reason) override {
    try {
      store_->set(kFailureKey, absl::StrCat("process ", place_.rank, ": ", reason.message()));
      return store_->check({kFailureKey});  // it has arrived
    } catch (const std::exception&) {
      return false;
    }
  }

 private:
  static void AddUp(c10d::Backend* group, const at::Tensor& values) {
    std::vector<at::Tensor> tensors = {values};
    group->allreduce(tensors)->wait();
  }

  // All processes at once.
  void ConnectNccl([[maybe_unused]] const at::Device& device) {
#ifdef PRIVET_NCCL
    // So that a call that fails or takes too long throws, instead of ending the process from within.
    setenv("TORCH_NCCL_BLOCKING_WAIT", "1", /*overwrite=*/0);
    auto options = c10d::ProcessGroupNCCL::Options::create();
    options->timeout = kLongestSum;
    try {
      nccl_ = c10::make_intrusive<c10d::ProcessGroupNCCL>(
          c10::make_intrusive<c10d::PrefixStore>("nccl", store_), place_.rank, place_.count, options);
      AddUp(nccl_.get(), at::full({1}, 1.0F, at::TensorOptions(device)));  // only now does it connect
    } catch (const std::exception& error) {
      throw std::runtime_error(absl::StrCat("NCCL: ", ReasonOf(error),
                                            "; NCCL_DEBUG=INFO tells more, compute.device=cpu does without"));
    }
#endif
  }

  template <typename F>
  absl::Status Call(const at::Tensor& values, const F& exchange) {
    if (values.numel() == 0) return absl::OkStatus();
    try {
      const at::NoGradGuard no_gradients;
      if (nccl_.defined() && values.is_cuda()) {
        // NCCL does not notice that one has ended that it waits for. Gloo does: so there all meet first.
        AddUp(gloo_.get(), at::full({1}, 1.0F));
        exchange(nccl_.get(), values.detach());
        return absl::OkStatus();
      }
      const at::Tensor moved = values.detach().to(at::kCPU);
      exchange(gloo_.get(), moved);
      if (!moved.is_alias_of(values)) values.detach().copy_(moved);
      return absl::OkStatus();
    } catch (const std::exception& error) {
      return absl::AbortedError(OthersFailure(ReasonOf(error)));
    }
  }

  // What another process has left, or what is known without.
  std::string OthersFailure(const std::string& otherwise) {
    std::string lost =
        absl::StrCat("lost another process, which ended, was killed or cannot be reached: ", otherwise);
    try {
      store_->setTimeout(std::chrono::seconds(2));
      if (!store_->check({kFailureKey})) return lost;
      const std::vector<uint8_t> reason = store_->get(kFailureKey);
      return absl::StrCat("stopped because of ", std::string(reason.begin(), reason.end()));
    } catch (const std::exception&) {
      return lost;  // the store ended with the process that held it
    }
  }

  ProcessPlace place_;
  c10::intrusive_ptr<c10d::Store> store_;
  c10::intrusive_ptr<c10d::Backend> gloo_;
  c10::intrusive_ptr<c10d::Backend> nccl_;  // for tensors on CUDA devices; null where some process has none
};

}  // namespace

absl::StatusOr<std::unique_ptr<Processes>> Processes::Connect(const ProcessPlace& place,
                                                              const at::Device& device,
                                                              std::chrono::seconds patience) try {
  return std::make_unique<ConnectedProcesses>(place, device, patience);
} catch (const std::exception& error) {
  return absl::UnavailableError(absl::StrCat(place.address, ":", place.port, ": the ", place.count,
                                             " processes of this run do not meet there: ", ReasonOf(error)));
}

#else

absl::StatusOr<std::unique_ptr<Processes>> Processes::Connect(const ProcessPlace& /*place*/,
                                                              const at::Device& /*device*/,
                                                              std::chrono::seconds /*patience*/) {
  return absl::FailedPreconditionError(
      "WORLD_SIZE: asks for several processes, but the libtorch of this build has no Gloo; start one");
}

#endif

}  // namespace privet
