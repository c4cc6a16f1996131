#include "training/judge/breakdown.h"

#include <algorithm>

#include "absl/hash/hash.h"
#include "absl/strings/str_cat.h"
#include "core/utf8.h"

namespace privet {
namespace {

constexpr std::array<size_t, 5> kEntityLengths = {2, 4, 8, 16, 32};
constexpr std::array<size_t, 4> kTextLengths = {50, 200, 1000, 5000};

template <size_t N>
std::vector<RecallBucket> Buckets(const std::array<size_t, N>& most) {
  std::vector<RecallBucket> buckets;
  size_t least = 1;
  for (const size_t end : most) {
    buckets.push_back({.name = absl::StrCat(least, "-", end)});
    least = end + 1;
  }
  buckets.push_back({.name = absl::StrCat(least, "+")});
  return buckets;
}

template <size_t N>
size_t BucketOf(const std::array<size_t, N>& most, size_t length) {
  return static_cast<size_t>(std::lower_bound(most.begin(), most.end(), length) - most.begin());
}

size_t CodePoints(std::string_view text) {
  return static_cast<size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return !IsUtf8Continuation(c); }));
}

TextGroup* GroupOf(std::string_view name, std::vector<TextGroup>* groups) {
  for (TextGroup& group : *groups) {
    if (group.name == name) return &group;
  }
  return &groups->emplace_back(TextGroup{.name = std::string(name)});
}

uint64_t Fingerprint(std::string_view form, EntityType type) {
  return absl::HashOf(std::string(form), static_cast<int>(type));
}

}  // namespace

void SurfaceForms::Add(LabeledRecord record) {
  Unescape(&record);
  for (const LabeledSpan& entity : record.spans) {
    forms_.insert(Fingerprint(std::string_view(record.text).substr(entity.span.begin, entity.span.size()),
                              entity.type));
  }
}

bool SurfaceForms::Contains(std::string_view form, EntityType type) const {
  return forms_.contains(Fingerprint(form, type));
}

Breakdown::Breakdown(const SurfaceForms* training)
    : by_language{{.name = "with Chinese characters"}, {.name = "without Chinese characters"}},
      by_entity_length(Buckets(kEntityLengths)),
      by_text_length(Buckets(kTextLengths)),
      training_(training) {
  if (training != nullptr) by_seen = {{.name = "seen"}, {.name = "unseen"}};
}

void Breakdown::Add(const LabeledRecord& record, std::span<const LabeledSpan> entities,
                    std::span<const Finding> findings) {
  const std::vector<bool> exactly = MatchSpans(entities, findings, Match::Exact).found;
  const std::vector<bool> overlapping = MatchSpans(entities, findings, Match::Overlap).found;
  for (TextGroup* group : {&by_language[HasHan(record.text) ? 0 : 1], GroupOf(FileOf(record), &by_file)}) {
    ++group->texts;
    group->exact += CountsOf(entities, findings, Match::Exact).micro();
    group->overlap += CountsOf(entities, findings, Match::Overlap).micro();
  }
  AddConfusions(entities, findings, overlapping);
  const size_t text_bucket = BucketOf(kTextLengths, CodePoints(record.text));
  for (size_t i = 0; i < entities.size(); ++i) {
    const std::string_view form =
        std::string_view(record.text).substr(entities[i].span.begin, entities[i].span.size());
    const auto count = [&](RecallBucket* bucket) {
      ++bucket->entities;
      bucket->found_exactly += exactly[i] ? 1 : 0;
      bucket->found_overlapping += overlapping[i] ? 1 : 0;
    };
    count(&by_entity_length[BucketOf(kEntityLengths, CodePoints(form))]);
    count(&by_text_length[text_bucket]);
    if (training_ != nullptr) count(&by_seen[training_->Contains(form, entities[i].type) ? 0 : 1]);
  }
}

void Breakdown::AddConfusions(std::span<const LabeledSpan> entities, std::span<const Finding> findings,
                              const std::vector<bool>& overlapping) {
  // Neither entities nor findings overlap one another, so those of one entity stand together.
  auto first = findings.begin();
  for (size_t i = 0; i < entities.size(); ++i) {
    const Span span = entities[i].span;
    while (first != findings.end() && first->span.end <= span.begin) ++first;
    if (overlapping[i]) continue;
    const Finding* largest = nullptr;
    size_t most = 0;
    for (auto finding = first; finding != findings.end() && finding->span.begin < span.end; ++finding) {
      const size_t common = std::min(finding->span.end, span.end) - std::max(finding->span.begin, span.begin);
      if (common <= most) continue;
      most = common;
      largest = &*finding;
    }
    if (largest == nullptr) continue;
    Confusion& confusion = confusions[{entities[i].type, largest->type}];
    ++confusion.entities;
    confusion.with_borders += largest->span == span ? 1 : 0;
  }
}

}  // namespace privet
