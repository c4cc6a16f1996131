#include "server/health.h"

#include <privet/v1/privet.grpc.pb.h>

#include <string_view>
#include <utility>

namespace privet {
namespace {

bool IsServed(std::string_view service) {
  return service.empty() || service == v1::Privet::service_full_name();
}

}  // namespace

// One Watch call. gRPC never calls a reactor back from within a write or a finish, so both may be begun under
// the mutex, and OnDone, which takes it too, deletes nothing that is in use.
class HealthService::Watcher final : public grpc::ServerWriteReactor<Response> {
 public:
  // The service's mutex is held, as in Tell.
  Watcher(HealthService* health, bool served) : health_(health), served_(served) {
    health_->watchers_.insert(this);
    Tell();
  }

  // Writes the status as it is now, once no write is under way.
  void Tell() {
    if (writing_ || finished_) return;
    message_.set_status(!served_          ? Response::SERVICE_UNKNOWN
                        : health_->ended_ ? Response::NOT_SERVING
                                          : Response::SERVING);
    told_of_end_ = health_->ended_;
    writing_ = true;
    StartWrite(&message_);
  }

  void OnWriteDone(bool ok) override {
    const std::lock_guard lock(health_->mutex_);
    writing_ = false;
    if (!ok) {
      FinishOnce({grpc::StatusCode::CANCELLED, "the client went away"});
    } else if (told_of_end_) {
      FinishOnce({grpc::StatusCode::UNAVAILABLE, "the server ends"});
    } else if (health_->ended_) {
      Tell();
    }
  }

  void OnCancel() override {
    const std::lock_guard lock(health_->mutex_);
    FinishOnce({grpc::StatusCode::CANCELLED, "the client went away"});
  }

  void OnDone() override {
    {
      const std::lock_guard lock(health_->mutex_);
      health_->watchers_.erase(this);
    }
    delete this;
  }

 private:
  void FinishOnce(const grpc::Status& status) {
    if (!std::exchange(finished_, true)) Finish(status);
  }

  HealthService* const health_;
  const bool served_;
  Response message_;  // belongs to the write under way
  bool writing_ = false;
  bool told_of_end_ = false;
  bool finished_ = false;
};

grpc::ServerUnaryReactor* HealthService::Check(grpc::CallbackServerContext* context, const Request* request,
                                               Response* response) {
  grpc::ServerUnaryReactor* const reactor = context->DefaultReactor();
  if (!IsServed(request->service())) {
    reactor->Finish({grpc::StatusCode::NOT_FOUND, "no service of this name"});
    return reactor;
  }
  {
    const std::lock_guard lock(mutex_);
    response->set_status(ended_ ? Response::NOT_SERVING : Response::SERVING);
  }
  reactor->Finish(grpc::Status::OK);
  return reactor;
}

grpc::ServerWriteReactor<HealthService::Response>* HealthService::Watch(grpc::CallbackServerContext*,
                                                                        const Request* request) {
  const std::lock_guard lock(mutex_);
  return new Watcher(this, IsServed(request->service()));
}

void HealthService::End() {
  const std::lock_guard lock(mutex_);
  ended_ = true;
  for (Watcher* const watcher : watchers_) watcher->Tell();
}

}  // namespace privet
