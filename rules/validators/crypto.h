// Addresses of crypto-currencies.
#ifndef PRIVET_RULES_VALIDATORS_CRYPTO_H_
#define PRIVET_RULES_VALIDATORS_CRYPTO_H_

#include <string_view>

#include "rules/validators.h"

namespace privet {

// Bitcoin and its kin: Base58Check (double SHA-256) with a known version byte, or Bech32/Bech32m (BIP 173,
// BIP 350) with the prefix bc, tb, bcrt or ltc.
Verdict CheckBtcAddress(std::string_view value);

// Ethereum: 0x and 40 hexadecimal digits; mixed case must follow EIP-55.
Verdict CheckEthAddress(std::string_view value);

// Tron: Base58Check with version byte 0x41.
Verdict CheckTronAddress(std::string_view value);

// Whichever of the three the value's form calls for.
Verdict CheckCryptoAddress(std::string_view value);

}  // namespace privet

#endif  // PRIVET_RULES_VALIDATORS_CRYPTO_H_
