// A record with its spans marked in the text, as tests write them: 我是[王小明|PERSON]。
#ifndef PRIVET_TESTS_SYNTHESIS_FILLED_H_
#define PRIVET_TESTS_SYNTHESIS_FILLED_H_

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "core/absl_view.h"
#include "core/utf8.h"
#include "training/data/record.h"
#include "training/data/synthesis/fill.h"

namespace privet {

inline const Fillers& AllFillers() {
  static const Fillers* const fillers = [] {
    auto loaded = Fillers::Load(BuiltInLists());
    if (!loaded.ok()) ADD_FAILURE() << loaded.status();
    return loaded->release();
  }();
  return *fillers;
}

inline std::string Marked(const LabeledRecord& record) {
  std::string out;
  size_t at = 0;
  for (const LabeledSpan& span : record.spans) {
    absl::StrAppend(&out, record.text.substr(at, span.span.begin - at), "[",
                    record.text.substr(span.span.begin, span.span.size()), "|", AbslView(IdOf(span.type)),
                    "]");
    at = span.span.end;
  }
  return out + record.text.substr(at);
}

inline std::string ValueOf(const LabeledRecord& record, size_t i) {
  return record.text.substr(record.spans.at(i).span.begin, record.spans.at(i).span.size());
}

// The snippet filled with seeds 0 to count - 1.
inline std::vector<LabeledRecord> FilledTimes(const std::string& snippet, int count) {
  const auto parsed = ParseTemplate(snippet, "test:1", AllFillers().readings());
  EXPECT_TRUE(parsed.ok()) << parsed.status();
  std::vector<LabeledRecord> records;
  for (int i = 0; parsed.ok() && i < count; ++i) {
    Random random(0, 0, static_cast<uint64_t>(i));
    records.push_back(Fill(*parsed, AllFillers(), random));
  }
  return records;
}

// What every record must be: valid UTF-8, spans in order, apart, not empty, at code point borders.
inline void ExpectSound(const LabeledRecord& record) {
  EXPECT_EQ(FindInvalidUtf8(record.text), std::string::npos);
  size_t at = 0;
  for (const LabeledSpan& span : record.spans) {
    EXPECT_FALSE(span.span.empty()) << record.origin;
    EXPECT_GE(span.span.begin, at) << record.origin;
    ASSERT_LE(span.span.end, record.text.size()) << record.origin;
    EXPECT_FALSE(IsUtf8Continuation(record.text[span.span.begin])) << record.origin;
    EXPECT_TRUE(span.span.end == record.text.size() || !IsUtf8Continuation(record.text[span.span.end]));
    at = span.span.end;
  }
}

}  // namespace privet

#endif  // PRIVET_TESTS_SYNTHESIS_FILLED_H_
