// absl::Status as gRPC carries it: google.rpc details beside code and message.
#ifndef PRIVET_SERVER_ERROR_DETAILS_H_
#define PRIVET_SERVER_ERROR_DETAILS_H_

#include <google/protobuf/message.h>
#include <google/rpc/status.pb.h>
#include <grpcpp/support/status.h>

#include <string>
#include <string_view>

#include "absl/status/status.h"

namespace privet {

// Code and message, with google.rpc.BadRequest where the status names a field (core/field_error.h).
google::rpc::Status ToRpcStatus(const absl::Status& status);
grpc::Status ToGrpcStatus(const absl::Status& status);

// RESOURCE_EXHAUSTED with google.rpc.RetryInfo. `why` is "calls" or "bytes".
grpc::Status FullStatus(std::string_view why);

// For logs: the field that a status of ToGrpcStatus names, up to the first index or key, which may be the
// caller's own: "policy.custom_rules". Empty where there is none.
std::string FieldAtFault(const grpc::Status& status);

// Why a message that does not parse does not: INVALID_ARGUMENT with the field that is not UTF-8 and the
// offset in it, or with the fact that the bytes are no message of the type. `type` is any message of the
// wanted type.
absl::Status ExplainParseFailure(const google::protobuf::Message& type, std::string_view bytes);

}  // namespace privet

#endif  // PRIVET_SERVER_ERROR_DETAILS_H_
