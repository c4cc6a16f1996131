#include "training/data/split.h"

#include <algorithm>
#include <map>
#include <string_view>

#include "training/data/sampler.h"
#include "training/data/similar_texts.h"

namespace privet {

std::vector<size_t> SplitRecords(std::span<const LabeledRecord> records, const std::vector<SplitPart>& parts,
                                 uint64_t seed) {
  std::vector<std::string_view> texts;
  for (const LabeledRecord& record : records) texts.push_back(record.text);
  const std::vector<size_t> groups = GroupSimilarTexts(texts);
  std::map<size_t, std::vector<size_t>> members;
  for (size_t i = 0; i < groups.size(); ++i) members[groups[i]].push_back(i);
  std::vector<const std::vector<size_t>*> order;
  order.reserve(members.size());
  for (const auto& [group, list] : members) order.push_back(&list);
  SplitMix64 random(MixSeeds(seed, 0x5917));
  for (size_t i = order.size(); i > 1; --i) std::swap(order[i - 1], order[random.Below(i)]);
  std::stable_sort(order.begin(), order.end(),
                   [](const auto* a, const auto* b) { return a->size() > b->size(); });

  std::vector<size_t> part_of(records.size());
  std::vector<double> taken(parts.size());
  for (const std::vector<size_t>* const group : order) {
    size_t chosen = 0;
    for (size_t p = 1; p < parts.size(); ++p) {
      if (taken[p] / parts[p].share < taken[chosen] / parts[chosen].share) chosen = p;
    }
    for (const size_t record : *group) part_of[record] = chosen;
    taken[chosen] += static_cast<double>(group->size());
  }
  return part_of;
}

}  // namespace privet
