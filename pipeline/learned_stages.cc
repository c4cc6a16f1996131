#include "pipeline/learned_stages.h"

#include <algorithm>
#include <map>
#include <string_view>
#include <utility>

#include "absl/strings/ascii.h"
#include "pipeline/compiled_policy.h"
#include "pipeline/decision.h"
#include "pipeline/possible_types.h"
#include "pipeline/table_cells.h"
#include "rules/number_scan.h"
#include "tagging/token_range.h"

namespace privet {
namespace {

// Windows of this many batches are worked on at once, so that batches fill although a call waits for its own.
constexpr size_t kBatchesInAPiece = 4;

// A text as one stage reads it.
struct Tokens {
  std::vector<int32_t> ids;
  std::vector<Span> bytes;
  std::vector<Window> windows;

  std::span<const int32_t> IdsOf(size_t window) const {
    const TokenRange& range = windows[window].tokens;
    return std::span<const int32_t>(ids).subspan(range.begin, range.size());
  }
  // The span in the tokens of the window that owns it; nothing where no window has all of it.
  std::optional<TokenRange> Locate(Span span, size_t* window) const {
    const TokenRange range = TokensOf(bytes, span);
    if (range.size() == 0) return std::nullopt;
    *window = OwnerOf(windows, range);
    const TokenRange& inside = windows[*window].tokens;
    if (range.begin < inside.begin || range.end > inside.end) return std::nullopt;
    return TokenRange{range.begin - inside.begin, range.end - inside.begin};
  }
};

Tokens Tokenise(const Tokenizer& tokenizer, std::string_view text, const WindowSizes& sizes) {
  std::vector<Token> encoded;
  tokenizer.Encode(text, &encoded);
  Tokens tokens;
  tokens.ids.reserve(encoded.size());
  tokens.bytes.reserve(encoded.size());
  for (const Token& token : encoded) {
    tokens.ids.push_back(token.id);
    tokens.bytes.push_back(token.bytes);
  }
  tokens.windows = CutWindows(text, tokens.bytes, sizes);
  return tokens;
}

using Proposals = std::map<Span, ProposedSpan>;

// A text on its way, with its rules' findings by the window of stage 1 that owns them.
struct TextState {
  StagedText* text = nullptr;
  Tokens stage1;
  Tokens stage2;
  std::vector<std::vector<Finding>> rules;  // by window
  TypeThresholds min_score{};               // none is enough for types that were not asked for
  std::vector<Finding> kept;
};

// One window of one text, in a piece.
struct Place {
  TextState* state = nullptr;
  size_t window = 0;
  Proposals proposals;
  // Of proposals that are one cell of longer mentions: these. That the cell is an entity, or that one of them
  // is, exclude one another, and either way it is one.
  std::map<Span, std::vector<Span>> longer;
};

TypeSet Stage2TypesOf(const LearnedStagesConfig& config) {
  return config.stage2.has_value() ? config.stage2->reader->types() & config.types : TypeSet();
}

class Pass {
 public:
  Pass(const LearnedStagesConfig& config, ForwardQueue& queue, const CompiledPolicy& policy,
       const StopToken& stop)
      : config_(config), queue_(queue), policy_(policy), stop_(stop) {
    for (const EntityType type : config.stage1.labels.types()) known1_.set(IndexOf(type));
    known1_ &= config.types;
    known2_ = Stage2TypesOf(config);
  }

  TextState Start(StagedText* text) const;
  void RunPiece(std::span<Place> piece) const;

 private:
  void Propose(Place* place, std::span<const float> rows) const;
  void Filter(const FilterStage& stage2, std::span<Place> piece) const;

