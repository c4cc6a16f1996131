// Faults planted in a corpus of invented names, and what audit makes of them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

#include "training/data/audit/suspects.h"
#include "training/data/marked_values.h"
#include "training/data/record_reader.h"
#include "training/data/sampler.h"

namespace privet {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// ---- a corpus with models that are mostly right

// Each name occurs once, so that nothing but the models' word tells a fault.
std::string NameOf(size_t number) {
  constexpr std::array<const char*, 16> kSyllables = {"ba", "do", "fi", "gu", "ha", "jo", "ki", "lu",
                                                      "ma", "no", "pi", "ru", "sa", "to", "vi", "zu"};
  std::string name = "N";
  for (int digit = 0; digit < 4; ++digit, number /= 16) name += kSyllables[number % 16];
  return name;
}

struct World {
  AuditedFile file;
  std::set<std::pair<size_t, Span>> planted;  // record and place

  // Of a kind's first suspects as many as were planted: the share that was.
  double ShareOfPlanted(FaultKind kind) const {
    size_t looked_at = 0;
    size_t hits = 0;
    for (const Suspect& suspect : FindSuspects(file)) {
      if (suspect.kind != kind || looked_at == planted.size()) continue;
      ++looked_at;
      hits += planted.contains({suspect.record, suspect.extent()}) ? 1 : 0;
    }
    return static_cast<double>(hits) / static_cast<double>(planted.size());
  }
};

constexpr size_t kRecords = 600;
constexpr size_t kPlanted = 40;

// Models find nine of ten entities, not always surely, and propose something that is none in each tenth
// record. A fault of `kind` is planted in each fifteenth record.
World CorpusWith(FaultKind kind) {
  World world;
  SplitMix64 random(7);
  size_t next_name = 0;
  for (size_t r = 0; r < kRecords; ++r) {
    LabeledRecord record;
    std::vector<Proposal> proposals;
    const auto propose = [&](const Span& span, EntityType type, double least, double most) {
      proposals.push_back({span, type, least + (most - least) * random.Unit()});
    };
    const bool plant = r % (kRecords / kPlanted) == 7;
    for (int k = 0; k < 2; ++k) {
      record.text += "then ";
      const size_t begin = record.text.size();
      record.text += NameOf(next_name++ * 31);
      Span span = {begin, record.text.size()};
      record.text += " spoke and ";
      const bool is_planted = plant && k == 1;
      if (is_planted && kind == FaultKind::Surplus) {
        record.spans.push_back({span, EntityType::PERSON});  // which is no person
        world.planted.insert({r, span});
        continue;
      }
      if (is_planted || random.Unit() < 0.9)
        propose(span, EntityType::PERSON, 0.7, 1.0);
      else if (random.Unit() < 0.7)
        propose(span, EntityType::PERSON, 0.02, 0.5);
      if (is_planted) world.planted.insert({r, span});
      if (is_planted && kind == FaultKind::Missed) continue;
      if (is_planted && kind == FaultKind::Borders) span.end -= 2;
      record.spans.push_back(
          {span, is_planted && kind == FaultKind::Type ? EntityType::ORGANIZATION : EntityType::PERSON});
    }
    record.text += "left the ";
    if (random.Unit() < 0.1)
      propose({record.text.size(), record.text.size() + 4}, EntityType::PERSON, 0.1, 0.8);
    record.text += "room";
    if (kind == FaultKind::Type) {  // organisations that models know
      record.text += " of Acme" + std::to_string(r);
      const Span span = {record.text.size() - 4 - std::to_string(r).size(), record.text.size()};
      record.spans.push_back({span, EntityType::ORGANIZATION});
      propose(span, EntityType::ORGANIZATION, 0.7, 1.0);
    }
    world.file.records.push_back(record);
    world.file.lines.push_back(static_cast<int64_t>(r) + 1);
    world.file.proposals.emplace_back(std::move(proposals));
  }
  return world;
}

TEST(AuditTest, PlantedMissedLabelsComeFirst) {
  const World world = CorpusWith(FaultKind::Missed);
  ASSERT_EQ(world.planted.size(), kPlanted);
  EXPECT_GE(world.ShareOfPlanted(FaultKind::Missed), 0.8);
}

TEST(AuditTest, PlantedSurplusMarksComeBeforeThoseThatModelsMiss) {
  // One entity in 33 has no proposal though it is one: half of the suspects, at equal score.
  EXPECT_GE(CorpusWith(FaultKind::Surplus).ShareOfPlanted(FaultKind::Surplus), 0.4);
}

TEST(AuditTest, PlantedBordersAndTypesAreFound) {
  EXPECT_GE(CorpusWith(FaultKind::Borders).ShareOfPlanted(FaultKind::Borders), 0.95);
  EXPECT_GE(CorpusWith(FaultKind::Type).ShareOfPlanted(FaultKind::Type), 0.95);
}

TEST(AuditTest, TheListIsOrderedByScoreAndTheSameEachTime) {
  const World world = CorpusWith(FaultKind::Missed);
  const std::vector<Suspect> suspects = FindSuspects(world.file);
  EXPECT_TRUE(std::is_sorted(suspects.begin(), suspects.end(),
                             [](const Suspect& a, const Suspect& b) { return a.score() > b.score(); }));
  const auto written = [&] {
    std::string all;
    for (const Suspect& suspect : FindSuspects(world.file))
      all += WriteSuspect(suspect, world.file.records[suspect.record], world.file.lines[suspect.record]);
    return all;
  };
  EXPECT_EQ(written(), written());
}

// ---- single records

AuditedFile FileOf(const std::vector<std::string>& lines,
                   const std::vector<std::vector<Proposal>>& proposals = {}) {
  AuditedFile file;
  for (size_t i = 0; i < lines.size(); ++i) {
    file.records.push_back(ParseRecord(lines[i]).value());
    file.lines.push_back(static_cast<int64_t>(i) + 1);
    file.proposals.push_back(proposals.empty() ? Proposals() : Proposals(proposals[i]));
  }
  return file;
}

std::vector<std::string> KindsOf(const std::vector<Suspect>& suspects) {
  std::vector<std::string> kinds;
  for (const Suspect& suspect : suspects)
    kinds.emplace_back(kFaultKindNames[static_cast<size_t>(suspect.kind)]);
  return kinds;
}

TEST(AuditTest, SeveralReadingsOfANameShareItsProbability) {
  // Neither 王小 nor 王小明 is likelier than not, but there is a name. Nothing is marked.
  const auto missed =
      FindSuspects(FileOf({R"({"text": "见王小明了", "spans": []})"},
                          {{{{3, 9}, EntityType::PERSON, 0.4}, {{3, 12}, EntityType::PERSON, 0.45}}}));
  ASSERT_EQ(KindsOf(missed), (std::vector<std::string>{"missed"}));
  EXPECT_EQ(missed[0].suggested, (std::vector<LabeledSpan>{{{3, 12}, EntityType::PERSON}}));
  EXPECT_NEAR(missed[0].evidence.presence.value_or(0), 0.85, 1e-9);
  // Marked as either, it is no surplus; and 经理 after it, a part of a longer reading, is no missed label.
  EXPECT_THAT(FindSuspects(FileOf({R"({"text": "见王小明经理", "spans": [[1, 4, "PERSON"]]})"},
                                  {{{{3, 12}, EntityType::PERSON, 0.48},
                                    {{3, 18}, EntityType::PERSON, 0.45},
                                    {{12, 18}, EntityType::PERSON, 0.1}}})),
              IsEmpty());
}

TEST(AuditTest, AProposalOfATypeThatTheRecordDoesNotCoverIsNoSuspect) {
  const std::vector<std::vector<Proposal>> proposals = {{{{3, 9}, EntityType::LOCATION, 0.99}}};
  EXPECT_THAT(KindsOf(FindSuspects(FileOf({R"({"text": "在北京", "spans": []})"}, proposals))),
              ElementsAre("missed"));
  EXPECT_THAT(FindSuspects(FileOf({R"({"text": "在北京", "spans": [], "covers": ["PERSON"]})"}, proposals)),
              IsEmpty());
}

TEST(AuditTest, MarksOfATypeThatNoModelKnowsAreNoSurplus) {
  EXPECT_THAT(FindSuspects(FileOf({R"({"text": "QQ 1234567", "spans": [[3, 10, "QQ"]]})"}, {{}})), IsEmpty());
}

TEST(AuditTest, AnUnmarkedPlaceOfAValueThatIsMarkedElsewhereIsASuspectWithoutAnyModel) {
  std::vector<std::string> lines(9, R"({"text": "欧阳娜娜到了", "spans": [[0, 4, "PERSON"]]})");
  lines.emplace_back(R"({"text": "今天欧阳娜娜也到了", "spans": []})");
  const AuditedFile file = FileOf(lines);
  const std::vector<Suspect> suspects = FindSuspects(file);
  ASSERT_EQ(KindsOf(suspects), (std::vector<std::string>{"inconsistent"}));
  EXPECT_EQ(suspects[0].suggested, (std::vector<LabeledSpan>{{{6, 18}, EntityType::PERSON}}));
  EXPECT_THAT(WriteSuspect(suspects[0], file.records[9], 10),
              HasSubstr(R"("line":10,"kind":"inconsistent")"));
  EXPECT_THAT(
      WriteSuspect(suspects[0], file.records[9], 10),
      HasSubstr(
          R"("marked":[],"suggested":[[2,6,"PERSON"]],"before":"今天","value":"欧阳娜娜","after":"也到了",)"
          R"("evidence":{"times_marked":9,"times_unmarked":1}})"));
}

TEST(AuditTest, TheRareMarkOfACommonWordIsASuspect) {
  std::vector<std::string> lines(9, R"({"text": "祝大家平安", "spans": []})");
  lines.emplace_back(R"({"text": "平安到家", "spans": [[0, 2, "ORGANIZATION"]]})");
  const std::vector<Suspect> suspects = FindSuspects(FileOf(lines));
  ASSERT_EQ(KindsOf(suspects), (std::vector<std::string>{"inconsistent"}));
  EXPECT_EQ(suspects[0].record, 9);
  EXPECT_THAT(suspects[0].suggested, IsEmpty());
}

TEST(AuditTest, ReasonsForOneChangeAreOneSuspectAndCountTogether) {
  std::vector<std::string> lines(9, R"({"text": "欧阳娜娜到了", "spans": [[0, 4, "PERSON"]]})");
  lines.emplace_back(R"({"text": "欧阳娜娜到了", "spans": []})");
  const std::vector<std::vector<Proposal>> sure(10, {{{0, 12}, EntityType::PERSON, 0.95}});
  const std::vector<Suspect> both = FindSuspects(FileOf(lines, sure));
  ASSERT_EQ(KindsOf(both), (std::vector<std::string>{"missed"}));
  EXPECT_EQ(both[0].evidence.times_marked, 9);
  EXPECT_GT(both[0].score(), FindSuspects(FileOf(lines))[0].score());
  // Where models see nothing in that place, they speak against it.
  std::vector<std::vector<Proposal>> silent = sure;
  silent[9].clear();
  EXPECT_LT(FindSuspects(FileOf(lines, silent))[0].score(), FindSuspects(FileOf(lines))[0].score());
}

// ---- values

TEST(MarkedValuesTest, AValueInsideAWordOrInAMarkIsNotAPlaceOfIt) {
  std::vector<LabeledRecord> records = {
      ParseRecord(R"({"text": "Ann", "spans": [[0, 3, "PERSON"]]})").value(),
      ParseRecord(R"({"text": "Annual, Ann, Ann2", "spans": []})").value(),
      ParseRecord(R"({"text": "Ann Lee", "spans": [[0, 7, "PERSON"]]})").value(),
      ParseRecord(R"({"text": "Ann", "spans": [], "covers": ["LOCATION"]})").value()};
  EXPECT_EQ(UsesOfValues(records).at("Ann").unmarked, 1);
  EXPECT_EQ(UsesOfValues(records).at("Ann").times_marked(), 1);
}

TEST(MarkedValuesTest, OfSeveralValuesAtAPlaceTheLongestStandsThere) {
  std::vector<LabeledRecord> records = {
      ParseRecord(R"({"text": "北京大学在北京", "spans": [[0, 4, "ORGANIZATION"], [5, 7, "LOCATION"]]})")
          .value(),
      ParseRecord(R"({"text": "北京大学", "spans": []})").value()};
  const ValueUses uses = UsesOfValues(records);
  EXPECT_EQ(uses.at("北京大学").unmarked, 1);
  EXPECT_EQ(uses.at("北京").unmarked, 0);
}

}  // namespace
}  // namespace privet
