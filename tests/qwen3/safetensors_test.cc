#include "qwen3/safetensors.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <fstream>

namespace privet {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

// A whole file: the length, the header, the data.
std::string FileOf(std::string_view header, std::string_view data) {
  std::string bytes(8, '\0');
  const uint64_t size = header.size();
  std::memcpy(bytes.data(), &size, 8);
  return bytes.append(header).append(data);
}

TEST(SafetensorsTest, GivesShapeAndPlaceOfEachTensor) {
  const std::string bytes = FileOf(R"({"__metadata__": {"format": "pt"},
      "b": {"dtype": "BF16", "shape": [2], "data_offsets": [8, 12]},
      "a": {"dtype": "F32", "shape": [1, 2], "data_offsets": [0, 8]},
      "none": {"dtype": "I64", "shape": [0, 3], "data_offsets": [12, 12]},
      "scalar": {"dtype": "U8", "shape": [], "data_offsets": [12, 13]}})",
                                   "0123456789abc");
  const auto tensors = ParseSafetensors(bytes, "x.safetensors");
  ASSERT_TRUE(tensors.ok()) << tensors.status();
  ASSERT_EQ(tensors->size(), 4U);
  EXPECT_THAT(tensors->at("a").shape, ElementsAre(1, 2));
  EXPECT_EQ(tensors->at("b").dtype, TensorDtype::BF16);
  EXPECT_EQ(static_cast<char>(*tensors->at("b").data), '8');
  EXPECT_EQ(tensors->at("none").elements(), 0);
  EXPECT_EQ(tensors->at("scalar").elements(), 1);
}

TEST(SafetensorsTest, RefusesDamageWithFileAndTensor) {
  const auto one = [](std::string_view entry) { return std::string(R"({"a": )") + std::string(entry) + "}"; };
  struct Case {
    std::string bytes;
    const char* message;
  };
  for (const Case& c : std::initializer_list<Case>{
           {"", "too short"},
           {"1234567", "too short"},
           {std::string(8, '\xFF'), "header over 16 MiB"},
           {FileOf("{}", "").substr(0, 9), "header ends behind the file"},
           {FileOf("[]", ""), "must be a JSON object"},
           {FileOf("{", ""), "not valid JSON"},
           {FileOf("{\"a\":" + std::string(500, '['), ""), "nests deeper"},
           {FileOf(one("3"), ""), "tensor 'a': needs dtype"},
           {FileOf(one(R"({"dtype": "F99", "shape": [], "data_offsets": [0, 4]})"), "1234"),
            "tensor 'a': has an unknown dtype"},
           {FileOf(one(R"({"dtype": "F32", "shape": [-1], "data_offsets": [0, 4]})"), "1234"),
            "tensor 'a': shape must hold whole"},
           {FileOf(one(R"({"dtype": "F32", "shape": [1.5], "data_offsets": [0, 4]})"), "1234"),
            "tensor 'a': shape must hold whole"},
           {FileOf(one(R"({"dtype": "F32", "shape": [4294967296, 4294967296], "data_offsets": [0, 4]})"),
                   "1234"),
            "tensor 'a': shape overflows"},
           {FileOf(one(R"({"dtype": "F32", "shape": [1,1,1,1,1,1,1,1,1], "data_offsets": [0, 4]})"), "1234"),
            "at most 8 sizes"},
           {FileOf(one(R"({"dtype": "F32", "shape": [2], "data_offsets": [0, 4]})"), "1234"),
            "tensor 'a': has 4 bytes, but its shape [2] of F32 takes 8"},
           {FileOf(one(R"({"dtype": "F32", "shape": [1], "data_offsets": [4, 0]})"), "1234"),
            "end before they begin"},
           {FileOf(one(R"({"dtype": "F32", "shape": [2], "data_offsets": [0, 8]})"), "1234"),
            "ends at byte 8 of the data, which has only 4; the file may be cut short"},
           {FileOf(one(R"({"dtype": "F32", "shape": [1], "data_offsets": [0, 18446744073709551615]})"),
                   "1234"),
            "data_offsets must be two whole numbers"},
           {FileOf(one(R"({"dtype": "U8", "shape": [1], "data_offsets": [1, 2]})"), "12"), "behind a gap"},
           {FileOf(one(R"({"dtype": "U8", "shape": [1], "data_offsets": [0, 1]})"), "12"),
            "1 bytes belong to no tensor"},
           {FileOf(R"({"a": {"dtype": "U8", "shape": [2], "data_offsets": [0, 2]},
                       "b": {"dtype": "U8", "shape": [2], "data_offsets": [1, 3]}})",
                   "123"),
            "inside another"},
       }) {
    const auto tensors = ParseSafetensors(c.bytes, "x.safetensors");
    EXPECT_EQ(tensors.status().code(), absl::StatusCode::kInvalidArgument) << c.message;
    EXPECT_THAT(std::string(tensors.status().message()), ::testing::StartsWith("x.safetensors: "));
    EXPECT_THAT(std::string(tensors.status().message()), HasSubstr(c.message));
  }
}

