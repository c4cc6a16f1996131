#include "core/verbatim_json.h"

#include <gtest/gtest.h>

#include <string>

namespace privet {
namespace {

std::string Rewritten(std::string_view json) {
  const auto object = VerbatimObject::Parse(json);
  return object.has_value() ? object->Write() : "none";
}

TEST(VerbatimJsonTest, MembersAreWrittenAsTheyWere) {
  for (const char* const json :
       {"{}", R"({"price":19.90,"id":123456789012345678901234567890,"z":-0,"text":"x"})",
        R"({"h":18446744073709551616,"v":1.10,"c":0.10000000000000000555,"k":1e-400,"b":1e400,"e":1E+05})",
        R"({"b":[1.0,{"a":[],"c":{}}],"a":[true,false,null],"s":"\u738b\/\"\\","k\u0065y":1})",
        R"({"a":1,"a":2})"}) {
    EXPECT_EQ(Rewritten(json), json);
  }
  EXPECT_EQ(Rewritten("\xEF\xBB\xBF {\"a\" :\t[ 1.50 , \" b \" ] }\r"), R"({"a":[1.50," b "]})");
}

TEST(VerbatimJsonTest, WhatIsNoObjectIsNone) {
  for (const char* const json : {"",
                                 " ",
                                 "1",
                                 "[]",
                                 "{",
                                 "{}x",
                                 "{}{}",
                                 "{,}",
                                 R"({"a"})",
                                 R"({"a":})",
                                 R"({"a":1,})",
                                 R"({"a":1 "b":2})",
                                 R"({a:1})",
                                 R"({"a":01})",
                                 R"({"a":-})",
                                 R"({"a":1.})",
                                 R"({"a":.5})",
                                 R"({"a":1e})",
                                 R"({"a":+1})",
                                 R"({"a":tru})",
                                 R"({"a":[1,]})",
                                 R"({"a":[1})",
                                 R"({"a":"\x"})",
                                 R"({"a":"\ud800"})",
                                 "{\"a\":\"\n\"}",
                                 "{\"a\":\"\xCD\xF5\"}",
                                 R"({"a":"b)",
                                 R"({"a":"b\)",
                                 R"({"a":NaN})"}) {
    EXPECT_EQ(Rewritten(json), "none") << json;
  }
  EXPECT_EQ(Rewritten(std::string_view("{}\0", 3)), "none");
  EXPECT_EQ(Rewritten(R"({"a":)" + std::string(100, '[') + std::string(100, ']') + "}"), "none");
}

TEST(VerbatimJsonTest, AMemberIsKnownByWhatItsNameReads) {
  auto object = VerbatimObject::Parse(R"({"t\u0065xt":"a","n":1.0,"text":"b"})");
  ASSERT_TRUE(object.has_value());
  ASSERT_NE(object->Find("text"), nullptr);
  EXPECT_EQ(*object->Find("text"), R"("b")") << "the last, as parsers take it";
  EXPECT_EQ(object->Find("more"), nullptr);
  object->Set("text", R"("***")");
  EXPECT_EQ(object->Write(), R"({"t\u0065xt":"***","n":1.0})") << "nothing of the first is left";
  object->Set("a\"b", "[1]");
  object->Erase("text");
  EXPECT_EQ(object->Write(), R"({"n":1.0,"a\"b":[1]})");
}

}  // namespace
}  // namespace privet
