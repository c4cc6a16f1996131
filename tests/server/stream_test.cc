// StreamDetect over the network, for what depends on threads and on order.
#include "server/stream.h"

#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "server/service.h"

namespace privet {
namespace {

using Stream = grpc::ClientReaderWriter<v1::StreamDetectRequest, v1::StreamDetectResponse>;

v1::StreamDetectRequest Message(size_t number, size_t text_bytes) {
  v1::StreamDetectRequest message;
  message.set_id(std::to_string(number));
  message.set_text(std::string(text_bytes, 'x'));
  return message;
}

class StreamTest : public ::testing::Test {
 protected:
  StreamTest() : engine_(*Engine::Load({}, {}, config_.limits())), admission_(8, 1 << 20), workers_(3) {
    config_.log_calls = false;
    grpc::ServerBuilder builder;
    int port = 0;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
    builder.RegisterService(&service_);
    server_ = builder.BuildAndStart();
    stub_ = v1::Privet::NewStub(
        grpc::CreateChannel("127.0.0.1:" + std::to_string(port), grpc::InsecureChannelCredentials()));
  }

  // Whether `condition` comes true within some seconds.
  template <typename Condition>
  static bool Eventually(const Condition& condition) {
    for (int i = 0; i < 1000; ++i) {
      if (condition()) return true;
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    return false;
  }

  ServerConfig config_;
  std::unique_ptr<Engine> engine_;
  Admission admission_;
  Metrics metrics_;
  WorkerPool workers_;
  PrivetService service_{{config_, *engine_, admission_, workers_, metrics_, ""}};
  std::unique_ptr<grpc::Server> server_;
  std::unique_ptr<v1::Privet::Stub> stub_;
};

// Meant for a sanitizer: a stream is over as soon as its last write is, which is then under way on a thread
// of gRPC while the worker that started it is still here.
TEST_F(StreamTest, StreamsThatAreCancelledWhileAnswersAreWrittenEnd) {
  std::vector<std::thread> clients;
  for (int client = 0; client < 4; ++client) {
    clients.emplace_back([&, client] {
      for (size_t round = 0; round < 100; ++round) {
        grpc::ClientContext context;
        const std::unique_ptr<Stream> stream = stub_->StreamDetect(&context);
        const size_t messages = 1 + (round + static_cast<size_t>(client)) % 5;
        for (size_t i = 0; i < messages; ++i) stream->Write(Message(i, 10));
        v1::StreamDetectResponse answer;
        for (size_t i = 0; i < round % messages; ++i) stream->Read(&answer);
        if (round % 4 == 0) std::this_thread::sleep_for(std::chrono::microseconds(100 * (round % 7)));
        context.TryCancel();
        EXPECT_FALSE(stream->Finish().ok());
      }
    });
  }
  for (std::thread& client : clients) client.join();
  EXPECT_TRUE(Eventually([&] { return admission_.calls_in_flight() == 0; }));
}

}  // namespace
}  // namespace privet
