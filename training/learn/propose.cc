#include "training/learn/propose.h"

#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "core/unescape.h"
#include "pipeline/learned_stages.h"
#include "tagging/token_range.h"

namespace privet {
namespace {

// A record's text as it is read, with the way back to how it is written.
class Reading {
 public:
  explicit Reading(const LabeledRecord& record) : written_(record.text) {
    LabeledRecord read = record;
    Unescape(&read);
    text_ = std::move(read.text);
    stays_ = text_ == record.text;  // as where two marks lie in one sequence
  }
  const std::string& text() const { return text_; }
  Span AsWritten(const Span& span) const { return stays_ ? span : written_.AsWritten(span); }

  std::vector<Span> token_bytes;  // of the text

 private:
  UnescapedText written_;
  std::string text_;
  bool stays_ = false;
};

// A window on its way, with what is needed of its text.
struct Place {
  LabeledRecord* record = nullptr;
  std::shared_ptr<const Reading> reading;
  Window window;
};

using Found = std::map<std::tuple<size_t, size_t, EntityType>, double>;

// Adds what the window owns. Where tokens of white space make two ranges one span, the likelier counts.
void ReadPlace(const Place& place, const SpanMarginals& marginals, double tau, Found* found) {
  TypeThresholds thresholds;
  thresholds.fill(tau);
  const size_t most = LearnedStages::kMostProposals * place.window.tokens.size();
  for (const TaggedSpan& span : marginals.FindSpans(thresholds, most)) {
    const TokenRange range = {place.window.tokens.begin + span.tokens.begin,
                              place.window.tokens.begin + span.tokens.end};
    if (!Owns(place.window, range)) continue;
    const Span read = MentionBytesOf(place.reading->text(), place.reading->token_bytes, range);
    if (read.empty()) continue;
    const Span bytes = place.reading->AsWritten(read);
    double& probability = (*found)[{bytes.begin, bytes.end, span.type}];
    probability = std::max(probability, span.probability);
  }
}

}  // namespace

absl::Status Propose(const RecallStage& stage, const ProposeOptions& options,
                     std::span<LabeledRecord* const> records) {
  std::map<LabeledRecord*, Found> found;  // of the records that are not done
  std::vector<Place> places;
  PackedTokens batch;
  size_t done = 0;
  const auto flush = [&](size_t read) -> absl::Status {
    if (options.stop != nullptr && options.stop->load()) return absl::CancelledError("stopped");
    if (!places.empty()) {
      const absl::StatusOr<TokenRows> rows = stage.model.forward(batch);
      if (!rows.ok()) return rows.status();
      for (size_t i = 0; i < places.size(); ++i) {
        const auto marginals = stage.Read(
            rows->Rows(static_cast<size_t>(batch.offsets[i]), static_cast<size_t>(batch.offsets[i + 1])));
        if (!marginals.ok()) return marginals.status();
        ReadPlace(places[i], *marginals, options.tau, &found[places[i].record]);
      }
    }
    for (; done < read; ++done) {
      std::vector<Proposal>& proposals = records[done]->proposals.emplace();
      for (const auto& [span, probability] : found[records[done]])
        proposals.push_back({{std::get<0>(span), std::get<1>(span)}, std::get<2>(span), probability});
      found.erase(records[done]);
    }
    places.clear();
    batch = PackedTokens();
    if (options.progress) options.progress(done);
    return absl::OkStatus();
  };
  for (size_t r = 0; r < records.size(); ++r) {
    std::vector<Token> tokens;
    const auto reading = std::make_shared<Reading>(*records[r]);
    stage.model.tokenizer->Encode(reading->text(), &tokens);
    for (const Token& token : tokens) reading->token_bytes.push_back(token.bytes);
    for (const Window& window : CutWindows(reading->text(), reading->token_bytes, options.windows)) {
      const auto [begin, end] = window.tokens;
      if (static_cast<int64_t>(batch.ids.size() + end - begin) > options.batch_tokens) {
        if (absl::Status status = flush(r); !status.ok()) return status;
      }
      for (size_t i = begin; i < end; ++i) batch.ids.push_back(tokens[i].id);
      batch.offsets.push_back(static_cast<int32_t>(batch.ids.size()));
      places.push_back({records[r], reading, window});
    }
  }
  return flush(records.size());
}

ProposalCounts CountProposals(std::span<const LabeledRecord> records) {
  ProposalCounts counts;
  for (const LabeledRecord& record : records) {
    const std::vector<Proposal> proposals = record.proposals.value_or(std::vector<Proposal>());
    ++counts.records;
    counts.entities += static_cast<int64_t>(record.spans.size());
    counts.proposals += static_cast<int64_t>(proposals.size());
    for (const LabeledSpan& span : record.spans) {
      counts.proposed_entities += std::any_of(
          proposals.begin(), proposals.end(),
          [&](const Proposal& proposal) { return proposal.span == span.span && proposal.type == span.type; });
    }
  }
  return counts;
}

}  // namespace privet
