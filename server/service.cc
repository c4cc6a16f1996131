#include "server/service.h"

#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "core/field_error.h"
#include "pipeline/redactor.h"
#include "server/error_details.h"
#include "server/logging.h"
#include "server/stream.h"
#include "server/wire.h"

namespace privet {
namespace {

// A policy belongs to the field "policy" of every request; the text to a field of its own.
absl::StatusOr<std::shared_ptr<const CompiledPolicy>> PolicyOf(const v1::Policy& policy,
                                                               const Pipeline& pipeline,
                                                               const StopToken& stop) {
  auto compiled =
      CompilePolicy(FromWire(policy), pipeline.detector->limits(), pipeline.contents.offer(), stop);
  if (!compiled.ok()) return PrefixField(compiled.status(), "policy");
  return compiled;
}

std::string_view NameOfCode(grpc::StatusCode code) {
  switch (code) {
    case grpc::StatusCode::OK:
      return "OK";
    case grpc::StatusCode::CANCELLED:
      return "CANCELLED";
    case grpc::StatusCode::INVALID_ARGUMENT:
      return "INVALID_ARGUMENT";
    case grpc::StatusCode::DEADLINE_EXCEEDED:
      return "DEADLINE_EXCEEDED";
    case grpc::StatusCode::RESOURCE_EXHAUSTED:
      return "RESOURCE_EXHAUSTED";
    case grpc::StatusCode::FAILED_PRECONDITION:
      return "FAILED_PRECONDITION";
    case grpc::StatusCode::UNAVAILABLE:
      return "UNAVAILABLE";
    default:
      return "INTERNAL";
  }
}

// Reads the request, has it answered and writes the answer.
template <typename Request, typename Response, typename Answer>
grpc::Status Work(const ServerConfig& config, grpc::CallbackServerContext* context,
                  const grpc::ByteBuffer& in, grpc::ByteBuffer* out, Answer answer) {
  const absl::Time end_of_work = EndOfWork(config);
  const StopToken stop = StopTokenOf(context, end_of_work);
  if (stop()) return ToGrpcStatus(StoppedStatus(*context, end_of_work));
  Request request;
  Response response;
  const std::string content = BytesOf(in);
  if (!request.ParseFromString(content)) return ToGrpcStatus(ExplainParseFailure(request, content));
  absl::Status status = answer(request, stop, &response);
  if (absl::IsCancelled(status)) status = StoppedStatus(*context, end_of_work);
  if (status.ok()) *out = BufferOf(response);
  return ToGrpcStatus(status);
}

// One unary call from arrival to answer.
template <typename Request, typename Response, typename Answer>
class UnaryCall final : public grpc::ServerUnaryReactor {
 public:
  UnaryCall(const ServiceParts& parts, std::string_view method, grpc::CallbackServerContext* context,
            const grpc::ByteBuffer* in, grpc::ByteBuffer* out, Answer answer)
      : parts_(parts), method_(method), context_(context), in_(in), out_(out), answer_(std::move(answer)) {
    std::string_view why;
    ticket_ = parts_.admission.TryEnter(bytes_, &why);
    if (!ticket_.has_value()) {
      parts_.metrics.CountRejected(why);
      context_->AddTrailingMetadata("grpc-retry-pushback-ms", "200");
      End(FullStatus(why), absl::ZeroDuration());
      return;
    }
    parts_.metrics.SetInFlight(parts_.admission.calls_in_flight());
    task_ = parts_.workers.Submit([this] { Run(); });
  }

  // A call that still waits for a worker gives its place to one whose client is there. gRPC calls this after
  // the constructor and before OnDone.
  void OnCancel() override {
    if (parts_.workers.Withdraw(task_)) End(ToGrpcStatus(StoppedStatus(*context_)), absl::Now() - arrival_);
  }

  void OnDone() override { delete this; }

 private:
  void Run() {
    const absl::Duration queued = absl::Now() - arrival_;
    parts_.metrics.CountQueueWait(queued);
    End(Work<Request, Response>(parts_.config, context_, *in_, out_, answer_), queued);
  }

  void End(const grpc::Status& status, absl::Duration queued) {
    LogCall(parts_, method_, status, bytes_, queued, absl::Now() - arrival_);
    ticket_.reset();
    parts_.metrics.SetInFlight(parts_.admission.calls_in_flight());
    Finish(status);
  }

