// Keccak-256 as Ethereum uses it: the permutation of FIPS 202 with the padding from before the standard (0x01
// where SHA3-256 has 0x06), which OpenSSL does not offer.
#ifndef PRIVET_RULES_VALIDATORS_KECCAK_H_
#define PRIVET_RULES_VALIDATORS_KECCAK_H_

#include <array>
#include <cstdint>
#include <string_view>

namespace privet {

// The digest of at most 135 bytes: one block, which is all that an address takes.
std::array<uint8_t, 32> Keccak256OfBlock(std::string_view bytes);

}  // namespace privet

#endif  // PRIVET_RULES_VALIDATORS_KECCAK_H_
