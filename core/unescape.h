// Escape sequences that stand for characters: what a text reads like to those it was written for.
#ifndef PRIVET_CORE_UNESCAPE_H_
#define PRIVET_CORE_UNESCAPE_H_

#include <optional>
#include <string_view>

#include "core/rewritten_text.h"
#include "core/span.h"

namespace privet {

// `text`, valid UTF-8, with these in place of the sequences that stand for them:
//   - \u738b and surrogate pairs (RFC 8259, section 7), behind up to four backslashes, as JSON in a string of
//     JSON has them;
//   - \xE7\x8E\x8B, as nginx and Python write bytes;
//   - %E7%8E%8B and %40 (RFC 3986, section 2.1), but not letters and digits, which nobody encodes:
//     "100%41" is no A;
//   - &#29579; and &#x738b; (HTML and XML character references; named ones stay);
//   - =E7=8E=8B (RFC 2045, section 6.7), over soft line breaks, but not ASCII: "a=20" is no space.
// Bytes count only where they make up well-formed UTF-8. What stands for a control character, line breaks
// among them, stays as it is written, and what was decoded is not decoded again. Nothing where no sequence
// is, which costs one look through the text. Takes linear time. Not read: `+` as a blank, octal
// sequences, soft line breaks among ASCII.
std::optional<RewrittenText> Unescape(std::string_view text);

// A text as it is written and as it reads, with the way from the one to the other: what detection looks at.
class UnescapedText {
 public:
  UnescapedText() = default;
  // `written` is valid UTF-8 and outlives the object.
  explicit UnescapedText(std::string_view written) : written_(written), unescaped_(Unescape(written)) {}

  std::string_view written() const { return written_; }
  // Lives as long as the object stays where it is.
  std::string_view read() const {
    return unescaped_.has_value() ? std::string_view(unescaped_->text()) : written_;
  }
  // Whether the two differ.
  bool has_escapes() const { return unescaped_.has_value(); }

  // Whole sequences: what begins or ends inside of one takes in all of it. Spans are not empty.
  Span AsWritten(const Span& read) const {
    return unescaped_.has_value() ? unescaped_->ToOriginal(read.begin, read.end) : read;
  }
  Span AsRead(const Span& written) const {
    return unescaped_.has_value() ? unescaped_->FromOriginal(written) : written;
  }

 private:
  std::string_view written_;
  std::optional<RewrittenText> unescaped_;
};

}  // namespace privet

#endif  // PRIVET_CORE_UNESCAPE_H_