  const ServiceParts& parts_;
  const std::string_view method_;
  grpc::CallbackServerContext* const context_;
  const grpc::ByteBuffer* const in_;
  grpc::ByteBuffer* const out_;
  const Answer answer_;
  const absl::Time arrival_ = absl::Now();
  const size_t bytes_ = in_->Length();
  std::optional<Admission::Ticket> ticket_;
  WorkerPool::TaskId task_ = WorkerPool::kNoTask;
};

// Deletes itself.
template <typename Request, typename Response, typename Answer>
grpc::ServerUnaryReactor* Serve(const ServiceParts& parts, std::string_view method,
                                grpc::CallbackServerContext* context, const grpc::ByteBuffer* in,
                                grpc::ByteBuffer* out, Answer answer) {
  return new UnaryCall<Request, Response, Answer>(parts, method, context, in, out, std::move(answer));
}

}  // namespace

std::string BytesOf(const grpc::ByteBuffer& buffer) {
  std::vector<grpc::Slice> slices;
  std::string bytes;
  if (!buffer.Dump(&slices).ok()) return bytes;
  bytes.reserve(buffer.Length());
  for (const grpc::Slice& slice : slices)
    bytes.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
  return bytes;
}

grpc::ByteBuffer BufferOf(const google::protobuf::Message& message) {
  const grpc::Slice slice(message.SerializeAsString());
  return grpc::ByteBuffer(&slice, 1);
}

void LogCall(const ServiceParts& parts, std::string_view method, const grpc::Status& status,
             size_t request_bytes, absl::Duration queued, absl::Duration whole) {
  const std::string_view code = NameOfCode(status.error_code());
  parts.metrics.CountCall(method, code, whole);
  if (!parts.config.log_calls) return;
  const std::string field = FieldAtFault(status);
  Log(status.ok() ? LogLevel::Info : LogLevel::Warning, "call",
      {{"method", method},
       {"code", code},
       {"field", field},
       {"request_bytes", static_cast<int64_t>(request_bytes)},
       {"queue_us", absl::ToInt64Microseconds(queued)},
       {"duration_us", absl::ToInt64Microseconds(whole)}});
}

absl::Time EndOfWork(const ServerConfig& config) {
  return config.max_work_seconds == 0 ? absl::InfiniteFuture()
                                      : absl::Now() + absl::Seconds(config.max_work_seconds);
}

StopToken StopTokenOf(grpc::CallbackServerContext* context, absl::Time end_of_work) {
  const auto deadline = context->deadline();
  return [context, deadline, end_of_work] {
    return context->IsCancelled() || std::chrono::system_clock::now() >= deadline ||
           absl::Now() >= end_of_work;
  };
}

absl::Status StoppedStatus(const grpc::CallbackServerContext& context, absl::Time end_of_work) {
  if (std::chrono::system_clock::now() >= context.deadline()) {
    return absl::DeadlineExceededError("the deadline passed; the work was stopped");
  }
  if (!context.IsCancelled() && absl::Now() >= end_of_work) {
    return absl::DeadlineExceededError(
        "the work took longer than the server's admission.max_work_seconds and was stopped; send less text "
        "at a "
        "time, and fewer or simpler patterns, or less when the server is busy");
  }
  return absl::CancelledError("the client went away; the work was stopped");
}

absl::Status AnswerDetect(const ServiceParts& parts, const v1::DetectRequest& request, const StopToken& stop,
                          v1::DetectResponse* response) {
  const std::shared_ptr<const Pipeline> pipeline = parts.engine.pipeline();
  const auto policy = PolicyOf(request.policy(), *pipeline, stop);
  if (!policy.ok()) return policy.status();
  const absl::StatusOr<Detection> detection = pipeline->detector->Detect(request.text(), **policy, stop);
  if (!detection.ok()) return detection.status();
  parts.metrics.CountText(request.text().size(), *detection);
  *response = ToWire(request.text(), *detection, request.policy());
  return absl::OkStatus();
}

absl::Status AnswerBatchDetect(const ServiceParts& parts, const v1::BatchDetectRequest& request,
                               const StopToken& stop, v1::BatchDetectResponse* response) {
  const std::shared_ptr<const Pipeline> pipeline = parts.engine.pipeline();
  const Limits& limits = pipeline->detector->limits();
  if (static_cast<size_t>(request.texts_size()) > limits.max_batch_texts) {
    return InvalidField("texts",
                        absl::StrCat("has ", request.texts_size(), " texts, at most ", limits.max_batch_texts,
                                     " are allowed; send more calls, or use StreamDetect"));
  }
  size_t bytes = 0;
  for (const std::string& text : request.texts()) bytes += text.size();
  if (bytes > limits.max_batch_bytes) {
    return InvalidField("texts",
                        absl::StrCat("have ", bytes, " bytes together, at most ", limits.max_batch_bytes,
                                     " are allowed; send more calls, or use StreamDetect"));
  }
  const auto policy = PolicyOf(request.policy(), *pipeline, stop);
  if (!policy.ok()) return policy.status();
  const std::vector<std::string_view> texts(request.texts().begin(), request.texts().end());
  const auto detections = pipeline->detector->DetectEach(texts, **policy, stop);
  for (int i = 0; i < request.texts_size(); ++i) {
    const std::string& text = request.texts(i);
    const absl::StatusOr<Detection>& detection = detections[static_cast<size_t>(i)];
    v1::DetectResult* result = response->add_results();
    if (detection.ok()) {
      parts.metrics.CountText(text.size(), *detection);
      *result->mutable_response() = ToWire(text, *detection, request.policy());
    } else if (absl::IsCancelled(detection.status())) {
      return detection.status();
    } else {
      const FieldViolation violation = ViolationOf(detection.status());
      *result->mutable_error() = ToRpcStatus(
          violation.field.empty() ? detection.status()
                                  : InvalidField(absl::StrCat("texts[", i, "]"), violation.description));
    }
  }
  return absl::OkStatus();
}

absl::Status AnswerRedact(const ServiceParts& parts, const v1::RedactRequest& request, const StopToken& stop,
                          v1::RedactResponse* response) {
  const std::shared_ptr<const Pipeline> pipeline = parts.engine.pipeline();
  const auto policy = PolicyOf(request.policy(), *pipeline, stop);
  if (!policy.ok()) return policy.status();
  const absl::StatusOr<RedactionPlan> plan = FromWire(request, parts.hash_key);
  if (!plan.ok()) return plan.status();
  const absl::StatusOr<Detection> detection = pipeline->detector->Detect(request.text(), **policy, stop);
  if (!detection.ok()) return detection.status();
  parts.metrics.CountText(request.text().size(), *detection);
  const RedactedText redacted = Redact(request.text(), detection->findings, *plan);
  FillReplacements(request.text(), redacted, response);
  response->set_text(redacted.text);
  response->set_truncated(detection->truncated);
  return absl::OkStatus();
}

absl::Status AnswerInfo(const ServiceParts& parts, v1::InfoResponse* response) {
  const std::shared_ptr<const Pipeline> pipeline = parts.engine.pipeline();
  response->set_version(PRIVET_VERSION);
  FillContents(pipeline->contents, response);
  const Limits& in_force = pipeline->detector->limits();
  v1::Limits* limits = response->mutable_limits();
  limits->set_max_text_bytes(in_force.max_text_bytes);
  limits->set_max_batch_texts(in_force.max_batch_texts);
  limits->set_max_batch_bytes(in_force.max_batch_bytes);
  limits->set_max_findings(in_force.max_findings);
  limits->set_max_custom_rules(in_force.max_custom_rules);
  limits->set_max_pattern_bytes(in_force.max_pattern_bytes);
  limits->set_max_context_words(in_force.max_context_words);
  limits->set_max_list_entries(in_force.max_list_entries);
  limits->set_max_entry_bytes(in_force.max_entry_bytes);
  limits->set_max_message_bytes(static_cast<uint64_t>(parts.config.max_message_bytes));
  limits->set_max_in_flight(static_cast<uint64_t>(parts.config.max_in_flight));
  limits->set_max_in_flight_bytes(static_cast<uint64_t>(parts.config.max_in_flight_bytes));
  limits->set_max_stream_in_flight(static_cast<uint64_t>(parts.config.max_stream_in_flight));
  limits->set_max_stream_idle_seconds(static_cast<uint64_t>(parts.config.max_stream_idle_seconds));
  limits->set_max_work_seconds(static_cast<uint64_t>(parts.config.max_work_seconds));
  response->set_hash_available(!parts.hash_key.empty());
  return absl::OkStatus();
}

grpc::ServerUnaryReactor* PrivetService::Detect(grpc::CallbackServerContext* context,
                                                const grpc::ByteBuffer* request, grpc::ByteBuffer* response) {
  return Serve<v1::DetectRequest, v1::DetectResponse>(
      parts_, "Detect", context, request, response, [this](const auto& in, const StopToken& stop, auto* out) {
        return AnswerDetect(parts_, in, stop, out);
      });
}

grpc::ServerUnaryReactor* PrivetService::BatchDetect(grpc::CallbackServerContext* context,
                                                     const grpc::ByteBuffer* request,
                                                     grpc::ByteBuffer* response) {
  return Serve<v1::BatchDetectRequest, v1::BatchDetectResponse>(
      parts_, "BatchDetect", context, request, response,
      [this](const auto& in, const StopToken& stop, auto* out) {
        return AnswerBatchDetect(parts_, in, stop, out);
      });
}

grpc::ServerUnaryReactor* PrivetService::Redact(grpc::CallbackServerContext* context,
                                                const grpc::ByteBuffer* request, grpc::ByteBuffer* response) {
  return Serve<v1::RedactRequest, v1::RedactResponse>(
      parts_, "Redact", context, request, response, [this](const auto& in, const StopToken& stop, auto* out) {
        return AnswerRedact(parts_, in, stop, out);
      });
}

grpc::ServerUnaryReactor* PrivetService::Info(grpc::CallbackServerContext* context,
                                              const grpc::ByteBuffer* request, grpc::ByteBuffer* response) {
  // Neither admitted nor queued, so that a server that is full or busy can still be asked; it reads no text.
  grpc::ServerUnaryReactor* const reactor = context->DefaultReactor();
  const absl::Time arrival = absl::Now();
  const grpc::Status result = Work<v1::InfoRequest, v1::InfoResponse>(
      parts_.config, context, *request, response,
      [this](const auto&, const StopToken&, auto* out) { return AnswerInfo(parts_, out); });
  LogCall(parts_, "Info", result, request->Length(), absl::ZeroDuration(), absl::Now() - arrival);
  reactor->Finish(result);
  return reactor;
}

grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>* PrivetService::StreamDetect(
    grpc::CallbackServerContext* context) {
  return NewDetectStream(parts_, context);
}

}  // namespace privet
