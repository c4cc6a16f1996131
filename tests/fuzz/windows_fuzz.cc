// Any text in any tokens: windows cover it, each span has one owner, and no code point is parted.
//
// The input is one byte for max_tokens, one for overlap_tokens, then text; a token is as many bytes as the
// last bits of its first byte say, so tokens part code points as byte-level tokenizers do.
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <string>
#include <string_view>
#include <vector>

#include "core/utf8.h"
#include "pipeline/windows.h"

namespace privet {
namespace {

void Check(bool holds, std::string_view what) {
  if (holds) return;
  std::cerr << "does not hold: " << what << "\n";
  std::abort();
}

bool IsBorder(std::string_view text, size_t offset) {
  return offset == text.size() || !IsUtf8Continuation(text[offset]);
}

std::vector<Span> TokensOfBits(std::string_view text) {
  std::vector<Span> tokens;
  for (size_t at = 0; at < text.size();) {
    const size_t end = std::min(text.size(), at + 1 + static_cast<unsigned char>(text[at]) % 4);
    tokens.push_back({at, end});
    at = end;
  }
  return tokens;
}

void CheckWindows(std::string_view text, const WindowSizes& sizes) {
  const std::vector<Span> tokens = TokensOfBits(text);
  const std::vector<Window> windows = CutWindows(text, tokens, sizes);
  size_t at = 0;
  for (const Window& window : windows) {
    Check(window.tokens.size() <= sizes.max_tokens, "a window holds no more than it may");
    Check(window.core.begin == at && window.core.end > at, "cores tile the text");
    Check(window.tokens.begin <= at && window.core.end <= window.tokens.end, "a core lies in its window");
    at = window.core.end;
  }
  Check(at == tokens.size(), "windows cover the text");
  for (size_t i = 0; i < tokens.size(); ++i) {
    const TokenRange span = {i, std::min(tokens.size(), i + 1 + i % 7)};
    const Window& owner = windows[OwnerOf(windows, span)];
    Check(Owns(owner, span), "the owner owns");
    const bool whole = owner.tokens.begin <= span.begin && span.end <= owner.tokens.end;
    Check(whole || span.size() > sizes.overlap_tokens, "a span that fits the overlap is whole in its owner");
    const Span bytes = BytesOf(text, tokens, span);
    Check(bytes.end <= text.size() && IsBorder(text, bytes.begin) && IsBorder(text, bytes.end),
          "bytes are whole code points");
    if (bytes.empty()) continue;
    const TokenRange back = TokensOf(tokens, bytes);
    Check(back.size() > 0 && bytes.begin < tokens[back.end - 1].end && tokens[back.begin].begin < bytes.end,
          "bytes lead back to tokens");
  }
}

}  // namespace
}  // namespace privet

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
  if (size < 2) return 0;
  privet::WindowSizes sizes;
  sizes.max_tokens = 8 + bytes[0];
  sizes.overlap_tokens = bytes[1] % (sizes.max_tokens / 4 + 1);
  privet::Check(privet::ValidateWindowSizes(sizes).ok(), "the sizes are valid");
  std::string text(reinterpret_cast<const char*>(bytes) + 2, size - 2);
  for (size_t bad; (bad = privet::FindInvalidUtf8(text)) != std::string::npos;) text[bad] = '?';
  privet::CheckWindows(text, sizes);
  return 0;
}
