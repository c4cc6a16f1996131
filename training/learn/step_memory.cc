#include "training/learn/step_memory.h"

#include <c10/core/CachingDeviceAllocator.h>
#include <malloc.h>

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

// jemalloc's, where a program is linked with it.
extern "C" __attribute__((weak)) int mallctl(const char* name, void* old_value, size_t* old_size,
                                             void* new_value, size_t new_size);

namespace privet {
namespace {

struct Use {
  int64_t now = 0;
  int64_t peak = 0;
};

Use UseOf(const c10::Device& device) {
  if (!device.is_cpu()) {
    const auto all = static_cast<size_t>(c10::CachingAllocator::StatType::AGGREGATE);
    const auto bytes =
        c10::getDeviceAllocator(device.type())->getDeviceStats(device.index()).allocated_bytes[all];
    return {bytes.current, bytes.peak};
  }
  Use use;
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    for (const auto& [name, value] : {std::pair("VmRSS:", &use.now), std::pair("VmHWM:", &use.peak)}) {
      if (line.starts_with(name))
        *value = int64_t{1024} * std::strtoll(line.c_str() + std::string_view(name).size(), nullptr, 10);
    }
  }
  return use;
}

// What an earlier run of this process freed is kept by the allocator, as resident as before: a step that
// finds room there would raise no peak.
void GiveBackFreed() {
  if (mallctl != nullptr) {
    mallctl("thread.tcache.flush", nullptr, nullptr, nullptr, 0);
    mallctl("arena.4096.purge", nullptr, nullptr, nullptr, 0);  // MALLCTL_ARENAS_ALL
  } else {
    malloc_trim(0);
  }
}

void ForgetPeak(const c10::Device& device) {
  if (device.is_cpu()) {
    GiveBackFreed();
    std::ofstream("/proc/self/clear_refs") << "5";  // proc(5): VmHWM begins anew
  } else {
    c10::getDeviceAllocator(device.type())->resetPeakStats(device.index());
  }
}

std::string Size(int64_t bytes) {
  const auto value = static_cast<double>(bytes);
  if (value >= 1e9) return absl::StrFormat("%.2f GB", 1e-9 * value);
  return absl::StrFormat("%.*f MB", value >= 1e7 ? 0 : 1, 1e-6 * value);
}

}  // namespace

StepMemory PlannedMemory(const TrainableModel& model, int64_t optimizer_bytes, bool averages,
                         bool several_processes) {
  const int64_t learning = model.trained_count() * static_cast<int64_t>(sizeof(float));
  StepMemory memory;
  memory.weights = model.weight_bytes();
  memory.gradients = learning;
  memory.optimizer = optimizer_bytes;
  memory.average = averages ? learning : 0;
  memory.sum = several_processes ? learning : 0;
  return memory;
}

std::string DescribePlanned(const StepMemory& memory) {
  std::string line = absl::StrCat("weights ", Size(memory.weights), ", gradients ", Size(memory.gradients),
                                  ", optimiser ", Size(memory.optimizer));
  if (memory.average > 0) absl::StrAppend(&line, ", average ", Size(memory.average));
  if (memory.sum > 0) absl::StrAppend(&line, ", sum over processes ", Size(memory.sum));
  return line;
}

std::string DescribeMeasured(const StepMemory& memory) {
  return absl::StrCat("activations of the first step ", Size(memory.activations), ", peak of all ",
                      Size(memory.peak));
}

std::string MemoryJson(const StepMemory& memory) {
  return nlohmann::ordered_json({{"weights", memory.weights},
                                 {"gradients", memory.gradients},
                                 {"optimizer", memory.optimizer},
                                 {"average", memory.average},
                                 {"sum", memory.sum},
                                 {"activations", memory.activations},
                                 {"peak", memory.peak}})
      .dump();
}

StepMeter::StepMeter(const c10::Device& device) : device_(device) {
  ForgetPeak(device_);
  before_ = UseOf(device_).now;
}

void StepMeter::Measure(StepMemory* memory) const {
  memory->peak = UseOf(device_).peak;
  memory->activations = std::max<int64_t>(0, memory->peak - before_ - memory->gradients - memory->sum);
}

}  // namespace privet
