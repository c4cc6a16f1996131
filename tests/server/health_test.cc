// Over the network: what counts is the order in which watching clients hear of the end.
#include "server/health.h"

#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>

namespace privet {
namespace {

using Request = HealthService::Request;
using Response = HealthService::Response;
using Watching = std::unique_ptr<grpc::ClientReader<Response>>;

class HealthTest : public ::testing::Test {
 protected:
  HealthTest() {
    grpc::ServerBuilder builder;
    int port = 0;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
    builder.RegisterService(&health_);
    server_ = builder.BuildAndStart();
    stub_ = grpc::health::v1::Health::NewStub(
        grpc::CreateChannel("127.0.0.1:" + std::to_string(port), grpc::InsecureChannelCredentials()));
  }

  static Request For(const std::string& service) {
    Request request;
    request.set_service(service);
    return request;
  }

  // What Check says of the service, or its code.
  std::string Checked(const std::string& service) {
    grpc::ClientContext context;
    Response response;
    const grpc::Status status = stub_->Check(&context, For(service), &response);
    if (status.ok()) return Response::ServingStatus_Name(response.status());
    return status.error_code() == grpc::StatusCode::NOT_FOUND ? "not found" : status.error_message();
  }

  static std::string Next(const Watching& watching) {
    Response response;
    return watching->Read(&response) ? Response::ServingStatus_Name(response.status()) : "over";
  }

  HealthService health_;
  std::unique_ptr<grpc::Server> server_;
  std::unique_ptr<grpc::health::v1::Health::Stub> stub_;
};

TEST_F(HealthTest, ChecksKnowTheServerAndItsService) {
  EXPECT_EQ(Checked(""), "SERVING");
  EXPECT_EQ(Checked("privet.v1.Privet"), "SERVING");
  EXPECT_EQ(Checked("privet.v2.Privet"), "not found");
  health_.End();
  EXPECT_EQ(Checked(""), "NOT_SERVING");
  EXPECT_EQ(Checked("privet.v1.Privet"), "NOT_SERVING");
}

TEST_F(HealthTest, WhoWatchesHearsOfTheEndAndHoldsNoServer) {
  grpc::ClientContext known_context, unknown_context, cancelled_context, late_context;
  const Watching known = stub_->Watch(&known_context, For("privet.v1.Privet"));
  const Watching unknown = stub_->Watch(&unknown_context, For("privet.v2.Privet"));
  const Watching cancelled = stub_->Watch(&cancelled_context, For(""));
  EXPECT_EQ(Next(known), "SERVING");
  EXPECT_EQ(Next(unknown), "SERVICE_UNKNOWN");
  EXPECT_EQ(Next(cancelled), "SERVING");
  cancelled_context.TryCancel();
  EXPECT_EQ(cancelled->Finish().error_code(), grpc::StatusCode::CANCELLED);

  health_.End();
  const Watching late = stub_->Watch(&late_context, For(""));
  EXPECT_EQ(Next(late), "NOT_SERVING");
  EXPECT_EQ(late->Finish().error_code(), grpc::StatusCode::UNAVAILABLE);

  // The others have not read yet: what was written is on its way, and nobody waits for them to take it.
  const auto begin = std::chrono::steady_clock::now();
  server_->Shutdown(std::chrono::system_clock::now() + std::chrono::seconds(60));
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(30));
  EXPECT_EQ(Next(known), "NOT_SERVING");
  EXPECT_EQ(known->Finish().error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_EQ(Next(unknown), "SERVICE_UNKNOWN");
  EXPECT_EQ(unknown->Finish().error_code(), grpc::StatusCode::UNAVAILABLE);
}

}  // namespace
}  // namespace privet
