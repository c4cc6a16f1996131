#include "core/rewritten_text.h"

#include <algorithm>
#include <iterator>

#include "core/utf8.h"

namespace privet {

void RewrittenText::Clear() {
  text_.clear();
  pieces_.clear();
}

void RewrittenText::Keep(std::string_view original, size_t begin, size_t end) {
  if (begin == end) return;
  pieces_.push_back({static_cast<uint32_t>(text_.size()), static_cast<uint32_t>(begin), 0});
  text_.append(original.substr(begin, end - begin));
}

void RewrittenText::Replace(std::string_view written, size_t original_begin, size_t original_length) {
  if (written.empty()) return;
  pieces_.push_back({static_cast<uint32_t>(text_.size()), static_cast<uint32_t>(original_begin),
                     static_cast<uint32_t>(original_length)});
  text_.append(written);
}

void RewrittenText::CopyFrom(const RewrittenText& source, size_t begin, size_t end) {
  while (begin < end) {
    const Piece& piece = source.PieceAt(begin);
    const size_t piece_end = std::min(end, source.EndOf(piece));
    const bool as_it_stood = piece.original_length == 0;
    pieces_.push_back({static_cast<uint32_t>(text_.size()),
                       static_cast<uint32_t>(piece.original_begin + (as_it_stood ? begin - piece.begin : 0)),
                       piece.original_length});
    text_.append(source.text_, begin, piece_end - begin);
    begin = piece_end;
  }
}

const RewrittenText::Piece& RewrittenText::PieceAt(size_t offset) const {
  const auto after = std::upper_bound(pieces_.begin(), pieces_.end(), offset,
                                      [](size_t at, const Piece& piece) { return at < piece.begin; });
  return *std::prev(after);
}

size_t RewrittenText::EndOf(const Piece& piece) const {
  return &piece == &pieces_.back() ? text_.size() : (&piece)[1].begin;
}

Span RewrittenText::ToOriginal(size_t begin, size_t end) const {
  // A pattern may match a part of a character; a span never does.
  const Piece& first = PieceAt(begin);
  size_t original_begin = first.original_begin;
  if (first.original_length == 0) {
    while (begin > first.begin && IsUtf8Continuation(text_[begin])) --begin;
    original_begin += begin - first.begin;
  }
  const Piece& last = PieceAt(end - 1);
  if (last.original_length > 0) return {original_begin, size_t{last.original_begin} + last.original_length};
  while (end < text_.size() && IsUtf8Continuation(text_[end])) ++end;
  return {original_begin, last.original_begin + (end - last.begin)};
}

Span RewrittenText::FromOriginal(const Span& original) const {
  // The first piece that begins behind an offset of the original.
  const auto behind = [&](size_t offset) {
    return std::upper_bound(pieces_.begin(), pieces_.end(), offset,
                            [](size_t at, const Piece& piece) { return at < piece.original_begin; });
  };
  const auto piece_end = [&](const Piece& piece) {
    return piece.original_begin +
           (piece.original_length > 0 ? piece.original_length : EndOf(piece) - piece.begin);
  };
  // Where what stands at or behind an offset begins; what stands before it ends.
  const auto begin_of = [&](size_t offset) {
    const auto next = behind(offset);
    if (next != pieces_.begin() && offset < piece_end(*std::prev(next))) {
      const Piece& piece = *std::prev(next);
      return piece.begin + (piece.original_length > 0 ? 0 : offset - piece.original_begin);
    }
    return next == pieces_.end() ? text_.size() : size_t{next->begin};
  };
  const auto end_of = [&](size_t offset) {
    if (offset == 0) return size_t{0};
    const auto next = behind(offset - 1);
    if (next == pieces_.begin()) return size_t{0};
    const Piece& piece = *std::prev(next);
    if (offset >= piece_end(piece) || piece.original_length > 0) return EndOf(piece);
    return piece.begin + (offset - piece.original_begin);
  };
  const size_t begin = begin_of(original.begin);
  return {begin, std::max(begin, end_of(original.end))};
}

}  // namespace privet
