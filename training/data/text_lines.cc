#include "training/data/text_lines.h"

#include <fstream>
#include <nlohmann/json.hpp>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "core/utf8.h"

namespace privet {

absl::Status ForEachText(std::span<const std::string> files, int64_t* unusable,
                         const std::function<void(const std::string&)>& take) {
  for (const std::string& file : files) {
    std::ifstream in(file, std::ios::binary);
    if (!in) return absl::NotFoundError(absl::StrCat(file, ": cannot be read"));
    const bool json_lines = file.ends_with(".jsonl");
    std::string line;
    while (std::getline(in, line)) {
      if (json_lines && !line.empty()) {
        const nlohmann::json json = nlohmann::json::parse(line, nullptr, /*allow_exceptions=*/false);
        const bool usable = json.is_object() && json.contains("text") && json["text"].is_string();
        line = usable ? json["text"].get<std::string>() : "\xFF";
      }
      if (FindInvalidUtf8(line) == std::string_view::npos) {
        take(line);
      } else {
        ++*unusable;
      }
    }
  }
  return absl::OkStatus();
}

}  // namespace privet
