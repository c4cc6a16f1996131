// Numbers of which some digits follow from the others: identity numbers, cards, plates, phones; and numbers
// that look like them but fail their check.
#ifndef PRIVET_TRAINING_DATA_SYNTHESIS_NUMBERS_H_
#define PRIVET_TRAINING_DATA_SYNTHESIS_NUMBERS_H_

#include <span>
#include <string>
#include <string_view>

#include "training/data/synthesis/random.h"

namespace privet {

struct NumberKind {
  std::string_view name;  // as lists write it: "resident_id" in <@resident_id>
  void (*append)(Random& random, std::string* out);
};

// Every kind. Each appends one value in ASCII, but for plates and mobile_full_width.
std::span<const NumberKind> NumberKinds();

// The same, of each file.
std::span<const NumberKind> IdentityNumbers();  // of people and businesses
std::span<const NumberKind> VehicleNumbers();
std::span<const NumberKind> PaymentNumbers();
std::span<const NumberKind> ContactNumbers();  // phones, rooms, postcodes, network addresses, passwords

}  // namespace privet

#endif  // PRIVET_TRAINING_DATA_SYNTHESIS_NUMBERS_H_
