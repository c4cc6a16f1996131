// Whether a machine's number happens to be one that a person could have.
#ifndef PRIVET_TRAINING_DATA_SYNTHESIS_LOOKALIKES_H_
#define PRIVET_TRAINING_DATA_SYNTHESIS_LOOKALIKES_H_

#include <string_view>

namespace privet {

// True where a checksum or prefix holds by chance: a Chinese mobile, a card (Luhn), a resident identity
// number, a vehicle (17 characters), a travel document (14 or 15 and 7 digits; letters, then 7 to 10 digits).
// Errs towards true.
bool ReadsAsNumberOfAPerson(std::string_view value);

}  // namespace privet

#endif  // PRIVET_TRAINING_DATA_SYNTHESIS_LOOKALIKES_H_
