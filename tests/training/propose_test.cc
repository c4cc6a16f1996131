#include "training/learn/propose.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "tests/pipeline/scripted_stages.h"

namespace privet {
namespace {

using testing::SizeIs;

class ProposeTest : public testing::Test {
 protected:
  ProposeTest() {
    const ScriptedTagger tagger(
        {EntityType::PERSON, EntityType::LOCATION},
        {{"王小明", EntityType::PERSON, 0.75}, {"北京市", EntityType::LOCATION, 0.03}});
    stage_ = std::make_unique<RecallStage>(RecallStage{tagger.Model(), tagger.Labels()});
  }

  static LabeledRecord Record(const std::string& text) {
    LabeledRecord record;
    record.text = text;
    return record;
  }
  absl::Status Ask(std::vector<LabeledRecord>* records, const ProposeOptions& options = {}) const {
    std::vector<LabeledRecord*> pointers;
    for (LabeledRecord& record : *records) pointers.push_back(&record);
    return Propose(*stage_, options, pointers);
  }

  std::unique_ptr<RecallStage> stage_;
};

// None where nobody asked, which no test here expects.
std::vector<Proposal> ProposalsOf(const LabeledRecord& record) {
  EXPECT_TRUE(record.proposals.has_value());
  return record.proposals.value_or(std::vector<Proposal>());
}

TEST_F(ProposeTest, EverySpanFromTauOnIsProposedInOrder) {
  std::vector<LabeledRecord> records = {Record("北京市的王小明。"), Record("没有。"), Record("")};
  ASSERT_TRUE(Ask(&records).ok());
  ASSERT_THAT(ProposalsOf(records[0]), SizeIs(2));
  const Proposal first = ProposalsOf(records[0])[0];
  EXPECT_EQ(first.span, (Span{0, 9}));
  EXPECT_EQ(first.type, EntityType::LOCATION);
  EXPECT_NEAR(first.probability, 0.03, 1e-3);
  EXPECT_NEAR(ProposalsOf(records[0])[1].probability, 0.75, 1e-3);
  EXPECT_THAT(ProposalsOf(records[1]), SizeIs(0)) << "asked, and nothing proposed";
  EXPECT_TRUE(records[2].proposals.has_value());

  ASSERT_TRUE(Ask(&records, {.tau = 0.05}).ok());
  EXPECT_THAT(ProposalsOf(records[0]), SizeIs(1));
}

TEST_F(ProposeTest, EscapeSequencesAreReadAndTheTextStaysAsWritten) {
  const std::string text = R"(a%2540b &#38;#29579; \u738b\u5c0f\u660e)";
  std::vector<LabeledRecord> records = {Record(text)};
  ASSERT_TRUE(Ask(&records).ok());
  EXPECT_EQ(records[0].text, text);
  ASSERT_THAT(ProposalsOf(records[0]), SizeIs(1));
  const Span span = ProposalsOf(records[0])[0].span;
  EXPECT_EQ(records[0].text.substr(span.begin, span.size()), R"(\u738b\u5c0f\u660e)");
  Unescape(&records[0]);
  const Span read = ProposalsOf(records[0])[0].span;
  EXPECT_EQ(records[0].text.substr(read.begin, read.size()), "王小明");
}

TEST_F(ProposeTest, ALongTextIsReadInWindowsAndEachSpanOnce) {
  std::string text;
  for (int i = 0; i < 20; ++i) text += "今天王小明来了，";
  std::vector<LabeledRecord> records = {Record(text), Record("王小明")};
  size_t told = 0;
  ProposeOptions options = {.windows = {24, 6}, .batch_tokens = 60};
  options.progress = [&](size_t done) { told = done; };
  ASSERT_TRUE(Ask(&records, options).ok());
  EXPECT_THAT(ProposalsOf(records[0]), SizeIs(20));
  EXPECT_THAT(ProposalsOf(records[1]), SizeIs(1));
  EXPECT_EQ(told, 2);
}

TEST_F(ProposeTest, EndsWhereItIsToldToOrTheModelFails) {
  std::vector<LabeledRecord> records = {Record("王小明")};
  const std::atomic<bool> stop = true;
  EXPECT_TRUE(absl::IsCancelled(Ask(&records, {.stop = &stop})));
  records = {Record("毒")};
  EXPECT_FALSE(Ask(&records).ok());
}

}  // namespace
}  // namespace privet
