// gRPC's health checks, for "" and for the contract's service. gRPC's own service leaves Watch calls open, so
// that whoever watches would hold a server that ends for as long as it waits for calls.
#ifndef PRIVET_SERVER_HEALTH_H_
#define PRIVET_SERVER_HEALTH_H_

#include <grpc/health/v1/health.grpc.pb.h>
#include <grpcpp/support/server_callback.h>

#include <mutex>
#include <unordered_set>

namespace privet {

// SERVING until End. Thread-safe; outlives the server that it is registered with.
class HealthService final : public grpc::health::v1::Health::CallbackService {
 public:
  using Request = grpc::health::v1::HealthCheckRequest;
  using Response = grpc::health::v1::HealthCheckResponse;

  grpc::ServerUnaryReactor* Check(grpc::CallbackServerContext* context, const Request* request,
                                  Response* response) override;
  grpc::ServerWriteReactor<Response>* Watch(grpc::CallbackServerContext* context,
                                            const Request* request) override;

  // From now on NOT_SERVING: whoever watches hears so, and then the call ends with UNAVAILABLE. So does each
  // that comes later.
  void End();

 private:
  class Watcher;

  std::mutex mutex_;  // guards both below, and what watchers hold
  bool ended_ = false;
  std::unordered_set<Watcher*> watchers_;
};

}  // namespace privet

#endif  // PRIVET_SERVER_HEALTH_H_
