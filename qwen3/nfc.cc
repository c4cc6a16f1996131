#include "qwen3/nfc.h"

#include <unicode/uchar.h>
#include <unicode/unorm2.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "core/utf8.h"
#include "qwen3/character_classes.h"

namespace privet {
namespace {

const UNormalizer2* Nfc() {
  UErrorCode error = U_ZERO_ERROR;  // getting an instance that is built into ICU does not fail
  static const UNormalizer2* const instance = unorm2_getNFCInstance(&error);
  return instance;
}

struct Decomposed {
  uint32_t code_point;
  uint8_t combining_class;
  uint32_t
      opened;  // how many code points of the original begin here: 1 for the first of a decomposition, else 0
};

uint8_t CombiningClassOf(uint32_t c) {
  const uint8_t combining_class = u_getCombiningClass(static_cast<UChar32>(c));
  return combining_class != 0 && IsKnownToNfc(c) ? combining_class : 0;
}

void AppendDecomposition(uint32_t c, std::vector<Decomposed>* out) {
  constexpr int32_t kLongestUtf16 = 8;  // the longest canonical decomposition is 4 units
  std::array<UChar, kLongestUtf16> units;
  UErrorCode error = U_ZERO_ERROR;
  const int32_t length = IsKnownToNfc(c) ? unorm2_getDecomposition(Nfc(), static_cast<UChar32>(c),
                                                                   units.data(), kLongestUtf16, &error)
                                         : -1;
  if (length < 0 || U_FAILURE(error)) {
    out->push_back({c, CombiningClassOf(c), 1});
    return;
  }
  uint32_t opened = 1;
  for (int32_t i = 0; i < length;) {
    UChar32 part;
    U16_NEXT(units.data(), i, length, part);
    out->push_back({static_cast<uint32_t>(part), CombiningClassOf(static_cast<uint32_t>(part)), opened});
    opened = 0;
  }
}

// Canonical ordering (UAX #15, D109) and composition (D117) of a run that begins at a starter or at the
// text's begin. Leaves what remains in `run`.
void OrderAndCompose(std::vector<Decomposed>* run) {
  constexpr size_t kNone = static_cast<size_t>(-1);
  for (auto begin = run->begin(); begin != run->end();) {
    const auto end =
        std::find_if(begin + 1, run->end(), [](const Decomposed& d) { return d.combining_class == 0; });
    std::stable_sort(
        begin + (begin->combining_class == 0 ? 1 : 0), end,
        [](const Decomposed& a, const Decomposed& b) { return a.combining_class < b.combining_class; });
    begin = end;
  }
  size_t kept = 0;
  size_t starter = kNone;
  for (size_t i = 0; i < run->size(); ++i) {
    const Decomposed next = (*run)[i];
    if (starter != kNone) {
      // Blocked when something of the same or a higher class, or a starter, stands between.
      const bool adjacent = kept == starter + 1;
      const uint8_t last_class = (*run)[kept - 1].combining_class;
      if (adjacent || (last_class != 0 && last_class < next.combining_class)) {
        Decomposed& base = (*run)[starter];
        const UChar32 composite = unorm2_composePair(Nfc(), static_cast<UChar32>(base.code_point),
                                                     static_cast<UChar32>(next.code_point));
        if (composite >= 0 && IsKnownToNfc(static_cast<uint32_t>(composite))) {
          base.code_point = static_cast<uint32_t>(composite);
          base.opened += next.opened;
          continue;
        }
      }
    }
    if (next.combining_class == 0) starter = kept;
    (*run)[kept++] = next;
  }
  run->resize(kept);
}

}  // namespace

bool IsSurelyNfc(std::string_view text) {
  constexpr uint64_t kHighBits = 0x8080808080808080;
  const CharacterClasses& classes = CharacterClasses::Get();
  size_t i = 0;
  while (i < text.size()) {
    if (i + sizeof(uint64_t) <= text.size()) {
      uint64_t word;
      std::memcpy(&word, text.data() + i, sizeof(word));
      if ((word & kHighBits) == 0) {
        i += sizeof(word);
        continue;
      }
    }
    const auto lead = static_cast<unsigned char>(text[i]);
    if (lead < 0x80) {
      ++i;
    } else if (lead >= 0xE4 && lead <= 0xE9) {
      i += 3;  // U+4000..U+9FFF: Han and hexagrams, all inert
    } else {
      const CodePoint c = DecodeUtf8(text, i);
      if ((classes.Of(c.value) & kNfcActive) != 0) return false;
      i += c.length;
    }
  }
  return true;
}

NfcText NormalizeNfc(std::string_view text) {
  const CharacterClasses& classes = CharacterClasses::Get();
  NfcText nfc;
  nfc.text.reserve(text.size());
  nfc.begin.reserve(text.size());
  nfc.end.reserve(text.size());

  size_t next = 0;     // the next code point of the original to align with
  uint32_t begin = 0;  // the one aligned with last
  uint32_t end = 0;
  const auto open = [&] {
    begin = static_cast<uint32_t>(next);
    next += DecodeUtf8(text, next).length;
    end = static_cast<uint32_t>(next);
  };
  const auto emit = [&](const Decomposed& d) {
    if (d.opened > 0) open();
    AppendUtf8(d.code_point, &nfc.text);
    nfc.begin.resize(nfc.text.size(), begin);
    nfc.end.resize(nfc.text.size(), end);
    // What went into it beside the first. The last of them is what a part without a place of its own shares.
    for (uint32_t i = 1; i < d.opened; ++i) open();
  };

  std::vector<Decomposed> run;
  for (size_t i = 0; i < text.size();) {
    // A run ends before an inert starter: nothing can move or compose across it.
    run.clear();
    size_t run_end = i;
    do {
      const CodePoint c = DecodeUtf8(text, run_end);
      AppendDecomposition(c.value, &run);
      run_end += c.length;
    } while (run_end < text.size() && (classes.Of(DecodeUtf8(text, run_end).value) & kNfcActive) != 0);
    if (run.size() > 1) OrderAndCompose(&run);
    for (const Decomposed& d : run) emit(d);
    i = run_end;
  }
  return nfc;
}

}  // namespace privet
