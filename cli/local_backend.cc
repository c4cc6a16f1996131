#include <algorithm>
#include <atomic>
#include <span>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "cli/backend.h"
#include "core/available_cores.h"
#include "rules/rule_set.h"

namespace privet {
namespace {

class LocalBackend final : public Backend {
 public:
  LocalBackend(std::shared_ptr<const Detector> detector, std::shared_ptr<const CompiledPolicy> policy,
               size_t threads)
      : detector_(std::move(detector)), policy_(std::move(policy)), threads_(threads) {}

  void Detect(std::string text, Take take) override {
    bytes_in_hand_ += text.size();
    in_hand_.push_back({std::move(text), std::move(take)});
    constexpr size_t kMostTexts = 256, kMostBytes = 4 << 20;
    if (in_hand_.size() >= kMostTexts || bytes_in_hand_ >= kMostBytes) Finish();
  }

  void Finish() override {
    const std::vector<InHand> in_hand = std::exchange(in_hand_, {});
    bytes_in_hand_ = 0;
    std::vector<std::string_view> texts;
    texts.reserve(in_hand.size());
    for (const InHand& one : in_hand) texts.emplace_back(one.text);
    std::vector<absl::StatusOr<Detection>> results(texts.size(), absl::UnknownError("not worked on"));
    std::atomic<size_t> next = 0;
    // A few at a time, so that short texts share a model's forward.
    const size_t at_once = std::clamp<size_t>(texts.size() / (4 * threads_), 1, 16);
    const auto work = [&] {
      for (size_t begin = next.fetch_add(at_once); begin < texts.size(); begin = next.fetch_add(at_once)) {
        const size_t count = std::min(at_once, texts.size() - begin);
        std::ranges::move(detector_->DetectEach(std::span(texts).subspan(begin, count), *policy_),
                          results.begin() + static_cast<ptrdiff_t>(begin));
      }
    };
    std::vector<std::thread> helpers;
    const size_t wanted = std::min(threads_, (texts.size() + at_once - 1) / at_once);
    for (size_t i = 1; i < wanted; ++i) helpers.emplace_back(work);
    work();
    for (std::thread& helper : helpers) helper.join();
    for (size_t i = 0; i < in_hand.size(); ++i) in_hand[i].take(in_hand[i].text, results[i]);
  }

  absl::StatusOr<RedactedText> Redact(const std::string& text, const RedactionPlan& plan) override {
    const absl::StatusOr<Detection> detection = detector_->Detect(text, *policy_);
    if (!detection.ok()) return detection.status();
    if (detection->truncated) return NotAllRedacted();
    return privet::Redact(text, detection->findings, plan);
  }

 private:
  struct InHand {
    std::string text;
    Take take;
  };

  std::shared_ptr<const Detector> detector_;
  std::shared_ptr<const CompiledPolicy> policy_;
  size_t threads_;
  std::vector<InHand> in_hand_;
  size_t bytes_in_hand_ = 0;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Backend>> NewLocalBackend(const Policy& policy, const PipelineFolders& folders,
                                                         const ModelOptions& models, size_t threads) {
  const absl::StatusOr<PipelineContents> contents = ReadContents(folders);
  if (!contents.ok()) return contents.status();
  // Before models are read, which takes longer than finding a fault in the policy.
  auto compiled = CompilePolicy(policy, Limits(), contents->offer());
  if (!compiled.ok()) return compiled.status();
  auto detector = LoadDetector(*contents, models, Limits());
  if (!detector.ok()) return detector.status();
  return std::make_unique<LocalBackend>(*std::move(detector), *std::move(compiled),
                                        threads == 0 ? static_cast<size_t>(AvailableCores()) : threads);
}

absl::StatusOr<Capabilities> DescribeLocal(const PipelineFolders& folders) {
  const absl::StatusOr<PipelineContents> contents = ReadContents(folders);
  if (!contents.ok()) return contents.status();
  Capabilities result;
  result.version = PRIVET_VERSION;
  result.rules = contents->rules->specs().size();
  result.bundle = contents->bundle;
  result.available = contents->types();
  result.operating_points = contents->offer().operating_points;
  const Limits limits;
  result.limits = {
      {"max_text_bytes", limits.max_text_bytes},       {"max_findings", limits.max_findings},
      {"max_custom_rules", limits.max_custom_rules},   {"max_pattern_bytes", limits.max_pattern_bytes},
      {"max_context_words", limits.max_context_words}, {"max_list_entries", limits.max_list_entries},
      {"max_entry_bytes", limits.max_entry_bytes}};
  return result;
}

}  // namespace privet
