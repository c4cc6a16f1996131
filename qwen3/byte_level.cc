#include "qwen3/byte_level.h"

#include <array>

#include "core/utf8.h"

namespace privet {
namespace {

constexpr uint32_t kFirstSubstitute = 0x100;
constexpr size_t kCharacters = 0x144;

constexpr bool StandsForItself(uint32_t byte) {
  return (byte >= '!' && byte <= '~') || (byte >= 0xA1 && byte <= 0xAC) || byte >= 0xAE;
}

struct Alphabet {
  std::array<uint16_t, 256> character_of = {};
  std::array<int16_t, kCharacters> byte_of = {};  // -1: not of the alphabet
};

constexpr Alphabet MakeAlphabet() {
  Alphabet alphabet;
  for (int16_t& byte : alphabet.byte_of) byte = -1;
  uint32_t substitute = kFirstSubstitute;
  for (uint32_t byte = 0; byte < 256; ++byte) {
    const uint32_t character = StandsForItself(byte) ? byte : substitute++;
    alphabet.character_of[byte] = static_cast<uint16_t>(character);
    alphabet.byte_of[character] = static_cast<int16_t>(byte);
  }
  return alphabet;
}

constexpr Alphabet kAlphabet = MakeAlphabet();

}  // namespace

std::string ByteLevelCharacter(uint8_t byte) {
  std::string character;
  AppendUtf8(kAlphabet.character_of[byte], &character);
  return character;
}

std::optional<std::string> BytesOfToken(std::string_view token) {
  std::string bytes;
  for (size_t i = 0; i < token.size();) {
    const CodePoint c = DecodeUtf8(token, i);
    if (c.value >= kCharacters || kAlphabet.byte_of[c.value] < 0) return std::nullopt;
    bytes.push_back(static_cast<char>(kAlphabet.byte_of[c.value]));
    i += c.length;
  }
  return bytes;
}

}  // namespace privet
