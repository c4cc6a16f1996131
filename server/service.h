// The gRPC service: takes a call, admits it, hands the work to the pool and answers.
#ifndef PRIVET_SERVER_SERVICE_H_
#define PRIVET_SERVER_SERVICE_H_

#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/server_callback.h>
#include <privet/v1/privet.grpc.pb.h>

#include <functional>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "server/admission.h"
#include "server/config.h"
#include "server/engine.h"
#include "server/metrics.h"
#include "server/worker_pool.h"

namespace privet {

// What calls share. Everything in it outlives the service.
struct ServiceParts {
  const ServerConfig& config;
  Engine& engine;
  Admission& admission;
  WorkerPool& workers;
  Metrics& metrics;
  std::string hash_key;  // empty: `hash` is refused
};

// What one call asks of the pipeline, without the network: these are the whole meaning of the methods. Errors
// name the field relative to the request. Thread-safe.
absl::Status AnswerDetect(const ServiceParts& parts, const v1::DetectRequest& request, const StopToken& stop,
                          v1::DetectResponse* response);
absl::Status AnswerBatchDetect(const ServiceParts& parts, const v1::BatchDetectRequest& request,
                               const StopToken& stop, v1::BatchDetectResponse* response);
absl::Status AnswerRedact(const ServiceParts& parts, const v1::RedactRequest& request, const StopToken& stop,
                          v1::RedactResponse* response);
absl::Status AnswerInfo(const ServiceParts& parts, v1::InfoResponse* response);

// When work that begins now is given up: admission.max_work_seconds.
absl::Time EndOfWork(const ServerConfig& config);

// True once the call is cancelled, past its deadline, or worked on for too long.
StopToken StopTokenOf(grpc::CallbackServerContext* context, absl::Time end_of_work);

// A stopped call's status: CANCELLED when the client is gone, else DEADLINE_EXCEEDED.
absl::Status StoppedStatus(const grpc::CallbackServerContext& context,
                           absl::Time end_of_work = absl::InfiniteFuture());

// Messages arrive raw, because the generated code would answer text that is not UTF-8 with INTERNAL and no
// word about where.
using RawService = v1::Privet::WithRawCallbackMethod_Detect<v1::Privet::WithRawCallbackMethod_BatchDetect<
    v1::Privet::WithRawCallbackMethod_StreamDetect<v1::Privet::WithRawCallbackMethod_Redact<
        v1::Privet::WithRawCallbackMethod_Info<v1::Privet::Service>>>>>;

class PrivetService final : public RawService {
 public:
  explicit PrivetService(ServiceParts parts) : parts_(std::move(parts)) {}

  grpc::ServerUnaryReactor* Detect(grpc::CallbackServerContext* context, const grpc::ByteBuffer* request,
                                   grpc::ByteBuffer* response) override;
  grpc::ServerUnaryReactor* BatchDetect(grpc::CallbackServerContext* context, const grpc::ByteBuffer* request,
                                        grpc::ByteBuffer* response) override;
  grpc::ServerUnaryReactor* Redact(grpc::CallbackServerContext* context, const grpc::ByteBuffer* request,
                                   grpc::ByteBuffer* response) override;
  grpc::ServerUnaryReactor* Info(grpc::CallbackServerContext* context, const grpc::ByteBuffer* request,
                                 grpc::ByteBuffer* response) override;
  grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>* StreamDetect(
      grpc::CallbackServerContext* context) override;

 private:
  ServiceParts parts_;
};

// Shared by service.cc and stream.cc.
std::string BytesOf(const grpc::ByteBuffer& buffer);
grpc::ByteBuffer BufferOf(const google::protobuf::Message& message);
void LogCall(const ServiceParts& parts, std::string_view method, const grpc::Status& status,
             size_t request_bytes, absl::Duration queued, absl::Duration whole);

}  // namespace privet

#endif  // PRIVET_SERVER_SERVICE_H_
