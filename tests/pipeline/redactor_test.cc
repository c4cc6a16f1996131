#include "pipeline/redactor.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <random>

#include "core/field_error.h"
#include "core/utf8.h"

namespace privet {
namespace {

using ::testing::MatchesRegex;

// The findings of these values, in order, each searched behind the one before.
struct Value {
  EntityType type;
  std::string_view text;
};
std::vector<Finding> FindingsOf(std::string_view text, const std::vector<Value>& values) {
  std::vector<Finding> findings;
  size_t at = 0;
  for (const Value& value : values) {
    at = text.find(value.text, at);
    EXPECT_NE(at, std::string_view::npos);
    findings.push_back({{at, at + value.text.size()}, value.type, 0.9, false, {}});
    at += value.text.size();
  }
  return findings;
}

RedactionPlan PlanOf(const Redaction& redaction) {
  RedactionPlan plan;
  plan.fallback = redaction;
  plan.hash_key = "key";
  return plan;
}

// The whole text redacted as one phone number.
std::string WholeRedacted(std::string_view value, const Redaction& redaction,
                          EntityType type = EntityType::PHONE_NUMBER) {
  const RedactionPlan plan = PlanOf(redaction);
  EXPECT_TRUE(ValidateRedactionPlan(plan).ok());
  return Redact(value, FindingsOf(value, {{type, value}}), plan).text;
}

TEST(RedactorTest, MasksEachCodePointBetweenTheKeptEnds) {
  EXPECT_EQ(WholeRedacted("13800138000", {Treatment::Mask, 3, 4, "*"}), "138****8000");
  EXPECT_EQ(WholeRedacted("13800138000", {Treatment::Mask, 0, 0, "*"}), "***********");
  EXPECT_EQ(WholeRedacted("京A·12345", {Treatment::Mask, 2, 1, "●"}), "京A●●●●●5");
  EXPECT_EQ(WholeRedacted("😀é1", {Treatment::Mask, 1, 0, "*"}), "😀**");
}

TEST(RedactorTest, AnEscapeSequenceIsOneCharacter) {
  EXPECT_EQ(WholeRedacted(R"(\u738b\u5c0f\u660e)", {Treatment::Mask, 1, 0, "*"}), R"(\u738b**)");
  const std::string text = R"(ann@example.com ann%40example.com)";
  const std::vector<Finding> findings = FindingsOf(text, {{EntityType::EMAIL_ADDRESS, "ann@example.com"},
                                                          {EntityType::EMAIL_ADDRESS, "ann%40example.com"}});
  EXPECT_EQ(Redact(text, findings, PlanOf({Treatment::Replace, 0, 0, "*"})).text,
            "<EMAIL_ADDRESS_1> <EMAIL_ADDRESS_1>");
}

TEST(RedactorTest, AMaskThatWouldHideNothingHidesAll) {
  EXPECT_EQ(WholeRedacted("12345", {Treatment::Mask, 2, 3, "*"}), "*****");
  EXPECT_EQ(WholeRedacted("12345", {Treatment::Mask, 9, 0, "*"}), "*****");
  EXPECT_EQ(WholeRedacted("12345", {Treatment::Mask, static_cast<size_t>(-1), 2, "*"}), "*****");
  EXPECT_EQ(WholeRedacted("12345", {Treatment::Mask, 2, 2, "*"}), "12*45");
}

TEST(RedactorTest, NumbersTheSameValueTheSameHoweverItIsWritten) {
  const std::string text = "138-0013-8000, 13900139000, 13800138000, a@example.com, A@Example.com";
  const std::vector<Finding> findings = FindingsOf(text, {{EntityType::PHONE_NUMBER, "138-0013-8000"},
                                                          {EntityType::PHONE_NUMBER, "13900139000"},
                                                          {EntityType::PHONE_NUMBER, "13800138000"},
                                                          {EntityType::EMAIL_ADDRESS, "a@example.com"},
                                                          {EntityType::EMAIL_ADDRESS, "A@Example.com"}});
  const RedactionPlan plan = PlanOf({Treatment::Replace, 0, 0, "*"});
  EXPECT_EQ(Redact(text, findings, plan).text,
            "<PHONE_NUMBER_1>, <PHONE_NUMBER_2>, <PHONE_NUMBER_1>, <EMAIL_ADDRESS_1>, <EMAIL_ADDRESS_1>");
}

TEST(RedactorTest, DoesNotGiveOutNumbersThatTheTextHoldsAlready) {
  const std::string text = "<PERSON_1> and <PERSON_3> met Ann and Bo, not <person_2>, <PERSON_2 or <DATE_2>";
  const std::vector<Finding> findings =
      FindingsOf(text, {{EntityType::PERSON, "Ann"}, {EntityType::PERSON, "Bo"}});
  EXPECT_EQ(Redact(text, findings, PlanOf({Treatment::Replace, 0, 0, "*"})).text,
            "<PERSON_1> and <PERSON_3> met <PERSON_2> and <PERSON_4>, not <person_2>, <PERSON_2 or <DATE_2>");
  const std::string escaped = R"({"a":"\u003cPERSON_1\u003e","b":"Ann"})";
  EXPECT_EQ(Redact(escaped, FindingsOf(escaped, {{EntityType::PERSON, "Ann"}}),
                   PlanOf({Treatment::Replace, 0, 0, "*"}))
                .text,
            R"({"a":"\u003cPERSON_1\u003e","b":"<PERSON_2>"})");
}

TEST(RedactorTest, ReadsHashKeysThatAreLongEnough) {
  const std::string file = ::testing::TempDir() + "/hash.key";
  std::ofstream(file) << "0123456789abcdef";
  EXPECT_EQ(*ReadHashKey(file), "0123456789abcdef");
  std::ofstream(file) << "0123456789abcde";
  EXPECT_EQ(ReadHashKey(file).status().message(), file + ": a hash key has at least 16 bytes");
}

TEST(RedactorTest, HashesWithTheFirst16BytesOfHmacSha256) {
  // printf 13800138000 | openssl dgst -sha256 -hmac key
  constexpr std::string_view kExpected = "<PHONE_NUMBER:b21da3bf29ded53ea95956dc1d4cbac9>";
  const Redaction hash{Treatment::Hash, 0, 0, "*"};
  EXPECT_EQ(WholeRedacted("13800138000", hash), kExpected);
  EXPECT_EQ(WholeRedacted("138 0013 8000", hash), kExpected);
  EXPECT_EQ(WholeRedacted("１３８００１３８０００", hash), kExpected);
  EXPECT_NE(WholeRedacted("13800138001", hash), kExpected);

  RedactionPlan other_key = PlanOf(hash);
  other_key.hash_key = "another key";
  const std::vector<Finding> findings =
      FindingsOf("13800138000", {{EntityType::PHONE_NUMBER, "13800138000"}});
  const std::string other = Redact("13800138000", findings, other_key).text;
  EXPECT_THAT(other, MatchesRegex("<PHONE_NUMBER:[0-9a-f]+>"));
  EXPECT_EQ(other.size(), kExpected.size());
  EXPECT_NE(other, kExpected);
}

TEST(RedactorTest, TheTypesOwnRedactionComesBeforeTheFallbackAndThatBeforeTheTaxonomy) {
  const std::string text = "https://example.com a@example.com 13800138000 hunter2hunter2";
  const std::vector<Finding> findings = FindingsOf(text, {{EntityType::URL, "https://example.com"},
                                                          {EntityType::EMAIL_ADDRESS, "a@example.com"},
                                                          {EntityType::PHONE_NUMBER, "13800138000"},
                                                          {EntityType::SECRET, "hunter2hunter2"}});
  RedactionPlan plan;
  EXPECT_EQ(Redact(text, findings, plan).text, "https://example.com ************* *********** ");
  plan.by_type[EntityType::PHONE_NUMBER] = {Treatment::Mask, 3, 0, "#"};
  EXPECT_EQ(Redact(text, findings, plan).text, "https://example.com ************* 138######## ");
  plan.fallback = Redaction{Treatment::Remove, 0, 0, "*"};
  EXPECT_EQ(Redact(text, findings, plan).text, "  138######## ");
}

TEST(RedactorTest, SaysWhereEachReplacementLies) {
  const std::string text = "打13800138000给李";
  const RedactedText redacted = [&] {
    return Redact(text,
                  FindingsOf(text, {{EntityType::PHONE_NUMBER, "13800138000"}, {EntityType::PERSON, "李"}}),
                  PlanOf({Treatment::Replace, 0, 0, "*"}));
  }();
  EXPECT_EQ(redacted.text, "打<PHONE_NUMBER_1>给<PERSON_1>");
  ASSERT_EQ(redacted.replacements.size(), 2u);
  EXPECT_EQ(redacted.replacements[0].input, (Span{3, 14}));
  EXPECT_EQ(redacted.replacements[0].output, (Span{3, 19}));
  EXPECT_EQ(redacted.replacements[1].output, (Span{22, 32}));
  EXPECT_EQ(redacted.replacements[1].type, EntityType::PERSON);
  EXPECT_EQ(redacted.replacements[1].treatment, Treatment::Replace);
  EXPECT_EQ(redacted.replacements[1].score, 0.9);
}

// Any text, any findings, any plan: what was not found stands as it was, and what was found is gone.
TEST(RedactorTest, ChangesTheFindingsAndNothingElse) {
  std::mt19937 random(4);
  constexpr std::string_view kPieces[] = {"1",         "a",  "-", " ",  "\n",          "é",
                                          "e\xCC\x81", "王", "😀", "１", "\xE2\x80\x8B"};
  for (int round = 0; round < 2000; ++round) {
    std::string text;
    std::vector<size_t> borders = {0};
    for (size_t n = random() % 40; n > 0; --n) {
      text.append(kPieces[random() % std::size(kPieces)]);
      borders.push_back(text.size());
    }
    std::vector<Finding> findings;
    for (size_t i = 0; i + 1 < borders.size();) {
      const size_t end = std::min(i + 1 + random() % 5, borders.size() - 1);
      if (random() % 2 == 0) {
        const auto type = static_cast<EntityType>(random() % kEntityTypeCount);
        findings.push_back({{borders[i], borders[end]}, type, 0.5, false, {}});
      }
      i = end;
    }
    RedactionPlan plan;
    plan.hash_key = "key";
    for (const EntityTypeSpec& spec : Taxonomy()) {
      if (random() % 3 != 0) {
        plan.by_type[spec.type] = {static_cast<Treatment>(random() % 5), random() % 4, random() % 4, "█"};
      }
    }
    ASSERT_TRUE(ValidateRedactionPlan(plan).ok());
    const RedactedText redacted = Redact(text, findings, plan);
    ASSERT_EQ(FindInvalidUtf8(redacted.text), std::string_view::npos);

    std::string rebuilt;
    size_t copied = 0;
    size_t next = 0;  // of the replacements
    for (const Finding& finding : findings) {
      const auto own = plan.by_type.find(finding.type);
      const Treatment treatment =
          own == plan.by_type.end() ? Describe(finding.type).treatment : own->second.treatment;
      if (treatment == Treatment::Keep) continue;
      ASSERT_LT(next, redacted.replacements.size());
      const Replacement& replacement = redacted.replacements[next++];
      EXPECT_EQ(replacement.input, finding.span);
      EXPECT_EQ(replacement.type, finding.type);
      EXPECT_EQ(replacement.treatment, treatment);
      rebuilt.append(text, copied, finding.span.begin - copied);
      copied = finding.span.end;
      ASSERT_EQ(replacement.output.begin, rebuilt.size());
      const std::string written = redacted.text.substr(replacement.output.begin, replacement.output.size());
      const std::string id(IdOf(finding.type));
      if (treatment == Treatment::Remove) {
        EXPECT_EQ(written, "");
      }
      if (treatment == Treatment::Replace) {
        EXPECT_THAT(written, MatchesRegex("<" + id + "_[0-9]+>"));
      }
      if (treatment == Treatment::Hash) {
        EXPECT_THAT(written, MatchesRegex("<" + id + ":[0-9a-f]+>"));
      }
      if (treatment == Treatment::Mask) {
        EXPECT_NE(written.find('*') != std::string::npos, written.find("█") != std::string::npos);
      }
      rebuilt.append(written);
    }
    rebuilt.append(text, copied);
    EXPECT_EQ(next, redacted.replacements.size());
    ASSERT_EQ(redacted.text, rebuilt);
  }
}

TEST(RedactionPlanTest, HashNeedsAKey) {
  RedactionPlan plan;
  EXPECT_TRUE(ValidateRedactionPlan(plan).ok());
  plan.by_type[EntityType::PERSON] = {Treatment::Hash, 0, 0, "*"};
  EXPECT_EQ(ValidateRedactionPlan(plan).code(), absl::StatusCode::kFailedPrecondition);
  plan.hash_key = "key";
  EXPECT_TRUE(ValidateRedactionPlan(plan).ok());

  RedactionPlan fallback = PlanOf({Treatment::Hash, 0, 0, "*"});
  fallback.hash_key.clear();
  EXPECT_EQ(ValidateRedactionPlan(fallback).code(), absl::StatusCode::kFailedPrecondition);
}

TEST(RedactionPlanTest, AMaskIsOneCodePoint) {
  for (const std::string& mask :
       {std::string(), std::string("**"), std::string("\xC3"), std::string("e\xCC\x81")}) {
    RedactionPlan plan;
    plan.by_type[EntityType::PERSON] = {Treatment::Mask, 0, 0, mask};
    EXPECT_EQ(ViolationOf(ValidateRedactionPlan(plan)).field, "redactions[PERSON].mask_with");
    plan = PlanOf({Treatment::Mask, 0, 0, mask});
    EXPECT_EQ(ViolationOf(ValidateRedactionPlan(plan)).field, "default_redaction.mask_with");
    // Where it is not used it does no harm.
    EXPECT_TRUE(ValidateRedactionPlan(PlanOf({Treatment::Remove, 0, 0, mask})).ok());
  }
}

}  // namespace
}  // namespace privet
