#include "training/config.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <sstream>
#include <utility>
#include <variant>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "core/absl_view.h"
#include "core/read_file.h"
#include "core/taxonomy.h"
#include "core/yaml_reader.h"
#include "training/config_keys.h"
#include "training/type_names.h"

namespace privet {
namespace {

std::string NameOf(const ConfigKey& key) {
  return key.section.empty() ? std::string(key.name)
                             : absl::StrCat(AbslView(key.section), ".", AbslView(key.name));
}

// What is wrong with the key's value, or nothing.
std::string FaultOf(const TrainingConfig& config, const ConfigKey& key) {
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

std::string ValueOf(const TrainingConfig& config, const ConfigKey& key) {
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

// As the file has it.
std::string WrittenValueOf(const TrainingConfig& config, const ConfigKey& key) {
  if (std::holds_alternative<std::string TrainingConfig::*>(key.field)) return Quoted(ValueOf(config, key));
  if (const auto* list = std::get_if<std::vector<std::string> TrainingConfig::*>(&key.field))
    return ListOf(config.*(*list));
  return ValueOf(config, key);
}

std::string WrittenSources(std::string_view name, const std::vector<DataSource>& sources) {
  if (sources.empty()) return {};
  std::string out = absl::StrCat("  ", AbslView(name), ":\n");
  for (const DataSource& source : sources) {
    absl::StrAppend(&out, "    - {", source.templates ? "templates: " : "path: ", Quoted(source.path),
                    ", weight: ", ShortestNumber(source.weight));
    if (source.swap) absl::StrAppend(&out, ", swap: true");
    if (!source.covers.empty()) absl::StrAppend(&out, ", covers: ", ListOf(source.covers));
    absl::StrAppend(&out, "}\n");
  }
  return out;
}

void Read(YamlMapping* mapping, const ConfigKey& key, TrainingConfig* config) {
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

// Of what is no number the mapping knows so itself, and its Finish says it: a range would be beside the
// point.
bool IsOfItsKind(const ConfigKey& key, const YAML::Node& value) {
  int64_t integer = 0;
  double number = 0;
  if (std::holds_alternative<int64_t TrainingConfig::*>(key.field))
    return value.IsScalar() && YAML::convert<int64_t>::decode(value, integer);
  if (std::holds_alternative<double TrainingConfig::*>(key.field))
    return value.IsScalar() && YAML::convert<double>::decode(value, number);
  return true;
}

absl::Status ReadKeys(YamlMapping* mapping, std::string_view section, TrainingConfig* config) {
  for (const ConfigKey& key : ConfigKeys()) {
    if (key.section != section) continue;
    Read(mapping, key, config);
    const std::string fault = FaultOf(*config, key);
    if (!fault.empty() && mapping->Has(key.name) && IsOfItsKind(key, mapping->Node(key.name)))
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

absl::Status SetFromText(const ConfigKey& key, const std::string& value, TrainingConfig* config) {
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
    // As in the file, [A, B], or without the brackets.
    std::string_view list = value;
    if (list.size() >= 2 && list.front() == '[' && list.back() == ']') list = list.substr(1, list.size() - 2);
    std::vector<std::string>& entries =
        config->*std::get<std::vector<std::string> TrainingConfig::*>(key.field);
    entries = absl::StrSplit(AbslView(list), ',', absl::SkipWhitespace());
    for (std::string& entry : entries) absl::StripAsciiWhitespace(&entry);
  }
  return absl::OkStatus();
}

// Of keys that are not at their defaults. What the file has for its own kinds of method, objective and so on
// may stay there where the command line takes another.
absl::Status CheckKeysAreUsed(const TrainingConfig& config, RunKind kind, const TrainingConfig& in_file,
                              const TrainingConfig& defaults) {
  for (const KeyUse& use : KeyUses()) {
    if (use.used(config, kind)) continue;
    for (const ConfigKey& key : ConfigKeys()) {
      const bool listed = std::any_of(use.keys.begin(), use.keys.end(), [&](std::string_view name) {
        return name == key.section || name == NameOf(key);
      });
      const std::string value = ValueOf(config, key);
      if (!listed || value == ValueOf(defaults, key)) continue;
      if (value == ValueOf(in_file, key) && use.used(in_file, kind)) continue;
      return absl::InvalidArgumentError(absl::StrCat(
          NameOf(key), ": is set, and this run does not read it; it is for ", AbslView(use.with)));
    }
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
  for (const ConfigKey& key : ConfigKeys()) {
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
  const absl::StatusOr<std::string> content = ReadFile(file);
  if (!content.ok()) return content.status();
  return ParseTrainingConfig(*content, file, config);
}

absl::Status ReadTrainingConfig(const std::string& file, std::span<const std::string> overrides,
                                TrainingConfig* config) {
  absl::Status status = ReadTrainingConfig(file, config);
  for (const std::string& assignment : overrides) {
    if (status.ok()) status = OverrideTrainingConfig(assignment, config);
  }
  return status;
}

absl::Status ReadRunConfig(const std::string& file, std::span<const std::string> overrides, RunKind kind,
                           TrainingConfig* config) {
  const TrainingConfig defaults = *config;
  TrainingConfig in_file = *config;
  absl::Status status = ReadTrainingConfig(file, &in_file);
  if (status.ok()) status = ReadTrainingConfig(file, overrides, config);
  // What a run wrote into its folder says of every key what it was.
  std::error_code ignored;
  const bool of_a_run =
      std::filesystem::equivalent(file, std::filesystem::path(in_file.output) / "config.yaml", ignored);
  return !status.ok() || of_a_run ? status : CheckKeysAreUsed(*config, kind, in_file, defaults);
}

absl::Status OverrideTrainingConfig(std::string_view assignment, TrainingConfig* config) {
  const size_t equals = assignment.find('=');
  const std::string name(assignment.substr(0, equals));
  if (equals == std::string_view::npos)
    return absl::InvalidArgumentError("--set: must be KEY=VALUE, such as optimizer.learning_rate=1e-4");
  const std::string value(assignment.substr(equals + 1));
  for (const ConfigKey& key : ConfigKeys()) {
    if (NameOf(key) != name) continue;
    if (absl::Status status = SetFromText(key, value, config); !status.ok()) return status;
    if (const std::string fault = FaultOf(*config, key); !fault.empty())
      return absl::InvalidArgumentError(absl::StrCat("--set ", name, ": ", fault));
    return absl::OkStatus();
  }
  if (name == "data.train" || name == "data.dev") {
    std::vector<DataSource>* const sources = name == "data.train" ? &config->train : &config->dev;
    if (value.starts_with('[') && value.ends_with(']')) {  // as the file has it
      const std::string where = absl::StrCat("--set ", name);
      const absl::StatusOr<YAML::Node> list = ParseYaml(value, where);
      if (!list.ok()) return list.status();
      return ReadSources(*list, where, name.substr(name.find('.') + 1), sources);
    }
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
  if (config.method == "lora" && config.adapter_targets.empty())
    return fault("adapter.targets: names no module, so no adapter would learn; leave it out for all-linear");
  if (config.head_learning_rate > 0 && config.learning_rate == 0)
    return fault(
        "optimizer.head_learning_rate: is set as a multiple of optimizer.learning_rate, which must be above "
        "0");
  if (config.base_add_layers > 0 && (config.base_folder.empty() || config.method != "full"))
    return fault(
        "base.add_layers: layers are added to the base in base.folder, and learn with method.kind full");
  if (config.base_quantization == "nf4" && config.method != "lora")
    return fault("base.quantization: nf4 keeps the base as it is; take method.kind lora, or none here");
  if (config.base_folder.empty() && config.method == "freeze")
    return fault("method.kind: freeze keeps layers of a base that was trained; a random start needs full");
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
  if (config.objective == "chain" && config.label_smoothing > 0) {
    return fault(
        "objective.label_smoothing: smooths the labels of single tokens, and chain learns whole labellings; "
        "leave it at 0, or take another objective.kind");
  }
  if (config.head == "span" && std::any_of(config.train.begin(), config.train.end(),
                                           [](const DataSource& source) { return source.fresh(); })) {
    return fault(
        "data.train: what is drawn anew has no proposals, among which a span head chooses; let `trainer data "
        "synthesize` write records and `trainer propose` read them");
  }
  if (config.batch_tokens < config.max_tokens)
    return absl::InvalidArgumentError(absl::StrCat("batch.tokens: is ", config.batch_tokens,
                                                   ", less than data.max_tokens, ", config.max_tokens,
                                                   ": a window may not fit"));
  for (const auto& [list, key] :
       {std::pair(&config.adapter_ranks, "adapter.ranks"), std::pair(&config.oversample, "data.oversample"),
        std::pair(&config.type_weights, "objective.type_weights")}) {
    const auto weights = ParseWeights(*list, key);
    if (!weights.ok()) return weights.status();
    if (std::string_view(key) == "adapter.ranks") continue;
    for (const auto& [type, weight] : *weights) {
      if (const auto known = ParseTypes({&type, 1}, key); !known.ok()) return known.status();
    }
  }
  return ParseTypes(config.types, "data.types").status();
}

TrainingConfig WithAbsolutePaths(TrainingConfig config) {
  const auto make_absolute = [](std::string* path) {
    if (!path->empty()) *path = std::filesystem::absolute(*path).lexically_normal().string();
  };
  for (std::string* path : {&config.output, &config.base_folder, &config.base_tokenizer}) make_absolute(path);
  for (std::vector<DataSource>* sources : {&config.train, &config.dev}) {
    for (DataSource& source : *sources) make_absolute(&source.path);
  }
  return config;
}

std::string WriteTrainingConfig(const TrainingConfig& config) {
  std::string out;
  std::string_view section;
  for (const ConfigKey& key : ConfigKeys()) {
    if (key.section != section) {
      section = key.section;
      absl::StrAppend(&out, AbslView(section), ":\n");
      if (section == "data") {
        out += WrittenSources("train", config.train);
        out += WrittenSources("dev", config.dev);
      }
    }
    absl::StrAppend(&out, section.empty() ? "" : "  ", AbslView(key.name), ": ", WrittenValueOf(config, key),
                    "\n");
  }
  return out;
}

std::string FirstDifference(const TrainingConfig& config, const TrainingConfig& other) {
  for (const ConfigKey& key : ConfigKeys()) {
    const std::string value = WrittenValueOf(config, key);
    if (const std::string others = WrittenValueOf(other, key); value != others)
      return absl::StrCat(NameOf(key), " is ", value, ", not ", others);
  }
  for (const auto& [name, sources] :
       {std::pair("train", &TrainingConfig::train), std::pair("dev", &TrainingConfig::dev)}) {
    if (WrittenSources(name, config.*sources) != WrittenSources(name, other.*sources))
      return absl::StrCat("data.", name, " is another");
  }
  return {};
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
  for (const ConfigKey& key : ConfigKeys()) {
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
