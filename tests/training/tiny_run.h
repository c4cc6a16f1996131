// Folders and files for runs that take a second.
#ifndef PRIVET_TESTS_TRAINING_TINY_RUN_H_
#define PRIVET_TESTS_TRAINING_TINY_RUN_H_

#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <string>

#include "training/config.h"
#include "training/learn/train.h"

namespace privet {

// 32 invented sentences, in which a person is what stands behind "from" or before "calls".
inline std::string TinyRecords() {
  const char* const names[] = {"Ann", "Bob", "Cy Dow", "Eve", "Flo Gray", "Hal", "Ida", "Jo King"};
  std::string lines;
  for (int i = 0; i < 32; ++i) {
    const std::string name = names[i % 8];
    const std::string number = std::to_string(100 + i);
    const bool first = i % 2 == 0;
    const std::string text = first ? name + " calls " + number : "a letter " + number + " from " + name;
    const size_t begin = first ? 0 : text.size() - name.size();
    lines += R"({"text": ")" + text + R"(", "spans": [[)" + std::to_string(begin) + ", " +
             std::to_string(begin + name.size()) + R"(, "PERSON"]]})" + "\n";
  }
  return lines;
}

class TinyRun : public testing::Test {
 protected:
  TinyRun() {
    folder_ = std::filesystem::temp_directory_path() /
              (std::string(testing::UnitTest::GetInstance()->current_test_info()->name()) +
               std::to_string(getpid()));
    std::filesystem::create_directories(folder_);
    std::ofstream(folder_ / "train.jsonl") << TinyRecords();
  }
  ~TinyRun() override { std::filesystem::remove_all(folder_); }

  // Everything learns, from a random start.
  TrainingConfig Config(const std::string& output) const {
    TrainingConfig config;
    config.output = (folder_ / output).string();
    config.steps = 60;
    config.base_tokenizer = "tests/qwen3/small_tokenizer";
    config.base_hidden_size = 64;
    config.base_layers = 2;
    config.base_heads = 4;
    config.base_kv_heads = 2;
    config.base_head_dim = 16;
    config.base_intermediate_size = 96;
    config.method = "full";
    config.train = {{(folder_ / "train.jsonl").string(), 1, {}}};
    config.dev = config.train;
    config.max_tokens = 64;
    config.overlap_tokens = 8;
    config.batch_tokens = 1024;
    config.learning_rate = 1e-2;
    config.weight_decay = 0;
    config.evaluate_every = 0;
    config.checkpoint_every = 0;
    config.threads = 1;
    return config;
  }

  static std::string Bytes(const std::filesystem::path& file) {
    std::ifstream in(file, std::ios::binary);
    EXPECT_TRUE(in) << file;
    return {std::istreambuf_iterator<char>(in), {}};
  }
  static std::string Model(const TrainingConfig& config, const char* name = "last") {
    return Bytes(std::filesystem::path(config.output) / name / "model.safetensors");
  }

  // `run(config, options)` gives a TrainResult. A run that is stopped and goes on ends as one that is not.
  template <typename RunFunction>
  void ExpectGoesOnBitForBit(const TrainingConfig& whole, int stopped_after, RunFunction run) const {
    TrainingConfig parted = whole;
    parted.output = (folder_ / "parted").string();
    run(whole, TrainOptions());
    std::atomic<bool> stop = false;
    TrainOptions options;
    options.stop = &stop;
    int steps = 0;
    options.progress = [&](const std::string&) { stop = ++steps == stopped_after; };
    const TrainResult first = run(parted, options);
    EXPECT_TRUE(first.interrupted);
    EXPECT_EQ(first.steps, stopped_after);
    EXPECT_EQ(run(parted, TrainOptions()).steps, whole.steps);
    EXPECT_TRUE(Model(whole) == Model(parted)) << "bit for bit";
  }

  std::filesystem::path folder_;
};

}  // namespace privet

#endif  // PRIVET_TESTS_TRAINING_TINY_RUN_H_
