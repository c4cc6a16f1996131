#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "core/absl_view.h"
#include "training/judge/report.h"
#include "training/judge/report_sections.h"

namespace privet {
namespace {

constexpr const char* kStyle = R"(
:root{color-scheme:light dark;--line:#8884;--dim:#888;--good:#2a9d5c55;--bad:#d6455055;--missed:#e6a01755}
body{font:15px/1.5 system-ui,sans-serif;max-width:70rem;margin:2rem auto;padding:0 1rem}
h1{font-size:1.4rem}h2{font-size:1.1rem;margin-top:2.2rem}
table{border-collapse:collapse;font-variant-numeric:tabular-nums}
th,td{padding:.2rem .7rem;text-align:right;border-bottom:1px solid var(--line)}
th:first-child,td:first-child{text-align:left}th{color:var(--dim);font-weight:600}
.plots{display:flex;flex-wrap:wrap;gap:1rem;margin:1rem 0}figure{margin:0}figcaption{color:var(--dim);font-size:.85rem}
svg{background:#8881;border-radius:4px}svg text{fill:var(--dim);font-size:10px}
.text{white-space:pre-wrap;overflow-wrap:anywhere;border-left:3px solid var(--line);padding:.3rem .8rem;margin:.7rem 0}
.right{background:var(--good)}.wrong{background:var(--bad)}.missed{background:var(--missed)}
mark{color:inherit;border-radius:3px}sup{color:var(--dim);font-size:.65rem;margin-left:.15rem}
)";

std::string Escaped(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    switch (c) {
      case '&':
        escaped += "&amp;";
        break;
      case '<':
        escaped += "&lt;";
        break;
      case '>':
        escaped += "&gt;";
        break;
      case '"':
        escaped += "&quot;";
        break;
      default:
        escaped += c;
    }
  }
  return escaped;
}

std::string TableOf(const std::vector<std::vector<std::string>>& rows) {
  if (rows.empty()) return "";
  std::string table = "<table>\n";
  for (size_t i = 0; i < rows.size(); ++i) {
    const char* cell = i == 0 ? "th" : "td";
    absl::StrAppend(&table, "<tr>");
    for (const std::string& value : rows[i])
      absl::StrAppend(&table, "<", cell, ">", Escaped(value), "</", cell, ">");
    absl::StrAppend(&table, "</tr>\n");
  }
  return table + "</table>\n";
}

// A square from (0, 0) to (1, 1), with room for what is drawn inside.
constexpr int kSide = 220, kMargin = 24;
double X(double x) { return kMargin + x * kSide; }
double Y(double y) { return kMargin / 2.0 + (1 - y) * kSide; }

std::string Plot(std::string_view caption, std::string_view across, std::string_view up,
                 const std::string& inside) {
  std::string grid;
  for (int i = 0; i <= 4; ++i) {
    const double at = i / 4.0;
    absl::StrAppendFormat(&grid,
                          "<path d='M%.1f %.1fH%.1fM%.1f %.1fV%.1f' stroke='#8883'/>"
                          "<text x='%.1f' y='%.1f' text-anchor='middle'>%g</text>"
                          "<text x='%.1f' y='%.1f' text-anchor='end'>%g</text>",
                          X(0), Y(at), X(1), X(at), Y(0), Y(1), X(at), Y(0) + 11, at, X(0) - 3, Y(at) + 3,
                          at);
  }
  return absl::StrFormat(
      "<figure><svg width='%d' height='%d' role='img' aria-label='%s'>%s%s</svg>"
      "<figcaption>%s: %s across, %s up</figcaption></figure>\n",
      kSide + 2 * kMargin, kSide + 2 * kMargin, Escaped(caption), grid, inside, Escaped(caption),
      std::string(across), std::string(up));
}

std::string CurvePlot(const Curve& curve) {
  constexpr size_t kMostPoints = 400;
  std::string line;
  const size_t step = curve.points.size() / kMostPoints + 1;
  for (size_t i = 0; i < curve.points.size(); ++i) {
    if (i % step != 0 && i + 1 != curve.points.size()) continue;
    absl::StrAppendFormat(&line, "%s%.1f %.1f", line.empty() ? "M" : "L", X(curve.points[i].recall),
                          Y(curve.points[i].precision));
  }
  return Plot(absl::StrCat(curve.name, ", average precision ", Shown(curve.average_precision)), "recall",
              "precision",
              absl::StrCat("<path d='", line, "' fill='none' stroke='#3b7dd8' stroke-width='2'/>"));
}

std::string ReliabilityPlot(const Reliability& reliability) {
  std::string inside = absl::StrFormat("<path d='M%.1f %.1fL%.1f %.1f' stroke='#888' stroke-dasharray='4'/>",
                                       X(0), Y(0), X(1), Y(1));
  for (const ReliabilityBin& bin : reliability.bins) {
    if (bin.findings == 0) continue;
    absl::StrAppendFormat(
        &inside, "<circle cx='%.1f' cy='%.1f' r='4' fill='#3b7dd8'><title>%d findings</title></circle>",
        X(bin.mean_score), Y(bin.share_right), bin.findings);
  }
  return Plot("Scores", "mean score", "share that is right", inside);
}

// The text with a mark for each finding and each missed entity. Where two overlap the later begins behind the
// earlier.
std::string MarkedHtml(const MarkedText& marked) {
  using Kind = MarkedText::Mark::Kind;
  const std::string_view text = marked.text;
  std::string html;
  size_t at = 0;
  for (const MarkedText::Mark& mark : marked.marks) {
    const size_t begin = std::max(at, mark.span.begin);
    absl::StrAppend(&html, Escaped(text.substr(at, begin - at)));
    const char* kind = mark.kind == Kind::Right ? "right" : mark.kind == Kind::Wrong ? "wrong" : "missed";
    const size_t end = std::max(begin, mark.span.end);
    absl::StrAppend(&html, "<mark class=\"", kind, "\">", Escaped(text.substr(begin, end - begin)), "<sup>",
                    std::string(IdOf(mark.type)), " ", kind, "</sup></mark>");
    at = end;
  }
  absl::StrAppend(&html, Escaped(text.substr(at)));
  return absl::StrCat("<p>", Escaped(marked.origin), "</p><div class=\"text\">", html, "</div>\n");
}

}  // namespace

std::string HtmlReport(const Evaluation& evaluation, const Evaluation* against) {
  const std::string title = absl::StrCat("Evaluation of ", evaluation.pipeline);
  std::string page =
      absl::StrCat("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>", Escaped(title),
                   "</title><style>", kStyle, "</style></head><body>\n<h1>", Escaped(title), "</h1>\n");
  for (const ReportSection& section : SectionsOf(evaluation, against)) {
    absl::StrAppend(&page, "<h2>", Escaped(section.title), "</h2>\n", TableOf(section.rows));
    if (section.key == "curves") {
      absl::StrAppend(&page, "<div class=\"plots\">\n");
      for (const Curve& curve : evaluation.curves) {
        if (!curve.points.empty()) absl::StrAppend(&page, CurvePlot(curve));
      }
      absl::StrAppend(&page, "</div>\n");
    }
    if (section.key == "reliability")
      absl::StrAppend(&page, "<div class=\"plots\">", ReliabilityPlot(evaluation.reliability), "</div>\n");
    if (section.notes.empty()) continue;
    absl::StrAppend(&page, "<ul>\n");
    for (const std::string& note : section.notes) absl::StrAppend(&page, "<li>", Escaped(note), "</li>\n");
    absl::StrAppend(&page, "</ul>\n");
  }
  if (!evaluation.marked_texts.empty()) {
    absl::StrAppend(&page, "<h2>", evaluation.marked_texts.size(), " of ", evaluation.texts_with_errors,
                    " texts with errors</h2>\n");
    for (const MarkedText& marked : evaluation.marked_texts) absl::StrAppend(&page, MarkedHtml(marked));
  }
  return page + "</body></html>\n";
}

}  // namespace privet
