// Cases from the test suites of other libraries (../shared/conformance; its README says how to read them).
// Every case passes or is listed in exceptions.tsv with a reason; a listed case that passes is stale and
// fails the test.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

#include "core/offsets.h"
#include "pipeline/detector.h"
#include "rules/pack.h"
#include "rules/rule_set.h"

namespace privet {
namespace {

using nlohmann::json;

constexpr const char* kFolder = "../shared/conformance";
constexpr const char* kExceptions = "tests/conformance/exceptions.tsv";

// The suites' names for types of ours.
std::string OurType(const std::string& type) {
  static const std::map<std::string, std::string> names = {
      {"OTHER:UK_NHS", "UK_NHS"},
      {"OTHER:UK_NINO", "UK_NINO"},
      {"OTHER:SWIFT_BIC", "SWIFT_CODE"},
      {"OTHER:TW_UBN", "TW_UBN"},
      {"OTHER:TW_ARC", "TW_ID"},
      {"OTHER:US_EIN", "US_EIN"},
      {"OTHER:US_NPI", "US_NPI"},
      {"OTHER:CN_POSTCODE", "POSTCODE"},
      {"OTHER:ABA_ROUTING", "US_BANK_ACCOUNT"},
      {"OTHER:ABA_ROUTING_NUMBER", "US_BANK_ACCOUNT"},
      {"OTHER:CN_FOREIGNER_PERMANENT_ID", "CN_FOREIGNER_ID"},
      {"OTHER:CN_DRIVER_LICENSE", "CN_DRIVER_LICENSE"},
      {"OTHER:CN_BUSINESS_LICENSE", "CN_TAX_ID"},
      {"OTHER:URL_TOKEN", "URL"},
  };
  const auto known = names.find(type);
  return known != names.end() ? known->second : type;
}

// Near-equal types count as one: the suites draw their borders differently.
std::string Class(const std::string& type) {
  static const std::map<std::string, std::string> classes = {{"CREDIT_CARD", "BANK_CARD"},
                                                             {"CN_SOCIAL_SECURITY", "CN_RESIDENT_ID"},
                                                             {"DATE_OF_BIRTH", "DATE_TIME"},
                                                             {"LOCATION", "ADDRESS"}};
  const std::string ours = OurType(type);
  const auto known = classes.find(ours);
  return known != classes.end() ? known->second : ours;
}

std::vector<std::string> TypesOfClass(const std::string& type) {
  std::vector<std::string> types;
  for (const EntityTypeSpec& spec : Taxonomy()) {
    if (Class(std::string(spec.id)) == Class(type)) types.emplace_back(spec.id);
  }
  return types;
}

struct Found {
  std::string type_class;
  size_t begin = 0, end = 0;
};

std::vector<Found> FoundIn(const Detector& detector, const std::string& text, const Policy& wanted) {
  std::vector<Found> found;
  const auto policy = CompilePolicy(wanted, detector.limits());
  EXPECT_TRUE(policy.ok()) << policy.status();
  const auto detection = detector.Detect(text, **policy);
  if (!detection.ok()) return found;
  std::vector<size_t> offsets;
  for (const Finding& finding : detection->findings) {
    offsets.push_back(finding.span.begin);
    offsets.push_back(finding.span.end);
  }
  const std::vector<Position> positions = PositionsOf(text, offsets);
  for (size_t i = 0; i < detection->findings.size(); ++i) {
    found.push_back({Class(std::string(IdOf(detection->findings[i].type))), positions[2 * i].codepoints,
                     positions[2 * i + 1].codepoints});
  }
  return found;
}

bool Matches(const json& expected, const Found& found, bool exact) {
  if (Class(expected["type"]) != found.type_class) return false;
  const auto agrees = [&](size_t begin, size_t end) {
    return exact ? found.begin == begin && found.end == end : found.begin < end && begin < found.end;
  };
  if (agrees(expected["begin"], expected["end"])) return true;
  for (const json& alternative : expected.value("alt", json::array())) {
    if (agrees(alternative[0], alternative[1])) return true;
  }
  return false;
}

bool PassesFind(const Detector& detector, const json& c) {
  const std::vector<Found> found = FoundIn(detector, c["text"], Policy());
  const bool exact = c["match"] == "exact";
  std::set<std::string> classes;
  for (const json& type : c["types"]) classes.insert(Class(type));
  const auto& flags = c["flags"];
  const bool extra_is_fine = std::find(flags.begin(), flags.end(), "recall_only") != flags.end();
  for (const json& expected : c["expect"]) {
    if (std::none_of(found.begin(), found.end(), [&](const Found& f) { return Matches(expected, f, exact); }))
      return false;
  }
  for (const Found& f : found) {
    if (extra_is_fine || !classes.contains(f.type_class)) continue;
    if (std::none_of(c["expect"].begin(), c["expect"].end(),
                     [&](const json& expected) { return Matches(expected, f, exact); })) {
      return false;
    }
  }
  return true;
}

// The value alone, judged on its form: no context is asked for.
bool PassesValidate(const Detector& detector, const json& c) {
  const std::string text = c["text"];
  const size_t begin = text.find_first_not_of(" \t\r\n");
  if (begin == std::string::npos) return !c["valid"].get<bool>();
  const std::string trimmed = text.substr(begin, text.find_last_not_of(" \t\r\n") - begin + 1);
  Policy policy;
  policy.types = TypesOfClass(c["type"]);
  if (policy.types.empty()) return !c["valid"].get<bool>();
  policy.min_score = 0;
  const std::vector<Found> found = FoundIn(detector, trimmed, policy);
  const std::vector<size_t> whole = {trimmed.size()};
  const size_t end = PositionsOf(trimmed, whole)[0].codepoints;
  const bool covered =
      std::any_of(found.begin(), found.end(), [&](const Found& f) { return f.begin == 0 && f.end == end; });
  return covered == c["valid"].get<bool>();
}

struct Exceptions {
  std::map<std::string, std::string> by_case;
  std::map<std::string, std::string> by_type;  // types out of scope
};

Exceptions ReadExceptions() {
  Exceptions exceptions;
  std::ifstream in(kExceptions);
  EXPECT_TRUE(in.good()) << kExceptions;
  for (std::string line; std::getline(in, line);) {
    if (line.empty() || line[0] == '#') continue;
    const size_t tab = line.find('\t');
    EXPECT_NE(tab, std::string::npos) << "no reason: " << line;
    const std::string key = line.substr(0, tab), reason = line.substr(tab + 1);
    EXPECT_FALSE(reason.empty()) << line;
    if (key.starts_with("type:")) {
      exceptions.by_type[key.substr(5)] = reason;
    } else {
      exceptions.by_case[key] = reason;
    }
  }
  return exceptions;
}

struct Tally {
  int cases = 0, passed = 0, listed = 0, out_of_scope = 0;
};

TEST(ConformanceTest, EveryCasePassesOrIsListedWithAReason) {
  if (!std::filesystem::is_directory(kFolder)) GTEST_SKIP() << kFolder << " is not there";
  const auto rules = RuleSet::Load(BuiltInPacks());
  ASSERT_TRUE(rules.ok()) << rules.status();
  const Detector detector(*rules, Limits());
  const Exceptions exceptions = ReadExceptions();

  std::map<std::string, Tally> suites;
  std::vector<std::string> failures;
  std::set<std::string> unused;
  for (const auto& [id, reason] : exceptions.by_case) unused.insert(id);
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(kFolder)) {
    if (entry.path().extension() == ".jsonl") files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  for (const std::filesystem::path& file : files) {
    std::ifstream in(file);
    for (std::string line; std::getline(in, line);) {
      const json c = json::parse(line);
      const std::string id = c["case_id"];
      Tally& tally = suites[c["suite"]];
      ++tally.cases;
      const bool out_of_scope = std::all_of(c["types"].begin(), c["types"].end(), [&](const json& type) {
        return exceptions.by_type.contains(type.get<std::string>());
      });
      if (out_of_scope) {
        ++tally.out_of_scope;
        continue;
      }
      const bool passes = c["kind"] == "find" ? PassesFind(detector, c) : PassesValidate(detector, c);
      if (exceptions.by_case.contains(id)) {
        unused.erase(id);
        ++tally.listed;
        if (passes) failures.push_back("stale exception, the case passes: " + id);
      } else if (passes) {
        ++tally.passed;
      } else {
        failures.push_back(id);
      }
    }
  }
  std::printf("%-26s %7s %7s %7s %13s\n", "suite", "cases", "passed", "listed", "out of scope");
  for (const auto& [suite, t] : suites) {
    std::printf("%-26s %7d %7d %7d %13d\n", suite.c_str(), t.cases, t.passed, t.listed, t.out_of_scope);
  }
  for (const std::string& id : unused) failures.push_back("no such case: " + id);
  for (const std::string& failure : failures) ADD_FAILURE() << failure;
}

}  // namespace
}  // namespace privet
