#include "training/config.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <utility>
#include <variant>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "core/absl_view.h"
#include "core/taxonomy.h"
#include "core/yaml_reader.h"

namespace privet {
namespace {

using Field = std::variant<std::string TrainingConfig::*, int64_t TrainingConfig::*, double TrainingConfig::*,
                           bool TrainingConfig::*, std::vector<std::string> TrainingConfig::*>;

// One key: `section.name`, or a plain `name` where the section is empty.
struct Key {
  std::string_view section;
  std::string_view name;
  Field field;
  double min = 0;  // of numbers
  double max = 0;
  std::string_view description;
  std::vector<std::string_view> choices = {};  // of a text that takes few values; empty: any
};

const std::vector<Key>& Keys() {
  using C = TrainingConfig;
  static const std::vector<Key>* const keys = new std::vector<Key>{
      {"", "output", &C::output, 0, 0, "folder of the run: configuration, log, checkpoints, the best model"},
      {"", "seed", &C::seed, 0, 1e15, "of everything that is drawn; the same seed gives the same run"},
      {"", "steps", &C::steps, 1, 1e9, "optimiser steps"},
      {"base", "folder", &C::base_folder, 0, 0,
       "Hugging Face folder of the Qwen3 model to start from; empty starts from random weights"},
      {"base", "tokenizer", &C::base_tokenizer, 0, 0,
       "folder of the tokenizer; empty takes the one in base.folder"},
      {"base",
       "attention",
       &C::base_attention,
       0,
       0,
       "what a token sees: causal (what comes before), bidirectional (all), middle (all, in the middle half "
       "of "
       "the "
       "layers), as_is (as the base's config.json says; bidirectional for a random start)",
       {"as_is", "causal", "bidirectional", "middle"}},
      {"base",
       "quantization",
       &C::base_quantization,
       0,
       0,
       "how the matrices of a base that stays as it is lie in memory: none (fp32), or nf4 (QLoRA: 4 bits, "
       "made "
       "dense for each product; with method.kind lora)",
       {"none", "nf4"}},
      {"base", "hidden_size", &C::base_hidden_size, 8, 65536, "of a random start, as the keys below"},
      {"base", "layers", &C::base_layers, 1, 1024, ""},
      {"base", "heads", &C::base_heads, 1, 1024, ""},
      {"base", "kv_heads", &C::base_kv_heads, 1, 1024, "heads of keys and values; divides heads"},
      {"base", "head_dim", &C::base_head_dim, 2, 1024, "even"},
      {"base", "intermediate_size", &C::base_intermediate_size, 8, 1 << 20, ""},
      {"base", "max_position_embeddings", &C::base_max_position_embeddings, 8, 1 << 24, ""},
      {"base", "rope_theta", &C::base_rope_theta, 1, 1e9, ""},
      {"method",
       "kind",
       &C::method,
       0,
       0,
       "what is trained beside the head: lora (adapters on a frozen base), freeze (the upper layers), full "
       "(everything)",
       {"lora", "freeze", "full"}},
      {"method", "frozen_layers", &C::frozen_layers, 0, 1024,
       "of freeze: layers from below that stay as they are, and the embeddings with them"},
      {"adapter",
       "kind",
       &C::adapter_kind,
       0,
       0,
       "lora, or dora (directions by LoRA, magnitudes apart)",
       {"lora", "dora"}},
      {"adapter", "rank", &C::adapter_rank, 1, 4096, ""},
      {"adapter", "alpha", &C::adapter_alpha, 0.001, 1e6, "what is added counts alpha / rank"},
      {"adapter", "dropout", &C::adapter_dropout, 0, 0.9, "of an adapter's input, while it trains"},
      {"adapter", "rslora", &C::adapter_rslora, 0, 0, "alpha / sqrt(rank) in place of alpha / rank"},
      {"adapter", "plus_ratio", &C::adapter_plus_ratio, 1, 1000,
       "LoRA+: how many times the learning rate of A that of B is; 16 is usual, 1 is plain LoRA"},
      {"adapter", "targets", &C::adapter_targets, 0, 0,
       "modules by name (q_proj, k_proj, v_proj, o_proj, gate_proj, up_proj, down_proj), or all-linear"},
      {"adapter", "ranks", &C::adapter_ranks, 0, 0,
       "other ranks for some modules, such as [q_proj=32, v_proj=8]"},
      {"head",
       "kind",
       &C::head,
       0,
       0,
       "tagger (labels of tokens), or in stage 2 span (scores of whole spans, learned from proposals)",
       {"tagger", "span"}},
      {"head", "size", &C::head_size, 1, 8192, "of a span head's hidden layer"},
      {"head", "widths", &C::head_widths, 1, 1024,
       "lengths in tokens that a span head tells apart; longer ones count as the last"},
      {"data", "types", &C::types, 0, 0,
       "entity types to learn; empty learns all that the training records have"},
      {"data", "max_tokens", &C::max_tokens, 8, 65536, "of a window; longer texts are cut"},
      {"data", "overlap_tokens", &C::overlap_tokens, 0, 16384, "that neighbouring windows share"},
      {"data", "empty_share", &C::empty_share, 0, 1,
       "share of windows without any entity that is kept; below 1 thins out what teaches silence"},
      {"data", "oversample", &C::oversample, 0, 0,
       "windows that hold a type are drawn so many times as often, such as [ADDRESS=3]"},
      {"data", "mask_share", &C::mask_share, 0, 0.9,
       "share of a step's input tokens that is hidden, so that context must tell"},
      {"mask", "share", &C::hidden_share, 0.01, 0.9, "of `trainer adapt`: share of tokens that are hidden"},
      {"mask", "longest", &C::longest_hidden, 1, 64,
       "neighbouring tokens that are hidden together, from 1 to so many: above 1 whole names have to be "
       "told"},
      {"batch", "tokens", &C::batch_tokens, 8, 1 << 24, "of one forward, packed without padding"},
      {"batch", "accumulate", &C::accumulate, 1, 10000, "forwards of one step; the loss is over all of them"},
      {"objective",
       "kind",
       &C::objective,
       0,
       0,
       "cross_entropy; focal (less for what is already sure); asymmetric (less for sure outside tokens "
       "only); "
       "dice "
       "(overlap in place of likelihood); chain (likelihood of the whole labelling)",
       {"cross_entropy", "focal", "asymmetric", "dice", "chain"}},
      {"objective", "focal_gamma", &C::focal_gamma, 0, 20,
       "of focal, and of entity tokens in asymmetric; dice: its exponent"},
      {"objective", "outside_gamma", &C::outside_gamma, 0, 20, "of outside tokens in asymmetric"},
      {"objective", "label_smoothing", &C::label_smoothing, 0, 0.5, "share spread over all labels"},
      {"objective", "entity_weight", &C::entity_weight, 0.01, 1000,
       "weight of tokens in entities; outside has 1"},
      {"objective",
       "class_weights",
       &C::class_weights,
       0,
       0,
       "none, or counts: a label weighs 1 / sqrt of its share of the training tokens, one on average",
       {"none", "counts"}},
      {"objective", "type_weights", &C::type_weights, 0, 0, "such as [ADDRESS=2]; times the others"},
      {"objective", "hard_negative_weight", &C::hard_negative_weight, 0.01, 1000,
       "weight of outside tokens that models which did not see the text took for an entity (`trainer "
       "propose`), "
       "by how sure they were; times the others"},
      {"objective", "hard_positive_weight", &C::hard_positive_weight, 0.01, 1000,
       "the same of tokens in entities that they missed, or gave other borders or another type"},
      {"optimizer",
       "kind",
       &C::optimizer,
       0,
       0,
       "adamw; muon: matrices of the layers by orthogonalised momentum, all else by AdamW (method full or "
       "freeze)",
       {"adamw", "muon"}},
      {"optimizer", "learning_rate", &C::learning_rate, 0, 10, "its highest value"},
      {"optimizer", "head_learning_rate", &C::head_learning_rate, 0, 10, "of the head; 0: the same"},
      {"optimizer", "muon_rate", &C::muon_rate, 0.001, 1000, "how many times the learning rate Muon's is"},
      {"optimizer", "momentum", &C::momentum, 0, 0.9999, "Muon's"},
      {"optimizer", "beta1", &C::beta1, 0, 0.9999, ""},
      {"optimizer", "beta2", &C::beta2, 0, 0.99999, ""},
      {"optimizer", "epsilon", &C::epsilon, 1e-16, 1, ""},
      {"optimizer", "weight_decay", &C::weight_decay, 0, 10,
       "decoupled; of matrices, not of norms and biases"},
      {"optimizer", "clip_norm", &C::clip_norm, 0, 1e9,
       "longest gradient; longer ones are shortened; 0: never"},
      {"optimizer", "ema", &C::ema, 0, 0.99999,
       "decay of a running average of the weights, which is then what is judged and kept; 0: none"},
      {"schedule",
       "kind",
       &C::schedule,
       0,
       0,
       "how the learning rate falls after the warm-up: constant, linear, cosine, cosine_restarts, wsd "
       "(stays, "
       "then "
       "falls linearly)",
       {"constant", "linear", "cosine", "cosine_restarts", "wsd"}},
      {"schedule", "warmup_share", &C::warmup_share, 0, 1, "of the steps"},
      {"schedule", "decay_share", &C::decay_share, 0, 1, "of wsd: share of the steps in which it falls"},
      {"schedule", "final_share", &C::final_share, 0, 1, "of the highest rate that is left at the end"},
      {"schedule", "cycles", &C::cycles, 1, 1000, "of cosine_restarts"},
      {"evaluate", "every", &C::evaluate_every, 0, 1e9, "steps; 0: only at the end"},
      {"evaluate",
       "metric",
       &C::metric,
       0,
       0,
       "what the best checkpoint has most of: f1, recall_at_precision, precision_at_recall",
       {"f1", "recall_at_precision", "precision_at_recall"}},
      {"evaluate", "at", &C::metric_at, 0, 1, "the precision or recall that the metric is taken at"},
      {"evaluate", "patience", &C::patience, 0, 1e6,
       "evaluations without a better one after which training ends; 0: never"},
      {"checkpoint", "every", &C::checkpoint_every, 0, 1e9, "steps; 0: only at the end"},
      {"checkpoint", "keep", &C::keep_checkpoints, 1, 1000, "newest checkpoints that are kept"},
      {"compute",
       "device",
       &C::device,
       0,
       0,
       "auto (CUDA where there is), cpu or cuda",
       {"auto", "cpu", "cuda"}},
      {"compute",
       "precision",
       &C::precision,
       0,
       0,
       "fp32, or bf16: matrix products, on CUDA attention too, in bf16, all else in fp32",
       {"fp32", "bf16"}},
      {"compute", "threads", &C::threads, 0, 1024, "on a CPU; 0: one for each core"},
      {"compute", "gradient_checkpointing", &C::gradient_checkpointing, 0, 0,
       "computes each layer twice and keeps only its input: less memory, a third more time"},
  };
  return *keys;
}

std::string NameOf(const Key& key) {
  return key.section.empty() ? std::string(key.name)
                             : absl::StrCat(AbslView(key.section), ".", AbslView(key.name));
}

// What is wrong with the key's value, or nothing.
std::string FaultOf(const TrainingConfig& config, const Key& key) {
  const auto outside = [&](double value) {
    return value >= key.min && value <= key.max
               ? std::string()
               : absl::StrCat("must lie between ", key.min, " and ", key.max);
  };
  if (const auto* number = std::get_if<int64_t TrainingConfig::*>(&key.field))
    return outside(static_cast<double>(config.*(*number)));
  if (const auto* number = std::get_if<double TrainingConfig::*>(&key.field))
    return outside(config.*(*number));
  const auto* text = std::get_if<std::string TrainingConfig::*>(&key.field);
  if (text == nullptr || key.choices.empty() ||
      std::find(key.choices.begin(), key.choices.end(), config.*(*text)) != key.choices.end()) {
    return {};
  }
  std::vector<std::string> choices(key.choices.begin(), key.choices.end());
  return absl::StrCat("must be one of ", absl::StrJoin(choices, ", "));
}

std::string Quoted(const std::string& text) {
  YAML::Emitter out;
  out << YAML::DoubleQuoted << text;
  return out.c_str();
}

std::string ListOf(const std::vector<std::string>& texts) {
  return absl::StrCat(
      "[",
      absl::StrJoin(texts, ", ",
                    [](std::string* out, const std::string& text) { out->append(Quoted(text)); }),
      "]");
}

std::string ShortestNumber(double value) {
  std::ostringstream out;
  out.precision(17);
  for (int digits = 6; digits <= 17; ++digits) {
    out.str("");
    out.precision(digits);
    out << value;
    if (std::stod(out.str()) == value) break;
  }
  return out.str();
}

std::string ValueOf(const TrainingConfig& config, const Key& key) {
  if (const auto* text = std::get_if<std::string TrainingConfig::*>(&key.field))
    return (config.*(*text)).empty() ? "" : config.*(*text);
  if (const auto* number = std::get_if<int64_t TrainingConfig::*>(&key.field))
    return absl::StrCat(config.*(*number));
  if (const auto* number = std::get_if<double TrainingConfig::*>(&key.field))
    return ShortestNumber(config.*(*number));
  if (const auto* flag = std::get_if<bool TrainingConfig::*>(&key.field))
    return config.*(*flag) ? "true" : "false";
  return absl::StrJoin(config.*std::get<std::vector<std::string> TrainingConfig::*>(key.field), ", ");
}

void Read(YamlMapping* mapping, const Key& key, TrainingConfig* config) {
  if (const auto* text = std::get_if<std::string TrainingConfig::*>(&key.field)) {
    config->*(*text) = mapping->String(key.name, config->*(*text));
  } else if (const auto* integer = std::get_if<int64_t TrainingConfig::*>(&key.field)) {
    config->*(*integer) = mapping->Integer(key.name, config->*(*integer));
  } else if (const auto* number = std::get_if<double TrainingConfig::*>(&key.field)) {
    config->*(*number) = mapping->Number(key.name, config->*(*number));
  } else if (const auto* flag = std::get_if<bool TrainingConfig::*>(&key.field)) {
    config->*(*flag) = mapping->Boolean(key.name, config->*(*flag));
  } else if (mapping->Has(key.name)) {
    config->*std::get<std::vector<std::string> TrainingConfig::*>(key.field) = mapping->Strings(key.name);
  }
}

absl::Status ReadKeys(YamlMapping* mapping, std::string_view section, TrainingConfig* config) {
  for (const Key& key : Keys()) {
    if (key.section != section) continue;
    Read(mapping, key, config);
    if (const std::string fault = FaultOf(*config, key); !fault.empty() && mapping->Has(key.name))
      return mapping->Error(key.name, fault);
  }
  return absl::OkStatus();
}

absl::Status ReadSources(const YAML::Node& node, const std::string& file, std::string_view where,
                         std::vector<DataSource>* sources) {
  sources->clear();
  if (!node || node.IsNull()) return absl::OkStatus();
  if (!node.IsSequence()) {
    return absl::InvalidArgumentError(
        absl::StrCat(file, ":", node.Mark().line + 1, ": data: ", AbslView(where),
                     ": must be a list of files, such as [{path: train.jsonl}]"));
  }
  for (const YAML::Node& entry : node) {
    DataSource source;
    if (entry.IsScalar()) {
      source.path = entry.Scalar();
    } else {
      YamlMapping mapping(entry, file, absl::StrCat("data: ", AbslView(where)));
      source.templates = mapping.Has("templates");
      if (source.templates && mapping.Has("path"))
        return mapping.Error("templates", "stands in place of path; make two sources of them");
      source.path = mapping.String(source.templates ? "templates" : "path");
      source.swap = mapping.Boolean("swap", false);
      if (source.swap && source.templates)
        return mapping.Error("swap", "is for annotated records; templates are filled anew without it");
      if (source.fresh() && where == "dev")
        return mapping.Error(
            source.swap ? "swap" : "templates",
            "would judge on other texts each time; write some with `trainer data synthesize`");
      source.weight = mapping.Number("weight", 1);
      source.covers = mapping.Strings("covers");
      if (!(source.weight > 0 && source.weight <= 1e6))
        return mapping.Error("weight", "must lie above 0 and be at most 1e6");
      if (absl::Status status = mapping.Finish(); !status.ok()) return status;
    }
    sources->push_back(std::move(source));
  }
  return absl::OkStatus();
}

void MakeAbsolute(const std::filesystem::path& folder, std::string* path) {
  if (!path->empty() && !std::filesystem::path(*path).is_absolute())
    *path = (folder / *path).lexically_normal().string();
}

absl::Status SetFromText(const Key& key, const std::string& value, TrainingConfig* config) {
  const auto wrong = [&](std::string_view expected) {
    return absl::InvalidArgumentError(absl::StrCat("--set ", NameOf(key), ": is not ", AbslView(expected)));
  };
  if (const auto* text = std::get_if<std::string TrainingConfig::*>(&key.field)) {
    config->*(*text) = value;
  } else if (const auto* integer = std::get_if<int64_t TrainingConfig::*>(&key.field)) {
    if (!absl::SimpleAtoi(value, &(config->*(*integer)))) return wrong("a whole number");
  } else if (const auto* number = std::get_if<double TrainingConfig::*>(&key.field)) {
    if (!absl::SimpleAtod(value, &(config->*(*number)))) return wrong("a number");
  } else if (const auto* flag = std::get_if<bool TrainingConfig::*>(&key.field)) {
    if (!absl::SimpleAtob(value, &(config->*(*flag)))) return wrong("true or false");
  } else {
    config->*std::get<std::vector<std::string> TrainingConfig::*>(key.field) =
        absl::StrSplit(value, ',', absl::SkipWhitespace());
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status ParseTrainingConfig(std::string_view content, const std::string& file, TrainingConfig* config) {
  const absl::StatusOr<YAML::Node> root = ParseYaml(content, file);
  if (!root.ok()) return root.status();
  if (root->IsNull()) return absl::OkStatus();
  YamlMapping top(*root, file, "configuration");
  if (absl::Status status = ReadKeys(&top, "", config); !status.ok()) return status;
  std::vector<std::string_view> sections;
  for (const Key& key : Keys()) {
    if (!key.section.empty() && (sections.empty() || sections.back() != key.section))
      sections.push_back(key.section);
  }
  std::map<std::string_view, YAML::Node> nodes;
  for (const std::string_view section : sections) nodes.emplace(section, top.Node(section));
  if (absl::Status status = top.Finish(); !status.ok()) return status;

  for (const std::string_view section : sections) {
    const YAML::Node& node = nodes.at(section);
    if (!node || node.IsNull()) continue;
    YamlMapping mapping(node, file, section);
    if (absl::Status status = ReadKeys(&mapping, section, config); !status.ok()) return status;
    if (section == "data") {
      for (const auto& [name, sources] :
           {std::pair("train", &config->train), std::pair("dev", &config->dev)}) {
        const YAML::Node list = mapping.Node(name);
        if (!list) continue;
        if (absl::Status status = ReadSources(list, file, name, sources); !status.ok()) return status;
      }
    }
    if (absl::Status status = mapping.Finish(); !status.ok()) return status;
  }
  const std::filesystem::path folder = std::filesystem::absolute(file).parent_path();
  for (std::string* path : {&config->output, &config->base_folder, &config->base_tokenizer})
    MakeAbsolute(folder, path);
  for (std::vector<DataSource>* sources : {&config->train, &config->dev}) {
    for (DataSource& source : *sources) MakeAbsolute(folder, &source.path);
  }
  return absl::OkStatus();
}

absl::Status ReadTrainingConfig(const std::string& file, TrainingConfig* config) {
  std::ifstream stream(file, std::ios::binary);
  std::stringstream content;
  content << stream.rdbuf();
  if (!stream) return absl::NotFoundError(absl::StrCat(file, ": cannot be read"));
  return ParseTrainingConfig(content.str(), file, config);
}

absl::Status ReadTrainingConfig(const std::string& file, std::span<const std::string> overrides,
                                TrainingConfig* config) {
  absl::Status status = ReadTrainingConfig(file, config);
  for (const std::string& assignment : overrides) {
    if (status.ok()) status = OverrideTrainingConfig(assignment, config);
  }
  return status;
}

absl::Status OverrideTrainingConfig(std::string_view assignment, TrainingConfig* config) {
  const size_t equals = assignment.find('=');
  const std::string name(assignment.substr(0, equals));
  if (equals == std::string_view::npos)
    return absl::InvalidArgumentError("--set: must be KEY=VALUE, such as optimizer.learning_rate=1e-4");
  const std::string value(assignment.substr(equals + 1));
  for (const Key& key : Keys()) {
    if (NameOf(key) != name) continue;
    if (absl::Status status = SetFromText(key, value, config); !status.ok()) return status;
    if (const std::string fault = FaultOf(*config, key); !fault.empty())
      return absl::InvalidArgumentError(absl::StrCat("--set ", name, ": ", fault));
    return absl::OkStatus();
  }
  if (name == "data.train" || name == "data.dev") {
    std::vector<DataSource>* const sources = name == "data.train" ? &config->train : &config->dev;
    sources->clear();
    for (const auto path : absl::StrSplit(value, ',', absl::SkipWhitespace()))
      sources->push_back({std::string(path), 1, {}});
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(
      absl::StrCat("--set ", name, ": is not a key of the configuration; `trainer config` lists them"));
}

absl::Status CheckTrainingConfig(const TrainingConfig& config) {
  const auto fault = [](std::string_view what) { return absl::InvalidArgumentError(AbslView(what)); };
  if (config.output.empty()) return fault("output: missing; name the folder of the run");
  if (config.train.empty()) return fault("data.train: missing; name at least one file of records");
  if (config.base_folder.empty() && config.base_tokenizer.empty())
    return fault("base: folder or tokenizer must be given; a random start needs a tokenizer");
  if (config.base_folder.empty() && config.base_heads % config.base_kv_heads != 0)
    return fault("base.kv_heads: must divide base.heads");
  if (config.base_folder.empty() && config.base_head_dim % 2 != 0)
    return fault("base.head_dim: must be even");
  if (config.base_folder.empty() && config.method == "lora")
    return fault("method.kind: lora adapts a base that was trained; a random start needs full");
  if (config.base_quantization == "nf4" && config.method != "lora")
    return fault("base.quantization: nf4 keeps the base as it is; take method.kind lora, or none here");
  if (config.optimizer == "muon" && config.method == "lora")
    return fault(
        "optimizer.kind: muon is for whole matrices; take method.kind full or freeze, or adamw here");
  if (config.overlap_tokens > config.max_tokens / 4)
    return fault("data.overlap_tokens: must be at most a quarter of data.max_tokens");
  if (config.head == "span" &&
      (config.objective != "cross_entropy" || config.label_smoothing > 0 || config.class_weights != "none" ||
       !config.type_weights.empty() || config.entity_weight != 1)) {
    return fault(
        "head.kind: a span head learns from the likelihood of whole sets of spans; objective.kind, "
        "label_smoothing and weights are for taggers, so leave them out");
  }
  if (config.head == "span" && std::any_of(config.train.begin(), config.train.end(),
                                           [](const DataSource& source) { return source.fresh(); })) {
    return fault(
        "data.train: what is drawn anew has no proposals, among which a span head chooses; let `trainer data "
        "synthesize` write records and `trainer propose` read them");
  }
  if (config.batch_tokens < config.max_tokens)
    return fault("batch.tokens: is smaller than data.max_tokens, so a window may not fit");
  for (const auto& [list, key] :
       {std::pair(&config.adapter_ranks, "adapter.ranks"), std::pair(&config.oversample, "data.oversample"),
        std::pair(&config.type_weights, "objective.type_weights")}) {
    const auto weights = ParseWeights(*list, key);
    if (!weights.ok()) return weights.status();
    if (std::string_view(key) == "adapter.ranks") continue;
    for (const auto& [type, weight] : *weights) {
      if (!FindEntityType(type).has_value())
        return absl::InvalidArgumentError(absl::StrCat(key, ": '", type, "' is not an entity type"));
    }
  }
  for (const std::string& type : config.types) {
    if (!FindEntityType(type).has_value())
      return absl::InvalidArgumentError(absl::StrCat("data.types: '", type, "' is not an entity type"));
  }
  return absl::OkStatus();
}

std::string WriteTrainingConfig(const TrainingConfig& config) {
  std::string out;
  std::string_view section;
  const auto sources = [&](std::string_view name, const std::vector<DataSource>& list) {
    if (list.empty()) return;
    absl::StrAppend(&out, "  ", AbslView(name), ":\n");
    for (const DataSource& source : list) {
      absl::StrAppend(&out, "    - {", source.templates ? "templates: " : "path: ", Quoted(source.path),
                      ", weight: ", ShortestNumber(source.weight));
      if (source.swap) absl::StrAppend(&out, ", swap: true");
      if (!source.covers.empty()) absl::StrAppend(&out, ", covers: ", ListOf(source.covers));
      absl::StrAppend(&out, "}\n");
    }
  };
  for (const Key& key : Keys()) {
    if (key.section != section) {
      section = key.section;
      absl::StrAppend(&out, AbslView(section), ":\n");
      if (section == "data") {
        sources("train", config.train);
        sources("dev", config.dev);
      }
    }
    std::string value = ValueOf(config, key);
    if (std::holds_alternative<std::string TrainingConfig::*>(key.field)) value = Quoted(value);
    if (const auto* list = std::get_if<std::vector<std::string> TrainingConfig::*>(&key.field))
      value = ListOf(config.*(*list));
    absl::StrAppend(&out, section.empty() ? "" : "  ", AbslView(key.name), ": ", value, "\n");
  }
  return out;
}

std::string DescribeTrainingConfig() {
  std::string table = "| key | default | meaning |\n| --- | --- | --- |\n";
  const TrainingConfig defaults;
  absl::StrAppend(
      &table,
      "| `data.train`, `data.dev` | | lists of files of records: paths, or mappings of `path`, `weight` "
      "(share of a step's tokens) and `covers` (types whose absence means absence); in `data.train` also "
      "`templates` in place of `path` (a folder or file of snippets, filled anew in each pass), and `swap: "
      "true` "
      "(other names in the records, in each pass) |\n");
  for (const Key& key : Keys()) {
    const std::string value = ValueOf(defaults, key);
    absl::StrAppend(&table, "| `", NameOf(key), "` | ", value.empty() ? "" : absl::StrCat("`", value, "`"),
                    " | ", AbslView(key.description), " |\n");
  }
  return table;
}

absl::StatusOr<std::vector<std::pair<std::string, double>>> ParseWeights(const std::vector<std::string>& list,
                                                                         std::string_view key) {
  std::vector<std::pair<std::string, double>> weights;
  for (const std::string& entry : list) {
    const size_t equals = entry.find('=');
    double weight = 0;
    if (equals == std::string::npos || !absl::SimpleAtod(entry.substr(equals + 1), &weight) ||
        !(weight > 0) || weight > 1e6) {
      return absl::InvalidArgumentError(absl::StrCat(
          AbslView(key), ": an entry must be NAME=NUMBER with a number above 0, such as ADDRESS=2"));
    }
    weights.emplace_back(entry.substr(0, equals), weight);
  }
  return weights;
}

}  // namespace privet
