// Ordinary server logs are full of numbers that are nobody's: timestamps, trace ids, order numbers, sizes,
// ports.
#include <gtest/gtest.h>

#include <map>
#include <sstream>
#include <string>

#include "bench/dense_log.h"
#include "pipeline/detector.h"
#include "rules/pack.h"
#include "rules/rule_set.h"

namespace privet {
namespace {

TEST(LogFalseAlarmsTest, FewerThanOneInAThousandLinesBeyondWhatIsThere) {
  const auto rules = RuleSet::Load(BuiltInPacks());
  ASSERT_TRUE(rules.ok()) << rules.status();
  const Detector detector(*rules, Limits());
  const auto policy = CompilePolicy(Policy(), detector.limits());
  // What these lines really hold; the phone numbers stand in lines that say so.
  const auto is_there = [](EntityType type, const std::string& line) {
    switch (type) {
      case EntityType::IP_ADDRESS:
      case EntityType::URL:
      case EntityType::EMAIL_ADDRESS:
      case EntityType::DATE_TIME:
      case EntityType::UUID:
        return true;
      case EntityType::PHONE_NUMBER:
        return line.find("手机号") != std::string::npos;
      default:
        return false;
    }
  };
  size_t lines = 0, false_alarms = 0, phones = 0, phone_lines = 0;
  std::map<std::string, size_t> by_type;
  std::istringstream log(bench::DenseLog(4 << 20, 20240305));
  for (std::string line; std::getline(log, line);) {
    ++lines;
    phone_lines += line.find("手机号") != std::string::npos ? 1 : 0;
    const auto detection = detector.Detect(line, **policy);
    ASSERT_TRUE(detection.ok());
    for (const Finding& finding : detection->findings) {
      phones += finding.type == EntityType::PHONE_NUMBER ? 1 : 0;
      if (is_there(finding.type, line)) continue;
      ++false_alarms;
      ++by_type[std::string(IdOf(finding.type))];
    }
  }
  EXPECT_GT(lines, 20'000u);
  EXPECT_EQ(phones, phone_lines) << "the numbers that are there must be found all the same";
  EXPECT_LT(false_alarms * 1000, lines);
  for (const auto& [type, count] : by_type) std::printf("%s: %zu in %zu lines\n", type.c_str(), count, lines);
}

}  // namespace
}  // namespace privet
