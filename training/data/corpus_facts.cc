#include "training/data/corpus_facts.h"

#include <algorithm>
#include <set>
#include <string_view>
#include <tuple>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "core/utf8.h"
#include "training/data/marked_values.h"
#include "training/data/similar_texts.h"

namespace privet {
namespace {

int64_t CodePoints(std::string_view text) {
  return std::count_if(text.begin(), text.end(), [](char c) { return !IsUtf8Continuation(c); });
}

std::string FileOf(const LabeledRecord& record) { return record.origin.substr(0, record.origin.rfind(':')); }

void CountMarks(std::span<const LabeledRecord> records, CorpusFacts* facts) {
  std::vector<int64_t> lengths;
  std::map<EntityType, std::set<std::string_view>> surfaces;
  for (const LabeledRecord& record : records) {
    const std::string file = FileOf(record);
    if (facts->files.empty() || facts->files.back().file != file) facts->files.push_back({file});
    ++facts->files.back().records;
    facts->files.back().with_entities += record.spans.empty() ? 0 : 1;
    facts->with_entities += record.spans.empty() ? 0 : 1;
    lengths.push_back(CodePoints(record.text));
    TypeSet held;
    for (const LabeledSpan& span : record.spans) {
      const std::string_view value = std::string_view(record.text).substr(span.span.begin, span.span.size());
      TypeFacts& of_type = facts->types[span.type];
      ++of_type.entities;
      of_type.texts += held.test(IndexOf(span.type)) ? 0 : 1;
      held.set(IndexOf(span.type));
      of_type.mean_code_points += static_cast<double>(CodePoints(value));
      surfaces[span.type].insert(value);
    }
  }
  for (auto& [type, of_type] : facts->types) {
    of_type.surfaces = static_cast<int64_t>(surfaces[type].size());
    of_type.mean_code_points /= static_cast<double>(of_type.entities);
    for (const auto& [other, values] : surfaces) {
      if (other == type) continue;
      of_type.other_type +=
          std::count_if(surfaces[type].begin(), surfaces[type].end(),
                        [&, &others = values](std::string_view value) { return others.contains(value); });
    }
  }
  std::sort(lengths.begin(), lengths.end());
  for (const double share : {0.1, 0.5, 0.9, 0.99, 1.0}) {
    if (!lengths.empty())
      facts->length_quantiles.push_back(
          lengths[static_cast<size_t>(share * static_cast<double>(lengths.size() - 1))]);
  }
}

void CountValues(std::span<const LabeledRecord> records, size_t most, CorpusFacts* facts) {
  std::vector<ValueFacts> values;
  for (const auto& [value, use] : UsesOfValues(records)) {
    facts->types[use.type()].unmarked += use.unmarked;
    if (most > 0) values.push_back({std::string(value), use.type(), use.times_marked(), use.unmarked});
  }
  const auto by = [&](auto key) {
    std::sort(values.begin(), values.end(),
              [&](const ValueFacts& a, const ValueFacts& b) { return key(a) < key(b); });
  };
  by([](const ValueFacts& v) { return std::tuple(v.type, -v.marked, std::string_view(v.value)); });
  size_t of_type = 0;
  for (size_t i = 0; i < values.size(); ++i) {
    of_type = i > 0 && values[i].type == values[i - 1].type ? of_type + 1 : 0;
    if (of_type < most) facts->frequent.push_back(values[i]);
  }
  by([](const ValueFacts& v) {
    return std::tuple(-std::min(v.marked, v.unmarked), std::string_view(v.value));
  });
  for (size_t i = 0; i < std::min(most, values.size()) && values[i].unmarked > 0; ++i)
    facts->inconsistent.push_back(values[i]);
}

void CountCopies(std::span<const LabeledRecord> records, std::span<const LabeledRecord> against,
                 CorpusFacts* facts) {
  std::vector<std::string_view> texts;
  std::vector<std::string> files;
  std::vector<size_t> file_of;  // by text: an index into files
  for (const std::span<const LabeledRecord> part : {records, against}) {
    for (const LabeledRecord& record : part) {
      texts.push_back(record.text);
      std::string file = FileOf(record);
      if (files.empty() || files.back() != file) files.push_back(std::move(file));
      file_of.push_back(files.size() - 1);
    }
  }
  const std::vector<size_t> groups = GroupSimilarTexts(texts);
  std::unordered_set<std::string_view> seen;
  for (size_t i = 0; i < records.size(); ++i) {
    facts->copies += seen.insert(texts[i]).second ? 0 : 1;
    facts->near_copies += groups[i] != i ? 1 : 0;
  }
  for (size_t i = records.size(); i < texts.size(); ++i) facts->leaked += groups[i] < records.size() ? 1 : 0;
  if (files.size() < 2) return;
  std::unordered_map<size_t, std::vector<size_t>> files_of_group;  // in order, without repeats
  std::map<std::pair<size_t, size_t>, int64_t> shared;
  for (size_t i = 0; i < texts.size(); ++i) {
    std::vector<size_t>& earlier = files_of_group[groups[i]];
    for (const size_t file : earlier) {
      if (file != file_of[i]) ++shared[{file, file_of[i]}];
    }
    if (earlier.empty() || earlier.back() != file_of[i]) earlier.push_back(file_of[i]);
  }
  for (const auto& [pair, count] : shared)
    facts->shared.push_back({files[pair.first], files[pair.second], count});
}

}  // namespace

CorpusFacts FactsOf(std::span<const LabeledRecord> records, std::span<const LabeledRecord> against,
                    size_t most_values) {
  CorpusFacts facts;
  facts.records = static_cast<int64_t>(records.size());
  facts.against = static_cast<int64_t>(against.size());
  CountMarks(records, &facts);
  CountValues(records, most_values, &facts);
  CountCopies(records, against, &facts);
  return facts;
}

}  // namespace privet
