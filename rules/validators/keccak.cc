#include "rules/validators/keccak.h"

#include <bit>

namespace privet {
namespace {

constexpr size_t kRateBytes = 136;

// Round constants of FIPS 202, 3.2.5 (iota).
constexpr uint64_t kRoundConstants[24] = {
    0x0000000000000001, 0x0000000000008082, 0x800000000000808A, 0x8000000080008000, 0x000000000000808B,
    0x0000000080000001, 0x8000000080008081, 0x8000000000008009, 0x000000000000008A, 0x0000000000000088,
    0x0000000080008009, 0x000000008000000A, 0x000000008000808B, 0x800000000000008B, 0x8000000000008089,
    0x8000000000008003, 0x8000000000008002, 0x8000000000000080, 0x000000000000800A, 0x800000008000000A,
    0x8000000080008081, 0x8000000000008080, 0x0000000080000001, 0x8000000080008008};

// Lanes in the order that pi visits them, and how far rho rotates each (FIPS 202, 3.2.2 and 3.2.3).
constexpr int kPiLanes[24] = {10, 7,  11, 17, 18, 3, 5,  16, 8,  21, 24, 4,
                              15, 23, 19, 13, 12, 2, 20, 14, 22, 9,  6,  1};
constexpr int kRhoOffsets[24] = {1,  3,  6,  10, 15, 21, 28, 36, 45, 55, 2,  14,
                                 27, 41, 56, 8,  25, 43, 62, 18, 39, 61, 20, 44};

void Permute(std::array<uint64_t, 25>& lanes) {
  for (const uint64_t round_constant : kRoundConstants) {
    uint64_t columns[5];
    for (size_t x = 0; x < 5; ++x) {
      columns[x] = lanes[x] ^ lanes[x + 5] ^ lanes[x + 10] ^ lanes[x + 15] ^ lanes[x + 20];
    }
    for (size_t x = 0; x < 5; ++x) {  // theta
      const uint64_t parity = columns[(x + 4) % 5] ^ std::rotl(columns[(x + 1) % 5], 1);
      for (size_t y = 0; y < 25; y += 5) lanes[x + y] ^= parity;
    }
    uint64_t moved = lanes[1];
    for (size_t i = 0; i < 24; ++i) {  // rho and pi
      const size_t to = static_cast<size_t>(kPiLanes[i]);
      const uint64_t next = lanes[to];
      lanes[to] = std::rotl(moved, kRhoOffsets[i]);
      moved = next;
    }
    for (size_t y = 0; y < 25; y += 5) {  // chi
      uint64_t row[5];
      for (size_t x = 0; x < 5; ++x) row[x] = lanes[y + x];
      for (size_t x = 0; x < 5; ++x) lanes[y + x] = row[x] ^ (~row[(x + 1) % 5] & row[(x + 2) % 5]);
    }
    lanes[0] ^= round_constant;
  }
}

}  // namespace

std::array<uint8_t, 32> Keccak256OfBlock(std::string_view bytes) {
  std::array<uint64_t, 25> lanes{};
  const auto absorb = [&](size_t at, uint8_t byte) {
    lanes[at / 8] ^= static_cast<uint64_t>(byte) << (at % 8 * 8);
  };
  for (size_t i = 0; i < bytes.size(); ++i) absorb(i, static_cast<uint8_t>(bytes[i]));
  absorb(bytes.size(), 0x01);
  absorb(kRateBytes - 1, 0x80);
  Permute(lanes);
  std::array<uint8_t, 32> digest;
  for (size_t i = 0; i < digest.size(); ++i) digest[i] = static_cast<uint8_t>(lanes[i / 8] >> (i % 8 * 8));
  return digest;
}

}  // namespace privet
