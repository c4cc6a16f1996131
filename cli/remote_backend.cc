#include <grpcpp/grpcpp.h>
#include <privet/v1/privet.grpc.pb.h>

#include <fstream>
#include <sstream>

#include "absl/strings/str_cat.h"
#include "cli/backend.h"
#include "cli/wire.h"

namespace privet {
namespace {

absl::StatusOr<std::string> ReadFile(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream content;
  content << in.rdbuf();
  if (!in) return absl::NotFoundError(absl::StrCat(path, ": cannot read the file"));
  return content.str();
}

template <typename Method, typename Request, typename Response>
absl::Status Call(v1::Privet::Stub* stub, Method method, double timeout_seconds, const Request& request,
                  Response* response) {
  grpc::ClientContext context;
  context.set_wait_for_ready(false);
  context.set_deadline(std::chrono::system_clock::now() +
                       std::chrono::milliseconds(static_cast<int64_t>(timeout_seconds * 1000)));
  return FromGrpc((stub->*method)(&context, request, response));
}

absl::StatusOr<std::shared_ptr<grpc::Channel>> ChannelTo(const ConnectionOptions& connection) {
  std::shared_ptr<grpc::ChannelCredentials> credentials = grpc::InsecureChannelCredentials();
  const bool tls = !connection.tls_ca_file.empty() || !connection.tls_certificate_file.empty();
  if (tls) {
    grpc::SslCredentialsOptions options;
    for (const auto& [path, field] : {std::pair{&connection.tls_ca_file, &options.pem_root_certs},
                                      std::pair{&connection.tls_certificate_file, &options.pem_cert_chain},
                                      std::pair{&connection.tls_key_file, &options.pem_private_key}}) {
      if (path->empty()) continue;
      absl::StatusOr<std::string> content = ReadFile(*path);
      if (!content.ok()) return content.status();
      *field = *std::move(content);
    }
    credentials = grpc::SslCredentials(options);
  }
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(-1);
  return grpc::CreateCustomChannel(connection.server, credentials, arguments);
}

class RemoteBackend final : public Backend {
 public:
  RemoteBackend(const std::shared_ptr<grpc::Channel>& channel, const Policy& policy, double timeout_seconds)
      : stub_(v1::Privet::NewStub(channel)), policy_(ToWire(policy)), timeout_seconds_(timeout_seconds) {}

  // In calls of bounded size, whatever the caller hands over.
  std::vector<absl::StatusOr<Detection>> Detect(const std::vector<std::string>& texts) override {
    constexpr size_t kMostTexts = 200, kMostBytes = 1 << 20;
    std::vector<absl::StatusOr<Detection>> results;
    for (size_t begin = 0; begin < texts.size();) {
      v1::BatchDetectRequest request;
      *request.mutable_policy() = policy_;
      size_t end = begin, bytes = 0;
      while (end < texts.size() && end - begin < kMostTexts &&
             (end == begin || bytes + texts[end].size() <= kMostBytes)) {
        bytes += texts[end].size();
        request.add_texts(texts[end++]);
      }
      v1::BatchDetectResponse response;
      const absl::Status status = Call(&v1::Privet::Stub::BatchDetect, request, &response);
      for (size_t i = begin; i < end; ++i) {
        const int at = static_cast<int>(i - begin);
        if (!status.ok()) {
          results.emplace_back(status);
        } else if (at >= response.results_size()) {
          results.emplace_back(absl::InternalError("the server left out a result"));
        } else if (response.results(at).has_error()) {
          const auto& error = response.results(at).error();
          results.emplace_back(absl::Status(static_cast<absl::StatusCode>(error.code()), error.message()));
        } else {
          results.emplace_back(FromWire(response.results(at).response()));
        }
      }
      begin = end;
    }
    return results;
  }

  absl::StatusOr<RedactedText> Redact(const std::string& text, const RedactionPlan& plan) override {
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
  template <typename Method, typename Request, typename Response>
  absl::Status Call(Method method, const Request& request, Response* response) {
    return privet::Call(stub_.get(), method, timeout_seconds_, request, response);
  }

  std::unique_ptr<v1::Privet::Stub> stub_;
  v1::Policy policy_;
  double timeout_seconds_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Backend>> NewRemoteBackend(const Policy& policy,
                                                          const ConnectionOptions& connection) {
  // Faults in the policy are told before anything is sent; but only the server knows its operating points.
  Policy checked = policy;
  checked.operating_point.clear();
  if (const auto compiled = CompilePolicy(checked, Limits()); !compiled.ok()) return compiled.status();
  auto channel = ChannelTo(connection);
  if (!channel.ok()) return channel.status();
  return std::make_unique<RemoteBackend>(*std::move(channel), policy, connection.timeout_seconds);
}

absl::StatusOr<Capabilities> DescribeServer(const ConnectionOptions& connection) {
  auto channel = ChannelTo(connection);
  if (!channel.ok()) return channel.status();
  const std::unique_ptr<v1::Privet::Stub> stub = v1::Privet::NewStub(*channel);
  v1::InfoResponse response;
  if (absl::Status status =
          Call(stub.get(), &v1::Privet::Stub::Info, connection.timeout_seconds, v1::InfoRequest(), &response);
      !status.ok()) {
    return status;
  }
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
