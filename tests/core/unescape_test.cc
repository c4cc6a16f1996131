#include "core/unescape.h"

#include <gtest/gtest.h>

#include <random>

#include "core/utf8.h"

namespace privet {
namespace {

// The text as read, or as it stands where nothing is decoded.
std::string Read(std::string_view text) {
  const std::optional<RewrittenText> rewritten = Unescape(text);
  return rewritten.has_value() ? rewritten->text() : std::string(text);
}

TEST(UnescapeTest, ReadsWhatSequencesStandFor) {
  struct Case {
    std::string_view what, text, read;
  };
  for (const Case& c : std::initializer_list<Case>{
           {"JSON", R"({"name":"\u738b\u5C0F\u660e"})", R"({"name":"王小明"})"},
           {"JSON in JSON", R"({\"name\":\"\\u738b\\u5c0f\"})", R"({\"name\":\"王小\"})"},
           {"JSON of what HTML must not have", R"(a\u0040b.org\u003cx\u003E)", "a@b.org<x>"},
           {"a surrogate pair", R"(\ud840\udc0b!)", "𠀋!"},
           {"bytes of a log", R"(name=\xE7\x8E\x8B\x22)", "name=王\""},
           {"a query", "?email=ann%40example.com&n=%E7%8e%8B%20x", "?email=ann@example.com&n=王 x"},
           {"HTML", "&#29579;&#x738B;&#64;", "王王@"},
           {"a mail", "=E7=8E=8B=E5=B0=\r\n=8F=\n=E6=98=8E=\n", "王小明=\n"},
       }) {
    EXPECT_EQ(Read(c.text), c.read) << c.what;
  }
}

TEST(UnescapeTest, LeavesWhatStandsForNoCharacter) {
  for (const std::string_view text : {
           R"(line\u000aline\n\tC:\users\x9)",  // control characters, and what only begins like a sequence
           R"(\ud840 \udc0b\ud840 \ud840\ud840)",
           R"(\xE7\x8E, \xC0\xAF, \x)",  // cut off, overlong
           R"(\\\\\u738b)",              // five backslashes
           "100%41 of 20%de 5% %E7%8E",
           "a%0Ab%7F",
           "&amp;&#;&#xZ;&#12345678;&#10;&#55296;",
           "x=20y=3D=40=E7=8E",
           "",
       }) {
    EXPECT_FALSE(Unescape(text).has_value()) << text;
  }
}

TEST(UnescapeTest, ASpanLeadsBackToTheWholeSequences) {
  const std::string text = R"(to \u738b\u5c0f, ann%40example.com)";
  const std::optional<RewrittenText> read = Unescape(text);
  ASSERT_TRUE(read.has_value());
  ASSERT_EQ(read->text(), "to 王小, ann@example.com");
  const auto written = [&](std::string_view value) {
    const size_t at = read->text().find(value);
    const Span span = read->ToOriginal(at, at + value.size());
    EXPECT_EQ(read->FromOriginal(span), (Span{at, at + value.size()}));
    return text.substr(span.begin, span.size());
  };
  EXPECT_EQ(written("王小"), R"(\u738b\u5c0f)");
  EXPECT_EQ(written("小"), R"(\u5c0f)");
  EXPECT_EQ(written("ann@example.com"), "ann%40example.com");
  EXPECT_EQ(written("@"), "%40");
  EXPECT_EQ(written("example"), "example");
  // What begins or ends inside of a sequence takes in the whole of it.
  EXPECT_EQ(read->FromOriginal({5, 11}), (Span{3, 9}));
}

TEST(UnescapeTest, IsSoundOnRandomPiecesOfSequences) {
  std::mt19937 random(7);
  const std::string_view pieces[] = {"\\",  "\\u738b", "\\ud840", "\\udc0b", "\\x",   "%E7", "%8E",
                                     "%8B", "%40",     "%",       "&#x",     "738b;", "=E7", "=8E",
                                     "=8B", "=\n",     "王",      "a",       "u",     "4"};
  for (int round = 0; round < 4000; ++round) {
    std::string text;
    for (int i = 0; i < 24; ++i) text += pieces[random() % std::size(pieces)];
    const std::optional<RewrittenText> read = Unescape(text);
    if (!read.has_value()) continue;
    ASSERT_EQ(FindInvalidUtf8(read->text()), std::string_view::npos);
    size_t previous = 0;
    for (size_t begin = 0; begin < read->text().size();) {
      const size_t end = begin + DecodeUtf8(read->text(), begin).length;
      const Span span = read->ToOriginal(begin, end);
      ASSERT_LT(span.begin, span.end);
      ASSERT_LE(span.end, text.size());
      ASSERT_LE(previous, span.begin);
      ASSERT_EQ(read->FromOriginal(span), (Span{begin, end})) << text;
      previous = span.end;
      begin = end;
    }
  }
}

TEST(UnescapeTest, TakesLinearTime) {
  for (const std::string_view piece : {"\\", "%E7%8E", "=E7=8E=\n", "&#1", "\\u738b"}) {
    std::string text;
    while (text.size() < (size_t{4} << 20)) text += piece;
    Unescape(text);  // the test's time limit is the expectation
  }
}

}  // namespace
}  // namespace privet
