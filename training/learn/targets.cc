#include "training/learn/targets.h"

#include <algorithm>
#include <map>
#include <optional>
#include <tuple>

#include "absl/strings/str_cat.h"
#include "core/absl_view.h"
#include "tagging/token_range.h"

namespace privet {

std::vector<std::string> BioesLabels(const std::vector<EntityType>& types) {
  std::vector<std::string> labels = {"O"};
  for (const EntityType type : types) {
    for (const char* const tag : {"B-", "I-", "E-", "S-"})
      labels.push_back(absl::StrCat(tag, AbslView(IdOf(type))));
  }
  return labels;
}

std::vector<int32_t> LabelTokens(const LabeledRecord& record, std::span<const Span> tokens,
                                 const LabelScheme& scheme, TargetCounts* counts) {
  std::vector<int32_t> labels(tokens.size(), static_cast<int32_t>(scheme.outside_label()));
  size_t free_from = 0;  // tokens before this one have their label
  for (const LabeledSpan& entity : record.spans) {
    const auto known = std::find(scheme.types().begin(), scheme.types().end(), entity.type);
    if (known == scheme.types().end()) continue;
    ++counts->entities;
    TokenRange range = TokensOf(tokens, entity.span);
    range.begin = std::max(range.begin, free_from);
    if (range.begin >= range.end) {
      ++counts->lost;
      continue;
    }
    if (BytesOf(record.text, tokens, range) != entity.span) ++counts->between_tokens;
    const auto type_index = static_cast<size_t>(known - scheme.types().begin());
    for (size_t i = range.begin; i < range.end; ++i) {
      const Tag tag = range.size() == 1    ? Tag::Single
                      : i == range.begin   ? Tag::Begin
                      : i + 1 == range.end ? Tag::End
                                           : Tag::Inside;
      // A scheme of BioesLabels has them all.
      labels[i] = static_cast<int32_t>(scheme.LabelOf(tag, type_index).value_or(scheme.outside_label()));
    }
    free_from = range.end;
  }
  return labels;
}

std::vector<float> DoubtOfTokens(const LabeledRecord& record, std::span<const Span> tokens,
                                 const LabelScheme& scheme) {
  std::vector<float> doubt(tokens.size(), 0.0F);
  if (!record.proposals.has_value()) return doubt;
  const auto known = [&](EntityType type) {
    return std::find(scheme.types().begin(), scheme.types().end(), type) != scheme.types().end();
  };
  // By tokens, since a border that lies in a token cannot be proposed.
  std::map<std::tuple<size_t, size_t, EntityType>, double> probabilities;
  for (const Proposal& proposal : *record.proposals) {
    if (!known(proposal.type)) continue;
    const TokenRange range = TokensOf(tokens, proposal.span);
    probabilities[{range.begin, range.end, proposal.type}] = proposal.probability;
    if (!record.covers.test(IndexOf(proposal.type))) continue;
    for (size_t i = range.begin; i < range.end; ++i) doubt[i] += static_cast<float>(proposal.probability);
  }
  for (const LabeledSpan& entity : record.spans) {
    if (!known(entity.type)) continue;
    const TokenRange range = TokensOf(tokens, entity.span);
    const auto right = probabilities.find({range.begin, range.end, entity.type});
    for (size_t i = range.begin; i < range.end; ++i)
      doubt[i] = right == probabilities.end() ? 1.0F : static_cast<float>(1 - right->second);
  }
  for (float& value : doubt) value = std::clamp(value, 0.0F, 1.0F);
  return doubt;
}

std::vector<TokenRange> ProposedRanges(const LabeledRecord& record, std::span<const Span> tokens,
                                       const LabelScheme& scheme) {
  std::vector<TokenRange> ranges;
  if (!record.proposals.has_value()) return ranges;
  for (const Proposal& proposal : *record.proposals) {
    const TokenRange range = TokensOf(tokens, proposal.span);
    const bool known =
        std::find(scheme.types().begin(), scheme.types().end(), proposal.type) != scheme.types().end();
    if (known && range.size() > 0) ranges.push_back(range);
  }
  std::sort(ranges.begin(), ranges.end());
  ranges.erase(std::unique(ranges.begin(), ranges.end()), ranges.end());
  return ranges;
}

std::vector<MarkedRange> MarkedRanges(std::span<const int32_t> labels, const LabelScheme& scheme) {
  std::vector<MarkedRange> ranges;
  size_t begin = labels.size();
  for (size_t i = 0; i < labels.size(); ++i) {
    const Tag tag = labels[i] == kAnyLabel ? Tag::Outside : scheme.tag(static_cast<size_t>(labels[i]));
    if (tag == Tag::Begin || tag == Tag::Single) begin = i;
    if (tag == Tag::Outside) begin = labels.size();
    if (begin < labels.size() && (tag == Tag::End || tag == Tag::Single)) {
      ranges.push_back({{begin, i + 1}, scheme.type_index(static_cast<size_t>(labels[i]))});
      begin = labels.size();
    }
  }
  return ranges;
}

SpanLattice LatticeOf(const Example& example, const LabelScheme& scheme) {
  const size_t types = scheme.types().size();
  SpanLattice lattice;
  lattice.tokens = example.ids.size();
  lattice.candidates = example.candidates;
  lattice.truth.assign(types * lattice.candidates.size(), SpanTruth::Wrong);
  for (size_t type = 0; type < types; ++type) {
    if (!example.open_types.test(IndexOf(scheme.types()[type]))) continue;
    for (size_t i = 0; i < lattice.candidates.size(); ++i) lattice.truth[i * types + type] = SpanTruth::Open;
  }
  for (const MarkedRange& entity : MarkedRanges(example.labels, scheme)) {
    const auto found = std::lower_bound(lattice.candidates.begin(), lattice.candidates.end(), entity.tokens);
    if (found == lattice.candidates.end() || *found != entity.tokens) continue;
    SpanTruth* const truth =
        lattice.truth.data() + static_cast<size_t>(found - lattice.candidates.begin()) * types;
    std::fill_n(truth, types, SpanTruth::Wrong);
    truth[entity.type_index] = SpanTruth::Right;
  }
  return lattice;
}

}  // namespace privet
