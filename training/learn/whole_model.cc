#include "training/learn/whole_model.h"

#include <ATen/core/Tensor.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/index_select.h>
#include <ATen/ops/tensor.h>
#include <c10/util/Exception.h>

#include <algorithm>
#include <exception>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "qwen3/checkpoint.h"
#include "qwen3/safetensors.h"
#include "qwen3/tokenizer_files.h"
#include "qwen3/tokenizer_spec.h"
#include "training/data/output_file.h"
#include "training/data/vocabulary.h"
#include "training/learn/stacked_parts.h"

namespace privet {
namespace {

namespace fs = std::filesystem;

struct StoredParameter {
  std::string name;  // as Checkpoint has it
  std::vector<int64_t> shape;
};

bool HasSpanHead(const ModelFolder& from) {
  std::error_code ignored;
  return fs::exists(from.folder / "head.safetensors", ignored);
}

std::vector<StoredParameter> ParametersOf(const Checkpoint& checkpoint, bool span_head) {
  const Qwen3Config& config = checkpoint.config();
  const int64_t hidden = config.hidden_size;
  std::vector<StoredParameter> all = {{"embed_tokens.weight", {config.vocab_size, hidden}}};
  for (int64_t i = 0; i < config.layers; ++i) {
    const std::string prefix = absl::StrCat("layers.", i, ".");
    const auto put = [&](const StackedParts& parts, int64_t inputs) {
      for (const auto& [name, rows] : parts)
        all.push_back({absl::StrCat(prefix, name, ".weight"), {rows, inputs}});
    };
    put(QkvParts(config), hidden);
    put({{"self_attn.o_proj", hidden}}, config.heads * config.head_dim);
    put(GateUpParts(config), hidden);
    put({{"mlp.down_proj", hidden}}, config.intermediate_size);
    all.push_back({prefix + "input_layernorm.weight", {hidden}});
    all.push_back({prefix + "post_attention_layernorm.weight", {hidden}});
    all.push_back({prefix + "self_attn.q_norm.weight", {config.head_dim}});
    all.push_back({prefix + "self_attn.k_norm.weight", {config.head_dim}});
  }
  all.push_back({"norm.weight", {hidden}});
  if (span_head) return all;
  const auto labels = static_cast<int64_t>(config.id2label.size());
  const bool tagger = checkpoint.Has("score.weight");
  if (tagger) all.push_back({"score.weight", {labels, hidden}});
  if (checkpoint.Has("score.bias")) all.push_back({"score.bias", {labels}});
  // A base that names tokens and does not tie that to its embeddings; a tagger has no use for it.
  if (!tagger && checkpoint.Has("lm_head.weight"))
    all.push_back({"lm_head.weight", {config.vocab_size, hidden}});
  return all;
}

std::string NameInTransformers(const std::string& name) {
  const bool of_head = absl::StartsWith(name, "score.") || absl::StartsWith(name, "lm_head.");
  return of_head ? name : "model." + name;
}

// The rows of `original_ids` in fp32; the mean of the others where that is -1.
at::Tensor KeepRows(const at::Tensor& rows, const std::vector<int32_t>& original_ids) {
  std::vector<int64_t> old_rows, kept_rows;
  for (size_t i = 0; i < original_ids.size(); ++i) {
    if (original_ids[i] < 0) continue;
    old_rows.push_back(original_ids[i]);
    kept_rows.push_back(static_cast<int64_t>(i));
  }
  const at::Tensor known = at::index_select(rows, 0, at::tensor(old_rows)).to(at::kFloat);
  at::Tensor kept = known.mean(0).repeat({static_cast<int64_t>(original_ids.size()), 1});
  return kept.index_copy_(0, at::tensor(kept_rows), known);
}

absl::StatusOr<std::vector<int32_t>> KeptIds(const ModelFolder& from, const fs::path& tokenizer,
                                             int64_t vocabulary, bool has_head) {
  const auto small = ReadTokenizerSpec(tokenizer);
  if (!small.ok()) return small.status();
  const auto large = ReadTokenizerSpec(from.tokenizer());
  if (!large.ok()) return large.status();
  const auto fault = [&](const auto&... what) {
    return absl::InvalidArgumentError(absl::StrCat(tokenizer.string(), ": ", what...));
  };
  if (has_head && (small->nfc != large->nfc || small->isolated.has_value() != large->isolated.has_value())) {
    return fault("does not cut text as the model has learned; make it with trainer vocabulary of ",
                 from.tokenizer().string(), ", and --keep-han-merges where that joins Han characters");
  }
  auto ids = OriginalIds(*small, *large);
  if (!ids.ok()) return fault(ids.status().message());
  if (const auto last = std::max_element(ids->begin(), ids->end()); *last >= vocabulary)
    return fault("token ", *last, " of the model's tokenizer has no row in its embeddings");
  return ids;
}

// Where the configuration names tokens, the same tokens; those that are gone are not named.
void RenumberTokens(const std::vector<int32_t>& original_ids, nlohmann::ordered_json* config) {
  (*config)["vocab_size"] = original_ids.size();
  for (const char* const key : {"bos_token_id", "eos_token_id", "pad_token_id"}) {
    if (!config->contains(key)) continue;
    const nlohmann::ordered_json old = (*config)[key];
    const auto found = old.is_number_integer()
                           ? std::find(original_ids.begin(), original_ids.end(), old.get<int32_t>())
                           : original_ids.end();
    (*config)[key] = nullptr;
    if (found != original_ids.end()) (*config)[key] = found - original_ids.begin();
  }
}

absl::Status WriteConfig(const ModelFolder& from, bool span_head, bool tagger,
                         const std::vector<int32_t>& original_ids, const fs::path& to) {
  std::ifstream in(from.config() / "config.json", std::ios::binary);
  auto config = nlohmann::ordered_json::parse(in, nullptr, /*allow_exceptions=*/false);
  if (!config.is_object()) {
    return absl::InvalidArgumentError(
        absl::StrCat((from.config() / "config.json").string(), ": is not a JSON object"));
  }
  for (const char* const stale : {"auto_map", "torch_dtype", "dtype"}) config.erase(stale);
  if (span_head) config["architectures"] = {"Qwen3Model"};
  if (tagger && !span_head) config["architectures"] = {"Qwen3ForTokenClassification"};
  if (!original_ids.empty()) RenumberTokens(original_ids, &config);
  return WriteWholeFile(to / "config.json", config.dump(2) + "\n");
}

absl::Status WriteTokenizer(const ModelFolder& from, const fs::path& tokenizer, const fs::path& to) {
  const fs::path& folder = tokenizer.empty() ? from.tokenizer() : tokenizer;
  for (const char* const file : kTokenizerFiles) {
    std::error_code ignored;
    if (!fs::exists(folder / file, ignored)) continue;
    if (absl::Status status = CopyWholeFile(folder / file, to / file); !status.ok()) return status;
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status WriteWholeModel(const ModelFolder& from, const WholeModelOptions& options,
                             const fs::path& to) try {
  const at::NoGradGuard no_gradients;
  const auto checkpoint = Checkpoint::Open(from);
  if (!checkpoint.ok()) return checkpoint.status();
  const bool span_head = HasSpanHead(from), tagger = (*checkpoint)->Has("score.weight");
  std::vector<int32_t> original_ids;
  if (!options.tokenizer.empty()) {
    auto kept = KeptIds(from, options.tokenizer, (*checkpoint)->config().vocab_size, span_head || tagger);
    if (!kept.ok()) return kept.status();
    original_ids = *std::move(kept);
  }
  const auto is_cut = [&](const StoredParameter& parameter) {
    return !original_ids.empty() &&
           (parameter.name == "embed_tokens.weight" || parameter.name == "lm_head.weight");
  };

  const std::vector<StoredParameter> parameters = ParametersOf(**checkpoint, span_head);
  std::vector<TensorSpec> specs;
  for (const StoredParameter& parameter : parameters) {
    TensorSpec spec = {NameInTransformers(parameter.name), parameter.shape};
    if (is_cut(parameter)) spec.shape[0] = static_cast<int64_t>(original_ids.size());
    bool bf16 = options.bf16;
    if (!bf16 && from.base.empty()) {
      const auto stored = (*checkpoint)->Stored(parameter.name, parameter.shape);
      if (!stored.ok()) return stored.status();
      bf16 = stored->scalar_type() == at::kBFloat16;
    }
    if (bf16) spec.dtype = TensorDtype::BF16;
    specs.push_back(std::move(spec));
  }
  at::Tensor in_hand;
  absl::Status status =
      WriteSafetensors(to / "model.safetensors", specs, [&](size_t i) -> absl::StatusOr<const float*> {
        if (absl::Status stopped = CheckNotStopped(); !stopped.ok()) return stopped;
        in_hand.reset();
        const auto stored = (*checkpoint)->Stored(parameters[i].name, parameters[i].shape);
        if (!stored.ok()) return stored.status();
        in_hand =
            is_cut(parameters[i]) ? KeepRows(*stored, original_ids) : stored->to(at::kFloat).contiguous();
        return in_hand.const_data_ptr<float>();
      });
  if (status.ok()) status = WriteConfig(from, span_head, tagger, original_ids, to);
  if (status.ok()) status = WriteTokenizer(from, options.tokenizer, to);
  return status;
} catch (const c10::Error& error) {
  return absl::InternalError(
      absl::StrCat(from.folder.string(), ": making it whole: ", error.what_without_backtrace()));
} catch (const std::bad_alloc&) {
  return absl::ResourceExhaustedError(
      absl::StrCat(from.folder.string(), ": a tensor of it does not fit in memory"));
}

}  // namespace privet
