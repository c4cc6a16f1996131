#include "server/error_details.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/wire_format_lite.h>
#include <google/rpc/error_details.pb.h>

#include <map>
#include <string>

#include "absl/strings/str_cat.h"
#include "core/absl_view.h"
#include "core/field_error.h"
#include "core/utf8.h"

namespace privet {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::internal::WireFormatLite;
using google::protobuf::io::CodedInputStream;

constexpr int kRetryDelayMs = 200;
constexpr int kMaxDepth = 16;

// The first string field in `bytes` that is not UTF-8, as a status; OK when there is none.
absl::Status FindBadString(const Descriptor& type, std::string_view bytes, const std::string& prefix,
                           int depth) {
  if (depth > kMaxDepth) return absl::OkStatus();
  CodedInputStream in(reinterpret_cast<const uint8_t*>(bytes.data()), static_cast<int>(bytes.size()));
  std::map<int, int> met;  // of each repeated field, how often
  while (const uint32_t tag = in.ReadTag()) {
    if (WireFormatLite::GetTagWireType(tag) != WireFormatLite::WIRETYPE_LENGTH_DELIMITED) {
      if (!WireFormatLite::SkipField(&in, tag)) break;
      continue;
    }
    uint32_t length = 0;
    if (!in.ReadVarint32(&length)) break;
    const size_t begin = static_cast<size_t>(in.CurrentPosition());
    if (length > bytes.size() - begin || !in.Skip(static_cast<int>(length))) break;
    const FieldDescriptor* field = type.FindFieldByNumber(WireFormatLite::GetTagFieldNumber(tag));
    if (field == nullptr) continue;
    const std::string_view value = bytes.substr(begin, length);
    std::string path = absl::StrCat(prefix, field->name());
    if (field->is_repeated() && !field->is_map()) absl::StrAppend(&path, "[", met[field->number()]++, "]");
    if (field->type() == FieldDescriptor::TYPE_MESSAGE) {
      absl::Status status = FindBadString(*field->message_type(), value, path + ".", depth + 1);
      if (!status.ok()) return status;
    } else if (field->type() == FieldDescriptor::TYPE_STRING) {
      const size_t bad = FindInvalidUtf8(value);
      if (bad != std::string_view::npos) {
        return InvalidField(path, absl::StrCat("is not UTF-8: byte ", bad, " does not belong; send UTF-8"));
      }
    }
  }
  return absl::OkStatus();
}

grpc::Status WithDetails(const google::rpc::Status& status) {
  return grpc::Status(static_cast<grpc::StatusCode>(status.code()), status.message(),
                      status.SerializeAsString());
}

}  // namespace

google::rpc::Status ToRpcStatus(const absl::Status& status) {
  google::rpc::Status rpc;
  rpc.set_code(static_cast<int>(status.code()));
  rpc.set_message(std::string(status.message()));
  const FieldViolation violation = ViolationOf(status);
  if (!violation.field.empty()) {
    google::rpc::BadRequest bad_request;
    auto* field = bad_request.add_field_violations();
    field->set_field(violation.field);
    field->set_description(violation.description);
    rpc.add_details()->PackFrom(bad_request);
  }
  return rpc;
}

grpc::Status ToGrpcStatus(const absl::Status& status) {
  if (status.ok()) return grpc::Status::OK;
  return WithDetails(ToRpcStatus(status));
}

grpc::Status FullStatus(std::string_view why) {
  google::rpc::Status rpc;
  rpc.set_code(static_cast<int>(absl::StatusCode::kResourceExhausted));
  rpc.set_message(absl::StrCat("the server is full (", AbslView(why), " in flight); try again in ",
                               kRetryDelayMs, " ms"));
  google::rpc::RetryInfo retry;
  retry.mutable_retry_delay()->set_nanos(kRetryDelayMs * 1'000'000);
  rpc.add_details()->PackFrom(retry);
  return WithDetails(rpc);
}

std::string FieldAtFault(const grpc::Status& status) {
  google::rpc::Status rpc;
  google::rpc::BadRequest bad_request;
  if (status.ok() || !rpc.ParseFromString(status.error_details()) || rpc.details().empty() ||
      !rpc.details(0).UnpackTo(&bad_request) || bad_request.field_violations().empty()) {
    return {};
  }
  const std::string& field = bad_request.field_violations(0).field();
  return field.substr(0, field.find('['));
}

absl::Status ExplainParseFailure(const google::protobuf::Message& type, std::string_view bytes) {
  if (absl::Status status = FindBadString(*type.GetDescriptor(), bytes, "", 0); !status.ok()) return status;
  return absl::InvalidArgumentError(absl::StrCat("the request is not a ", type.GetDescriptor()->full_name(),
                                                 "; check the client's version of the contract"));
}

}  // namespace privet
