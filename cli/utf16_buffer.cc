#include "cli/utf16_buffer.h"

#include "core/utf8.h"

namespace privet {
namespace {

constexpr uint32_t kReplacement = 0xFFFD;
constexpr uint32_t kFirstHigh = 0xD800, kFirstLow = 0xDC00, kBehindLow = 0xE000;

}  // namespace

std::optional<ByteOrder> Utf16OrderOf(std::string_view head) {
  using namespace std::string_view_literals;
  if (head.starts_with("\xFF\xFE\0\0"sv)) return std::nullopt;  // the mark of UTF-32
  if (head.starts_with("\xFF\xFE")) return ByteOrder::Little;
  if (head.starts_with("\xFE\xFF")) return ByteOrder::Big;
  return std::nullopt;
}

Utf16Buffer::int_type Utf16Buffer::underflow() {
  text_.clear();
  std::string block(64 << 10, '\0');
  while (text_.empty() && in_->good()) {
    in_->read(block.data(), static_cast<std::streamsize>(block.size()));
    const auto got = static_cast<size_t>(in_->gcount());
    const auto byte = [&](size_t i) { return uint32_t{static_cast<unsigned char>(block[i])}; };
    for (size_t i = 0; i + 1 < got; i += 2)
      Append(order_ == ByteOrder::Little ? byte(i) | byte(i + 1) << 8 : byte(i) << 8 | byte(i + 1));
    const bool half = got % 2 == 1 || (!in_->good() && high_ != 0);
    if (half) AppendUtf8(kReplacement, &text_);
  }
  setg(text_.data(), text_.data(), text_.data() + text_.size());
  return text_.empty() ? traits_type::eof() : traits_type::to_int_type(text_.front());
}

void Utf16Buffer::Append(uint32_t unit) {
  const bool low = unit >= kFirstLow && unit < kBehindLow;
  if (high_ != 0 && low) {
    AppendUtf8(0x10000 + ((high_ - kFirstHigh) << 10) + (unit - kFirstLow), &text_);
    high_ = 0;
    return;
  }
  if (high_ != 0) AppendUtf8(kReplacement, &text_);
  high_ = unit >= kFirstHigh && unit < kFirstLow ? unit : 0;
  if (high_ == 0) AppendUtf8(low ? kReplacement : unit, &text_);
}

}  // namespace privet
