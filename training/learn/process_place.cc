#include <optional>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "training/learn/processes.h"

namespace privet {
namespace {

constexpr int kMostProcesses = 1 << 16;

}  // namespace

absl::StatusOr<ProcessPlace> ProcessPlaceOf(const Variable& variable) {
  const auto number = [&](const char* name, int least, int most,
                          std::optional<int> otherwise = {}) -> absl::StatusOr<int> {
    const char* const text = variable(name);
    if (text == nullptr && otherwise.has_value()) return *otherwise;
    if (text == nullptr) {
      return absl::InvalidArgumentError(absl::StrCat(name,
                                                     ": is missing from the environment, though WORLD_SIZE "
                                                     "asks for several processes; torchrun sets both"));
    }
    int value = 0;
    if (!absl::SimpleAtoi(text, &value) || value < least || value > most) {
      return absl::InvalidArgumentError(
          absl::StrCat(name, ": in the environment must be a whole number from ", least, " to ", most));
    }
    return value;
  };

  ProcessPlace place;
  const absl::StatusOr<int> count = number("WORLD_SIZE", 1, kMostProcesses, 1);
  if (!count.ok()) return count.status();
  place.count = *count;
  if (place.count == 1) return place;

  absl::Status status;
  const auto read = [&](const absl::StatusOr<int>& value) {
    status.Update(value.status());
    return value.ok() ? *value : 0;
  };
  place.rank = read(number("RANK", 0, place.count - 1));
  place.local_count = read(number("LOCAL_WORLD_SIZE", 1, place.count, 1));
  place.local_rank = read(number("LOCAL_RANK", 0, place.count - 1, 0));
  place.port = read(number("MASTER_PORT", 1, 65535));
  place.attempt = read(number("TORCHELASTIC_RESTART_COUNT", 0, 1 << 30, 0));
  if (!status.ok()) return status;
  const char* const address = variable("MASTER_ADDR");
  if (address == nullptr || *address == '\0') {
    return absl::InvalidArgumentError(
        "MASTER_ADDR: is missing from the environment, though WORLD_SIZE asks for several processes; "
        "torchrun sets "
        "both");
  }
  place.address = address;
  const char* const served = variable("TORCHELASTIC_USE_AGENT_STORE");
  place.port_is_served = served != nullptr && std::string_view(served) == "True";
  return place;
}

}  // namespace privet
