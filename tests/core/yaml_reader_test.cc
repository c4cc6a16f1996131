#include "core/yaml_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace privet {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

YAML::Node Parsed(std::string_view yaml) {
  absl::StatusOr<YAML::Node> node = ParseYaml(yaml, "f.yaml");
  EXPECT_TRUE(node.ok()) << node.status();
  return *node;
}

std::string FaultOf(std::string_view yaml) {
  return std::string(ParseYaml(yaml, "f.yaml").status().message());
}

TEST(YamlReaderTest, ReadsValuesOfEachKind) {
  YamlMapping mapping(Parsed("s: text\nd: 0.5\ni: 7\nb: true\nl: [a, b]\none: c\n"), "f.yaml", "thing");
  EXPECT_EQ(mapping.String("s"), "text");
  EXPECT_EQ(mapping.Number("d"), 0.5);
  EXPECT_EQ(mapping.Integer("i", 0), 7);
  EXPECT_TRUE(mapping.Boolean("b", false));
  EXPECT_THAT(mapping.Strings("l"), ElementsAre("a", "b"));
  EXPECT_THAT(mapping.Strings("one"), ElementsAre("c"));
  EXPECT_EQ(mapping.String("absent", "fallback"), "fallback");
  EXPECT_FALSE(mapping.Node("absent node"));
  EXPECT_TRUE(mapping.Finish().ok()) << mapping.Finish();
}

TEST(YamlReaderTest, AnUnknownKeyIsAnErrorWithItsLineAndAHint) {
  YamlMapping mapping(Parsed("pattern: x\npatern: y\n"), "f.yaml", "rule 'a'");
  EXPECT_EQ(mapping.String("pattern"), "x");
  EXPECT_EQ(mapping.Finish().message(), "f.yaml:2: rule 'a': unknown key 'patern'; did you mean 'pattern'?");
}

TEST(YamlReaderTest, TheFirstWrongValueIsNamed) {
  YamlMapping mapping(Parsed("a: [1]\nb: x\n"), "f.yaml", "thing");
  EXPECT_EQ(mapping.String("a"), "");
  EXPECT_EQ(mapping.Number("b"), 0);
  EXPECT_EQ(mapping.Finish().message(), "f.yaml:1: thing: a: must be text");
  YamlMapping missing(Parsed("a: 1\n"), "f.yaml", "thing");
  EXPECT_EQ(missing.String("b"), "");
  EXPECT_EQ(missing.Finish().message(), "f.yaml:1: thing: b: missing");
}

TEST(YamlReaderTest, WhatIsNoMappingIsSaidToBeNone) {
  YamlMapping mapping(Parsed("- a\n"), "f.yaml", "thing");
  EXPECT_EQ(mapping.String("a", ""), "");
  EXPECT_THAT(std::string(mapping.Finish().message()), HasSubstr("must be a mapping"));
}

TEST(YamlReaderTest, BrokenDuplicateAndHostileFilesAreErrors) {
  EXPECT_THAT(FaultOf("a: [1\nb: 2\n"), StartsWith("f.yaml:"));
  EXPECT_THAT(FaultOf("a: 1\na: 2\n"), HasSubstr("f.yaml:2: key 'a' stands twice"));
  EXPECT_THAT(FaultOf(std::string(100'000, '[')), HasSubstr("nested too deep"));
  // Nine lines of aliases that would grow into a billion values.
  std::string bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 9; ++i) {
    const std::string before = "*a" + std::to_string(i - 1);
    bomb += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + before;
    for (int k = 0; k < 9; ++k) bomb += ", " + before;
    bomb += "]\n";
  }
  EXPECT_THAT(FaultOf(bomb), HasSubstr("more than 200000 values"));
}

}  // namespace
}  // namespace privet
