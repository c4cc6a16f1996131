#include "training/data/audit/border_faults.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace privet {
namespace {

// The text with the mark in «» becomes "FAULT: PIECE|PIECE", or nothing.
std::string FaultOf(const std::string& shown, EntityType type = EntityType::PERSON) {
  constexpr std::string_view kOpen = "«";
  const size_t begin = shown.find(kOpen);
  const size_t end = shown.find("»") - kOpen.size();
  std::string text = shown;
  text.erase(end + kOpen.size(), kOpen.size());
  text.erase(begin, kOpen.size());
  const auto fault = FindBorderFault(text, {{begin, end}, type});
  if (!fault.has_value()) return "";
  std::string out = std::string(fault->name) + ":";
  for (const LabeledSpan& span : fault->better)
    out += (out.back() == ':' ? " " : "|") + text.substr(span.span.begin, span.span.size());
  return out;
}

TEST(BorderFaultsTest, WhatNoEntityBeginsOrEndsWith) {
  EXPECT_EQ(FaultOf("见« 王小明»"), "white space: 王小明");
  EXPECT_EQ(FaultOf("«王小明　»到"), "white space: 王小明");
  EXPECT_EQ(FaultOf("«王小明，»你好"), "punctuation: 王小明");
  EXPECT_EQ(FaultOf("“见«\"Ann Lee\"»"), "punctuation: Ann Lee");
  EXPECT_EQ(FaultOf("«，。»"), "punctuation:");
  EXPECT_EQ(FaultOf("call «555-0100.»", EntityType::PHONE_NUMBER), "punctuation: 555-0100");
  EXPECT_EQ(FaultOf("host «192.0.2.7:» up", EntityType::IP_ADDRESS), "punctuation: 192.0.2.7");
}

TEST(BorderFaultsTest, BracketsStandInPairs) {
  EXPECT_EQ(FaultOf("「«王小明」»"), "brackets: 王小明");
  EXPECT_EQ(FaultOf("«（王小明）»"), "brackets: 王小明");
  EXPECT_EQ(FaultOf("«（王小明»）"), "brackets: 王小明");
  EXPECT_EQ(FaultOf("在«中国银行（香港»）上班", EntityType::ORGANIZATION), "brackets: 中国银行（香港）");
  EXPECT_EQ(FaultOf("在«中国银行（香港»上班。）", EntityType::ORGANIZATION), "brackets: 中国银行（香港");
}

TEST(BorderFaultsTest, APersonIsNoList) {
  EXPECT_EQ(FaultOf("«王小明、李小红»"), "list: 王小明|李小红");
  EXPECT_EQ(FaultOf("«王小明\n李小红 »"), "list: 王小明|李小红");
}

TEST(BorderFaultsTest, WhatBelongsToAnEntityStays) {
  EXPECT_EQ(FaultOf("«Acme Inc.»", EntityType::ORGANIZATION), "");
  EXPECT_EQ(FaultOf("«中国银行（香港）»", EntityType::ORGANIZATION), "");
  EXPECT_EQ(FaultOf("«(010) 5550 0100»", EntityType::PHONE_NUMBER), "");
  EXPECT_EQ(FaultOf("«+86 10 5550 0100»", EntityType::PHONE_NUMBER), "");
  EXPECT_EQ(FaultOf("«O’Neill»"), "");
  EXPECT_EQ(FaultOf("«尼古拉·特斯拉»"), "");
  EXPECT_EQ(FaultOf("«王**»"), "");
  EXPECT_EQ(FaultOf("«1 Main St, Springfield»", EntityType::ADDRESS), "");
  EXPECT_EQ(FaultOf("«:pa}ss,»", EntityType::SECRET), "");
  EXPECT_EQ(FaultOf("«https://example.com/»", EntityType::URL), "");
  EXPECT_EQ(FaultOf("«::1»", EntityType::IP_ADDRESS), "");
  EXPECT_EQ(FaultOf("«2001:db8::»", EntityType::IP_ADDRESS), "");
}

TEST(BorderFaultsTest, WhatManyMarksHaveIsTheAnnotatorsRule) {
  const auto score = [](size_t with, size_t without) {
    std::vector<LabeledRecord> records(with + without);
    for (size_t i = 0; i < records.size(); ++i) {
      records[i].text = "Ann:";
      records[i].spans = {{{0, i < with ? size_t{4} : size_t{3}}, EntityType::PERSON}};
    }
    return MarksWithBorderFaults(records).front().score();
  };
  EXPECT_GT(score(1, 99), 0.7);
  EXPECT_LT(score(80, 20), 0.05);
}

}  // namespace
}  // namespace privet
