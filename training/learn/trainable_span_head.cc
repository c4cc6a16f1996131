#include "training/learn/trainable_span_head.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/addmm.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/gelu.h>
#include <ATen/ops/tensor.h>
#include <ATen/ops/zeros.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "absl/strings/str_cat.h"
#include "qwen3/safetensors.h"

namespace privet {
namespace {

// As they are named in a file.
std::vector<std::pair<std::string, at::Tensor>> PartsOf(const TrainableSpanHead& head) {
  const int64_t size = head.hidden_bias.size(0);
  return {{"begin.weight", head.map.narrow(0, 0, size)},
          {"end.weight", head.map.narrow(0, size, size)},
          {"inside.weight", head.map.narrow(0, 2 * size, size)},
          {"width.weight", head.width},
          {"hidden.bias", head.hidden_bias},
          {"type.weight", head.type_weight},
          {"type.bias", head.type_bias}};
}

}  // namespace

TrainableSpanHead DrawSpanHead(int64_t hidden_size, int64_t size, int64_t widths, int64_t classes,
                               const at::Device& device) {
  const auto normal = [&](at::IntArrayRef shape, double deviation) {
    return at::empty(shape, at::kFloat).normal_(0, deviation).to(device);
  };
  const auto zeros = [&](at::IntArrayRef shape) { return at::zeros(shape, at::kFloat).to(device); };
  TrainableSpanHead head;
  head.map = normal({3 * size, hidden_size}, 1 / std::sqrt(3.0 * static_cast<double>(hidden_size)));
  head.width = zeros({widths, size});
  head.hidden_bias = zeros({size});
  head.type_weight = normal({classes, size}, 0.1 / std::sqrt(static_cast<double>(size)));
  head.type_bias = zeros({classes});
  return head;
}

std::vector<std::string> SpanClasses(std::span<const EntityType> types) {
  std::vector<std::string> classes = {"O"};
  for (const EntityType type : types) classes.emplace_back(IdOf(type));
  return classes;
}

at::Tensor SpanPotentials(const TrainableSpanHead& head, const at::Tensor& rows,
                          const std::vector<TokenRange>& spans) {
  const int64_t size = head.hidden_bias.size(0);
  const int64_t widths = head.width.size(0);
  std::vector<int64_t> begins;
  std::vector<int64_t> lasts;
  std::vector<int64_t> width_rows;
  std::vector<float> shares;
  std::vector<int64_t> inside;   // the tokens of all spans, one span after the other
  std::vector<int64_t> span_of;  // by entry of inside
  for (size_t i = 0; i < spans.size(); ++i) {
    begins.push_back(static_cast<int64_t>(spans[i].begin));
    lasts.push_back(static_cast<int64_t>(spans[i].end) - 1);
    width_rows.push_back(std::min(static_cast<int64_t>(spans[i].size()), widths) - 1);
    shares.push_back(1.0F / static_cast<float>(spans[i].size()));
    for (size_t token = spans[i].begin; token < spans[i].end; ++token) {
      inside.push_back(static_cast<int64_t>(token));
      span_of.push_back(static_cast<int64_t>(i));
    }
  }
  const auto index = [&](const std::vector<int64_t>& values) {
    return at::tensor(at::ArrayRef<int64_t>(values), at::kLong).to(rows.device());
  };
  const at::Tensor begin = rows.narrow(1, 0, size).index_select(0, index(begins));
  const at::Tensor end = rows.narrow(1, size, size).index_select(0, index(lasts));
  const at::Tensor sums =
      at::zeros({static_cast<int64_t>(spans.size()), size}, rows.options().requires_grad(false))
          .index_add(0, index(span_of), rows.narrow(1, 2 * size, size).index_select(0, index(inside)));
  const at::Tensor mean =
      sums * at::tensor(at::ArrayRef<float>(shares), at::kFloat).to(rows.device()).unsqueeze(1);
  const at::Tensor x =
      at::gelu(begin + end + mean + head.width.index_select(0, index(width_rows)) + head.hidden_bias);
  const at::Tensor scores = at::addmm(head.type_bias, x, head.type_weight.t());
  return scores.narrow(1, 1, scores.size(1) - 1) - scores.narrow(1, 0, 1);
}

absl::StatusOr<bool> ReadSpanHead(const std::filesystem::path& folder, TrainableSpanHead* head) {
  const auto file = SafetensorsFolder::Open(folder, "head");
  if (!file.ok()) return file.status();
  std::vector<at::Tensor> values;
  for (const auto& [name, value] : PartsOf(*head)) {
    const TensorRef* const stored = (*file)->Find(name);
    if (stored == nullptr || stored->shape != value.sizes().vec()) return false;
    values.push_back(at::empty(value.sizes(), at::kFloat));
    if (!ReadAsFloat(*stored, values.back().mutable_data_ptr<float>())) {
      return absl::InvalidArgumentError(absl::StrCat((folder / "head.safetensors").string(), ": tensor '",
                                                     name, "': must be F32, BF16 or F16"));
    }
  }
  const auto parts = PartsOf(*head);
  for (size_t i = 0; i < parts.size(); ++i) parts[i].second.copy_(values[i]);
  return true;
}

absl::Status SaveSpanHead(const TrainableSpanHead& head, const std::filesystem::path& folder) {
  std::vector<at::Tensor> kept;  // what the pointers below point into
  std::vector<FloatTensor> tensors;
  for (const auto& [name, value] : PartsOf(head)) {
    kept.push_back(value.detach().to(at::kCPU, at::kFloat).contiguous());
    tensors.push_back({name, kept.back().sizes().vec(), kept.back().const_data_ptr<float>()});
  }
  return WriteSafetensors(folder / "head.safetensors", tensors);
}

}  // namespace privet
