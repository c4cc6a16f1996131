#include <grpc/support/log.h>
#include <grpcpp/grpcpp.h>
#include <privet/v1/privet.grpc.pb.h>

#include <optional>
#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"
#include "cli/backend.h"
#include "cli/detect_stream.h"
#include "cli/wire.h"
#include "core/absl_view.h"
#include "core/pem.h"

namespace privet {
namespace {

template <typename Method, typename Request, typename Response>
absl::Status Call(v1::Privet::Stub* stub, Method method, double timeout_seconds, const Request& request,
                  Response* response) {
  grpc::ClientContext context;
  context.set_wait_for_ready(false);
  context.set_deadline(std::chrono::system_clock::now() +
                       std::chrono::milliseconds(static_cast<int64_t>(timeout_seconds * 1000)));
  return FromGrpc((stub->*method)(&context, request, response));
}

absl::StatusOr<v1::InfoResponse> AskInfo(v1::Privet::Stub* stub, double timeout_seconds) {
  v1::InfoResponse response;
  if (absl::Status status =
          Call(stub, &v1::Privet::Stub::Info, timeout_seconds, v1::InfoRequest(), &response);
      !status.ok()) {
    return status;
  }
  return response;
}

absl::Status Of(std::string_view flag, const absl::Status& status) {
  return absl::Status(status.code(), absl::StrCat(AbslView(flag), ": ", status.message()));
}

absl::StatusOr<std::shared_ptr<grpc::Channel>> ChannelTo(const ConnectionOptions& connection) {
  // Its own lines about a connection that fails would stand beside ours, which says the same.
  gpr_set_log_function([](gpr_log_func_args*) {});
  const bool shows_certificate = !connection.tls_certificate_file.empty();
  if (shows_certificate != !connection.tls_key_file.empty())
    return absl::InvalidArgumentError("--tls-cert and --tls-key go together; give both or none");
  std::shared_ptr<grpc::ChannelCredentials> credentials = grpc::InsecureChannelCredentials();
  grpc::SslCredentialsOptions options;
  if (!connection.tls_ca_file.empty()) {
    absl::StatusOr<std::string> authorities = ReadCertificates(connection.tls_ca_file);
    if (!authorities.ok()) return Of("--tls-ca", authorities.status());
    options.pem_root_certs = *std::move(authorities);
  }
  if (shows_certificate) {
    absl::StatusOr<std::string> certificates = ReadCertificates(connection.tls_certificate_file);
    if (!certificates.ok()) return Of("--tls-cert", certificates.status());
    absl::StatusOr<std::string> key = ReadPrivateKey(connection.tls_key_file, *certificates);
    if (!key.ok()) return Of("--tls-key", key.status());
    options.pem_cert_chain = *std::move(certificates);
    options.pem_private_key = *std::move(key);
  }
  if (shows_certificate || !connection.tls_ca_file.empty()) credentials = grpc::SslCredentials(options);
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(-1);
  return grpc::CreateCustomChannel(connection.server, credentials, arguments);
}

class RemoteBackend final : public Backend {
 public:
  RemoteBackend(std::unique_ptr<v1::Privet::Stub> stub, const Policy& policy, const Limits& limits,
                size_t max_message_bytes, double timeout_seconds)
      : stub_(std::move(stub)),
        policy_(ToWire(policy)),
        limits_(limits),
        max_message_bytes_(max_message_bytes),
        timeout_seconds_(timeout_seconds) {}

  // A text that is refused here keeps its fault to itself; in a stream it would end the call of all.
  void Detect(std::string text, Take take) override {
    std::optional<absl::StatusOr<Detection>> result;
    if (text.empty()) {
      result = Detection();
    } else if (absl::Status status = CheckText(text, limits_); !status.ok()) {
      result = status;
    } else if (constexpr size_t kOtherFields = 64;  // the id, lengths and tags
               text.size() + policy_.ByteSizeLong() + kOtherFields > max_message_bytes_) {
      result = DetectAlone(text);
    }
    Stream().Add(std::move(text), std::move(result), std::move(take));
  }

  void Finish() override { stream_.reset(); }

