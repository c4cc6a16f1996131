// The keys of a training run's YAML, one by one: names, bounds and what they mean.
#ifndef PRIVET_TRAINING_CONFIG_KEYS_H_
#define PRIVET_TRAINING_CONFIG_KEYS_H_

#include <cstdint>
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

}  // namespace privet

#endif  // PRIVET_TRAINING_CONFIG_KEYS_H_
