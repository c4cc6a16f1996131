// Cuts a long text into windows that a model can read, and says which window's reading of a place counts.
#ifndef PRIVET_PIPELINE_WINDOWS_H_
#define PRIVET_PIPELINE_WINDOWS_H_

#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "core/span.h"
#include "tagging/token_range.h"

namespace privet {

struct WindowSizes {
  size_t max_tokens = 512;     // of one window
  size_t overlap_tokens = 64;  // that neighbours share at least; half of it is the context that a reading has
};

// INVALID_ARGUMENT, on field "max_tokens" or "overlap_tokens" (core/field_error.h), unless 8 <= max_tokens <=
// 65536 and overlap_tokens <= max_tokens / 4.
absl::Status ValidateWindowSizes(const WindowSizes& sizes);

// Tokens of the text, both ranges.
struct Window {
  TokenRange tokens;  // what the model reads
  TokenRange core;    // what it reads with context on both sides; the cores of a text's windows tile it
};

// The windows of a text, in order: `tokens` are the byte ranges of its tokens (see BytesOf in
// tagging/token_range.h). No windows for no tokens; one where they fit; else each is as long as it can be
// while it ends behind a sentence or a line, and the next begins at the start of one, at least overlap_tokens
// earlier. Where there is no such place (no later than half of max_tokens; for beginnings, within two
// overlaps) the cut is made between any two tokens. A window's core reaches to the middle of the overlaps
// with its neighbours. Depends on what is before and in a window only: O(tokens) in all, 32 bytes a window.
// `sizes` must be valid.
std::vector<Window> CutWindows(std::string_view text, std::span<const Span> tokens, const WindowSizes& sizes);

// The merge rule. A span that several windows see is read by the one in whose core its middle lies (a middle
// on the border of two cores is the second's); what others say of it does not count. Every span belongs to
// exactly one window. One of up to overlap_tokens tokens is whole in its window, and no piece of it that an
// edge cut off counts: a piece counts from overlap_tokens on, when there may be no window that sees the
// whole. `span` is in tokens of the text, not of the window; not empty.
bool Owns(const Window& window, TokenRange span);

// The index of the window that Owns the span; `windows` as CutWindows gave them. O(log windows).
size_t OwnerOf(std::span<const Window> windows, TokenRange span);

}  // namespace privet

#endif  // PRIVET_PIPELINE_WINDOWS_H_
