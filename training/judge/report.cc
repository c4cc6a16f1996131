#include "training/judge/report.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "core/absl_view.h"
#include "training/judge/judge_bundle.h"

namespace privet {
namespace {

constexpr double kLowest = 0.06;

struct Rates {
  double precision, recall, f1, f2;
};
Rates ExactRates(const MatchCounts& c) {
  const double p = PrecisionOf(c.exact, c.found);
  const double r = RecallOf(c.exact, c.gold);
  return {p, r, FScore(p, r), FScore(p, r, 2)};
}
Rates TouchingRates(const MatchCounts& c) {
  const double p = PrecisionOf(c.found_touching, c.found);
  const double r = RecallOf(c.gold_touched, c.gold);
  return {p, r, FScore(p, r), FScore(p, r, 2)};
}

std::string Row(std::string_view name, const MatchCounts& counts) {
  const Rates exact = ExactRates(counts);
  const Rates touching = TouchingRates(counts);
  return absl::StrFormat("  %-22s %6d %6d   %5.1f %5.1f %5.1f %5.1f   %5.1f %5.1f %5.1f   %5.1f\n", name,
                         counts.gold, counts.found, 100 * exact.precision, 100 * exact.recall, 100 * exact.f1,
                         100 * exact.f2, 100 * touching.precision, 100 * touching.recall, 100 * touching.f1,
                         100 * RecallOf(counts.gold_noticed, counts.gold));
}

nlohmann::ordered_json JsonOf(const MatchCounts& counts) {
  const auto rates = [](const Rates& r) {
    return nlohmann::ordered_json{
        {"precision", r.precision}, {"recall", r.recall}, {"f1", r.f1}, {"f2", r.f2}};
  };
  return {{"gold", counts.gold},
          {"found", counts.found},
          {"exact", rates(ExactRates(counts))},
          {"touching", rates(TouchingRates(counts))},
          {"noticed_recall", RecallOf(counts.gold_noticed, counts.gold)}};
}

std::vector<std::string> AdviceOn(const Evaluation& evaluation) {
  std::vector<std::string> advice;
  const auto find = [&](Parts parts) {
    const auto it = std::find_if(evaluation.by_parts.begin(), evaluation.by_parts.end(),
                                 [&](const auto& entry) { return entry.first == parts; });
    return it == evaluation.by_parts.end() ? nullptr : &it->second;
  };
  const Scores* const average = find(Parts::Average);
  const double whole = ExactRates(evaluation.pipeline().micro).f1;
  if (average != nullptr) {
    const double yardstick = ExactRates(average->micro).f1;
    advice.push_back(
        whole > yardstick
            ? absl::StrFormat("the filter beats the average of both stages at the same cost by %.1f F1",
                              100 * (whole - yardstick))
            : absl::StrFormat("the filter does not beat the average of both stages at the same cost (%.1f F1 "
                              "behind): calibrate it on more text, or train it where stage 1 errs",
                              100 * (yardstick - whole)));
  }
  int64_t missed = 0;
  for (const int64_t count : evaluation.misses) missed += count;
  if (missed == 0) return advice;
  const auto share = [&](MissCause cause) {
    return static_cast<double>(evaluation.misses[static_cast<size_t>(cause)]) / static_cast<double>(missed);
  };
  if (share(MissCause::Threshold) > 0.3)
    advice.push_back(
        "many misses fall to the threshold: take high_recall, or lower min_score for the types below");
  if (share(MissCause::Stage2) > 0.3)
    advice.push_back("many misses fall to stage 2: lower min_score, or train it on more true spans");
  if (share(MissCause::NoCandidate) > 0.3)
    advice.push_back(
        "many misses were never proposed: add training text like them (or a larger base); a lower tau "
        "proposes more");
  if (share(MissCause::Border) > 0.3)
    advice.push_back(
        "many misses have other borders: look at the guidelines for borders, and at `trainer data audit`");
  if (share(MissCause::Type) > 0.2)
    advice.push_back("many misses are of another type: merge types, or add text where they differ");
  return advice;
}

std::string Escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '&':
        out += "&amp;";
        break;
      case '"':
        out += "&quot;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

std::string CurveSvg(const std::vector<CurvePoint>& curve) {
  std::string line;
  for (const CurvePoint& point : curve)
    absl::StrAppendFormat(&line, "%.1f,%.1f ", 40 + 440 * point.recall, 20 + 300 * (1 - point.precision));
  return absl::StrCat(
      "<svg viewBox='0 0 500 360' width='500' role='img' aria-label='precision over recall'>"
      "<rect x='40' y='20' width='440' height='300' fill='none' stroke='#bbb'/>"
      "<text x='240' y='350'>recall</text><text x='4' y='16'>precision</text>"
      "<text x='34' y='336'>0</text><text x='472' y='336'>1</text><text x='24' y='28'>1</text>"
      "<polyline fill='none' stroke='#0a6' stroke-width='2' points='",
      line, "'/></svg>");
}

// A text with true findings underlined, misses and false ones marked.
std::string MarkedText(const JudgedText& text, const std::vector<Finding>& findings, const TypeSet& types) {
  struct Mark {
    Span span;
    const char* kind;
    std::string type;
  };
  std::vector<Mark> marks;
  for (const Finding& finding : findings) {
    const bool right = std::any_of(
        text.record.spans.begin(), text.record.spans.end(),
        [&](const LabeledSpan& gold) { return gold.span == finding.span && gold.type == finding.type; });
    if (right || types.test(IndexOf(finding.type)))
      marks.push_back({finding.span, right ? "right" : "wrong", std::string(IdOf(finding.type))});
  }
  for (const LabeledSpan& gold : text.record.spans) {
    const bool touched = std::any_of(findings.begin(), findings.end(), [&](const Finding& finding) {
      return finding.span.Overlaps(gold.span);
    });
    if (!touched && types.test(IndexOf(gold.type)))
      marks.push_back({gold.span, "missed", std::string(IdOf(gold.type))});
  }
  std::sort(marks.begin(), marks.end(), [](const Mark& a, const Mark& b) { return a.span < b.span; });
  std::string out;
  size_t at = 0;
  for (const Mark& mark : marks) {
    if (mark.span.begin < at) continue;
    const std::string_view view = text.record.text;
    absl::StrAppend(&out, Escaped(view.substr(at, mark.span.begin - at)), "<mark class='", mark.kind,
                    "' title='", mark.type, "'>", Escaped(view.substr(mark.span.begin, mark.span.size())),
                    "</mark>");
    at = mark.span.end;
  }
  return out + Escaped(std::string_view(text.record.text).substr(at));
}

}  // namespace

Evaluation Evaluate(std::span<const JudgedText> texts, const BundleManifest& manifest,
                    const OperatingPoint& point, const TypeSet& types,
                    const std::set<std::string>& training_surfaces) {
  Evaluation evaluation;
  evaluation.bundle = absl::StrCat(manifest.name, " ", manifest.version);
  evaluation.operating_point = point.name;
  evaluation.documents = static_cast<int64_t>(texts.size());
  const FusionModel& fusion = manifest.calibration.fusion;
  const TypeThresholds least = LeastScoresOf(point);
  std::vector<Parts> parts = {Parts::Rules, Parts::Stage1, Parts::Stage1AndRules};
  if (manifest.stage2.has_value() && manifest.stage2->head == FilterHead::Tagger)
    parts.push_back(Parts::Average);
  parts.push_back(Parts::Pipeline);
  for (const Parts part : parts) {
    Scores scores;
    for (const JudgedText& text : texts)
      CountMatches(text.record, Decide(text, part, fusion, least), types, &scores);
    evaluation.by_parts.emplace_back(part, std::move(scores));
  }
  TypeThresholds lowest;
  lowest.fill(kLowest);
  Scores all;
  for (const JudgedText& text : texts) {
    CountMatches(text.record, Decide(text, Parts::Pipeline, fusion, lowest), types, &all);
    const std::vector<Finding> findings = Decide(text, Parts::Pipeline, fusion, least);
    for (const auto& [gold, cause] : ExplainMisses(text, findings, fusion, least, types)) {
      ++evaluation.misses[static_cast<size_t>(cause)];
      ++evaluation.misses_by_type[gold.type][static_cast<size_t>(cause)];
    }
    for (const LabeledSpan& gold : text.record.spans) {
      if (training_surfaces.empty() || !types.test(IndexOf(gold.type))) continue;
      const bool exact = std::any_of(findings.begin(), findings.end(), [&](const Finding& finding) {
        return finding.span == gold.span && finding.type == gold.type;
      });
      const bool seen =
          training_surfaces.contains(text.record.text.substr(gold.span.begin, gold.span.size()));
      auto& [right, total] = seen ? evaluation.seen : evaluation.unseen;
      right += exact ? 1 : 0;
      ++total;
    }
  }
  evaluation.curve = PrCurve(all.scored, all.micro.gold);
  evaluation.average_precision = AveragePrecision(evaluation.curve);
  evaluation.calibration_error = CalibrationError(all.scored);
  evaluation.advice = AdviceOn(evaluation);
  return evaluation;
}

std::string EvaluationTable(const Evaluation& evaluation) {
  std::string out = absl::StrFormat("%s at %s, %d documents\n", evaluation.bundle, evaluation.operating_point,
                                    evaluation.documents);
  const std::string head = absl::StrFormat("  %-22s %6s %6s   %5s %5s %5s %5s   %5s %5s %5s   %5s\n", "",
                                           "gold", "found", "P", "R", "F1", "F2", "P", "R", "F1", "seen");
  absl::StrAppend(
      &out,
      "                                         exact                     touching            any type\n",
      head);
  for (const auto& [parts, scores] : evaluation.by_parts)
    absl::StrAppend(&out, Row(kPartsNames[static_cast<size_t>(parts)], scores.micro));
  absl::StrAppend(&out, "by type, whole pipeline\n");
  for (const auto& [type, counts] : evaluation.pipeline().by_type)
    absl::StrAppend(&out, Row(IdOf(type), counts));
  absl::StrAppendFormat(
      &out,
      "macro F1 %.1f; average precision %.1f; recall at P 95: %.1f, precision at R 95: %.1f; calibration "
      "error %.3f\n",
      100 * evaluation.pipeline().MacroF1(), 100 * evaluation.average_precision,
      100 * RecallAtPrecision(evaluation.curve, 0.95), 100 * PrecisionAtRecall(evaluation.curve, 0.95),
      evaluation.calibration_error);
  absl::StrAppend(&out, "where the recall goes:");
  for (size_t i = 0; i < evaluation.misses.size(); ++i)
    absl::StrAppend(&out, i == 0 ? " " : ", ", AbslView(kMissCauseNames[i]), " ", evaluation.misses[i]);
  absl::StrAppend(&out, "\n");
  if (evaluation.seen.second + evaluation.unseen.second > 0) {
    absl::StrAppendFormat(
        &out, "recall of values seen in training %.1f (%d), unseen %.1f (%d)\n",
        100 * RecallOf(evaluation.seen.first, evaluation.seen.second), evaluation.seen.second,
        100 * RecallOf(evaluation.unseen.first, evaluation.unseen.second), evaluation.unseen.second);
  }
  for (const std::string& line : evaluation.advice) absl::StrAppend(&out, "- ", line, "\n");
  return out;
}

nlohmann::ordered_json EvaluationJson(const Evaluation& evaluation) {
  nlohmann::ordered_json json = {{"bundle", evaluation.bundle},
                                 {"operating_point", evaluation.operating_point},
                                 {"documents", evaluation.documents}};
  for (const auto& [parts, scores] : evaluation.by_parts)
    json["parts"][std::string(kPartsNames[static_cast<size_t>(parts)])] = JsonOf(scores.micro);
  for (const auto& [type, counts] : evaluation.pipeline().by_type)
    json["types"][std::string(IdOf(type))] = JsonOf(counts);
  json["macro_f1"] = evaluation.pipeline().MacroF1();
  json["average_precision"] = evaluation.average_precision;
  json["calibration_error"] = evaluation.calibration_error;
  for (size_t i = 0; i < evaluation.misses.size(); ++i)
    json["misses"][std::string(kMissCauseNames[i])] = evaluation.misses[i];
  if (evaluation.seen.second + evaluation.unseen.second > 0) {
    json["seen"] = {{"exact", evaluation.seen.first}, {"gold", evaluation.seen.second}};
    json["unseen"] = {{"exact", evaluation.unseen.first}, {"gold", evaluation.unseen.second}};
  }
  json["curve"] = nlohmann::ordered_json::array();
  const size_t step = evaluation.curve.size() / 200 + 1;
  for (size_t i = 0; i < evaluation.curve.size(); i += step) {
    const CurvePoint& point = evaluation.curve[i];
    json["curve"].push_back({point.threshold, point.precision, point.recall});
  }
  json["advice"] = evaluation.advice;
  return json;
}

std::string EvaluationHtml(const Evaluation& evaluation, std::span<const JudgedText> texts,
                           const BundleManifest& manifest, const OperatingPoint& point,
                           const TypeSet& types) {
  std::string out = absl::StrCat(
      "<!doctype html><meta charset='utf-8'><title>", Escaped(evaluation.bundle),
      "</title><style>body{font:15px/1.5 sans-serif;max-width:960px;margin:2em auto;padding:0 1em;color:#222}"
      "table{border-collapse:collapse}td,th{padding:.2em .7em;border-bottom:1px solid #ddd;text-align:right}"
      "td:first-child,th:first-child{text-align:left}pre{white-space:pre-wrap;background:#f7f7f7;padding:."
      "6em}"
      "mark.right{background:#d4f4dd}mark.wrong{background:#ffe0b0}mark.missed{background:#ffc9c9}</"
      "style><h1>",
      Escaped(evaluation.bundle), "</h1><p>operating point ", Escaped(evaluation.operating_point), ", ",
      evaluation.documents, " documents</p>", CurveSvg(evaluation.curve),
      "<table><tr><th></th><th>gold</th><th>found</th><th>exact P</th><th>R</th><th>F1</th><th>touching "
      "P</th><th>R</th>"
      "<th>F1</th></tr>");
  const auto row = [&](std::string_view name, const MatchCounts& counts) {
    const Rates exact = ExactRates(counts);
    const Rates touching = TouchingRates(counts);
    absl::StrAppendFormat(&out,
                          "<tr><td>%s</td><td>%d</td><td>%d</td><td>%.1f</td><td>%.1f</td><td>%.1f</"
                          "td><td>%.1f</td><td>%.1f</td><td>%.1f</td></tr>",
                          Escaped(name), counts.gold, counts.found, 100 * exact.precision, 100 * exact.recall,
                          100 * exact.f1, 100 * touching.precision, 100 * touching.recall, 100 * touching.f1);
  };
  for (const auto& [parts, scores] : evaluation.by_parts)
    row(kPartsNames[static_cast<size_t>(parts)], scores.micro);
  for (const auto& [type, counts] : evaluation.pipeline().by_type) row(IdOf(type), counts);
  absl::StrAppend(&out, "</table><h2>Where the recall goes</h2><table><tr><th></th>");
  for (const std::string_view cause : kMissCauseNames)
    absl::StrAppend(&out, "<th>", AbslView(cause), "</th>");
  absl::StrAppend(&out, "</tr>");
  for (const auto& [type, counts] : evaluation.misses_by_type) {
    absl::StrAppend(&out, "<tr><td>", AbslView(IdOf(type)), "</td>");
    for (const int64_t count : counts) absl::StrAppend(&out, "<td>", count, "</td>");
    absl::StrAppend(&out, "</tr>");
  }
  absl::StrAppend(&out, "</table><ul>");
  for (const std::string& line : evaluation.advice) absl::StrAppend(&out, "<li>", Escaped(line), "</li>");
  absl::StrAppend(&out, "</ul>");
  if (!texts.empty())
    absl::StrAppend(&out,
                    "<h2>Texts</h2><p><mark class='right'>right</mark> <mark class='wrong'>wrong</mark> "
                    "<mark class='missed'>missed</mark></p>");
  const TypeThresholds least = LeastScoresOf(point);
  for (const JudgedText& text : texts) {
    const auto findings = Decide(text, Parts::Pipeline, manifest.calibration.fusion, least);
    absl::StrAppend(&out, "<pre>", MarkedText(text, findings, types), "</pre>");
  }
  return out + "\n";
}

}  // namespace privet
