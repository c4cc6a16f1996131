#include "training/data/convert.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <unordered_map>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "core/absl_view.h"
#include "core/utf8.h"
#include "training/data/annotation_files.h"
#include "training/data/find_values.h"

namespace privet {
namespace {

// ---- offsets

// By unit: the byte at each offset; offsets inside a character give npos.
std::vector<size_t> BytesByOffset(std::string_view text, OffsetUnit unit) {
  std::vector<size_t> bytes;
  for (size_t i = 0; i < text.size();) {
    const CodePoint point = DecodeUtf8(text, i);
    bytes.push_back(i);
    const size_t more = unit == OffsetUnit::Bytes
                            ? point.length - 1
                            : (unit == OffsetUnit::Utf16 && point.value >= 0x10000 ? 1 : 0);
    bytes.insert(bytes.end(), more, std::string_view::npos);
    i += point.length;
  }
  bytes.push_back(text.size());
  return bytes;
}

std::optional<Span> SpanAt(const std::vector<size_t>& bytes, const RawRange& range) {
  if (range.begin < 0 || range.begin >= range.end || range.end >= static_cast<int64_t>(bytes.size()))
    return std::nullopt;
  const Span span = {bytes[static_cast<size_t>(range.begin)], bytes[static_cast<size_t>(range.end)]};
  if (span.begin == std::string_view::npos || span.end == std::string_view::npos) return std::nullopt;
  return span;
}

constexpr std::array kUnits = {OffsetUnit::CodePoints, OffsetUnit::Utf16, OffsetUnit::Bytes};

// Whether texts are equal but for white space and the case of ASCII letters, which tokenizers change.
bool ReadsTheSame(std::string_view a, std::string_view b) {
  const auto folded = [](std::string_view text) {
    std::string letters = absl::AsciiStrToLower(AbslView(text));
    std::erase_if(letters, [](char c) { return absl::ascii_isspace(static_cast<unsigned char>(c)); });
    return letters;
  };
  return a == b || folded(a) == folded(b);
}

// Whether a border lies between two characters of the class, as those do that count from another place than
// the text begins.
bool IsBetween(std::string_view text, size_t border, bool (*is)(unsigned char)) {
  return border > 0 && border < text.size() && is(static_cast<unsigned char>(text[border - 1])) &&
         is(static_cast<unsigned char>(text[border]));
}

// How many records each unit leaves out of place: those in which an offset lies on no border of a character,
// a value is not where it is said to be, or a mark has white space at an end, or cuts a word of letters and
// digits. In Chinese, whose characters all have three bytes, what counts code points lies on borders of bytes
// by chance, so that a unit does not win by a few records.
class UnitScores {
 public:
  void Add(const RawRecord& record) {
    if (!record.fault.empty() || record.shape == AnnotationShape::Columns) return;
    std::array<std::vector<std::optional<Span>>, kUnits.size()> spans;
    std::array<bool, kUnits.size()> misplaced = {};
    for (size_t unit = 0; unit < kUnits.size(); ++unit) {
      const std::vector<size_t> bytes = BytesByOffset(record.text, kUnits[unit]);
      for (const RawEntity& entity : record.entities) {
        if (!entity.range.has_value()) continue;
        spans[unit].push_back(SpanAt(bytes, *entity.range));
        misplaced[unit] = misplaced[unit] || !IsInPlace(record.text, spans[unit].back(), entity.value);
      }
    }
    if (spans[0] == spans[1] && spans[0] == spans[2]) return;
    ++records_;
    for (size_t unit = 0; unit < kUnits.size(); ++unit) {
      misplaced_[unit] += misplaced[unit] ? 1 : 0;
      for (size_t other = 0; other < kUnits.size(); ++other)
        differ_[unit][other] = differ_[unit][other] || spans[unit] != spans[other];
    }
  }

  // Code points, which most count, unless another unit, the earlier of equals, fits far better. Nothing where
  // it only fits somewhat better.
  std::optional<OffsetUnit> Choose() const {
    const auto best = std::min_element(misplaced_.begin(), misplaced_.end()) - misplaced_.begin();
    const int64_t lead = misplaced_[0] - misplaced_[static_cast<size_t>(best)];
    if (lead == 0 || IsNearlyNone(misplaced_[0])) return kUnits[0];
    if (lead * 4 >= records_) return kUnits[static_cast<size_t>(best)];
    return std::nullopt;
  }
  bool differ() const { return records_ > 0; }
  // How many records each puts out of place: "codepoints 1, utf16 1, bytes 0 of 41".
  std::string Describe() const {
    std::string line;
    for (size_t unit = 0; unit < kUnits.size(); ++unit)
      absl::StrAppend(&line, line.empty() ? "" : ", ", AbslView(Name(unit)), " ", misplaced_[unit]);
    return absl::StrCat(line, " of ", records_);
  }
  // The same where another unit is not ruled out, as at least half of the records would be in place; else
  // empty.
  std::string DescribeDoubt(OffsetUnit chosen) const {
    const size_t taken =
        static_cast<size_t>(std::find(kUnits.begin(), kUnits.end(), chosen) - kUnits.begin());
    for (size_t unit = 0; unit < kUnits.size(); ++unit) {
      if (differ_[taken][unit] && misplaced_[unit] * 2 <= records_) return Describe();
    }
    return "";
  }

