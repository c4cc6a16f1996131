// A bundle that Transformers and PEFT wrote, read by the stages: what Transformers and PEFT say of some hard
// lines is in hf_golden/golden.json (make_hf_golden.py says how it was made).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>

#include "pipeline/detector.h"
#include "pipeline/load.h"
#include "qwen3/text_model.h"
#include "stage1_recall/recall_stage.h"
#include "stage2_filter/filter_stage.h"

namespace privet {
namespace {

const std::filesystem::path kFolder = "tests/bundles/hf_golden";
const TokenModelOptions kExact = {"cpu", Precision::Fp32, 1};
// The goldens are rounded to 1e-6; sums in another order differ by about that again.
constexpr double kTolerance = 1e-4;

nlohmann::json Golden() { return nlohmann::json::parse(std::ifstream(kFolder / "golden.json")); }

PackedTokens TokensOfLine(const nlohmann::json& line) {
  const auto ids = line["ids"].get<std::vector<int32_t>>();
  return {ids, {0, static_cast<int32_t>(ids.size())}};
}

void ExpectLogits(const TextModel& model, const nlohmann::json& golden, const std::string& who) {
  for (const nlohmann::json& line : golden["lines"]) {
    SCOPED_TRACE(line["text"].get<std::string>());
    std::vector<Token> tokens;
    model.tokenizer->Encode(line["text"].get<std::string>(), &tokens);
    ASSERT_EQ(tokens.size(), line["ids"].size());
    for (size_t t = 0; t < tokens.size(); ++t) {
      EXPECT_EQ(tokens[t].id, line["ids"][t]);
      EXPECT_EQ(tokens[t].bytes, (Span{line["offsets"][t][0], line["offsets"][t][1]})) << t;
    }
    const absl::StatusOr<TokenRows> rows = model.forward(TokensOfLine(line));
    ASSERT_TRUE(rows.ok()) << rows.status();
    ASSERT_EQ(rows->width, golden["labels"].size());
    for (size_t t = 0; t < tokens.size(); ++t) {
      const std::span<const float> row = rows->Rows(t, t + 1);
      for (size_t label = 0; label < row.size(); ++label) {
        EXPECT_NEAR(row[label], line[who + "_logits"][t][label].get<double>(), kTolerance) << t;
      }
      EXPECT_EQ(std::max_element(row.begin(), row.end()) - row.begin(), line[who + "_labels"][t]) << t;
    }
  }
}

TEST(HuggingFaceBundleTest, ACheckpointGivesTheLabelsOfTransformers) {
  const auto model = LoadTextModel({.folder = kFolder / "base"}, kExact);
  ASSERT_TRUE(model.ok()) << model.status();
  ExpectLogits(*model, Golden(), "base");
}

TEST(HuggingFaceBundleTest, AnAdapterGivesTheLabelsOfPeft) {
  const auto stage = LoadRecallStage({.folder = kFolder / "stage1", .base = kFolder / "base"}, kExact);
  ASSERT_TRUE(stage.ok()) << stage.status();
  ExpectLogits(stage->model, Golden(), "stage1");
}

TEST(HuggingFaceBundleTest, ASpanHeadGivesTheProbabilitiesOfItsFormula) {
  const auto stage =
      LoadFilterStage({.folder = kFolder / "stage2", .base = kFolder / "base"}, FilterHead::Span, kExact);
  ASSERT_TRUE(stage.ok()) << stage.status();
  const nlohmann::json golden = Golden();
  size_t spans_seen = 0;
  for (const nlohmann::json& line : golden["lines"]) {
    SCOPED_TRACE(line["text"].get<std::string>());
    const absl::StatusOr<TokenRows> rows = stage->model.forward(TokensOfLine(line));
    ASSERT_TRUE(rows.ok()) << rows.status();
    std::vector<TokenRange> spans;
    for (const nlohmann::json& span : line["spans"]) spans.push_back({span[0], span[1]});
    const auto readings = stage->reader->Read(rows->values, spans);
    ASSERT_TRUE(readings.ok()) << readings.status();
    ASSERT_EQ(readings->size(), spans.size());
    for (size_t s = 0; s < spans.size(); ++s) {
      const nlohmann::json& log_probs = line["span_log_probs"][s];
      for (size_t c = 1; c < golden["classes"].size(); ++c) {
        const EntityType type = *FindEntityType(golden["classes"][c].get<std::string>());
        EXPECT_NEAR(ProbabilityOf((*readings)[s], type), std::exp(log_probs[c].get<double>()), kTolerance);
        EXPECT_NEAR((*readings)[s].log_odds[IndexOf(type)],
                    log_probs[c].get<double>() - log_probs[0].get<double>(), 10 * kTolerance);
      }
      ++spans_seen;
    }
  }
  EXPECT_GT(spans_seen, 50u);
}

TEST(HuggingFaceBundleTest, Int8StaysNearFp32) {
  TokenModelOptions int8 = kExact;
  int8.precision = Precision::Int8;
  const ModelFolder folder = {.folder = kFolder / "stage1", .base = kFolder / "base"};
  const auto exact = LoadTextModel(folder, kExact);
  const auto quantised = LoadTextModel(folder, int8);
  ASSERT_TRUE(exact.ok() && quantised.ok()) << quantised.status();
  double errors = 0, squares = 0;
  const nlohmann::json golden = Golden();
  for (const nlohmann::json& line : golden["lines"]) {
    const auto a = exact->forward(TokensOfLine(line)), b = quantised->forward(TokensOfLine(line));
    ASSERT_TRUE(a.ok() && b.ok());
    for (size_t i = 0; i < a->values.size(); ++i) {
      errors += std::pow(a->values[i] - b->values[i], 2);
      squares += std::pow(a->values[i], 2);
    }
  }
  EXPECT_GT(errors, 0);
  EXPECT_LT(std::sqrt(errors / squares), 0.05);
}

TEST(HuggingFaceBundleTest, TheAnswersForManyTextsAreThoseThatEachGetsAlone) {
  const auto contents = ReadContents({{}, kFolder});
  ASSERT_TRUE(contents.ok()) << contents.status();
  const auto detector = LoadDetector(*contents, {"cpu", "fp32", 64, 1, {}}, Limits());
  ASSERT_TRUE(detector.ok()) << detector.status();
  const auto policy = CompilePolicy({}, Limits(), contents->offer());
  ASSERT_TRUE(policy.ok()) << policy.status();
  std::vector<std::string> texts;
  std::string all;
  const nlohmann::json golden = Golden();
  for (const nlohmann::json& line : golden["lines"]) {
    texts.push_back(line["text"]);
    all += texts.back() + "\n";
  }
  texts.push_back(all + all);
  const std::vector<std::string_view> views(texts.begin(), texts.end());
  const auto together = (*detector)->DetectEach(views, **policy);
  size_t by_both_stages = 0;
  for (size_t i = 0; i < texts.size(); ++i) {
    const auto alone = (*detector)->Detect(texts[i], **policy);
    ASSERT_TRUE(alone.ok() && together[i].ok()) << alone.status() << together[i].status();
    ASSERT_EQ(alone->findings.size(), together[i]->findings.size()) << i;
    for (size_t f = 0; f < alone->findings.size(); ++f) {
      const Finding &one = alone->findings[f], &other = together[i]->findings[f];
      EXPECT_EQ(one.span, other.span);
      EXPECT_EQ(one.type, other.type);
      EXPECT_NEAR(one.score, other.score, 1e-4);
      const auto has = [&](const char* source) {
        return std::any_of(one.evidence.begin(), one.evidence.end(),
                           [&](const Evidence& evidence) { return evidence.source == source; });
      };
      if (has("model:stage1") && has("model:stage2")) ++by_both_stages;
    }
  }
  EXPECT_GT(by_both_stages, 0u);
}

}  // namespace
}  // namespace privet
