// The keys of a training run's YAML, one by one: names, bounds, what they mean and what reads them.
#ifndef PRIVET_TRAINING_CONFIG_KEYS_H_
#define PRIVET_TRAINING_CONFIG_KEYS_H_

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "training/config.h"

namespace privet {

using ConfigField =
    std::variant<std::string TrainingConfig::*, int64_t TrainingConfig::*, double TrainingConfig::*,
                 bool TrainingConfig::*, std::vector<std::string> TrainingConfig::*>;

// One key: `section.name`, or a plain `name` where the section is empty.
struct ConfigKey {
  std::string_view section;
  std::string_view name;
  ConfigField field;
  double min = 0;  // of numbers
  double max = 0;
  std::string_view description;
  std::vector<std::string_view> choices = {};  // of a text that takes few values; empty: any
};

// All of them, in the order of the file; those of a section stand together.
const std::vector<ConfigKey>& ConfigKeys();

// What a configuration is for: stages 1 and 2, or `trainer adapt`.
enum class RunKind { Stage, Adapt };

// Keys that some runs do not read.
struct KeyUse {
  // "section.name", or a whole "section".
  std::vector<std::string_view> keys;
  bool (*used)(const TrainingConfig& config, RunKind kind);
  std::string_view with;  // what would use them: "method.kind freeze"
};

const std::vector<KeyUse>& KeyUses();

// As ReadTrainingConfig. INVALID_ARGUMENT too for a key that has another value than in `config` before, and
// that such a run never reads, with what would read it. A file's key may stay behind where an override has
// taken from it what read it.
absl::Status ReadRunConfig(const std::string& file, std::span<const std::string> overrides, RunKind kind,
                           TrainingConfig* config);

}  // namespace privet

#endif  // PRIVET_TRAINING_CONFIG_KEYS_H_
