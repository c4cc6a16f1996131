#include <algorithm>
#include <atomic>
#include <thread>

#include "cli/backend.h"
#include "rules/pack.h"
#include "rules/rule_set.h"

namespace privet {
namespace {

class LocalBackend final : public Backend {
 public:
  LocalBackend(std::shared_ptr<const RuleSet> rules, std::shared_ptr<const CompiledPolicy> policy,
               size_t threads)
      : detector_(std::move(rules), Limits()), policy_(std::move(policy)), threads_(threads) {}

  std::vector<absl::StatusOr<Detection>> Detect(const std::vector<std::string>& texts) override {
    std::vector<absl::StatusOr<Detection>> results(texts.size(), absl::UnknownError("not worked on"));
    std::atomic<size_t> next = 0;
    const auto work = [&] {
      for (size_t i = next++; i < texts.size(); i = next++) results[i] = detector_.Detect(texts[i], *policy_);
    };
    std::vector<std::thread> helpers;
    const size_t wanted = std::min(threads_, texts.size());
    for (size_t i = 1; i < wanted; ++i) helpers.emplace_back(work);
    work();
    for (std::thread& helper : helpers) helper.join();
    return results;
  }

  absl::StatusOr<RedactedText> Redact(const std::string& text, const RedactionPlan& plan) override {
    const absl::StatusOr<Detection> detection = detector_.Detect(text, *policy_);
    if (!detection.ok()) return detection.status();
    ValueNumbering numbering;
    return privet::Redact(text, detection->findings, plan, &numbering);
  }

  absl::StatusOr<Capabilities> Describe() override {
    Capabilities result;
    result.version = PRIVET_VERSION;
    result.bundle = "rules";
    result.rules = detector_.rules().specs().size();
    for (const RuleSpec& rule : detector_.rules().specs()) result.available.set(IndexOf(rule.type));
    result.operating_points = RulesOnlyOffer().operating_points;
    const Limits& limits = detector_.limits();
    result.limits = {
        {"max_text_bytes", limits.max_text_bytes},       {"max_findings", limits.max_findings},
        {"max_custom_rules", limits.max_custom_rules},   {"max_pattern_bytes", limits.max_pattern_bytes},
        {"max_context_words", limits.max_context_words}, {"max_list_entries", limits.max_list_entries},
        {"max_entry_bytes", limits.max_entry_bytes}};
    return result;
  }

 private:
  Detector detector_;
  std::shared_ptr<const CompiledPolicy> policy_;
  size_t threads_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Backend>> NewLocalBackend(const Policy& policy, const std::string& packs_dir,
                                                         size_t threads) {
  auto compiled = CompilePolicy(policy, Limits());
  if (!compiled.ok()) return compiled.status();
  const auto sources =
      packs_dir.empty() ? absl::StatusOr<std::vector<PackSource>>(BuiltInPacks()) : ReadPackFolder(packs_dir);
  if (!sources.ok()) return sources.status();
  auto rules = RuleSet::Load(*sources);
  if (!rules.ok()) return rules.status();
  const size_t cores = std::max(1u, std::thread::hardware_concurrency());
  return std::make_unique<LocalBackend>(*std::move(rules), *std::move(compiled),
                                        threads == 0 ? cores : threads);
}

}  // namespace privet
