#include "training/learn/dev_scores.h"

#include <algorithm>
#include <utility>

#include "tagging/best_path.h"
#include "tagging/chain.h"
#include "tagging/span_marginals.h"
#include "tagging/token_range.h"

namespace privet {
namespace {

struct ScoredSpan {
  LabeledSpan span;
  double probability = 0;
};

struct TextFindings {
  std::vector<LabeledSpan> best;
  std::vector<ScoredSpan> marginal;
};

// Of no bytes where the pipeline would drop it.
LabeledSpan SpanOf(const DevText& text, const Window& window, TokenRange tokens, EntityType type) {
  const TokenRange in_text = {window.tokens.begin + tokens.begin, window.tokens.begin + tokens.end};
  return {MentionBytesOf(text.record.text, text.token_bytes, in_text), type};
}

absl::StatusOr<WindowFindings> ReadLabels(const LabelScheme& scheme, std::span<const float> scores) {
  auto chain = Chain::FromScores(scheme, scores);
  if (!chain.ok()) return chain.status();
  WindowFindings findings;
  findings.best = BestPath(*chain);
  TypeThresholds tau;
  tau.fill(kLowestDevProbability);
  const size_t most = 4 * chain->tokens() + 16;
  findings.likely = SpanMarginals(*std::move(chain)).FindSpans(tau, most);
  return findings;
}

// Adds what the window owns.
void AddWindow(const DevWindow& place, const WindowFindings& found, TextFindings* findings) {
  const auto reported = [&](TokenRange tokens, EntityType type) {
    const size_t first = place.window->tokens.begin;
    return Owns(*place.window, {first + tokens.begin, first + tokens.end})
               ? SpanOf(*place.text, *place.window, tokens, type)
               : LabeledSpan();
  };
  for (const PathSpan& span : found.best) {
    const LabeledSpan mention = reported(span.tokens, span.type);
    if (!mention.span.empty()) findings->best.push_back(mention);
  }
  for (const TaggedSpan& span : found.likely) {
    const LabeledSpan mention = reported(span.tokens, span.type);
    if (!mention.span.empty()) findings->marginal.push_back({mention, span.probability});
  }
}

// The most probable first, each only where it does not overlap one before.
std::vector<ScoredSpan> WithoutOverlaps(std::vector<ScoredSpan> spans) {
  std::sort(spans.begin(), spans.end(),
            [](const ScoredSpan& a, const ScoredSpan& b) { return a.probability > b.probability; });
  std::vector<ScoredSpan> kept;
  std::map<size_t, size_t> taken;  // begin -> end
  for (const ScoredSpan& span : spans) {
    const auto next = taken.lower_bound(span.span.span.begin);
    if (next != taken.end() && next->first < span.span.span.end) continue;
    if (next != taken.begin() && std::prev(next)->second > span.span.span.begin) continue;
    taken[span.span.span.begin] = span.span.span.end;
    kept.push_back(span);
  }
  return kept;
}

}  // namespace

absl::StatusOr<DevScores> ScoreDev(std::span<const DevText> texts, const LabelScheme& scheme,
                                   const FindFunction& find, int64_t batch_tokens, double at) {
  std::vector<TextFindings> findings(texts.size());
  std::vector<size_t> text_of;  // by window of the batch
  std::vector<DevWindow> windows;
  PackedTokens batch;
  const auto flush = [&]() -> absl::Status {
    if (windows.empty()) return absl::OkStatus();
    const auto found = find(batch, windows);
    if (!found.ok()) return found.status();
    for (size_t i = 0; i < windows.size(); ++i) AddWindow(windows[i], (*found)[i], &findings[text_of[i]]);
    text_of.clear();
    windows.clear();
    batch = PackedTokens();
    return absl::OkStatus();
  };
  for (size_t t = 0; t < texts.size(); ++t) {
    for (size_t w = 0; w < texts[t].windows.size(); ++w) {
      const auto [begin, end] = texts[t].windows[w].tokens;
      if (static_cast<int64_t>(batch.ids.size() + end - begin) > batch_tokens) {
        if (absl::Status status = flush(); !status.ok()) return status;
      }
      batch.ids.insert(batch.ids.end(), texts[t].ids.begin() + static_cast<ptrdiff_t>(begin),
                       texts[t].ids.begin() + static_cast<ptrdiff_t>(end));
      batch.offsets.push_back(static_cast<int32_t>(batch.ids.size()));
      text_of.push_back(t);
      windows.push_back({&texts[t], &texts[t].windows[w]});
    }
  }
  if (absl::Status status = flush(); !status.ok()) return status;

  DevScores scores;
  std::vector<ScoredFinding> curve;
  for (size_t t = 0; t < texts.size(); ++t) {
    const LabeledRecord& record = texts[t].record;
    std::vector<LabeledSpan> gold;
    for (const LabeledSpan& span : record.spans) {
      if (std::find(scheme.types().begin(), scheme.types().end(), span.type) != scheme.types().end() &&
          record.covers.test(IndexOf(span.type))) {
        gold.push_back(span);
      }
    }
    const auto is_gold = [&](const LabeledSpan& span) {
      return std::find(gold.begin(), gold.end(), span) != gold.end();
    };
    for (const LabeledSpan& span : gold) {
      ++scores.best_path.gold;
      ++scores.by_type[span.type].gold;
      scores.overlapping +=
          std::any_of(findings[t].best.begin(), findings[t].best.end(), [&](const LabeledSpan& found) {
            return found.type == span.type && found.span.Overlaps(span.span);
          });
    }
    for (const LabeledSpan& span : findings[t].best) {
      if (!record.covers.test(IndexOf(span.type))) continue;
      SpanCounts& of_type = scores.by_type[span.type];
      const bool right = is_gold(span);
      for (SpanCounts* counts : {&scores.best_path, &of_type}) {
        ++counts->found;
        counts->right += right ? 1 : 0;
      }
    }
    for (const ScoredSpan& span : WithoutOverlaps(std::move(findings[t].marginal))) {
      if (record.covers.test(IndexOf(span.span.type)))
        curve.push_back({span.probability, is_gold(span.span)});
    }
  }
  scores.curve = PrecisionRecallCurve(std::move(curve), static_cast<size_t>(scores.best_path.gold));
  scores.recall_at_precision = RecallAtPrecision(scores.curve, at).value_or(0);
  scores.precision_at_recall = PrecisionAtRecall(scores.curve, at).value_or(0);
  return scores;
}

absl::StatusOr<DevScores> ScoreTaggerDev(std::span<const DevText> texts, const LabelScheme& scheme,
                                         const ScoreFunction& score, int64_t batch_tokens, double at) {
  const auto find = [&](const PackedTokens& batch,
                        std::span<const DevWindow> windows) -> absl::StatusOr<std::vector<WindowFindings>> {
    const std::vector<float> scores = score(batch);
    std::vector<WindowFindings> findings;
    for (size_t i = 0; i < windows.size(); ++i) {
      const auto begin = static_cast<size_t>(batch.offsets[i]) * scheme.label_count();
      const auto end = static_cast<size_t>(batch.offsets[i + 1]) * scheme.label_count();
      auto found = ReadLabels(scheme, std::span(scores).subspan(begin, end - begin));
      if (!found.ok()) return found.status();
      findings.push_back(*std::move(found));
    }
    return findings;
  };
  return ScoreDev(texts, scheme, find, batch_tokens, at);
}

}  // namespace privet
