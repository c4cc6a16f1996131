// What the methods answer, without the network.
#include "server/service.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "absl/time/clock.h"
#include "core/field_error.h"
#include "server/wire.h"

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

TEST_F(ServiceTest, ADefaultRedactionWithoutATreatmentSaysHowDefaultMasksLook) {
  ASSERT_EQ(Describe(EntityType::PHONE_NUMBER).treatment, Treatment::Mask);
  ASSERT_EQ(Describe(EntityType::URL).treatment, Treatment::Keep);
  v1::RedactRequest request;
  request.set_text("电话13800138000，见https://example.com/");
  request.mutable_default_redaction()->set_mask_with("#");
  request.mutable_default_redaction()->set_keep_first(3);
  v1::RedactResponse response;
  ASSERT_TRUE(AnswerRedact(Parts(), request, {}, &response).ok());
  EXPECT_EQ(response.text(), "电话138########，见https://example.com/");
  request.mutable_default_redaction()->set_mask_with("##");
  EXPECT_EQ(ViolationOf(AnswerRedact(Parts(), request, {}, &response)).field, "default_redaction.mask_with");
}

TEST_F(ServiceTest, WorkEndsAfterItsSecondsAndWithZeroNever) {
  const absl::Time begin = absl::Now();
  config_.max_work_seconds = 5;
  const absl::Time end = EndOfWork(config_);
  EXPECT_GE(end, begin + absl::Seconds(5));
  EXPECT_LE(end, absl::Now() + absl::Seconds(5));
  config_.max_work_seconds = 0;
  EXPECT_EQ(EndOfWork(config_), absl::InfiniteFuture());
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

TEST_F(ServiceTest, AStoppedCallCompilesNoPattern) {
  v1::Policy broken;
  v1::CustomRule* const rule = broken.add_custom_rules();
  rule->set_name("r");
  rule->set_pattern("(");
  const StopToken stop = [] { return true; };
  const auto code_of = [&](auto request, auto response, auto answer) {
    *request.mutable_policy() = broken;
    return answer(Parts(), request, stop, &response).code();
  };
  EXPECT_EQ(code_of(v1::DetectRequest(), v1::DetectResponse(), AnswerDetect), absl::StatusCode::kCancelled);
  EXPECT_EQ(code_of(v1::BatchDetectRequest(), v1::BatchDetectResponse(), AnswerBatchDetect),
            absl::StatusCode::kCancelled);
  EXPECT_EQ(code_of(v1::RedactRequest(), v1::RedactResponse(), AnswerRedact), absl::StatusCode::kCancelled);
}

TEST_F(ServiceTest, InfoSpeaksOfEveryTypeAndLimit) {
  v1::InfoResponse info;
  ASSERT_TRUE(AnswerInfo(Parts(), &info).ok());
  EXPECT_EQ(static_cast<size_t>(info.types_size()), kEntityTypeCount);
  EXPECT_EQ(info.limits().max_text_bytes(), 1u << 20);
  EXPECT_EQ(info.limits().max_in_flight_bytes(), 64u << 20);
  EXPECT_FALSE(info.hash_available());
}

TEST_F(ServiceTest, InfoSaysRulesAloneWithoutABundle) {
  v1::InfoResponse info;
  ASSERT_TRUE(AnswerInfo(Parts(), &info).ok());
  EXPECT_EQ(info.bundle().name(), "rules");
  EXPECT_FALSE(info.bundle().has_models());
  EXPECT_GT(info.bundle().rules(), 50u);
  EXPECT_EQ(info.bundle().stages_size() + info.bundle().types_size() + info.bundle().card_size(), 0);
  EXPECT_EQ(info.operating_points_size(), 3);
}

TEST_F(ServiceTest, InfoSpeaksOfTheBundlesModelsTypesAndOperatingPoints) {
  auto bundle = ParseBundleManifest(
      "{name: small, version: 1.2, types: [LOCATION, QQ], stage1: {folder: a}, stage2: {folder: b, head: "
      "span},\n"
      " operating_points: {balanced: {tau: {default: 0.1, LOCATION: 0.05}, min_score: {default: 0.5, QQ: "
      "0.7}, min_score_without_han: 0.6}},\n"
      " calibration: {documents: 9, alpha: 0.2, operating_point: balanced}, card: {licence: MIT}}\n",
      "/secret/place");
  ASSERT_TRUE(bundle.ok()) << bundle.status();
  PipelineContents contents = engine_->pipeline()->contents;
  ASSERT_FALSE(contents.types().test(IndexOf(EntityType::LOCATION)));
  contents.bundle = *std::move(bundle);

  v1::InfoResponse info;
  FillContents(contents, &info);
  EXPECT_EQ(info.bundle().name(), "small");
  EXPECT_EQ(info.bundle().version(), "1.2");
  EXPECT_TRUE(info.bundle().has_models());
  EXPECT_THAT(info.bundle().types(), ::testing::ElementsAre("LOCATION", "QQ"));
  ASSERT_EQ(info.bundle().stages_size(), 2);
  EXPECT_EQ(info.bundle().stages(1).head(), "span");
  EXPECT_EQ(info.bundle().window_tokens(), WindowSizes().max_tokens);
  EXPECT_EQ(info.bundle().calibration().alpha(), 0.2);
  EXPECT_EQ(info.bundle().card(0).text(), "MIT");
  ASSERT_EQ(info.operating_points_size(), 1);
  EXPECT_EQ(info.operating_points(0).min_score_by_type().at("QQ"), 0.7);
  EXPECT_EQ(info.operating_points(0).min_score_without_han(), 0.6);
  EXPECT_TRUE(info.operating_points(0).min_score_without_han_by_type().empty());
  EXPECT_EQ(info.operating_points(0).tau_by_type().at("LOCATION"), 0.05);
  EXPECT_EQ(info.operating_points(0).tau(), 0.1);
  std::set<std::string> available;
  for (const v1::EntityTypeDescription& type : info.types()) {
    if (type.available()) available.insert(type.id());
  }
  EXPECT_TRUE(available.contains("LOCATION"));                                      // models alone
  EXPECT_TRUE(available.contains("PHONE_NUMBER"));                                  // rules alone
  EXPECT_FALSE(available.contains("ORGANIZATION"));                                 // nothing
  EXPECT_THAT(info.DebugString(), ::testing::Not(::testing::HasSubstr("secret")));  // folders stay here
}

}  // namespace
}  // namespace privet
