#include "training/judge/report_sections.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "training/judge/comparison.h"

namespace privet {
namespace {

using Rows = std::vector<std::vector<std::string>>;

std::string Number(size_t count) { return absl::StrCat(count); }

std::optional<double> Share(size_t part, size_t whole) {
  if (whole == 0) return std::nullopt;
  return static_cast<double>(part) / static_cast<double>(whole);
}

std::vector<std::string> ScoreRow(std::string name, const Counts& exact, const Counts& overlap,
                                  const Counts& any_type) {
  return {std::move(name),         Number(exact.entities),   Number(exact.found),
          Number(exact.findings),  Shown(exact.precision()), Shown(exact.recall()),
          Shown(exact.f(1)),       Shown(exact.f(2)),        Shown(overlap.precision()),
          Shown(overlap.recall()), Shown(overlap.f(1)),      Shown(any_type.recall())};
}

Rows ScoreRows(const Evaluation& e) {
  Rows rows = {{"type", "entities", "found", "findings", "P", "R", "F1", "F2", "overlap P", "overlap R",
                "overlap F1", "any type R"}};
  for (const EntityTypeSpec& spec : Taxonomy()) {
    const size_t t = IndexOf(spec.type);
    if (e.exact.by_type[t].entities + e.exact.by_type[t].findings > 0)
      rows.push_back(
          ScoreRow(std::string(spec.id), e.exact.by_type[t], e.overlap.by_type[t], e.any_type.by_type[t]));
  }
  rows.push_back(ScoreRow("micro", e.exact.micro(), e.overlap.micro(), e.any_type.micro()));
  const MacroScores exact = MacroOf(e.exact), overlap = MacroOf(e.overlap);
  rows.push_back({absl::StrCat("macro of ", exact.types), "", "", "", Shown(exact.precision),
                  Shown(exact.recall), Shown(exact.f1), Shown(exact.f2), Shown(overlap.precision),
                  Shown(overlap.recall), Shown(overlap.f1), Shown(MacroOf(e.any_type).recall)});
  return rows;
}

Rows CurveRows(const Evaluation& e) {
  Rows rows = {{"type", "average P", absl::StrFormat("R at P %.2f", kCurvePrecision),
                absl::StrFormat("P at R %.2f", kCurveRecall)}};
  for (const Curve& curve : e.curves) {
    rows.push_back({curve.name, Shown(curve.average_precision), Shown(curve.recall_at_precision),
                    Shown(curve.precision_at_recall)});
  }
  return rows;
}

Rows PartsRows(const Evaluation& e) {
  Rows rows = {{"parts", "best at", "P", "R", "F1", "F2", "overlap F1", "macro F1"}};
  for (const PartsScore& parts : e.parts) {
    const Counts exact = parts.exact.micro();
    rows.push_back({parts.name, absl::StrFormat("%.2f", parts.min_score), Shown(exact.precision()),
                    Shown(exact.recall()), Shown(exact.f(1)), Shown(exact.f(2)),
                    Shown(parts.overlap.micro().f(1)), Shown(MacroOf(parts.exact).f1)});
  }
  return rows;
}

std::vector<std::string> MissRow(std::string name, const MissCounts& counts) {
  std::vector<std::string> row = {std::move(name), Number(counts.total())};
  for (const size_t count : counts.by_cause) row.push_back(count == 0 ? "." : Number(count));
  return row;
}

Rows MissRows(const Evaluation& e) {
  Rows rows = {{"type", "missed", "no candidate", "border", "stage 2", "threshold", "type", "selection"}};
  for (const auto& [type, counts] : e.misses_by_type)
    rows.push_back(MissRow(std::string(IdOf(type)), counts));
  rows.push_back(MissRow("all", e.misses));
  return rows;
}

// Nothing where all texts are alike.
Rows TextGroupRows(const Breakdown& breakdown) {
  Rows rows;
  const auto add = [&](const std::vector<TextGroup>& groups) {
    if (std::count_if(groups.begin(), groups.end(), [](const TextGroup& g) { return g.texts > 0; }) < 2)
      return;
    for (const TextGroup& group : groups) {
      rows.push_back({group.name, Number(group.texts), Number(group.exact.entities),
                      Number(group.exact.found), Number(group.exact.findings), Shown(group.exact.precision()),
                      Shown(group.exact.recall()), Shown(group.exact.f(1)), Shown(group.overlap.precision()),
                      Shown(group.overlap.recall()), Shown(group.overlap.f(1))});
    }
  };
  add(breakdown.by_language);
  add(breakdown.by_file);
  if (!rows.empty()) {
    rows.insert(rows.begin(), {"texts", "number", "entities", "found", "findings", "P", "R", "F1",
                               "overlap P", "overlap R", "overlap F1"});
  }
  return rows;
}

// The most frequent first, and how many pairs there are beside those that are shown.
std::pair<Rows, size_t> ConfusionRows(const Breakdown& breakdown) {
  constexpr size_t kMostPairs = 20;
  std::vector<std::pair<std::pair<EntityType, EntityType>, Confusion>> pairs(breakdown.confusions.begin(),
                                                                             breakdown.confusions.end());
  std::stable_sort(pairs.begin(), pairs.end(),
                   [](const auto& a, const auto& b) { return a.second.entities > b.second.entities; });
  Rows rows = {{"marked as", "found as", "entities", "with the same borders"}};
  const size_t shown = std::min(pairs.size(), kMostPairs);
  for (size_t i = 0; i < shown; ++i) {
    const auto& [types, confusion] = pairs[i];
    rows.push_back({std::string(IdOf(types.first)), std::string(IdOf(types.second)),
                    Number(confusion.entities), Number(confusion.with_borders)});
  }
  return {rows, pairs.size() - shown};
}

Rows BreakdownRows(const Breakdown& breakdown) {
  Rows rows = {{"recall by", "entities", "R", "overlap R"}};
  const auto add = [&](const char* what, const std::vector<RecallBucket>& buckets) {
    for (const RecallBucket& bucket : buckets) {
      if (bucket.entities == 0) continue;
      rows.push_back({absl::StrCat(what, bucket.name), Number(bucket.entities),
                      Shown(Share(bucket.found_exactly, bucket.entities)),
                      Shown(Share(bucket.found_overlapping, bucket.entities))});
    }
  };
  add("", breakdown.by_seen);
  add("entity of ", breakdown.by_entity_length);
  add("text of ", breakdown.by_text_length);
  return rows;
}

Rows ReliabilityRows(const Reliability& reliability) {
  Rows rows = {{"scores", "findings", "mean score", "right"}};
  for (size_t i = 0; i < reliability.bins.size(); ++i) {
    const ReliabilityBin& bin = reliability.bins[i];
    if (bin.findings == 0) continue;
    const double width = 1.0 / static_cast<double>(Reliability::kBins);
    rows.push_back(
        {absl::StrFormat("%.1f-%.1f", static_cast<double>(i) * width, static_cast<double>(i + 1) * width),
         Number(bin.findings), Shown(bin.mean_score), Shown(bin.share_right)});
  }
  return rows;
}

std::string Signed(std::optional<double> a, std::optional<double> b) {
  return a.has_value() && b.has_value() ? absl::StrFormat("%+.3f", *a - *b) : "-";
}

Rows AgainstRows(const Evaluation& e, const Evaluation& other) {
  Rows rows = {{"type", "entities", "F1", "against", "difference", "R", "against", "difference"}};
  const auto add = [&](std::string name, const Counts& a, const Counts& b) {
    rows.push_back({std::move(name), Number(a.entities), Shown(a.f(1)), Shown(b.f(1)), Signed(a.f(1), b.f(1)),
                    Shown(a.recall()), Shown(b.recall()), Signed(a.recall(), b.recall())});
  };
  for (const EntityTypeSpec& spec : Taxonomy()) {
    const size_t t = IndexOf(spec.type);
    const size_t anything =
        e.exact.by_type[t].entities + e.exact.by_type[t].findings + other.exact.by_type[t].findings;
    if (anything > 0) add(std::string(spec.id), e.exact.by_type[t], other.exact.by_type[t]);
  }
  add("micro", e.exact.micro(), other.exact.micro());
  return rows;
}

}  // namespace

std::string Shown(std::optional<double> score) {
  return score.has_value() ? absl::StrFormat("%.3f", *score) : "-";
}

std::vector<ReportSection> SectionsOf(const Evaluation& e, const Evaluation* against) {
  std::vector<ReportSection> sections;
  sections.push_back({"scores",
                      absl::StrFormat("%s (%s) at %s on %d texts, %d of them with entities", e.pipeline,
                                      e.judged, e.operating_point, e.texts, e.texts_with_entities),
                      ScoreRows(e),
                      {}});
  if (e.missed_share.has_value()) {
    sections.back().notes.push_back(
        absl::StrCat("a text with entities has ", Shown(e.missed_share),
                     " of them missed (no finding of their type overlaps them), in the mean",
                     e.bound.empty() ? "" : "; the bundle says: ", e.bound));
  }
  if (Rows rows = TextGroupRows(e.breakdown); !rows.empty())
    sections.push_back({"texts", "Scores by kind of text and by file", std::move(rows), {}});
  if (against != nullptr) {
    sections.push_back({"against",
                        absl::StrCat("Against ", against->pipeline, " (", against->judged, "), exact"),
                        AgainstRows(e, *against),
                        {}});
    if (const auto difference = ComparePipelines(e, *against)) {
      const bool chance = difference->low <= 0 && difference->high >= 0;
      sections.back().notes.push_back(absl::StrCat("the difference in micro F1 ",
                                                   chance ? "may be" : "is more than", " chance",
                                                   InWords(*difference)));
    } else {
      sections.back().notes.emplace_back(
          e.exact.micro().entities == 0
              ? "no text has an entity, so there is no recall and no F1 to compare"
              : "whether the difference is chance is not said: not every text was read by both");
    }
  }
  sections.push_back({"parts", "What each part is worth, each way at its best least score on this text",
                      PartsRows(e), e.remarks});
  if (e.misses.total() > 0) sections.push_back({"misses", "Where recall goes", MissRows(e), e.advice});
  if (!e.breakdown.confusions.empty()) {
    auto [rows, more] = ConfusionRows(e.breakdown);
    sections.push_back({"confusions", "Types taken for others", std::move(rows), {}});
    if (more > 0) sections.back().notes.push_back(absl::StrCat(more, " more pairs are rarer"));
  }
  sections.push_back({"curves", "Curves", CurveRows(e), {}});
  sections.push_back({"breakdown", "Recall by kind of entity", BreakdownRows(e.breakdown), {}});
  sections.push_back(
      {"reliability",
       absl::StrCat("Scores: expected calibration error ", Shown(e.reliability.expected_error)),
       ReliabilityRows(e.reliability),
       {}});
  if (!e.failed.empty()) {
    sections.push_back({"failed",
                        absl::StrCat(e.failed.size(), " records could not be read and count nowhere"),
                        {},
                        e.failed});
  }
  return sections;
}

}  // namespace privet
