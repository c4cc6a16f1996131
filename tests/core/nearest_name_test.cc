#include "core/nearest_name.h"

#include <gtest/gtest.h>

#include <array>

namespace privet {
namespace {

TEST(NearestNameTest, IsTheOneWithTheFewestOtherLetters) {
  constexpr std::array<std::string_view, 2> kNames = {"default", "none"};
  EXPECT_EQ(NearestName("defualt", kNames), "default");
  EXPECT_EQ(NearestName("non", kNames), "none");
  EXPECT_EQ(NearestName("bundles/mine", kNames), "");
  EXPECT_EQ(NearestName("", kNames), "");
  EXPECT_EQ(NearestNameHint("deflt", kNames), "; did you mean default?");
  EXPECT_EQ(NearestNameHint("mine2", kNames), "");
}

}  // namespace
}  // namespace privet
