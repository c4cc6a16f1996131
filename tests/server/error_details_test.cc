#include "server/error_details.h"

#include <gmock/gmock.h>
#include <google/rpc/error_details.pb.h>
#include <gtest/gtest.h>
#include <privet/v1/privet.pb.h>

#include "core/field_error.h"

namespace privet {
namespace {

using ::testing::HasSubstr;

TEST(ErrorDetailsTest, AFieldBecomesABadRequest) {
  const google::rpc::Status status = ToRpcStatus(InvalidField("policy.types[0]", "is not an entity type"));
  EXPECT_EQ(status.code(), 3);
  google::rpc::BadRequest bad_request;
  ASSERT_TRUE(status.details(0).UnpackTo(&bad_request));
  EXPECT_EQ(bad_request.field_violations(0).field(), "policy.types[0]");
  EXPECT_EQ(bad_request.field_violations(0).description(), "is not an entity type");
}

TEST(ErrorDetailsTest, ALogSaysWhichFieldWithoutWhatACallerMayHaveWritten) {
  const auto field = [](const absl::Status& status) { return FieldAtFault(ToGrpcStatus(status)); };
  EXPECT_EQ(field(InvalidField("policy.custom_rules[2].pattern", "missing )")), "policy.custom_rules");
  EXPECT_EQ(field(InvalidField("policy.min_score_by_type[Alice]", "unknown type")),
            "policy.min_score_by_type");
  EXPECT_EQ(field(InvalidField("text", "is too long")), "text");
  EXPECT_EQ(field(absl::CancelledError("the client went away")), "");
  EXPECT_EQ(field(absl::OkStatus()), "");
  EXPECT_EQ(FieldAtFault(FullStatus("calls")), "");
}

TEST(ErrorDetailsTest, AFullServerSaysWhenToComeBack) {
  const grpc::Status full = FullStatus("calls");
  EXPECT_EQ(full.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  google::rpc::Status status;
  ASSERT_TRUE(status.ParseFromString(full.error_details()));
  google::rpc::RetryInfo retry;
  ASSERT_TRUE(status.details(0).UnpackTo(&retry));
  EXPECT_GT(retry.retry_delay().nanos(), 0);
}

// A message with one length-delimited field.
std::string Field(int number, const std::string& content) {
  return std::string(1, static_cast<char>(number << 3 | 2)) +
         std::string(1, static_cast<char>(content.size())) + content;
}

TEST(ErrorDetailsTest, ABadStringIsFoundWhereverItStands) {
  struct Case {
    std::string bytes;
    std::string field;
  };
  const std::string bad = "ab\xff";
  const v1::DetectRequest detect;
  for (const Case& c : std::initializer_list<Case>{
           {Field(1, bad), "text"},
           {Field(2, Field(1, "OK") + Field(1, bad)), "policy.types[1]"},
           {Field(2, Field(5, Field(1, "ok")) + Field(5, Field(3, bad))), "policy.custom_rules[1].pattern"},
       }) {
    const FieldViolation violation = ViolationOf(ExplainParseFailure(detect, c.bytes));
    EXPECT_EQ(violation.field, c.field);
    EXPECT_THAT(violation.description, HasSubstr("byte 2"));
  }
}

TEST(ErrorDetailsTest, BytesThatAreNoMessageAreSaidToBeNone) {
  const absl::Status status = ExplainParseFailure(v1::DetectRequest(), std::string("\x0a\xff\xff\xff", 4));
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(status.message()), HasSubstr("privet.v1.DetectRequest"));
}

}  // namespace
}  // namespace privet