  absl::StatusOr<RedactedText> Redact(const std::string& text, const RedactionPlan& plan) override {
    if (absl::Status status = CheckText(text, limits_); !status.ok()) return status;
    v1::RedactRequest request;
    request.set_text(text);
    *request.mutable_policy() = policy_;
    for (const auto& [type, redaction] : plan.by_type) {
      (*request.mutable_redactions())[std::string(IdOf(type))] = ToWire(redaction);
    }
    if (plan.fallback.has_value()) *request.mutable_default_redaction() = ToWire(*plan.fallback);
    v1::RedactResponse response;
    if (absl::Status status = Call(&v1::Privet::Stub::Redact, request, &response); !status.ok())
      return status;
    if (response.truncated()) return NotAllRedacted();
    RedactedText redacted;
    redacted.text = response.text();
    for (const v1::Replacement& wire : response.replacements()) {
      Replacement replacement;
      replacement.input = {wire.input().bytes().begin(), wire.input().bytes().end()};
      replacement.output = {wire.output().bytes().begin(), wire.output().bytes().end()};
      replacement.type = FindEntityType(wire.type()).value_or(EntityType::OTHER_ID);
      replacement.treatment = FromWire(wire.treatment());
      replacement.score = wire.score();
      redacted.replacements.push_back(replacement);
    }
    return redacted;
  }

 private:
  // A new one after one that failed, whose texts have their errors by then.
  DetectStream& Stream() {
    if (stream_ != nullptr && stream_->failed()) stream_.reset();
    if (stream_ == nullptr)
      stream_ = std::make_unique<DetectStream>(stub_.get(), policy_, absl::Seconds(timeout_seconds_));
    return *stream_;
  }

  absl::StatusOr<Detection> DetectAlone(const std::string& text) {
    v1::DetectRequest request;
    request.set_text(text);
    *request.mutable_policy() = policy_;
    v1::DetectResponse response;
    if (absl::Status status = Call(&v1::Privet::Stub::Detect, request, &response); !status.ok())
      return status;
    return FromWire(response);
  }

  template <typename Method, typename Request, typename Response>
  absl::Status Call(Method method, const Request& request, Response* response) {
    return privet::Call(stub_.get(), method, timeout_seconds_, request, response);
  }

  std::unique_ptr<v1::Privet::Stub> stub_;
  v1::Policy policy_;
  Limits limits_;  // the server's
  size_t max_message_bytes_;
  double timeout_seconds_;
  std::unique_ptr<DetectStream> stream_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Backend>> NewRemoteBackend(const Policy& policy,
                                                          const ConnectionOptions& connection) {
  auto channel = ChannelTo(connection);
  if (!channel.ok()) return channel.status();
  std::unique_ptr<v1::Privet::Stub> stub = v1::Privet::NewStub(*channel);
  const absl::StatusOr<v1::InfoResponse> info = AskInfo(stub.get(), connection.timeout_seconds);
  if (!info.ok()) return info.status();
  // Faults in the policy are told before any text is sent; but only the server knows its operating points.
  const Limits limits = FromWire(info->limits());
  Policy checked = policy;
  checked.operating_point.clear();
  if (const auto compiled = CompilePolicy(checked, limits); !compiled.ok()) return compiled.status();
  return std::make_unique<RemoteBackend>(std::move(stub), policy, limits, info->limits().max_message_bytes(),
                                         connection.timeout_seconds);
}

absl::StatusOr<Capabilities> DescribeServer(const ConnectionOptions& connection) {
  auto channel = ChannelTo(connection);
  if (!channel.ok()) return channel.status();
  const std::unique_ptr<v1::Privet::Stub> stub = v1::Privet::NewStub(*channel);
  const absl::StatusOr<v1::InfoResponse> info = AskInfo(stub.get(), connection.timeout_seconds);
  if (!info.ok()) return info.status();
  const v1::InfoResponse& response = *info;
  Capabilities result;
  result.version = response.version();
  result.rules = response.bundle().rules();
  if (response.bundle().has_models()) result.bundle = FromWire(response.bundle());
  for (const v1::EntityTypeDescription& type : response.types()) {
    const std::optional<EntityType> known = FindEntityType(type.id());
    if (known.has_value()) result.available.set(IndexOf(*known), type.available());
  }
  for (const v1::OperatingPoint& point : response.operating_points()) {
    result.operating_points.push_back(FromWire(point));
  }
  const google::protobuf::Descriptor* limits = v1::Limits::descriptor();
  for (int i = 0; i < limits->field_count(); ++i) {
    result.limits.emplace_back(limits->field(i)->name(),
                               v1::Limits::GetReflection()->GetUInt64(response.limits(), limits->field(i)));
  }
  return result;
}

}  // namespace privet
