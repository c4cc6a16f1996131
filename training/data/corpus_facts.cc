#include "training/data/corpus_facts.h"

#include <algorithm>
#include <set>
#include <string_view>
#include <unordered_map>
#include <unordered_set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "core/utf8.h"
#include "training/data/similar_texts.h"

namespace privet {
namespace {

int64_t CodePoints(std::string_view text) {
  return std::count_if(text.begin(), text.end(), [](char c) { return !IsUtf8Continuation(c); });
}

// Occurrences of marked values that stand unmarked: candidates by their first three bytes, so that time is
// near-linear.
void CountUnmarked(std::span<const LabeledRecord> records,
                   const std::unordered_map<std::string, EntityType>& values, CorpusFacts* facts) {
  std::unordered_map<std::string_view, std::vector<const std::string*>> by_head;
  for (const auto& [value, type] : values) by_head[std::string_view(value).substr(0, 3)].push_back(&value);
  for (const LabeledRecord& record : records) {
    const std::string_view text = record.text;
    for (size_t at = 0; at + 3 <= text.size(); ++at) {
      const auto heads = by_head.find(text.substr(at, 3));
      if (heads == by_head.end()) continue;
      for (const std::string* const value : heads->second) {
        if (text.substr(at, value->size()) != *value) continue;
        const Span span = {at, at + value->size()};
        const EntityType type = values.at(*value);
        const bool marked = std::any_of(record.spans.begin(), record.spans.end(),
                                        [&](const LabeledSpan& s) { return s.span.Overlaps(span); });
        if (!marked && record.covers.test(IndexOf(type))) ++facts->types[type].unmarked;
      }
    }
  }
}

}  // namespace

CorpusFacts FactsOf(std::span<const LabeledRecord> records, std::span<const LabeledRecord> against) {
  CorpusFacts facts;
  facts.records = static_cast<int64_t>(records.size());
  facts.against = static_cast<int64_t>(against.size());
  std::vector<int64_t> lengths;
  std::map<EntityType, std::set<std::string>> surfaces;
  std::unordered_map<std::string, EntityType> long_values;
  for (const LabeledRecord& record : records) {
    facts.with_entities += record.spans.empty() ? 0 : 1;
    lengths.push_back(CodePoints(record.text));
    for (const LabeledSpan& span : record.spans) {
      const std::string value = record.text.substr(span.span.begin, span.span.size());
      TypeFacts& of_type = facts.types[span.type];
      ++of_type.entities;
      of_type.mean_code_points += static_cast<double>(CodePoints(value));
      surfaces[span.type].insert(value);
      if (CodePoints(value) >= 3) long_values.emplace(value, span.type);
    }
  }
  for (auto& [type, of_type] : facts.types) {
    of_type.surfaces = static_cast<int64_t>(surfaces[type].size());
    of_type.mean_code_points /= static_cast<double>(of_type.entities);
    for (const auto& [other, values] : surfaces) {
      if (other == type) continue;
      of_type.other_type +=
          std::count_if(surfaces[type].begin(), surfaces[type].end(),
                        [&, &others = values](const std::string& value) { return others.contains(value); });
    }
  }
  CountUnmarked(records, long_values, &facts);
  std::sort(lengths.begin(), lengths.end());
  for (const double share : {0.1, 0.5, 0.9, 0.99, 1.0}) {
    if (!lengths.empty())
      facts.length_quantiles.push_back(
          lengths[static_cast<size_t>(share * static_cast<double>(lengths.size() - 1))]);
  }
  std::vector<std::string_view> texts;
  for (const LabeledRecord& record : records) texts.push_back(record.text);
  for (const LabeledRecord& record : against) texts.push_back(record.text);
  const std::vector<size_t> groups = GroupSimilarTexts(texts);
  std::unordered_set<std::string_view> seen;
  for (size_t i = 0; i < records.size(); ++i) {
    facts.copies += seen.insert(texts[i]).second ? 0 : 1;
    facts.near_copies += groups[i] != i ? 1 : 0;
  }
  for (size_t i = records.size(); i < texts.size(); ++i) facts.leaked += groups[i] < records.size() ? 1 : 0;
  return facts;
}

std::string DescribeCorpus(const CorpusFacts& facts) {
  const auto percent = [](int64_t part, int64_t whole) {
    return whole == 0 ? 0.0 : 100 * static_cast<double>(part) / static_cast<double>(whole);
  };
  std::string out = absl::StrFormat("%d records, %d with entities (%.0f %%)\n", facts.records,
                                    facts.with_entities, percent(facts.with_entities, facts.records));
  if (percent(facts.with_entities, facts.records) < 25) {
    absl::StrAppend(&out,
                    "- most texts have no entity: trained on them as they are a model learns to stay silent, "
                    "which shows as "
                    "high precision and low recall; thin them out with data.empty_share\n");
  }
  if (facts.length_quantiles.size() == 5) {
    absl::StrAppendFormat(
        &out,
        "length in characters: 10 %% up to %d, half up to %d, 90 %% up to %d, 99 %% up to %d, longest %d\n",
        facts.length_quantiles[0], facts.length_quantiles[1], facts.length_quantiles[2],
        facts.length_quantiles[3], facts.length_quantiles[4]);
  }
  absl::StrAppendFormat(&out, "  %-22s %9s %9s %11s %9s %11s\n", "type", "entities", "values", "mean length",
                        "unmarked", "other type");
  for (const auto& [type, of_type] : facts.types) {
    absl::StrAppendFormat(&out, "  %-22s %9d %9d %11.1f %9d %11d\n", std::string(IdOf(type)),
                          of_type.entities, of_type.surfaces, of_type.mean_code_points, of_type.unmarked,
                          of_type.other_type);
  }
  int64_t entities = 0;
  int64_t unmarked = 0;
  for (const auto& [type, of_type] : facts.types) {
    entities += of_type.entities;
    unmarked += of_type.unmarked;
  }
  if (percent(unmarked, entities) > 5) {
    absl::StrAppendFormat(&out,
                          "- values that are marked elsewhere stand unmarked %d times: missed labels are the "
                          "first cause of low recall\n",
                          unmarked);
  }
  absl::StrAppendFormat(&out, "%d exact copies, %d near-copies of earlier records\n", facts.copies,
                        facts.near_copies);
  if (facts.against > 0) {
    absl::StrAppendFormat(&out, "%d of the %d other records are near-copies of these (%.1f %%)%s\n",
                          facts.leaked, facts.against, percent(facts.leaked, facts.against),
                          facts.leaked > 0
                              ? ": what is judged on them flatters; `trainer data split` keeps them together"
                              : "");
  }
  return out;
}

}  // namespace privet
