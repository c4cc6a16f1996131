#include "server/engine.h"

#include <utility>
#include <vector>

#include "rules/pack.h"
#include "rules/rule_set.h"

namespace privet {

absl::StatusOr<std::unique_ptr<Engine>> Engine::Load(const std::string& packs_dir, const Limits& limits) {
  std::unique_ptr<Engine> engine(new Engine(packs_dir, limits));
  if (absl::Status status = engine->Reload(); !status.ok()) return status;
  return engine;
}

absl::Status Engine::Reload() {
  absl::StatusOr<std::vector<PackSource>> sources =
      packs_dir_.empty() ? absl::StatusOr<std::vector<PackSource>>(BuiltInPacks())
                         : ReadPackFolder(packs_dir_);
  if (!sources.ok()) return sources.status();
  absl::StatusOr<std::shared_ptr<const RuleSet>> rules = RuleSet::Load(*sources);
  if (!rules.ok()) return rules.status();
  auto detector = std::make_shared<const Detector>(*std::move(rules), limits_);
  {
    const std::lock_guard lock(mutex_);
    detector_.swap(detector);
  }
  // The old one dies here, or with the last call that uses it, outside the lock.
  return absl::OkStatus();
}

}  // namespace privet
