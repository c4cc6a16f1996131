#include "training/data/corpus_report.h"

#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "core/absl_view.h"

namespace privet {
namespace {

double Percent(int64_t part, int64_t whole) {
  return whole == 0 ? 0.0 : 100 * static_cast<double>(part) / static_cast<double>(whole);
}

// Without what would move a terminal's cursor.
std::string OnOneLine(std::string value) {
  for (char& c : value) c = static_cast<unsigned char>(c) < 0x20 || c == 0x7F ? ' ' : c;
  return value;
}

nlohmann::ordered_json ValuesJson(const std::vector<ValueFacts>& values) {
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (const ValueFacts& value : values)
    list.push_back({{"value", value.value},
                    {"type", std::string(IdOf(value.type))},
                    {"marked", value.marked},
                    {"unmarked", value.unmarked}});
  return list;
}

}  // namespace

std::string DescribeCorpus(const CorpusFacts& facts) {
  const int64_t without = facts.records - facts.with_entities;
  std::string out =
      absl::StrFormat("%d records: %d with entities (%.0f %%), %d without\n", facts.records,
                      facts.with_entities, Percent(facts.with_entities, facts.records), without);
  if (facts.files.size() > 1) {
    for (const FileFacts& file : facts.files)
      absl::StrAppendFormat(&out, "  %s: %d records, %d with entities\n", file.file, file.records,
                            file.with_entities);
  }
  // Where lines could not be used, those are the likelier fault.
  if (facts.records > 0 && facts.unusable == 0 && Percent(facts.with_entities, facts.records) < 25) {
    absl::StrAppend(&out,
                    "- most texts have no entity: trained on them as they are a model learns to stay silent, "
                    "which shows as "
                    "high precision and low recall; thin them out with data.empty_share\n");
  }
  if (facts.length_quantiles.size() == 5) {
    absl::StrAppendFormat(
        &out,
        "length in characters: 10 %% up to %d, half up to %d, 90 %% up to %d, 99 %% up to %d, longest %d\n",
        facts.length_quantiles[0], facts.length_quantiles[1], facts.length_quantiles[2],
        facts.length_quantiles[3], facts.length_quantiles[4]);
  }
  absl::StrAppendFormat(&out, "  %-22s %9s %9s %9s %11s %9s %11s\n", "type", "entities", "texts", "values",
                        "mean length", "unmarked", "other type");
  for (const auto& [type, of_type] : facts.types) {
    absl::StrAppendFormat(&out, "  %-22s %9d %9d %9d %11.1f %9d %11d\n", AbslView(IdOf(type)),
                          of_type.entities, of_type.texts, of_type.surfaces, of_type.mean_code_points,
                          of_type.unmarked, of_type.other_type);
  }
  int64_t entities = 0;
  int64_t unmarked = 0;
  for (const auto& [type, of_type] : facts.types) {
    entities += of_type.entities;
    unmarked += of_type.unmarked;
  }
  if (Percent(unmarked, entities) > 5) {
    absl::StrAppendFormat(&out,
                          "- values that are marked elsewhere stand unmarked %d times: missed labels are the "
                          "first cause of low recall; `trainer data audit` lists where\n",
                          unmarked);
  }
  absl::StrAppendFormat(&out, "%d exact copies, %d near-copies of earlier records\n", facts.copies,
                        facts.near_copies);
  for (const SharedTexts& shared : facts.shared)
    absl::StrAppendFormat(&out, "  %d records of %s are near-copies of records of %s\n", shared.records,
                          shared.other, shared.file);
  if (facts.against > 0) {
    absl::StrAppendFormat(&out, "%d of the %d other records are near-copies of these (%.1f %%)%s\n",
                          facts.leaked, facts.against, Percent(facts.leaked, facts.against),
                          facts.leaked > 0
                              ? ": what is judged on them flatters; `trainer data split` keeps them together"
                              : "");
  }
  const auto list_values = [&](const char* title, const std::vector<ValueFacts>& values) {
    if (values.empty()) return;
    absl::StrAppendFormat(&out, "%s\n", title);
    for (const ValueFacts& value : values)
      absl::StrAppendFormat(&out, "  %-22s %9d marked %9d unmarked  %s\n", AbslView(IdOf(value.type)),
                            value.marked, value.unmarked, OnOneLine(value.value));
  };
  list_values("the most frequent values", facts.frequent);
  list_values("values that are marked here and unmarked there", facts.inconsistent);
  return out;
}

std::string CorpusJson(const CorpusFacts& facts) {
  nlohmann::ordered_json files = nlohmann::ordered_json::array();
  for (const FileFacts& file : facts.files)
    files.push_back({{"file", file.file}, {"records", file.records}, {"with_entities", file.with_entities}});
  nlohmann::ordered_json types = nlohmann::ordered_json::object();
  for (const auto& [type, of_type] : facts.types) {
    types[std::string(IdOf(type))] = {
        {"entities", of_type.entities}, {"texts", of_type.texts},
        {"values", of_type.surfaces},   {"mean_length", of_type.mean_code_points},
        {"unmarked", of_type.unmarked}, {"other_type", of_type.other_type}};
  }
  nlohmann::ordered_json lengths = nlohmann::ordered_json::object();
  if (facts.length_quantiles.size() == 5) {
    size_t i = 0;
    for (const char* const name : {"10%", "50%", "90%", "99%", "100%"})
      lengths[name] = facts.length_quantiles[i++];
  }
  nlohmann::ordered_json shared = nlohmann::ordered_json::array();
  for (const SharedTexts& pair : facts.shared)
    shared.push_back({{"file", pair.file}, {"other", pair.other}, {"records_of_other", pair.records}});
  nlohmann::ordered_json json = {{"records", facts.records},
                                 {"unusable", facts.unusable},
                                 {"with_entities", facts.with_entities},
                                 {"without_entities", facts.records - facts.with_entities},
                                 {"files", files},
                                 {"types", types},
                                 {"length", lengths},
                                 {"copies", facts.copies},
                                 {"near_copies", facts.near_copies},
                                 {"shared_texts", shared},
                                 {"against", {{"records", facts.against}, {"near_copies", facts.leaked}}}};
  if (!facts.frequent.empty()) json["frequent_values"] = ValuesJson(facts.frequent);
  if (!facts.inconsistent.empty()) json["inconsistent_values"] = ValuesJson(facts.inconsistent);
  // File names need not be UTF-8.
  return json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

}  // namespace privet
