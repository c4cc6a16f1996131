// Texts in UTF-16, which Windows writes, read as UTF-8.
#ifndef PRIVET_CLI_UTF16_BUFFER_H_
#define PRIVET_CLI_UTF16_BUFFER_H_

#include <cstdint>
#include <istream>
#include <optional>
#include <streambuf>
#include <string>
#include <string_view>

namespace privet {

enum class ByteOrder { Little, Big };

// Of a file that begins so with the byte order mark of UTF-16, which is kUtf16MarkBytes long.
std::optional<ByteOrder> Utf16OrderOf(std::string_view head);
inline constexpr size_t kUtf16MarkBytes = 2;

// What `in` holds behind the mark, as UTF-8: a stream of this buffer reads it, in bounded memory. Halves of
// surrogate pairs and of code units become U+FFFD. Whether a read failed only `in` knows.
class Utf16Buffer final : public std::streambuf {
 public:
  // Does not own `in`, which must outlive it.
  Utf16Buffer(std::istream* in, ByteOrder order) : in_(in), order_(order) {}

 protected:
  int_type underflow() override;

 private:
  void Append(uint32_t unit);

  std::istream* const in_;
  const ByteOrder order_;
  uint32_t high_ = 0;  // the first half of a surrogate pair, while the second is to come
  std::string text_;   // UTF-8 of the last block
};

}  // namespace privet

#endif  // PRIVET_CLI_UTF16_BUFFER_H_