TEST(SafetensorsTest, ConvertsHalfPrecisions) {
  const auto read = [](TensorDtype dtype, std::vector<uint16_t> bits) {
    std::vector<float> values(bits.size());
    // At an odd address: nothing promises that a tensor is aligned.
    std::vector<std::byte> bytes(2 * bits.size() + 1);
    std::memcpy(bytes.data() + 1, bits.data(), 2 * bits.size());
    EXPECT_TRUE(ReadAsFloat(
        {dtype, "", {static_cast<int64_t>(bits.size())}, bytes.data() + 1, 2 * bits.size()}, values.data()));
    return values;
  };
  EXPECT_THAT(read(TensorDtype::BF16, {0x3F80, 0xC000, 0x0001, 0x7F80}),
              ElementsAre(1.0F, -2.0F, 0x1p-133F, INFINITY));
  EXPECT_THAT(read(TensorDtype::F16, {0x3C00, 0xC000, 0x3555, 0x0001, 0x83FF, 0x7BFF, 0x7C00, 0x8000}),
              ElementsAre(1.0F, -2.0F, 0x1.554p-2F, 0x1p-24F, -0x3FFp-24F, 65504.0F, INFINITY, -0.0F));
  EXPECT_TRUE(std::isnan(read(TensorDtype::F16, {0x7E00})[0]));
  float unused = 0;
  EXPECT_FALSE(ReadAsFloat({TensorDtype::Other, "I32", {1}, nullptr, 4}, &unused));
}

TEST(SafetensorsTest, ReadsWhatItWrites) {
  std::string pattern = (std::filesystem::temp_directory_path() / "privet-safetensors-XXXXXX").string();
  const std::filesystem::path folder = mkdtemp(pattern.data());
  const std::vector<float> a = {1, 2, 3, 4, 5, 6};
  ASSERT_TRUE(
      WriteSafetensors(folder / "model.safetensors", {{"a", {2, 3}, a.data()}, {"b", {1}, a.data() + 5}})
          .ok());
  const auto opened = SafetensorsFolder::Open(folder);
  ASSERT_TRUE(opened.ok()) << opened.status();
  std::vector<float> read(6);
  ASSERT_NE((*opened)->Find("a"), nullptr);
  EXPECT_TRUE(ReadAsFloat(*(*opened)->Find("a"), read.data()));
  EXPECT_EQ(read, a);
  EXPECT_EQ((*opened)->FileOf("b"), (folder / "model.safetensors").string());

  // A tensor at a time, each in its dtype; nothing is left where one cannot be had.
  const std::vector<TensorSpec> specs = {{"a", {2}, TensorDtype::BF16}, {"b", {1}}};
  const float third = 1.0F / 3;
  const std::vector<float> thirds = {third, -third};
  ASSERT_TRUE(
      WriteSafetensors(folder / "two.safetensors", specs, [&](size_t) { return thirds.data(); }).ok());
  const auto two = SafetensorsFolder::Open(folder, "two");
  ASSERT_TRUE(two.ok()) << two.status();
  EXPECT_TRUE(ReadAsFloat(*(*two)->Find("a"), read.data()));
  EXPECT_THAT(std::vector<float>(read.begin(), read.begin() + 2), ElementsAre(0x1.56p-2F, -0x1.56p-2F));
  EXPECT_TRUE(ReadAsFloat(*(*two)->Find("b"), read.data()));
  EXPECT_EQ(read[0], third);
  const auto give = [&](size_t i) -> absl::StatusOr<const float*> {
    if (i == 0) return thirds.data();
    return absl::NotFoundError("b");
  };
  EXPECT_EQ(WriteSafetensors(folder / "none.safetensors", specs, give), absl::NotFoundError("b"));
  EXPECT_FALSE(std::filesystem::exists(folder / "none.safetensors.tmp"));

  // An index may not lead out of its folder, nor promise what a shard does not hold.
  std::filesystem::rename(folder / "model.safetensors", folder / "one.safetensors");
  for (const auto& [index, message] :
       {std::pair(R"({"weight_map": {"a": "../one.safetensors"}})", "must be a file's name without a folder"),
        {R"({"weight_map": {"a": "one.safetensors", "c": "one.safetensors"}})",
         "'c' is not in one.safetensors"},
        {R"({"weight_map": {}})", "names no file"}}) {
    std::ofstream(folder / "model.safetensors.index.json") << index;
    EXPECT_THAT(std::string(SafetensorsFolder::Open(folder).status().message()), HasSubstr(message));
  }
  std::filesystem::remove_all(folder);
  EXPECT_EQ(SafetensorsFolder::Open(folder).status().code(), absl::StatusCode::kNotFound);
}

}  // namespace
}  // namespace privet
