#include "qwen3/encoder.h"

#include <ATen/Context.h>
#include <ATen/ops/allclose.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/zeros.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <memory>

#include "qwen3/linear.h"
#include "tests/qwen3/formula_weights.h"

namespace privet {
namespace {

using ::testing::HasSubstr;

std::shared_ptr<const Encoder> LoadEncoder(const nlohmann::json& config, Precision precision,
                                           const std::string& prefix = "",
                                           const std::string& device = "cpu") {
  const FormulaCheckpoint files(config, prefix);
  EXPECT_TRUE(files.written().ok()) << files.written();
  const auto checkpoint = Checkpoint::Open({.folder = files.folder()});
  EXPECT_TRUE(checkpoint.ok()) << checkpoint.status();
  if (!checkpoint.ok()) return nullptr;
  auto encoder = Encoder::Load(**checkpoint, {device, precision});
  EXPECT_TRUE(encoder.ok()) << encoder.status();
  return encoder.ok() ? *encoder : nullptr;
}

PackedTokens Pack(const std::vector<std::vector<int32_t>>& sequences) {
  PackedTokens packed;
  for (const auto& ids : sequences) {
    packed.ids.insert(packed.ids.end(), ids.begin(), ids.end());
    packed.offsets.push_back(static_cast<int32_t>(packed.ids.size()));
  }
  return packed;
}

std::vector<std::vector<int32_t>> Sequences(const std::vector<int64_t>& lengths, int64_t vocab_size) {
  std::vector<std::vector<int32_t>> sequences;
  for (size_t i = 0; i < lengths.size(); ++i) sequences.push_back(FormulaSequence(i, lengths[i], vocab_size));
  return sequences;
}

nlohmann::json GoldenCase(std::string_view name) {
  const nlohmann::json goldens = ReadGolden("encoder.json");
  for (const nlohmann::json& golden : goldens["cases"]) {
    if (golden["name"] == name) return golden;
  }
  ADD_FAILURE() << "no golden " << name;
  return {};
}

float LargestDifference(const at::Tensor& a, const at::Tensor& b) {
  return (a.sub(b)).abs().max().item<float>();
}

class EncoderParityTest : public testing::TestWithParam<std::string> {
 protected:
  // The largest difference from the hidden states of Transformers, whose root mean square is 1.
  static void Compare(const std::string& device, Precision precision, double* largest) {
    const nlohmann::json golden = GoldenCase(GetParam());
    const auto encoder = LoadEncoder(golden["config"], precision, "", device);
    ASSERT_NE(encoder, nullptr);
    const PackedTokens packed =
        Pack(Sequences(golden["lengths"].get<std::vector<int64_t>>(), encoder->config().vocab_size));
    const auto forwarded = encoder->Forward(packed);
    ASSERT_TRUE(forwarded.ok()) << forwarded.status();
    const at::Tensor hidden = forwarded->cpu();

    *largest = 0;
    size_t compared = 0;
    for (const nlohmann::json& row : golden["rows"]) {
      const at::Tensor mine =
          hidden[packed.offsets[row["sequence"].get<size_t>()] + row["token"].get<int64_t>()];
      for (size_t i = 0; i < row["values"].size(); ++i) {
        const auto column = static_cast<int64_t>(i) * golden["column_step"].get<int64_t>();
        *largest = std::max(*largest, std::abs(mine[column].item<double>() - row["values"][i].get<double>()));
        ++compared;
      }
    }
    EXPECT_GE(compared, 48U);
    RecordProperty("largest_difference", std::to_string(*largest));
    std::cout << GetParam() << ": largest difference " << *largest << " over " << compared << " values\n";
  }
};

TEST_P(EncoderParityTest, GivesTheHiddenStatesOfTransformers) {
  double largest = 1;
  Compare("cpu", Precision::Fp32, &largest);
  EXPECT_LT(largest, 1e-4);
}

TEST_P(EncoderParityTest, GivesTheHiddenStatesOfTransformersOnACudaDevice) {
  if (!at::hasCUDA()) GTEST_SKIP() << "there is no CUDA device";
  double largest = 1;
  Compare("cuda", Precision::Fp32, &largest);
  EXPECT_LT(largest, 1e-4);
}

TEST_P(EncoderParityTest, StaysNearThemInBf16OnACudaDevice) {
  if (!at::hasCUDA()) GTEST_SKIP() << "there is no CUDA device";
  double largest = 1;
  Compare("cuda", Precision::Bf16, &largest);
  EXPECT_LT(largest, 0.2);
}

INSTANTIATE_TEST_SUITE_P(Goldens, EncoderParityTest,
                         testing::Values("causal", "untied", "bidirectional", "middle_bidirectional",
                                         "one_kv_head", "linear_rope", "yarn_rope", "yarn_rope_new_form",
                                         "size_0.6b", "size_1.7b"),
                         [](const auto& test) {
                           std::string name = test.param;
                           std::replace(name.begin(), name.end(), '.', '_');
                           return name;
                         });

TEST(EncoderTest, ASequenceAloneIsTheSameAsInABatch) {
  const nlohmann::json config = GoldenCase("bidirectional")["config"];
  for (const Precision precision : {Precision::Fp32, Precision::Int8}) {
    const auto encoder = LoadEncoder(config, precision);
    ASSERT_NE(encoder, nullptr);
    const auto sequences = Sequences({3, 61, 1, 17, 128, 2}, encoder->config().vocab_size);
    const PackedTokens packed = Pack(sequences);
    const auto batch = encoder->Forward(packed);
    ASSERT_TRUE(batch.ok()) << batch.status();
    float largest = 0;
    for (size_t i = 0; i < sequences.size(); ++i) {
      const auto alone = encoder->Forward(Pack({sequences[i]}));
      ASSERT_TRUE(alone.ok()) << alone.status();
      largest =
          std::max(largest, LargestDifference(*alone, batch->narrow(0, packed.offsets[i], alone->size(0))));
    }
    if (precision == Precision::Int8) {
      EXPECT_EQ(largest, 0);
    } else {
      EXPECT_LT(largest, 1e-5);
    }
    std::cout << "largest difference " << largest << "\n";
  }
}

TEST(EncoderTest, ATokenSeesTheFutureOnlyWhereTheConfigSaysSo) {
  for (const auto& [name, sees_future] :
       {std::pair("causal", false), {"bidirectional", true}, {"middle_bidirectional", true}}) {
    const auto encoder = LoadEncoder(GoldenCase(name)["config"], Precision::Fp32);
    ASSERT_NE(encoder, nullptr);
    const at::Tensor one = *encoder->Forward(Pack({{5, 6, 7, 8}}));
    const at::Tensor other = *encoder->Forward(Pack({{5, 6, 7, 9}}));
    EXPECT_EQ(LargestDifference(one[0], other[0]) > 1e-3F, sees_future) << name;
    EXPECT_GT(LargestDifference(one[3], other[3]), 1e-3F) << name;
  }
}

TEST(EncoderTest, Int8StaysNearFp32) {
  const nlohmann::json config = GoldenCase("size_0.6b")["config"];
  const auto fp32 = LoadEncoder(config, Precision::Fp32);
  const auto int8 = LoadEncoder(config, Precision::Int8);
  ASSERT_NE(fp32, nullptr);
  ASSERT_NE(int8, nullptr);
  const PackedTokens packed = Pack(Sequences({24, 5}, 300));
  const at::Tensor expected = *fp32->Forward(packed);
  const at::Tensor difference = int8->Forward(packed)->sub(expected);
  const double relative = difference.norm().item<double>() / expected.norm().item<double>();
  EXPECT_GT(relative, 0);
  EXPECT_LT(relative, 0.04);  // 0.03 with weights of 7 bits, which AVX2 alone multiplies
  std::cout << "relative difference " << relative << "\n";
}

TEST(EncoderTest, NamesWithThePrefixOfAHeadedModelAreTheSame) {
  const nlohmann::json config = GoldenCase("untied")["config"];
  const PackedTokens packed = Pack({{1, 2, 3}});
  const auto bare = LoadEncoder(config, Precision::Fp32, "");
  const auto prefixed = LoadEncoder(config, Precision::Fp32, "model.");
  ASSERT_NE(bare, nullptr);
  ASSERT_NE(prefixed, nullptr);
  EXPECT_EQ(LargestDifference(*bare->Forward(packed), *prefixed->Forward(packed)), 0);
}

TEST(EncoderTest, RefusesTokensThatMakeNoBatch) {
  const auto encoder = LoadEncoder(GoldenCase("causal")["config"], Precision::Fp32);
  ASSERT_NE(encoder, nullptr);
  struct Case {
    PackedTokens tokens;
    const char* message;
  };
  for (const Case& c : {Case{{{1, 2}, {}}, "offsets"}, Case{{{1, 2}, {0, 1}}, "offsets"},
                        Case{{{1, 2}, {1, 2}}, "offsets"}, Case{{{1, 2}, {0, 2, 1, 2}}, "offsets[2]: falls"},
                        Case{{{1, 100}, {0, 2}}, "ids[1]: 100 is not in a vocabulary of 100"},
                        Case{{{-1}, {0, 1}}, "ids[0]"}}) {
    const auto hidden = encoder->Forward(c.tokens);
    EXPECT_EQ(hidden.status().code(), absl::StatusCode::kInvalidArgument);
    EXPECT_THAT(std::string(hidden.status().message()), HasSubstr(c.message));
  }
  EXPECT_EQ((*encoder->Forward(PackedTokens())).size(0), 0);
  EXPECT_EQ((*encoder->Forward({{1, 2}, {0, 0, 2, 2}})).size(0), 2);
}

TEST(EncoderTest, RefusesDevicesAndPrecisionsThatAreNotThere) {
  const nlohmann::json config = GoldenCase("causal")["config"];
  const FormulaCheckpoint files(config, "");
  const auto checkpoint = Checkpoint::Open({.folder = files.folder()});
  ASSERT_TRUE(checkpoint.ok()) << checkpoint.status();
  EXPECT_THAT(std::string(Encoder::Load(**checkpoint, {"tpu", Precision::Fp32}).status().message()),
              HasSubstr("'tpu' is none of auto, cpu, cuda, cuda:N"));
#ifndef PRIVET_CUDA
  EXPECT_THAT(std::string(Encoder::Load(**checkpoint, {"cuda", Precision::Fp32}).status().message()),
              HasSubstr("PRIVET_CUDA"));
#endif
  const auto automatic = Encoder::Load(**checkpoint, {});
  ASSERT_TRUE(automatic.ok());
  EXPECT_NE((*automatic)->precision(), Precision::Auto);
}

TEST(LinearTest, Int8TakesNoWeightThatItWouldHide) {
  at::Tensor weight = at::ones({4, 8});
  EXPECT_TRUE(Linear::Int8(weight).ok());
  weight[2][3] = std::nanf("");
  EXPECT_THAT(std::string(Linear::Int8(weight).status().message()), HasSubstr("holds what is no number"));
  const at::Tensor wide = at::zeros({1, 65537});
  EXPECT_THAT(std::string(Linear::Int8(wide).status().message()), HasSubstr("int8 takes up to 65536"));
}

}  // namespace
}  // namespace privet
