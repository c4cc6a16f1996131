#include "rules/validators/crypto.h"

#include <openssl/sha.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>

#include "rules/validators/characters.h"
#include "rules/validators/keccak.h"
#include "rules/validators/verdicts.h"

namespace privet {
namespace {

// Version byte, 20 bytes of hash, 4 bytes of checksum.
using Base58Payload = std::array<uint8_t, 25>;

std::optional<Base58Payload> DecodeBase58(std::string_view text) {
  constexpr std::string_view kAlphabet = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
  if (text.size() < 26 || text.size() > 35) return std::nullopt;
  Base58Payload payload{};
  for (char c : text) {
    const size_t digit = kAlphabet.find(c);
    if (digit == std::string_view::npos) return std::nullopt;
    unsigned carry = static_cast<unsigned>(digit);
    for (size_t i = payload.size(); i-- > 0;) {
      carry += 58U * payload[i];
      payload[i] = static_cast<uint8_t>(carry & 0xFF);
      carry >>= 8;
    }
    if (carry != 0) return std::nullopt;
  }
  // Each leading '1' stands for one zero byte, no more and no less.
  const size_t ones = std::min(text.find_first_not_of('1'), text.size());
  const auto first_set = std::find_if(payload.begin(), payload.end(), [](uint8_t byte) { return byte != 0; });
  if (ones != static_cast<size_t>(first_set - payload.begin())) return std::nullopt;
  return payload;
}

bool Base58CheckHolds(const Base58Payload& payload) {
  std::array<uint8_t, SHA256_DIGEST_LENGTH> digest;
  SHA256(payload.data(), 21, digest.data());
  SHA256(digest.data(), digest.size(), digest.data());
  return std::equal(digest.begin(), digest.begin() + 4, payload.begin() + 21);
}

bool IsBitcoinVersion(uint8_t version) {
  switch (version) {
    case 0x00:  // pay to public key hash
    case 0x05:  // pay to script hash
    case 0x6F:  // the same two of the test network
    case 0xC4:
    case 0x30:  // Litecoin
    case 0x32:
    case 0x1E:  // Dogecoin
    case 0x16:
    case 0x4C:  // Dash
    case 0x10:
      return true;
    default:
      return false;
  }
}

uint32_t Bech32Step(uint32_t checksum, uint32_t value) {
  constexpr uint32_t kGenerator[] = {0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3};
  const uint32_t top = checksum >> 25;
  checksum = ((checksum & 0x1FFFFFF) << 5) ^ value;
  for (int i = 0; i < 5; ++i) checksum ^= (top >> i & 1) != 0 ? kGenerator[i] : 0;
  return checksum;
}

// BIP 173 and BIP 350: witness version 0 with Bech32, later ones with Bech32m. Addresses of later versions
// from before BIP 350 carry Bech32 and are still around.
Verdict CheckBech32(std::string_view address) {
  if (address.size() < 14 || address.size() > 90) return Rejected("no length of a Bech32 address");
  const bool has_lower = std::any_of(address.begin(), address.end(), IsLower);
  const bool has_upper = std::any_of(address.begin(), address.end(), IsUpper);
  if (has_lower && has_upper) return Rejected("mixed case");
  const size_t separator = address.rfind('1');
  if (separator == std::string_view::npos || address.size() - separator < 8) return Rejected("no separator");
  uint32_t checksum = 1;
  for (size_t i = 0; i < separator; ++i)
    checksum = Bech32Step(checksum, static_cast<uint32_t>(ToLower(address[i])) >> 5);
  checksum = Bech32Step(checksum, 0);
  for (size_t i = 0; i < separator; ++i)
    checksum = Bech32Step(checksum, static_cast<uint32_t>(ToLower(address[i])) & 31);
  constexpr std::string_view kAlphabet = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
  const std::string_view symbols = address.substr(separator + 1);
  uint32_t last_of_program = 0;
  for (size_t i = 0; i < symbols.size(); ++i) {
    const size_t symbol = kAlphabet.find(ToLower(symbols[i]));
    if (symbol == std::string_view::npos) return Rejected("a character that Bech32 does not have");
    checksum = Bech32Step(checksum, static_cast<uint32_t>(symbol));
    if (i + 7 == symbols.size()) last_of_program = static_cast<uint32_t>(symbol);
  }
  constexpr uint32_t kBech32 = 1;
  constexpr uint32_t kBech32m = 0x2BC830A3;
  if (checksum != kBech32 && checksum != kBech32m) return Rejected("checksum fails");
  const size_t version = kAlphabet.find(ToLower(symbols[0]));
  const size_t program_bits = (symbols.size() - 7) * 5;
  const size_t program_bytes = program_bits / 8;
  const size_t padding_bits = program_bits % 8;
  if (version > 16) return Rejected("no such witness version");
  if (program_bytes < 2 || program_bytes > 40) return Rejected("witness program has no length");
  if (padding_bits >= 5 || (last_of_program & ((1U << padding_bits) - 1)) != 0)
    return Rejected("padding is not zero");
  if (version == 0 && (checksum != kBech32 || (program_bytes != 20 && program_bytes != 32))) {
    return Rejected("witness version 0 has another length or checksum");
  }
  return Conclusive("Bech32 checksum and witness program hold");
}

bool HasBech32Prefix(std::string_view value) {
  const Compact<5> start(value.substr(0, 5), "");
  for (std::string_view prefix : {"BC1", "TB1", "BCRT1", "LTC1"}) {
    if (start.view().starts_with(prefix)) return true;
  }
  return false;
}

}  // namespace

Verdict CheckBtcAddress(std::string_view value) {
  if (HasBech32Prefix(value)) return CheckBech32(value);
  const std::optional<Base58Payload> payload = DecodeBase58(value);
  if (!payload) return Rejected("not 25 bytes of Base58");
  if (!Base58CheckHolds(*payload)) return Rejected("checksum fails");
  if (!IsBitcoinVersion((*payload)[0])) return Rejected("version byte unknown");
  return Conclusive("Base58Check checksum and version byte hold");
}

Verdict CheckEthAddress(std::string_view value) {
  if (value.size() != 42 || value[0] != '0' || (value[1] != 'x' && value[1] != 'X'))
    return Rejected("not 0x and 40 digits");
  const std::string_view digits = value.substr(2);
  if (!std::all_of(digits.begin(), digits.end(), IsHexDigit)) return Rejected("not hexadecimal");
  const bool has_lower = std::any_of(digits.begin(), digits.end(), IsLower);
  const bool has_upper = std::any_of(digits.begin(), digits.end(), IsUpper);
  if (!has_lower || !has_upper) return Accepted("40 hexadecimal digits without the checksum of mixed case");
  std::array<char, 40> lower;
  std::transform(digits.begin(), digits.end(), lower.begin(), ToLower);
  const std::array<uint8_t, 32> digest = Keccak256OfBlock({lower.data(), lower.size()});
  for (size_t i = 0; i < digits.size(); ++i) {
    if (!IsLetter(digits[i])) continue;
    const int nibble = (digest[i / 2] >> (i % 2 == 0 ? 4 : 0)) & 0xF;
    if (IsUpper(digits[i]) != (nibble >= 8)) return Rejected("mixed case fails EIP-55");
  }
  return Conclusive("mixed case follows EIP-55");
}

Verdict CheckTronAddress(std::string_view value) {
  if (value.size() != 34 || value[0] != 'T') return Rejected("not T and 33 characters");
  const std::optional<Base58Payload> payload = DecodeBase58(value);
  if (!payload || (*payload)[0] != 0x41) return Rejected("not 25 bytes of Base58 with version 0x41");
  if (!Base58CheckHolds(*payload)) return Rejected("checksum fails");
  return Conclusive("Base58Check checksum and version byte hold");
}

Verdict CheckCryptoAddress(std::string_view value) {
  if (value.starts_with("0x") || value.starts_with("0X")) return CheckEthAddress(value);
  if (value.starts_with('T')) return CheckTronAddress(value);
  return CheckBtcAddress(value);
}

}  // namespace privet
