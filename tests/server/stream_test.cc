// Calls over the network, StreamDetect above all, for what depends on threads and on order.
#include "server/stream.h"

#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>
#include <prometheus/metric_family.h>

#include <chrono>
#include <future>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "server/service.h"

namespace privet {
namespace {

using Stream = grpc::ClientReaderWriter<v1::StreamDetectRequest, v1::StreamDetectResponse>;

constexpr size_t kMaxBytes = 1000;

v1::StreamDetectRequest Message(size_t number, size_t text_bytes) {
  v1::StreamDetectRequest message;
  message.set_id(std::to_string(number));
  message.set_text(std::string(text_bytes, 'x'));
  return message;
}

class StreamTest : public ::testing::Test {
 protected:
  explicit StreamTest(size_t workers = 3)
      : engine_(*Engine::Load({}, {}, config_.limits())), admission_(8, kMaxBytes), workers_(workers) {
    config_.log_calls = false;
    grpc::ServerBuilder builder;
    int port = 0;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
    builder.RegisterService(&service_);
    server_ = builder.BuildAndStart();
    stub_ = v1::Privet::NewStub(
        grpc::CreateChannel("127.0.0.1:" + std::to_string(port), grpc::InsecureChannelCredentials()));
  }

  // Whether a call of so many bytes would find room.
  bool HasRoomFor(size_t bytes) {
    std::string_view why;
    return admission_.TryEnter(bytes, &why).has_value();
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

  // How many streams ended with this code, by the metrics.
  double Counted(const std::string& code) {
    const std::vector<prometheus::MetricFamily> families = metrics_.registry()->Collect();
    for (const prometheus::MetricFamily& family : families) {
      if (family.name != "privet_requests_total") continue;
      for (const prometheus::ClientMetric& metric : family.metric) {
        for (const auto& label : metric.label)
          if (label.name == "code" && label.value == code) return metric.counter.value;
      }
    }
    return 0;
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

class StreamWithOneWorkerTest : public StreamTest {
 protected:
  StreamWithOneWorkerTest() : StreamTest(1) {}
};

TEST_F(StreamWithOneWorkerTest, MessagesCountAmongTheBytesInFlightAndWaitForRoom) {
  grpc::ClientContext context;
  const std::unique_ptr<Stream> stream = stub_->StreamDetect(&context);
  v1::StreamDetectResponse answer;
  ASSERT_TRUE(stream->Write(Message(0, 1)) && stream->Read(&answer));

  std::promise<void> go_on;
  workers_.Submit([&] { go_on.get_future().wait(); });
  for (size_t i = 1; i <= 6; ++i) ASSERT_TRUE(stream->Write(Message(i, 600)));
  EXPECT_TRUE(Eventually([&] { return !HasRoomFor(450); })) << "the first message is not counted";
  std::this_thread::sleep_for(std::chrono::milliseconds(100));
  EXPECT_TRUE(HasRoomFor(350)) << "more messages were let in than there is room for";
  go_on.set_value();
  for (size_t i = 1; i <= 6; ++i) {
    ASSERT_TRUE(stream->Read(&answer));
    EXPECT_EQ(answer.id(), std::to_string(i));
  }
  stream->WritesDone();
  EXPECT_TRUE(stream->Finish().ok());
  EXPECT_TRUE(Eventually([&] { return admission_.calls_in_flight() == 0; }));
}

TEST_F(StreamWithOneWorkerTest, ACallThatWaitsForAWorkerLosesItsPlaceWhenItsTimeIsUpOrItsClientGone) {
  std::promise<void> go_on;
  workers_.Submit([&] { go_on.get_future().wait(); });
  v1::DetectRequest request;
  request.set_text(std::string(900, 'x'));
  v1::DetectResponse response;
  {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::milliseconds(200));
    EXPECT_EQ(stub_->Detect(&context, request, &response).error_code(), grpc::StatusCode::DEADLINE_EXCEEDED);
  }
  EXPECT_TRUE(Eventually([&] { return admission_.calls_in_flight() == 0; }));
  EXPECT_TRUE(HasRoomFor(900));
  {
    grpc::ClientContext context;
    std::thread client([&] { EXPECT_FALSE(stub_->Detect(&context, request, &response).ok()); });
    EXPECT_TRUE(Eventually([&] { return admission_.calls_in_flight() == 1; }));
    context.TryCancel();
    client.join();
  }
  EXPECT_TRUE(Eventually([&] { return admission_.calls_in_flight() == 0; }));
  EXPECT_TRUE(Eventually([&] { return Counted("DEADLINE_EXCEEDED") + Counted("CANCELLED") == 2; }));
  go_on.set_value();
  grpc::ClientContext context;
  EXPECT_TRUE(stub_->Detect(&context, request, &response).ok());
}

TEST_F(StreamTest, AnswersThatNobodyReadsKeepNoOtherStreamOut) {
  grpc::ClientContext context, other_context;
  const std::unique_ptr<Stream> unread = stub_->StreamDetect(&context);
  for (size_t i = 0; i < 8; ++i) ASSERT_TRUE(unread->Write(Message(i, 900)));
  const std::unique_ptr<Stream> other = stub_->StreamDetect(&other_context);
  v1::StreamDetectResponse answer;
  for (size_t i = 0; i < 8; ++i) {
    ASSERT_TRUE(other->Write(Message(i, 900)) && other->Read(&answer));
    EXPECT_EQ(answer.id(), std::to_string(i));
  }
  context.TryCancel();
  other_context.TryCancel();
  unread->Finish();
  other->Finish();
  EXPECT_TRUE(Eventually([&] { return admission_.calls_in_flight() == 0; }));
}

TEST_F(StreamTest, ManyStreamsOfMessagesThatNeverFitTogetherAreAllAnswered) {
  std::vector<std::thread> clients;
  for (int client = 0; client < 4; ++client) {
    clients.emplace_back([&] {
      grpc::ClientContext context;
      context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(60));
      const std::unique_ptr<Stream> stream = stub_->StreamDetect(&context);
      std::thread writer([&] {
        for (size_t i = 0; i < 100; ++i) stream->Write(Message(i, i % 3 == 0 ? 2 * kMaxBytes : 400));
        stream->WritesDone();
      });
      size_t answers = 0;
      v1::StreamDetectResponse answer;
      while (stream->Read(&answer)) ++answers;
      writer.join();
      EXPECT_TRUE(stream->Finish().ok());
      EXPECT_EQ(answers, 100u);
    });
  }
  for (std::thread& client : clients) client.join();
  EXPECT_TRUE(Eventually([&] { return admission_.calls_in_flight() == 0; }));
}

TEST_F(StreamTest, AStreamIsCountedByHowItEndedForTheClient) {
  constexpr int kEach = 20;
  for (int i = 0; i < 2 * kEach; ++i) {
    const bool cancelled = i % 2 == 0;
    grpc::ClientContext context;
    const std::unique_ptr<Stream> stream = stub_->StreamDetect(&context);
    v1::StreamDetectResponse answer;
    ASSERT_TRUE(stream->Write(Message(0, 1)) && stream->Read(&answer));
    if (cancelled) {
      context.TryCancel();
    } else {
      stream->WritesDone();
    }
    EXPECT_EQ(stream->Finish().ok(), !cancelled);
  }
  EXPECT_TRUE(Eventually([&] { return Counted("CANCELLED") + Counted("OK") == 2 * kEach; }));
  EXPECT_EQ(Counted("OK"), kEach);
}

TEST_F(StreamTest, AStreamThatAShutdownEndsIsNoSuccess) {
  grpc::ClientContext context;
  const std::unique_ptr<Stream> stream = stub_->StreamDetect(&context);
  v1::StreamDetectResponse answer;
  ASSERT_TRUE(stream->Write(Message(0, 1)) && stream->Read(&answer));
  server_->Shutdown(std::chrono::system_clock::now());
  EXPECT_EQ(stream->Finish().error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_EQ(Counted("CANCELLED"), 1);
  EXPECT_EQ(Counted("OK"), 0);
}

class StreamWithLittlePatienceTest : public StreamTest {
 protected:
  StreamWithLittlePatienceTest() { config_.max_stream_idle_seconds = 1; }
};

TEST_F(StreamWithLittlePatienceTest, AStreamThatIsForgottenLosesItsPlace) {
  grpc::ClientContext unused_context, used_context;
  const std::unique_ptr<Stream> unused = stub_->StreamDetect(&unused_context);
  const std::unique_ptr<Stream> used = stub_->StreamDetect(&used_context);
  v1::StreamDetectResponse answer;
  ASSERT_TRUE(used->Write(Message(0, 1)) && used->Read(&answer));
  EXPECT_FALSE(unused->Read(&answer));
  EXPECT_EQ(unused->Finish().error_code(), grpc::StatusCode::DEADLINE_EXCEEDED);
  EXPECT_FALSE(used->Read(&answer));
  EXPECT_EQ(used->Finish().error_code(), grpc::StatusCode::DEADLINE_EXCEEDED);
  EXPECT_TRUE(Eventually([&] { return admission_.calls_in_flight() == 0; }));
  EXPECT_EQ(Counted("DEADLINE_EXCEEDED"), 2);
}

// Answers with ids as large as they may be, until no more fit on their way; then the server waits.
TEST_F(StreamWithLittlePatienceTest, AStreamWhoseAnswersNobodyTakesLosesItsPlace) {
  grpc::ClientContext context;
  const std::unique_ptr<Stream> stream = stub_->StreamDetect(&context);
  std::thread writer([&] {
    v1::StreamDetectRequest message;
    message.set_id(std::string(256, 'i'));
    message.set_text("x");
    while (stream->Write(message)) {
    }
  });
  EXPECT_TRUE(Eventually([&] { return admission_.calls_in_flight() == 0; }));
  writer.join();
  v1::StreamDetectResponse answer;
  while (stream->Read(&answer)) {
  }
  EXPECT_FALSE(stream->Finish().ok());
}

TEST_F(StreamWithLittlePatienceTest, AStreamThatIsUsedNowAndThenGoesOn) {
  grpc::ClientContext context;
  const std::unique_ptr<Stream> stream = stub_->StreamDetect(&context);
  v1::StreamDetectResponse answer;
  for (size_t i = 0; i < 8; ++i) {
    ASSERT_TRUE(stream->Write(Message(i, 1)) && stream->Read(&answer)) << i;
    std::this_thread::sleep_for(std::chrono::milliseconds(250));
  }
  stream->WritesDone();
  EXPECT_TRUE(stream->Finish().ok());
}

class StreamWithoutLimitsOfTimeTest : public StreamTest {
 protected:
  StreamWithoutLimitsOfTimeTest() {
    config_.max_stream_idle_seconds = 0;
    config_.max_work_seconds = 0;
  }
};

TEST_F(StreamWithoutLimitsOfTimeTest, ZeroSecondsAreNeverAndNotAtOnce) {
  grpc::ClientContext context;
  const std::unique_ptr<Stream> stream = stub_->StreamDetect(&context);
  v1::StreamDetectResponse answer;
  for (size_t i = 0; i < 3; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(300));
    ASSERT_TRUE(stream->Write(Message(i, 100)) && stream->Read(&answer)) << i;
    EXPECT_TRUE(answer.result().has_response());
  }
  stream->WritesDone();
  EXPECT_TRUE(stream->Finish().ok());

  grpc::ClientContext unary_context;
  v1::DetectRequest request;
  request.set_text("x");
  v1::DetectResponse response;
  EXPECT_TRUE(stub_->Detect(&unary_context, request, &response).ok());
}

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
