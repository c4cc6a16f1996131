#include "training/data/split.h"

#include <algorithm>
#include <array>
#include <map>
#include <string_view>
#include <unordered_map>

#include "training/data/sampler.h"
#include "training/data/similar_texts.h"

namespace privet {
namespace {

constexpr double kMostOfPart = 0.1;  // that one group of similar texts may be

// What texts are counted by: each type, texts without any entity, and all texts.
constexpr size_t kWithoutEntities = kEntityTypeCount;
constexpr size_t kAllTexts = kEntityTypeCount + 1;
using Tally = std::array<double, kEntityTypeCount + 2>;

struct Group {
  std::vector<size_t> records;
  bool by_key = false;  // holds records that only their key brought together
  Tally tally = {};
};

void Count(const LabeledRecord& record, Tally* tally) {
  TypeSet types;
  for (const LabeledSpan& span : record.spans) types.set(IndexOf(span.type));
  for (size_t type = 0; type < kEntityTypeCount; ++type) (*tally)[type] += types.test(type) ? 1 : 0;
  (*tally)[kWithoutEntities] += record.spans.empty() ? 1 : 0;
  (*tally)[kAllTexts] += 1;
}

std::vector<Group> GroupsOf(std::span<const LabeledRecord> records, const std::vector<std::string>& keys) {
  std::vector<std::string_view> texts;
  for (const LabeledRecord& record : records) texts.push_back(record.text);
  std::vector<size_t> parent = GroupSimilarTexts(texts);
  const auto root = [&](size_t i) {
    while (parent[i] != i) i = parent[i] = parent[parent[i]];
    return i;
  };
  std::vector<bool> joined_by_key(records.size());
  std::unordered_map<std::string_view, size_t> first_of_key;
  for (size_t i = 0; i < keys.size(); ++i) {
    if (keys[i].empty()) continue;
    const size_t a = root(first_of_key.emplace(keys[i], i).first->second);
    const size_t b = root(i);
    if (a == b) continue;
    parent[std::max(a, b)] = std::min(a, b);
    joined_by_key[std::max(a, b)] = true;
  }
  std::map<size_t, Group> groups;  // by first record
  for (size_t i = 0; i < records.size(); ++i) {
    Group& group = groups[root(i)];
    group.records.push_back(i);
    group.by_key = group.by_key || joined_by_key[i];
    Count(records[i], &group.tally);
  }
  std::vector<Group> list;
  list.reserve(groups.size());
  for (auto& [first, group] : groups) list.push_back(std::move(group));
  return list;
}

}  // namespace

Split SplitRecords(std::span<const LabeledRecord> records, const std::vector<SplitPart>& parts, uint64_t seed,
                   const std::vector<std::string>& keys) {
  Split split;
  split.part_of.resize(records.size());
  double shares = 0;
  for (size_t p = 0; p < parts.size(); ++p) {
    shares += parts[p].share;
    if (parts[p].share > parts[split.largest_part].share) split.largest_part = p;
  }
  const std::vector<Group> groups = GroupsOf(records, keys);
  Tally total = {};
  std::array<std::vector<size_t>, kAllTexts + 1> with;  // groups that have any of it
  std::vector<size_t> order(groups.size());
  for (size_t g = 0; g < groups.size(); ++g) order[g] = g;
  SplitMix64 random(MixSeeds(seed, 0x5917));
  for (size_t i = order.size(); i > 1; --i) std::swap(order[i - 1], order[random.Below(i)]);
  for (const size_t g : order) {
    for (size_t k = 0; k < total.size(); ++k) {
      total[k] += groups[g].tally[k];
      if (groups[g].tally[k] > 0) with[k].push_back(g);
    }
  }
  std::vector<Tally> wanted(parts.size());
  std::vector<Tally> lacking(parts.size());
  for (size_t p = 0; p < parts.size(); ++p) {
    for (size_t k = 0; k < total.size(); ++k) wanted[p][k] = total[k] * parts[p].share / shares;
    lacking[p] = wanted[p];
  }
  std::vector<size_t> rarest_first(kAllTexts);
  for (size_t k = 0; k < kAllTexts; ++k) rarest_first[k] = k;
  std::stable_sort(rarest_first.begin(), rarest_first.end(),
                   [&](size_t a, size_t b) { return with[a].size() < with[b].size(); });

  std::vector<bool> is_placed(groups.size());
  const auto place = [&](size_t g, size_t part) {
    is_placed[g] = true;
    for (const size_t record : groups[g].records) split.part_of[record] = part;
    for (size_t k = 0; k < total.size(); ++k) lacking[part][k] -= groups[g].tally[k];
  };
  // What no other part can take comes first, so that it is known how much room the largest has for the rest.
  const auto most_of = [&](size_t g, size_t p) {
    return std::max((groups[g].by_key ? 1 : kMostOfPart) * wanted[p][kAllTexts], 1.0);
  };
  for (const size_t g : order) {
    bool fits = parts.size() == 1;
    for (size_t p = 0; p < parts.size(); ++p)
      fits = fits || (p != split.largest_part && groups[g].tally[kAllTexts] <= most_of(g, p));
    if (fits) continue;
    ++split.large_groups;
    split.large_records += static_cast<int64_t>(groups[g].records.size());
    place(g, split.largest_part);
  }
  for (const size_t k : rarest_first) {
    for (const size_t g : with[k]) {
      if (is_placed[g]) continue;
      const double size = groups[g].tally[kAllTexts];
      size_t chosen = split.largest_part;
      for (size_t p = 0; p < parts.size(); ++p) {
        if (p == split.largest_part || size > most_of(g, p)) continue;
        if (groups[g].by_key && size > std::max(lacking[p][kAllTexts], 1.0)) continue;
        if (std::pair(lacking[p][k], lacking[p][kAllTexts]) >
            std::pair(lacking[chosen][k], lacking[chosen][kAllTexts]))
          chosen = p;
      }
      place(g, chosen);
    }
  }
  return split;
}

}  // namespace privet