  const LearnedStagesConfig& config_;
  ForwardQueue& queue_;
  const CompiledPolicy& policy_;
  const StopToken& stop_;
  TypeSet known1_;
  TypeSet known2_;
};

TextState Pass::Start(StagedText* text) const {
  TextState state;
  state.text = text;
  state.min_score = policy_.MinScoreIn(text->text);
  for (size_t t = 0; t < kEntityTypeCount; ++t) {
    if (!policy_.types.test(t)) state.min_score[t] = CompiledPolicy::kNeverProposed;
  }
  state.stage1 = Tokenise(*config_.stage1.model.tokenizer, text->text, config_.windows);
  text->work.tokens = state.stage1.ids.size();
  text->work.windows = state.stage1.windows.size();
  if (config_.stage2.has_value()) {
    state.stage2 = Tokenise(*config_.stage2->model.tokenizer, text->text, config_.windows);
  }
  state.rules.resize(state.stage1.windows.size());
  for (Finding& finding : text->findings) {
    const TokenRange range = TokensOf(state.stage1.bytes, finding.span);
    if (range.size() == 0) {
      state.kept.push_back(std::move(finding));  // no model can read it
    } else {
      state.rules[OwnerOf(state.stage1.windows, range)].push_back(std::move(finding));
    }
  }
  text->findings.clear();
  return state;
}

// Whether the backslash at `i` parts an account from its domain: CORP\nora.
bool IsBehindDomain(std::string_view text, size_t i) {
  return i > 0 && absl::ascii_isupper(static_cast<unsigned char>(text[i - 1]));
}

// A mention without the escape sequences at its ends, such as \n and \": what a model takes with it of these
// breaks the notation when the mention is redacted.
Span WithoutEscapes(std::string_view text, Span span) {
  while (!span.empty()) {
    size_t at_begin = 0;  // bytes of a sequence that the span begins with or in
    for (size_t bytes = 1; bytes <= std::min(kLongestEscape, span.size()); ++bytes) {
      const size_t escape = EscapeEndingAt(text, span.begin + bytes);
      if (escape >= bytes && !IsBehindDomain(text, span.begin + bytes - escape)) at_begin = bytes;
    }
    constexpr size_t kSign = 2;
    if (at_begin == 0 && text[span.begin] == '\\' && span.size() >= kSign &&
        absl::ascii_ispunct(static_cast<unsigned char>(text[span.begin + 1])))
      at_begin = kSign;
    size_t at_end = EscapeEndingAt(text, span.end);
    if (at_end == 0 && text[span.end - 1] == '\\') at_end = 1;
    if (at_begin == 0 && at_end == 0) break;
    span.begin += at_begin;
    span.end -= std::min(at_end, span.end - span.begin);
  }
  return span;
}

// A mention that runs over several cells of a table.
struct LongMention {
  Span bytes;
  TokenRange tokens;
  double probability = 0;
};
constexpr size_t kMostCells = 8;         // of a mention
constexpr size_t kMostLongMentions = 4;  // over a cell

// Of ranges of tokens that are one span the likelier counts, as for all mentions.
void Keep(const LongMention& mention, std::vector<LongMention>* mentions) {
  const auto same = std::find_if(mentions->begin(), mentions->end(),
                                 [&](const LongMention& other) { return other.bytes == mention.bytes; });
  if (same == mentions->end()) {
    mentions->push_back(mention);
  } else if (mention.probability > same->probability) {
    *same = mention;
  }
  std::stable_sort(mentions->begin(), mentions->end(),
                   [](const LongMention& a, const LongMention& b) { return a.probability > b.probability; });
  if (mentions->size() > kMostLongMentions) mentions->pop_back();
}

// The union of what stage 1 and the rules see in a window, with stage 1's reading of each span.
void Pass::Propose(Place* place, std::span<const float> rows) const {
  TextState& state = *place->state;
  const Tokens& tokens = state.stage1;
  const Window& window = tokens.windows[place->window];
  const absl::StatusOr<SpanMarginals> marginals = config_.stage1.Read(rows);
  if (!marginals.ok()) {
    state.text->status.Update(marginals.status());
    return;
  }
  const auto read = [&](TokenRange range) {
    SpanReading reading = marginals->Read(range);
    reading.known &= known1_;
    return reading;
  };
  // By cell, the likeliest of the mentions that run over it, in falling order.
  std::map<Span, std::vector<LongMention>> of_cells;
  const size_t most = LearnedStages::kMostProposals * window.tokens.size();
  for (const TaggedSpan& span : marginals->FindSpans(policy_.tau, most)) {
    const TokenRange range = {window.tokens.begin + span.tokens.begin, window.tokens.begin + span.tokens.end};
    if (!Owns(window, range)) continue;
    const Span mention =
        WithoutEscapes(state.text->text, MentionBytesOf(state.text->text, tokens.bytes, range));
    if (mention.empty()) continue;
    const std::vector<Span> cells = CellsOf(state.text->text, mention);
    if (cells.size() > kMostCells) continue;  // a row of a table is no mention
    for (const Span bytes : cells) {
      ProposedSpan& proposal = place->proposals[bytes];
      proposal.proposed.set(IndexOf(span.type));
      if (bytes != mention) {
        Keep({mention, span.tokens, span.probability}, &of_cells[bytes]);
        proposal.probability = std::max(proposal.probability, span.probability);
      } else if (!proposal.stage1.has_value() || span.probability > proposal.probability) {
        // Where tokens of white space make two ranges one span, the likelier counts.
        proposal.probability = span.probability;
        proposal.stage1 = read(span.tokens);
      }
    }
  }
  for (const auto& [cell, mentions] : of_cells) {
    std::optional<SpanReading>& reading = place->proposals[cell].stage1;
    for (const LongMention& mention : mentions) {
      reading = reading.has_value() ? EitherOf(*reading, read(mention.tokens)) : read(mention.tokens);
      place->longer[cell].push_back(mention.bytes);
    }
  }
  for (Finding& finding : state.rules[place->window]) {
    ProposedSpan& proposal = place->proposals[finding.span];
    size_t owner = 0;
    if (!proposal.stage1.has_value()) {
      if (const std::optional<TokenRange> range = tokens.Locate(finding.span, &owner))
        proposal.stage1 = read(*range);
    }
    proposal.rules.push_back(std::move(finding));
  }
  for (auto& [span, proposal] : place->proposals) {
    if (!proposal.stage1.has_value()) continue;
    RuleOutImpossible(std::string_view(state.text->text).substr(span.begin, span.size()), &*proposal.stage1);
  }
}

// Stage 2's readings, of windows that have something undecided only.
void Pass::Filter(const FilterStage& stage2, std::span<Place> piece) const {
  struct Question {
    std::vector<TokenRange> spans;
    std::vector<Proposals::value_type*> proposals;
  };
  std::map<std::pair<TextState*, size_t>, Question> questions;
  for (Place& place : piece) {
    for (Proposals::value_type& proposed : place.proposals) {
      const auto& [span, proposal] = proposed;
      size_t window = 0;
      if (place.state->text->proposals == nullptr && !AsksStage2(proposal, known2_)) continue;
      std::vector<Span> asked = {span};
      if (const auto longer = place.longer.find(span); longer != place.longer.end())
        asked.insert(asked.end(), longer->second.begin(), longer->second.end());
      for (const Span mention : asked) {
        const std::optional<TokenRange> range = place.state->stage2.Locate(mention, &window);
        if (!range.has_value()) continue;
        Question& question = questions[{place.state, window}];
        question.spans.push_back(*range);
        question.proposals.push_back(&proposed);
      }
    }
  }
  std::vector<std::span<const int32_t>> windows;
  windows.reserve(questions.size());
  for (const auto& [where, question] : questions) windows.push_back(where.first->stage2.IdsOf(where.second));
  const auto rows = queue_.Forward(LearnedStages::kStage2, windows, stop_);
  size_t next = 0;
  for (auto& [where, question] : questions) {
    StagedText& text = *where.first->text;
    ++text.work.stage2_windows;
    const auto readings = rows.ok() ? stage2.reader->Read((*rows)[next++].values, question.spans)
                                    : absl::StatusOr<std::vector<SpanReading>>(rows.status());
    text.status.Update(readings.status());
    for (size_t i = 0; readings.ok() && i < readings->size(); ++i) {
      SpanReading reading = (*readings)[i];
      reading.known &= known2_;
      auto& [span, proposal] = *question.proposals[i];
      RuleOutImpossible(std::string_view(text.text).substr(span.begin, span.size()), &reading);
      std::optional<SpanReading>& known = proposal.stage2;
      known = known.has_value() ? EitherOf(*known, reading) : reading;
    }
  }
}

void Pass::RunPiece(std::span<Place> piece) const {
  std::vector<std::span<const int32_t>> windows;
  for (const Place& place : piece) windows.push_back(place.state->stage1.IdsOf(place.window));
  const auto rows = queue_.Forward(LearnedStages::kStage1, windows, stop_);
  for (size_t i = 0; i < piece.size(); ++i) {
    if (rows.ok()) {
      Propose(&piece[i], (*rows)[i].values);
    } else {
      piece[i].state->text->status.Update(rows.status());
    }
  }
  if (rows.ok() && config_.stage2.has_value()) Filter(*config_.stage2, piece);
  for (Place& place : piece) {
    std::vector<Finding> kept;
    for (auto& [span, proposal] : place.proposals) {
      proposal.span = span;
      if (place.state->text->proposals != nullptr) {
        place.state->text->proposals->push_back(std::move(proposal));
      } else {
        Decide(std::move(proposal), config_.fusion, place.state->min_score, &kept);
      }
    }
    std::move(kept.begin(), kept.end(), std::back_inserter(place.state->kept));
  }
}

std::vector<ForwardFunction> ForwardsOf(const LearnedStagesConfig& config) {
  std::vector<ForwardFunction> forwards = {config.stage1.model.forward};
  if (config.stage2.has_value()) forwards.push_back(config.stage2->model.forward);
  return forwards;
}

}  // namespace

LearnedStages::LearnedStages(LearnedStagesConfig config)
    : config_(std::move(config)), queue_(ForwardsOf(config_), config_.batch_tokens, config_.observer) {}

TypeSet LearnedStages::stage2_types() const { return Stage2TypesOf(config_); }

void LearnedStages::Run(const CompiledPolicy& policy, const StopToken& stop,
                        std::span<StagedText> texts) const {
  const Pass pass(config_, queue_, policy, stop);
  std::vector<TextState> states;
  states.reserve(texts.size());  // places point into it
  for (StagedText& text : texts) {
    // Windows wait for the device, which polls; cutting a batch's texts into tokens takes time by itself.
    if (text.status.ok() && stop && stop()) text.status = absl::CancelledError("stopped by the caller");
    if (text.status.ok()) states.push_back(pass.Start(&text));
  }
  std::vector<Place> piece;
  size_t tokens = 0;
  const auto run_piece = [&] {
    if (!piece.empty()) pass.RunPiece(piece);
    piece.clear();
    tokens = 0;
  };
  for (TextState& state : states) {
    for (size_t window = 0; window < state.stage1.windows.size() && state.text->status.ok(); ++window) {
      const size_t size = state.stage1.windows[window].tokens.size();
      if (tokens + size > kBatchesInAPiece * config_.batch_tokens) run_piece();
      piece.push_back({&state, window, {}, {}});
      tokens += size;
    }
  }
  run_piece();
  for (TextState& state : states) state.text->findings = std::move(state.kept);
}

}  // namespace privet
