#include "training/learn/examples.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <new>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "core/absl_view.h"
#include "training/data/record_reader.h"
#include "training/data/sampler.h"
#include "training/type_names.h"

namespace privet {
namespace {

struct Tokenized {
  std::vector<int32_t> ids;
  std::vector<Span> bytes;
};

Tokenized Tokenize(const std::string& text, const Tokenizer& tokenizer) {
  std::vector<Token> tokens;
  tokenizer.Encode(text, &tokens);
  Tokenized result;
  for (const Token& token : tokens) {
    result.ids.push_back(token.id);
    result.bytes.push_back(token.bytes);
  }
  return result;
}

// The source's word on what its records cover, if it has one.
absl::StatusOr<std::optional<TypeSet>> CoversOf(const DataSource& source) {
  if (source.covers.empty()) return std::nullopt;
  const absl::StatusOr<TypeSet> covers = ParseTypes(source.covers, "data: covers");
  if (!covers.ok()) return covers.status();
  return *covers;
}

// Fresh records are known by a sample: a pass that training never comes to.
constexpr int64_t kSamplePass = -1;
constexpr int64_t kSampleRecords = 20'000;

// Makes the source's fresh records of its file; a sample of them takes the place of `records`.
absl::Status MakeFresh(const TrainingConfig& config, size_t index, ExampleSource* made,
                       std::vector<LabeledRecord>* records) {
  const DataSource& source = config.train[index];
  const uint64_t seed = MixSeeds(static_cast<uint64_t>(config.seed), 0xF4E54, index);
  absl::StatusOr<std::shared_ptr<const FreshRecords>> fresh;
  if (source.templates) {
    const auto covers = CoversOf(source);
    if (!covers.ok()) return covers.status();
    fresh = FreshRecords::OfTemplates(source.path, seed, *covers);
  } else {
    fresh = FreshRecords::OfSwaps(std::move(*records), seed);
  }
  if (!fresh.ok()) return fresh.status();
  made->fresh = *std::move(fresh);
  records->clear();
  for (int64_t i = 0; i < std::min(kSampleRecords, made->fresh->size()); ++i)
    records->push_back(made->fresh->Draw(kSamplePass, i));
  return absl::OkStatus();
}

absl::Status CheckProposals(const TrainingConfig& config, const std::vector<LabeledRecord>& records) {
  if (config.head != "span") return absl::OkStatus();
  for (const LabeledRecord& record : records) {
    if (!record.proposals.has_value()) {
      return absl::InvalidArgumentError(absl::StrCat(record.origin,
                                                     ": has no proposals, among which a span head chooses; "
                                                     "`trainer propose` writes records that have"));
    }
  }
  return absl::OkStatus();
}

// How often an example comes in a pass.
absl::Status CountCopies(const TrainingConfig& config, size_t index, ExampleSource* source) {
  const auto oversample = ParseWeights(config.oversample, "data.oversample");
  if (!oversample.ok()) return oversample.status();
  SplitMix64 random(MixSeeds(static_cast<uint64_t>(config.seed), 0xC0F1E5, index));
  const auto rounded = [&random](double copies) {
    const double whole = std::floor(copies);
    return static_cast<int32_t>(whole) + (random.Unit() < copies - whole ? 1 : 0);
  };
  int64_t total = 0;
  for (const Example& example : source->examples) {
    double copies = example.present.any() ? 1 : config.empty_share;
    if (config.head == "span" && example.candidates.empty()) copies = 0;  // nothing to choose among
    for (const auto& [name, factor] : *oversample) {
      const auto type = FindEntityType(name);
      if (type.has_value() && example.present.test(IndexOf(*type))) copies = std::max(copies, factor);
    }
    source->copies.push_back(rounded(copies));
    total += source->copies.back();
  }
  if (total == 0) source->copies[0] = 1;
  return absl::OkStatus();
}

// Of a window whose first token is the text's `first`.
void AddCandidates(const std::vector<TokenRange>& proposed, size_t first, const LabelScheme& scheme,
                   Example* example) {
  std::vector<TokenRange>& candidates = example->candidates;
  for (const TokenRange& range : proposed) {
    if (range.begin < first || range.end > first + example->labels.size()) continue;
    const auto begin = example->labels.begin() + static_cast<ptrdiff_t>(range.begin - first);
    if (std::find(begin, begin + static_cast<ptrdiff_t>(range.size()), kAnyLabel) ==
        begin + static_cast<ptrdiff_t>(range.size())) {
      candidates.push_back({range.begin - first, range.end - first});
    }
  }
  for (const MarkedRange& entity : MarkedRanges(example->labels, scheme)) candidates.push_back(entity.tokens);
  std::sort(candidates.begin(), candidates.end());
  candidates.erase(std::unique(candidates.begin(), candidates.end()), candidates.end());
}

// Dev texts may hold what nothing teaches. It is not judged, so the figures look better than a user would
// think.
void WarnOfUnjudged(const std::vector<DevText>& dev, const std::vector<EntityType>& learned,
                    const std::function<void(const std::string&)>& warn) {
  int64_t entities = 0;
  int64_t unjudged = 0;
  std::map<EntityType, int64_t> by_type;
  for (const DevText& text : dev) {
    for (const LabeledSpan& span : text.record.spans) {
      ++entities;
      if (std::find(learned.begin(), learned.end(), span.type) != learned.end()) continue;
      ++unjudged;
      ++by_type[span.type];
    }
  }
  if (unjudged == 0) return;
  warn(absl::StrCat("data.dev: ", unjudged, " of ", entities,
                    " entities are not judged, as their types are not learned: ",
                    absl::StrJoin(by_type, ", ", [](std::string* out, const auto& type) {
                      absl::StrAppend(out, AbslView(IdOf(type.first)), " ", type.second);
                    })));
}

// Of a source that is drawn anew in each pass the examples are a sample, and copies do not count.
void AddLabelShares(const ExampleSource& source, double weight, std::vector<double>* shares) {
  std::vector<int64_t> tokens(shares->size());
  int64_t all = 0;
  for (size_t j = 0; j < source.examples.size(); ++j) {
    const int64_t copies = source.fresh != nullptr ? 1 : source.copies[j];
    for (const int32_t label : source.examples[j].labels) {
      if (label == kAnyLabel) continue;
      tokens[static_cast<size_t>(label)] += copies;
      all += copies;
    }
  }
  for (size_t label = 0; label < tokens.size() && all > 0; ++label)
    (*shares)[label] += weight * static_cast<double>(tokens[label]) / static_cast<double>(all);
}

}  // namespace

absl::StatusOr<std::vector<LabeledRecord>> ReadSource(const DataSource& source, int64_t* unusable,
                                                      const std::function<void(const std::string&)>& warn,
                                                      OtherFields others) {
  auto file = ReadRecordFile(source.path, others);
  if (!file.ok()) return file.status();
  *unusable = file->unusable_count;
  if (file->unusable_count > 0) {
    warn(absl::StrCat(source.path, ": ", file->unusable_count, " of ",
                      file->unusable_count + static_cast<int64_t>(file->records.size()),
                      " lines cannot be used; the first is ", file->unusable[0].origin, ": ",
                      file->unusable[0].reason));
  }
  if (file->records.empty())
    return absl::InvalidArgumentError(absl::StrCat(source.path, ": has no record that can be used"));
  const auto covers = CoversOf(source);
  if (!covers.ok()) return covers.status();
  for (LabeledRecord& record : file->records) {
    if (covers->has_value()) record.covers = **covers;
  }
  return std::move(file->records);
}

std::vector<Example> ExamplesOf(const LabeledRecord& record, const Tokenizer& tokenizer,
                                const WindowSizes& sizes, const LabelScheme& scheme, TargetCounts* counts) {
  const Tokenized tokens = Tokenize(record.text, tokenizer);
  const std::vector<int32_t> labels = LabelTokens(record, tokens.bytes, scheme, counts);
  std::vector<float> doubt;
  if (record.proposals.has_value()) doubt = DoubtOfTokens(record, tokens.bytes, scheme);
  const std::vector<TokenRange> proposed = ProposedRanges(record, tokens.bytes, scheme);
  std::vector<Example> examples;
  for (const Window& window : CutWindows(record.text, tokens.bytes, sizes)) {
    const auto [begin, end] = window.tokens;
    Example example;
    example.open_types = ~record.covers;
    example.ids.assign(tokens.ids.begin() + static_cast<ptrdiff_t>(begin),
                       tokens.ids.begin() + static_cast<ptrdiff_t>(end));
    example.labels.assign(labels.begin() + static_cast<ptrdiff_t>(begin),
                          labels.begin() + static_cast<ptrdiff_t>(end));
    if (!doubt.empty()) {
      example.doubt.assign(doubt.begin() + static_cast<ptrdiff_t>(begin),
                           doubt.begin() + static_cast<ptrdiff_t>(end));
    }
    // What the edges cut: up to the end of an entity that began before, from the beginning of one that ends
    // behind.
    const auto is = [&](int32_t label, Tag tag) { return scheme.tag(static_cast<size_t>(label)) == tag; };
    if (!example.labels.empty() &&
        (is(example.labels.front(), Tag::Inside) || is(example.labels.front(), Tag::End))) {
      for (int32_t& label : example.labels) {
        if (is(std::exchange(label, kAnyLabel), Tag::End)) break;
      }
    }
    const auto known = [](int32_t label) { return label != kAnyLabel; };
    if (!example.labels.empty() && known(example.labels.back()) &&
        (is(example.labels.back(), Tag::Inside) || is(example.labels.back(), Tag::Begin))) {
      for (auto label = example.labels.rbegin(); label != example.labels.rend() && known(*label); ++label) {
        if (is(std::exchange(*label, kAnyLabel), Tag::Begin)) break;
      }
    }
    for (const int32_t label : example.labels) {
      if (known(label) && !is(label, Tag::Outside))
        example.present.set(IndexOf(scheme.types()[scheme.type_index(static_cast<size_t>(label))]));
    }
    if (record.proposals.has_value()) AddCandidates(proposed, begin, scheme, &example);
    examples.push_back(std::move(example));
  }
  return examples;
}

Example DrawExample(const FreshRecords& fresh, int64_t pass, int64_t index, const Tokenizer& tokenizer,
                    const WindowSizes& sizes, const LabelScheme& scheme) {
  TargetCounts ignored;
  std::vector<Example> windows = ExamplesOf(fresh.Draw(pass, index), tokenizer, sizes, scheme, &ignored);
  if (windows.empty()) return {};
  const uint64_t drawn = MixSeeds(0x714D05, static_cast<uint64_t>(pass), static_cast<uint64_t>(index));
  return std::move(windows[windows.size() == 1 ? 0 : SplitMix64(drawn).Below(windows.size())]);
}

absl::StatusOr<TrainingData> LoadTrainingData(const TrainingConfig& config, const Tokenizer& tokenizer,
                                              const std::function<void(const std::string&)>& warn,
                                              const std::atomic<bool>* stop) try {
  const auto stopped = [stop] { return stop != nullptr && stop->load(); };
  TrainingData data;
  std::vector<std::vector<LabeledRecord>> records;
  TypeSet present;
  for (const DataSource& source : config.train) {
    if (stopped()) return absl::CancelledError("stopped");
    ExampleSource made;
    made.path = source.path;
    made.weight = source.weight;
    absl::StatusOr<std::vector<LabeledRecord>> read = std::vector<LabeledRecord>();
    if (!source.templates) read = ReadSource(source, &made.unusable, warn);
    if (!read.ok()) return read.status();
    if (absl::Status status = CheckProposals(config, *read); !status.ok()) return status;
    for (LabeledRecord& record : *read) Unescape(&record);
    if (source.fresh()) {
      if (absl::Status status = MakeFresh(config, data.train.size(), &made, &*read); !status.ok())
        return status;
    }
    for (const LabeledRecord& record : *read) {
      for (const LabeledSpan& span : record.spans) present.set(IndexOf(span.type));
    }
    records.push_back(*std::move(read));
    data.train.push_back(std::move(made));
  }

  std::vector<EntityType> types;
  std::vector<std::string> absent;
  for (const EntityTypeSpec& spec : Taxonomy()) {
    const bool wanted = config.types.empty() ? present.test(IndexOf(spec.type))
                                             : std::find(config.types.begin(), config.types.end(), spec.id) !=
                                                   config.types.end();
    if (wanted) types.push_back(spec.type);
    if (wanted && !present.test(IndexOf(spec.type))) absent.emplace_back(spec.id);
  }
  if (types.empty())
    return absl::InvalidArgumentError("data.train: no record has an entity, so there is nothing to learn");
  if (!absent.empty())
    warn(absl::StrCat("data.types: no training record has any of ", absl::StrJoin(absent, ", ")));
  data.labels = BioesLabels(types);
  const auto scheme = LabelScheme::FromLabels(data.labels);
  if (!scheme.ok()) return scheme.status();

  const WindowSizes sizes = {static_cast<size_t>(config.max_tokens),
                             static_cast<size_t>(config.overlap_tokens)};
  if (absl::Status status = ValidateWindowSizes(sizes); !status.ok()) return status;
  data.sizes = sizes;
  data.label_shares.assign(data.labels.size(), 0);
  double all_weights = 0;
  for (const ExampleSource& source : data.train) all_weights += source.weight;
  for (size_t i = 0; i < records.size(); ++i) {
    ExampleSource& source = data.train[i];
    for (const LabeledRecord& record : records[i]) {
      if (stopped()) return absl::CancelledError("stopped");
      ++source.records;
      source.records_with_entities += record.spans.empty() ? 0 : 1;
      for (Example& example : ExamplesOf(record, tokenizer, sizes, *scheme, &source.counts)) {
        source.examples.push_back(std::move(example));
        source.origins.push_back(record.origin);
      }
    }
    if (source.examples.empty())
      return absl::InvalidArgumentError(absl::StrCat(source.path, ": its texts are all empty"));
    if (absl::Status status = CountCopies(config, i, &source); !status.ok()) return status;
    AddLabelShares(source, source.weight / all_weights, &data.label_shares);
    if (source.fresh != nullptr) {
      source.examples = {};
      source.origins = {};
      source.copies = {};
    }
    records[i].clear();
  }

  for (const DataSource& source : config.dev) {
    int64_t unusable = 0;
    auto read = ReadSource(source, &unusable, warn);
    if (!read.ok()) return read.status();
    if (absl::Status status = CheckProposals(config, *read); !status.ok()) return status;
    for (LabeledRecord& record : *read) {
      if (stopped()) return absl::CancelledError("stopped");
      Unescape(&record);
      DevText text;
      Tokenized tokens = Tokenize(record.text, tokenizer);
      text.windows = CutWindows(record.text, tokens.bytes, sizes);
      text.ids = std::move(tokens.ids);
      text.token_bytes = std::move(tokens.bytes);
      text.record = std::move(record);
      data.dev.push_back(std::move(text));
    }
  }
  WarnOfUnjudged(data.dev, types, warn);
  return data;
} catch (const std::bad_alloc&) {
  return absl::ResourceExhaustedError(
      "data.train and data.dev do not fit in memory, where all of them lie; give fewer or smaller files");
}

}  // namespace privet
