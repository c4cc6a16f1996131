// The alphabet of byte-level vocabularies (GPT-2's): each byte is written as one printable character, so that
// every token is a JSON string. Printable Latin-1 stands for itself, the other 68 bytes for U+0100 upwards.
#ifndef PRIVET_QWEN3_BYTE_LEVEL_H_
#define PRIVET_QWEN3_BYTE_LEVEL_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace privet {

// The character that stands for a byte, as UTF-8.
std::string ByteLevelCharacter(uint8_t byte);

// The bytes that a token of a vocabulary stands for; nothing when a character of it is not of the alphabet.
// `token` is valid UTF-8.
std::optional<std::string> BytesOfToken(std::string_view token);

}  // namespace privet

#endif  // PRIVET_QWEN3_BYTE_LEVEL_H_
