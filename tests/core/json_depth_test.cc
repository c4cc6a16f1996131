#include "core/json_depth.h"

#include <gtest/gtest.h>

#include <string>

namespace privet {
namespace {

std::string Nested(int levels) { return std::string(levels, '[') + std::string(levels, ']'); }

TEST(JsonDepth, SixtyFourLevelsAreAllowed) {
  EXPECT_FALSE(NestsTooDeep(Nested(kDeepestJson)));
  EXPECT_TRUE(NestsTooDeep(Nested(kDeepestJson + 1)));
  EXPECT_TRUE(NestsTooDeep(R"({"text": "x", "a": )" + Nested(kDeepestJson) + "}"));
}

TEST(JsonDepth, ValuesBesideOneAnotherAreNotDeep) {
  std::string list = "[";
  for (int i = 0; i < 200; ++i) list += R"({"a": []}, )";
  EXPECT_FALSE(NestsTooDeep(list + "0]"));
}

TEST(JsonDepth, BracketsInStringsDoNotCount) {
  const std::string brackets(200, '{');
  EXPECT_FALSE(NestsTooDeep(R"(["\"\\)" + brackets + R"("])"));
  EXPECT_TRUE(NestsTooDeep(R"(["\\")" + brackets));
}

// A parser stops at the first bracket that closes nothing, so what follows may count for less.
TEST(JsonDepth, WhatIsNotJsonIsNoFault) {
  EXPECT_FALSE(NestsTooDeep(""));
  EXPECT_FALSE(NestsTooDeep("\"\\"));
  EXPECT_FALSE(NestsTooDeep(std::string(200, ']')));
  EXPECT_TRUE(NestsTooDeep(std::string(200, '[')));
}

}  // namespace
}  // namespace privet
