// What the methods answer, without the network.
#include "server/service.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/field_error.h"

namespace privet {
namespace {

class ServiceTest : public ::testing::Test {
 protected:
  ServiceTest() : engine_(*Engine::Load({}, {}, config_.limits())), admission_(8, 1 << 20), workers_(1) {}

  ServiceParts Parts() { return {config_, *engine_, admission_, workers_, metrics_, hash_key_}; }

  ServerConfig config_;
  std::unique_ptr<Engine> engine_;
  Admission admission_;
  WorkerPool workers_;
  Metrics metrics_;
  std::string hash_key_;
};

TEST_F(ServiceTest, ABatchAnswersEachTextAsDetectDoes) {
  const std::vector<std::string> texts = {"电话13800138000", "无", "a@example.com 192.0.2.1", "😀QQ：10001"};
  v1::BatchDetectRequest batch;
  for (const std::string& text : texts) batch.add_texts(text);
  v1::BatchDetectResponse together;
  ASSERT_TRUE(AnswerBatchDetect(Parts(), batch, {}, &together).ok());
  for (int i = 0; i < batch.texts_size(); ++i) {
    v1::DetectRequest request;
    request.set_text(texts[static_cast<size_t>(i)]);
    v1::DetectResponse alone;
    ASSERT_TRUE(AnswerDetect(Parts(), request, {}, &alone).ok());
    EXPECT_EQ(together.results(i).response().SerializeAsString(), alone.SerializeAsString());
  }
}

TEST_F(ServiceTest, ABatchOverItsLimitsIsRefusedWhole) {
  config_.max_batch_texts = 3;
  engine_ = *Engine::Load({}, {}, config_.limits());
  v1::BatchDetectRequest batch;
  for (int i = 0; i < 4; ++i) batch.add_texts("x");
  v1::BatchDetectResponse response;
  EXPECT_EQ(ViolationOf(AnswerBatchDetect(Parts(), batch, {}, &response)).field, "texts");
}

TEST_F(ServiceTest, HashIsRefusedWithoutAKeyAndStableWithOne) {
  v1::RedactRequest request;
  request.set_text("电话13800138000");
  request.mutable_default_redaction()->set_treatment(v1::TREATMENT_HASH);
  v1::RedactResponse first, second;
  EXPECT_EQ(AnswerRedact(Parts(), request, {}, &first).code(), absl::StatusCode::kFailedPrecondition);
  hash_key_ = "0123456789abcdef";
  ASSERT_TRUE(AnswerRedact(Parts(), request, {}, &first).ok());
  ASSERT_TRUE(AnswerRedact(Parts(), request, {}, &second).ok());
  EXPECT_EQ(first.text(), second.text());
  EXPECT_THAT(first.text(), ::testing::StartsWith("电话<PHONE_NUMBER:"));
}

TEST_F(ServiceTest, AStoppedCallIsCancelled) {
  v1::DetectRequest request;
  request.set_text("电话13800138000");
  v1::DetectResponse response;
  EXPECT_EQ(AnswerDetect(
                Parts(), request, [] { return true; }, &response)
                .code(),
            absl::StatusCode::kCancelled);
}

TEST_F(ServiceTest, InfoSpeaksOfEveryTypeAndLimit) {
  v1::InfoResponse info;
  ASSERT_TRUE(AnswerInfo(Parts(), &info).ok());
  EXPECT_EQ(static_cast<size_t>(info.types_size()), kEntityTypeCount);
  EXPECT_EQ(info.limits().max_text_bytes(), 1u << 20);
  EXPECT_FALSE(info.hash_available());
}

}  // namespace
}  // namespace privet