 private:
  static bool IsInPlace(std::string_view text, const std::optional<Span>& span, std::string_view value) {
    if (!span.has_value()) return false;
    const std::string_view marked = text.substr(span->begin, span->size());
    if (!value.empty()) return ReadsTheSame(marked, value);
    const auto is_space = [](char c) { return absl::ascii_isspace(static_cast<unsigned char>(c)); };
    return !is_space(marked.front()) && !is_space(marked.back()) &&
           !IsBetween(text, span->begin, absl::ascii_isalnum) &&
           !IsBetween(text, span->end, absl::ascii_isalnum);
  }
  static std::string_view Name(size_t unit) { return kOffsetUnitNames[static_cast<size_t>(kUnits[unit])]; }
  bool IsNearlyNone(int64_t count) const { return count * 20 <= records_; }

  int64_t records_ = 0;  // that the units read differently
  std::array<int64_t, kUnits.size()> misplaced_ = {};
  std::array<std::array<bool, kUnits.size()>, kUnits.size()> differ_ = {};
};

// ---- labels and overlaps

// Whether an unknown label may be shown: it looks like one, and does not stand in its text, as it would where
// value and label are swapped.
bool MayBeShown(std::string_view label, std::string_view text) {
  constexpr size_t kMostBytes = 40;
  const auto fits = [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte >= 0x80 || absl::ascii_isalpha(byte) || c == '_' || c == '-' || c == '.' || c == '/';
  };
  return !label.empty() && label.size() <= kMostBytes && std::all_of(label.begin(), label.end(), fits) &&
         !absl::StrContains(AbslView(text), AbslView(label));
}

void CountUnknown(const std::string& label, std::string_view text, ConvertReport* report) {
  constexpr size_t kMostLabels = 50;
  const auto known = report->unknown_labels.find(label);
  if (known != report->unknown_labels.end()) {
    ++known->second;
  } else if (report->unknown_labels.size() < kMostLabels && MayBeShown(label, text)) {
    report->unknown_labels.emplace(label, 1);
  } else {
    ++report->hidden_labels;
  }
}

struct FoundEntity {
  Span span;
  std::string_view label;
};

// Adds the places of values that came without offsets; else says why that cannot be. `placeless` gets the
// labels that no place has: of values that came with another label before, or that stand in longer ones only.
std::string AddValues(const RawRecord& raw, std::vector<FoundEntity>* found,
                      std::vector<std::string_view>* placeless, ConvertReport* report) {
  std::vector<std::string_view> values;
  std::vector<std::string_view> labels;  // of each value: the first that it came with
  std::unordered_map<std::string_view, size_t> seen;
  for (const RawEntity& entity : raw.entities) {
    if (entity.range.has_value()) continue;
    const auto [before, is_new] = seen.try_emplace(entity.value, values.size());
    if (is_new) {
      values.push_back(entity.value);
      labels.push_back(entity.label);
    } else if (labels[before->second] != entity.label) {
      ++report->contradicting;
      placeless->push_back(entity.label);
    }
  }
  if (values.empty()) return "";
  std::vector<Span> taken;
  for (const FoundEntity& entity : *found) taken.push_back(entity.span);
  const std::optional<FoundValues> places = FindValues(raw.text, values, taken);
  if (!places.has_value()) return "has too long a text for so many values";
  std::vector<bool> placed(values.size(), false);
  for (const FoundValue& place : places->places) {
    found->push_back({place.span, labels[place.value]});
    placed[place.value] = true;
  }
  report->unaligned += static_cast<int64_t>(places->nowhere.size());
  for (const size_t nowhere : places->nowhere) placed[nowhere] = true;
  for (size_t i = 0; i < values.size(); ++i) {
    if (placed[i]) continue;
    ++report->nested;
    placeless->push_back(labels[i]);
  }
  return places->nowhere.empty() ? "" : "a value does not occur in the text";
}

void Convert(RawRecord raw, const ConvertOptions& options, OffsetUnit unit, ConvertReport* report,
             const std::function<void(const LabeledRecord&)>& take) {
  const auto unusable = [&](const std::string& reason) {
    ++report->unusable_count;
    if (report->unusable.size() < RecordFile::kMostListed) report->unusable.push_back({raw.origin, reason});
  };
  for (const RawEntity& entity : raw.entities) {
    if (options.labels.IsGiven(entity.label)) report->given_labels.insert(entity.label);
  }
  if (!raw.fault.empty()) return unusable(raw.fault);
  std::vector<FoundEntity> found;
  const std::vector<size_t> bytes =
      BytesByOffset(raw.text, raw.shape == AnnotationShape::Columns ? OffsetUnit::Bytes : unit);
  for (const RawEntity& entity : raw.entities) {
    if (!entity.range.has_value()) continue;
    const auto [begin, end] = *entity.range;
    const std::optional<Span> span = SpanAt(bytes, *entity.range);
    if (!span.has_value()) {
      return unusable(
          absl::StrCat("offsets [", begin, ", ", end,
                       ") are empty, beyond the text, or inside a character; --unit says what they count"));
    }
    if (!entity.value.empty() &&
        !ReadsTheSame(std::string_view(raw.text).substr(span->begin, span->size()), entity.value)) {
      ++report->mismatched;
      return unusable(absl::StrCat("the value that was given with offsets [", begin, ", ", end,
                                   ") is not what stands there; --unit says what they count"));
    }
    found.push_back({*span, entity.label});
  }
  std::vector<std::string_view> placeless;
  if (const std::string fault = AddValues(raw, &found, &placeless, report); !fault.empty())
    return unusable(fault);

  LabeledRecord record;
  record.origin = raw.origin;
  record.other_fields = std::move(raw.other_fields);
  if (raw.covers.has_value()) record.covers = *raw.covers;
  if (options.covers.has_value()) record.covers = *options.covers;
  bool known = true;
  for (const std::string_view label : placeless) {
    if (options.labels.Find(label).has_value()) continue;
    CountUnknown(std::string(label), raw.text, report);
    known = false;
  }
  std::vector<LabeledSpan> spans;
  for (const auto& [span, label] : found) {
    const std::optional<LabelMeaning> meaning = options.labels.Find(label);
    if (!meaning.has_value()) {
      CountUnknown(std::string(label), raw.text, report);
      known = false;
    } else if (meaning->type.has_value()) {
      spans.push_back({span, *meaning->type});
      if (meaning->guessed)
        ++report->guessed_labels[absl::StrCat(AbslView(label), " as ", AbslView(IdOf(*meaning->type)))];
    } else {
      ++(meaning->perhaps.any() ? report->unsure_labels : report->ignored_labels)[std::string(label)];
      record.covers &= ~meaning->perhaps;
    }
  }
  if (!known) return unusable("has a label that no map knows");
  // The earlier, of those the longer.
  std::sort(spans.begin(), spans.end(), [](const LabeledSpan& a, const LabeledSpan& b) {
    return a.span.begin != b.span.begin ? a.span.begin < b.span.begin : a.span.end > b.span.end;
  });
  for (const LabeledSpan& span : spans) {
    if (!record.spans.empty() && record.spans.back().span.Overlaps(span.span)) {
      ++report->nested;
      continue;
    }
    record.spans.push_back(span);
    ++report->entities[span.type];
    if (IsBetween(raw.text, span.span.begin, absl::ascii_isalpha) ||
        IsBetween(raw.text, span.span.end, absl::ascii_isalpha))
      ++report->inside_words;
  }
  record.text = std::move(raw.text);
  report->left_out_annotations += raw.left_out_annotations;
  if (raw.join.has_value())
    ++(*raw.join == TokenJoin::Characters ? report->joined_characters : report->joined_words);
  ++report->records;
  if (raw.covers.has_value()) ++report->with_covers;
  report->with_entities += record.spans.empty() ? 0 : 1;
  if (raw.shape.has_value())
    ++report->shapes[std::string(kAnnotationShapeNames[static_cast<size_t>(*raw.shape)])];
  take(record);
}

}  // namespace

absl::StatusOr<ConvertReport> ConvertFile(const std::string& file, const ConvertOptions& options,
                                          const std::function<void(const LabeledRecord&)>& take) {
  ConvertReport report;
  report.unit = options.unit;
  const auto check_text = [](RawRecord* record) {
    if (record->fault.empty() && FindInvalidUtf8(record->text) != std::string_view::npos)
      record->fault = "its text is not UTF-8";
  };
  if (options.unit == OffsetUnit::Auto) {
    std::error_code error;
    if (std::filesystem::is_other(file, error)) {
      return absl::InvalidArgumentError(absl::StrCat(
          file, ": is read twice, which a pipe cannot be; --unit codepoints (or another) makes once enough"));
    }
    UnitScores scores;
    absl::Status read = ForEachAnnotation(file, options.shape, options.labels, [&](RawRecord record) {
      check_text(&record);
      scores.Add(record);
    });
    if (!read.ok()) return read;
    const std::optional<OffsetUnit> unit = scores.Choose();
    if (!unit.has_value()) {
      return absl::InvalidArgumentError(absl::StrCat(
          file, ": it is not clear what its offsets count; records that each unit puts out of place: ",
          scores.Describe(), "; --unit says what they count"));
    }
    report.unit = *unit;
    report.unit_matters = scores.differ();
    report.unit_doubt = scores.DescribeDoubt(*unit);
  }
  absl::Status read = ForEachAnnotation(file, options.shape, options.labels, [&](RawRecord record) {
    check_text(&record);
    Convert(std::move(record), options, report.unit, &report, take);
  });
  if (!read.ok()) return read;
  return report;
}

}  // namespace privet
