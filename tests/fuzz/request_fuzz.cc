// Arbitrary bytes as a DetectRequest, a BatchDetectRequest and a RedactRequest, from parsing to the answer.
#include <google/protobuf/stubs/logging.h>

#include <cstdlib>

#include "server/error_details.h"
#include "server/service.h"

namespace privet {
namespace {

struct Fixture {
  ServerConfig config;
  std::unique_ptr<Engine> engine = *Engine::Load({}, {}, config.limits());
  Admission admission{8, 1 << 20};
  WorkerPool workers{1};
  Metrics metrics;
  ServiceParts parts{config, *engine, admission, workers, metrics, "a key for the fuzzer"};
};

template <typename Request, typename Response, typename Answer>
void Try(const Fixture& fixture, std::string_view bytes, Answer answer) {
  Request request;
  const std::string content(bytes);
  if (!request.ParseFromString(content)) {
    if (ExplainParseFailure(request, content).code() != absl::StatusCode::kInvalidArgument) std::abort();
    return;
  }
  Response response;
  const absl::Status status = answer(fixture.parts, request, StopToken(), &response);
  if (status.ok()) {
    if (!response.ParseFromString(response.SerializeAsString())) std::abort();
  } else if (ToGrpcStatus(status).ok()) {
    std::abort();
  }
}

}  // namespace
}  // namespace privet

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const privet::Fixture* const fixture = [] {
    google::protobuf::SetLogHandler(nullptr);
    return new privet::Fixture();
  }();
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  switch (data[0] % 3) {
    case 0:
      privet::Try<privet::v1::DetectRequest, privet::v1::DetectResponse>(*fixture, bytes,
                                                                         privet::AnswerDetect);
      break;
    case 1:
      privet::Try<privet::v1::BatchDetectRequest, privet::v1::BatchDetectResponse>(*fixture, bytes,
                                                                                   privet::AnswerBatchDetect);
      break;
    default:
      privet::Try<privet::v1::RedactRequest, privet::v1::RedactResponse>(*fixture, bytes,
                                                                         privet::AnswerRedact);
  }
  return 0;
}
