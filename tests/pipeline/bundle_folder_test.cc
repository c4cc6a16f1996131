#include "pipeline/bundle_folder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"

namespace privet {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

constexpr const char* kManifest = R"(name: zh-en-small
version: "2026.1"
types: [PERSON, ADDRESS]
stage1: {folder: stage1}
stage2: {folder: stage2, base: ../bases/qwen, head: span}
operating_points: {balanced: {tau: 0.05, min_score: 0.5}}
)";

// A folder on disk whose files are there, though empty.
class BundleFolderTest : public ::testing::Test {
 protected:
  BundleFolderTest() : folder_(fs::path(::testing::TempDir()) / "bundle_folder") {
    fs::remove_all(folder_);
    Write("bundle/bundle.yaml", kManifest);
    for (const char* file : {"stage1/config.json", "stage1/tokenizer.json", "stage1/model.safetensors"}) {
      Write(absl::StrCat("bundle/", file), "");
    }
    for (const char* file : {"adapter_config.json", "adapter_model.safetensors", "head.safetensors"}) {
      Write(absl::StrCat("bundle/stage2/", file), "");
    }
    for (const char* file : {"config.json", "vocab.json", "merges.txt", "model.safetensors.index.json"}) {
      Write(absl::StrCat("bases/qwen/", file), "");
    }
  }
  ~BundleFolderTest() override { fs::remove_all(folder_); }

  void Write(const std::string& name, const std::string& content) const {
    fs::create_directories((folder_ / name).parent_path());
    std::ofstream(folder_ / name) << content;
  }
  std::string Fault() const { return std::string(ReadBundleFolder(folder_ / "bundle").status().message()); }

  const fs::path folder_;
};

TEST_F(BundleFolderTest, AModelAndAnAdapterOnABaseOutsideAreWhole) { EXPECT_EQ(Fault(), ""); }

TEST_F(BundleFolderTest, ATokenizerMayLieBesideTheAdapter) {
  fs::remove(folder_ / "bases/qwen/merges.txt");
  Write("bundle/stage2/tokenizer.json", "");
  EXPECT_EQ(Fault(), "");
}

TEST_F(BundleFolderTest, EachMissingFileIsNamedWithTheLineThatAsksForIt) {
  struct Missing {
    std::string file;
    std::string message;
  };
  for (const Missing& missing : std::initializer_list<Missing>{
           {"bundle/bundle.yaml", "bundle.yaml: cannot read it; a bundle is a folder with this file in it"},
           {"bundle/stage1", "bundle.yaml:4: stage1: 'STAGE1' is not a folder"},
           {"bundle/stage1/config.json", "bundle.yaml:4: stage1: 'STAGE1' has no config.json"},
           {"bundle/stage1/model.safetensors", "bundle.yaml:4: stage1: 'STAGE1' has no model.safetensors"},
           {"bundle/stage1/tokenizer.json", "bundle.yaml:4: stage1: 'STAGE1' has no tokenizer.json"},
           {"bundle/stage2/adapter_config.json",
            "bundle.yaml:5: stage2: 'STAGE2' has no adapter_config.json, so `base` means nothing"},
           {"bundle/stage2/adapter_model.safetensors",
            "bundle.yaml:5: stage2: 'STAGE2' has no adapter_model.safetensors"},
           {"bundle/stage2/head.safetensors", "bundle.yaml:5: stage2: 'STAGE2' has no head.safetensors"},
           {"bases/qwen", "bundle.yaml:5: stage2: 'BASE' is not a folder"},
           {"bases/qwen/merges.txt", "bundle.yaml:5: stage2: 'BASE' has no tokenizer.json"},
       }) {
    fs::rename(folder_ / missing.file, folder_ / "aside");
    const std::string message =
        absl::StrReplaceAll(missing.message, {{"STAGE1", (folder_ / "bundle/stage1").string()},
                                              {"STAGE2", (folder_ / "bundle/stage2").string()},
                                              {"BASE", (folder_ / "bases/qwen").string()}});
    EXPECT_THAT(Fault(), ::testing::StartsWith(absl::StrCat((folder_ / "bundle/").string(), message)));
    fs::rename(folder_ / "aside", folder_ / missing.file);
  }
}

TEST_F(BundleFolderTest, AnAdapterWithoutABaseIsToldWhatItLacks) {
  Write("bundle/bundle.yaml", absl::StrReplaceAll(kManifest, {{" base: ../bases/qwen,", ""}}));
  EXPECT_THAT(Fault(), HasSubstr("holds an adapter (adapter_config.json): say with `base` which model's"));
}

}  // namespace
}  // namespace privet
