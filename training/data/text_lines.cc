#include "training/data/text_lines.h"

#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/read_file.h"
#include "core/utf8.h"
#include "training/data/json_line.h"

namespace privet {
namespace {

std::optional<std::string> TextOf(std::string line, bool json_lines) {
  if (line.size() > kMostLineBytes) return std::nullopt;
  if (json_lines) {
    const nlohmann::json json = ParseJsonLine(line).value_or(nullptr);
    if (!json.is_object() || !json.contains("text") || !json["text"].is_string()) return std::nullopt;
    line = json["text"].get<std::string>();
  }
  if (FindInvalidUtf8(line) != std::string_view::npos) return std::nullopt;
  return line;
}

}  // namespace

absl::StatusOr<TextLines> ForEachText(const std::filesystem::path& file,
                                      const std::function<void(int64_t, const std::string&)>& take) {
  auto in = OpenFile(file.string());
  if (!in.ok()) return in.status();
  const bool json_lines = file.extension() == ".jsonl";
  TextLines result;
  std::string line;
  for (int64_t number = 1; ReadLine(&*in, &line); ++number) {
    if (line.empty()) continue;
    const std::optional<std::string> text = TextOf(std::move(line), json_lines);
    if (!text.has_value()) {
      if (result.unusable++ == 0) result.first_unusable = number;
    } else if (!text->empty()) {
      ++result.texts;
      take(number, *text);
    }
  }
  if (in->bad()) return absl::DataLossError(absl::StrCat(file.string(), ": reading failed"));
  return result;
}

}  // namespace privet
