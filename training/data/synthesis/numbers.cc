#include "training/data/synthesis/numbers.h"

#include <vector>

namespace privet {

std::span<const NumberKind> NumberKinds() {
  static const auto* const kinds = [] {
    auto* all = new std::vector<NumberKind>;
    for (const auto& some : {IdentityNumbers(), VehicleNumbers(), PaymentNumbers(), ContactNumbers()}) {
      all->insert(all->end(), some.begin(), some.end());
    }
    return all;
  }();
  return *kinds;
}

}  // namespace privet
