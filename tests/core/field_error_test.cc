#include "core/field_error.h"

#include <gtest/gtest.h>

namespace privet {
namespace {

TEST(FieldErrorTest, CarriesFieldAndDescription) {
  const absl::Status status = InvalidField("types[0]", "is unknown");
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(status.message(), "types[0]: is unknown");
  EXPECT_EQ(ViolationOf(status).field, "types[0]");
  EXPECT_EQ(ViolationOf(status).description, "is unknown");
}

TEST(FieldErrorTest, APrefixSeesTheFieldFromOneLevelUp) {
  EXPECT_EQ(ViolationOf(PrefixField(InvalidField("types[0]", "x"), "policy")).field, "policy.types[0]");
}

TEST(FieldErrorTest, OtherStatusesHaveNoField) {
  const absl::Status status = absl::NotFoundError("gone");
  EXPECT_TRUE(ViolationOf(status).field.empty());
  EXPECT_EQ(PrefixField(status, "policy"), status);
}

}  // namespace
}  // namespace privet
