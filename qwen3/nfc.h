// NFC that knows its way back to the original text.
#ifndef PRIVET_QWEN3_NFC_H_
#define PRIVET_QWEN3_NFC_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/span.h"

namespace privet {

// True only for texts that NFC leaves as they are; false when it may change them. Costs one pass that skips
// ASCII and Han at memory speed. `text` is valid UTF-8.
bool IsSurelyNfc(std::string_view text);

// The NFC form (UAX #15), by Unicode 9 as in Hugging Face `tokenizers` (see character_classes.h).
struct NfcText {
  std::string text;

  // For each byte of `text`, where in the original the code point stands that it is aligned with. Both
  // never decrease from byte to byte. The alignment is Hugging Face's, which takes the original's code
  // points one after the other: a composed code point is aligned with the *first* of as many as went into
  // it, so the others belong to no byte (the é of "e" + U+0301 has the range of "e"); the second and later
  // parts of one that was taken apart share the place of the code point taken last; reordered marks take
  // the places in turn.
  std::vector<uint32_t> begin;
  std::vector<uint32_t> end;

  // The original range of a non-empty range of `text`.
  Span ToOriginal(const Span& span) const { return {begin[span.begin], end[span.end - 1]}; }
};

// Valid UTF-8 below 4 GiB. Memory: at most 27 bytes a byte of `text`, in the worst case that every code
// point is taken apart.
NfcText NormalizeNfc(std::string_view text);

}  // namespace privet

#endif  // PRIVET_QWEN3_NFC_H_
