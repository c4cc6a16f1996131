#include "training/learn/captured_steps.h"

#include <ATen/cuda/CUDAGraph.h>
#include <c10/cuda/CUDACachingAllocator.h>
#include <c10/cuda/CUDAFunctions.h>
#include <c10/cuda/CUDAGuard.h>
#include <c10/cuda/CUDAStream.h>

#include <utility>

namespace privet {
namespace {

constexpr int kStepsBefore = 2;     // in which libraries make what they keep
constexpr size_t kMostGraphs = 16;  // each keeps its intermediate results' addresses

std::vector<at::Tensor> TensorsOf(const StepInput& input) {
  std::vector<at::Tensor> tensors = {input.weight};
  for (const BatchInput& batch : input.batches) {
    const std::vector<at::Tensor> of_batch = TensorsOf(batch);
    tensors.insert(tensors.end(), of_batch.begin(), of_batch.end());
  }
  return tensors;
}

std::vector<int64_t> SizesOf(const std::vector<at::Tensor>& tensors) {
  std::vector<int64_t> sizes;
  for (const at::Tensor& tensor : tensors) {
    sizes.push_back(tensor.dim());
    sizes.insert(sizes.end(), tensor.sizes().begin(), tensor.sizes().end());
  }
  return sizes;
}

}  // namespace

struct CapturedSteps::Captured {
  int steps = 0;
  StepInput input;
  at::Tensor loss;
  std::unique_ptr<at::cuda::CUDAGraph> graph;
};

CapturedSteps::CapturedSteps(Step step) : step_(std::move(step)) {}
CapturedSteps::~CapturedSteps() = default;

void CapturedSteps::Capture(const StepInput& input, Captured* captured) {
  const c10::DeviceIndex device = input.weight.device().index();
  // All graphs draw on one pool: they never run at the same time.
  at::cuda::MempoolId_t pool = {0, 0};
  for (const auto& [sizes, other] : captured_) {
    if (other->graph != nullptr) pool = other->graph->pool();
  }
  captured->input = input;
  c10::cuda::device_synchronize();
  c10::cuda::CUDACachingAllocator::emptyCache();
  auto graph = std::make_unique<at::cuda::CUDAGraph>();
  {
    // The default stream cannot be captured; a graph is replayed in whichever is current.
    const c10::cuda::CUDAStreamGuard guard(c10::cuda::getStreamFromPool(/*isHighPriority=*/false, device));
    graph->capture_begin(pool);
    captured->loss = step_(captured->input);
    graph->capture_end();
  }
  captured->graph = std::move(graph);
}

at::Tensor CapturedSteps::Run(const StepInput& input) {
  const std::vector<at::Tensor> tensors = TensorsOf(input);
  std::vector<int64_t> sizes = SizesOf(tensors);
  auto found = captured_.find(sizes);
  if (found == captured_.end()) {
    if (captured_.size() == kMostGraphs) return step_(input);
    found = captured_.emplace(std::move(sizes), std::make_unique<Captured>()).first;
  }
  Captured& captured = *found->second;
  if (captured.steps++ < kStepsBefore) return step_(input);
  if (captured.graph == nullptr) {
    Capture(input, &captured);
  } else {
    const std::vector<at::Tensor> to = TensorsOf(captured.input);
    for (size_t i = 0; i < to.size(); ++i) to[i].copy_(tensors[i], /*non_blocking=*/true);
  }
  captured.graph->replay();
  return captured.loss;
}

}  // namespace privet
