#include "rules/validators/domain_name.h"

#include <unicode/uchar.h>

#include <algorithm>
#include <array>
#include <iterator>

#include "core/utf8.h"
#include "rules/validators/characters.h"

namespace privet {
namespace {

constexpr std::string_view kTopLevelDomains[] = {
#include "rules/tables/tlds.inc"
};

// Top-level domains that end file names and the like, or that are words behind a full stop.
constexpr std::string_view kAmbiguous[] = {"ai",   "am", "app", "as",  "at", "be", "by", "cab", "cc", "cs",
                                           "do",   "fm", "go",  "gz",  "hm", "id", "in", "is",  "it", "java",
                                           "js",   "la", "me",  "md",  "ml", "mm", "mo", "mov", "ms", "my",
                                           "name", "no", "now", "one", "pl", "pm", "ps", "pub", "py", "rs",
                                           "run",  "sh", "so",  "st",  "tf", "to", "tv", "vi",  "ws", "zip"};

// Lower case of the ASCII letters, compared byte by byte; others have no case in the table.
int CompareIgnoringCase(std::string_view listed, std::string_view label) {
  const size_t common = std::min(listed.size(), label.size());
  for (size_t i = 0; i < common; ++i) {
    const auto left = static_cast<unsigned char>(listed[i]);
    const auto right = static_cast<unsigned char>(ToLower(label[i]));
    if (left != right) return left < right ? -1 : 1;
  }
  return listed.size() == label.size() ? 0 : listed.size() < label.size() ? -1 : 1;
}

bool IsTopLevelDomain(std::string_view label) {
  const std::string_view* found =
      std::lower_bound(std::begin(kTopLevelDomains), std::end(kTopLevelDomains), label,
                       [](std::string_view listed, std::string_view wanted) {
                         return CompareIgnoringCase(listed, wanted) < 0;
                       });
  return found != std::end(kTopLevelDomains) && CompareIgnoringCase(*found, label) == 0;
}

bool IsAmbiguous(std::string_view label) {
  return std::any_of(std::begin(kAmbiguous), std::end(kAmbiguous),
                     [&](std::string_view listed) { return CompareIgnoringCase(listed, label) == 0; });
}

bool IsLabel(std::string_view label, bool may_have_underscore) {
  if (label.empty() || label.size() > 63 || label.front() == '-' || label.back() == '-') return false;
  for (size_t i = 0; i < label.size();) {
    const CodePoint c = DecodeUtf8(label, i);
    i += c.length;
    if (c.value < 0x80) {
      if (!IsAlphanumeric(static_cast<char>(c.value)) && c.value != '-' &&
          !(c.value == '_' && may_have_underscore)) {
        return false;
      }
    } else if (!u_isalnum(static_cast<UChar32>(c.value)) &&
               u_charType(static_cast<UChar32>(c.value)) != U_NON_SPACING_MARK &&
               u_charType(static_cast<UChar32>(c.value)) != U_COMBINING_SPACING_MARK) {
      return false;
    }
  }
  return true;
}

}  // namespace

DomainName ParseDomainName(std::string_view name) {
  DomainName domain;
  if (name.size() > 253) {
    domain.reason = "host name longer than 253 bytes";
    return domain;
  }
  const size_t last_dot = name.rfind('.');
  if (last_dot == std::string_view::npos || last_dot == 0) {
    domain.reason = "host name without a dot";
    return domain;
  }
  const size_t registered_from = name.rfind('.', last_dot - 1);
  for (size_t begin = 0; begin <= name.size();) {
    const size_t dot = std::min(name.find('.', begin), name.size());
    const bool is_service = registered_from != std::string_view::npos && dot <= registered_from;
    if (!IsLabel(name.substr(begin, dot - begin), is_service)) {
      domain.reason = "a label of the host name is empty, too long or has other characters";
      return domain;
    }
    begin = dot + 1;
  }
  const std::string_view top = name.substr(last_dot + 1);
  if (top.size() < 2 || AllDigits(top)) {
    domain.reason = "no top-level domain";
    return domain;
  }
  domain.valid = true;
  domain.top_level = !IsTopLevelDomain(top) ? TopLevel::Unknown
                     : IsAmbiguous(top)     ? TopLevel::Ambiguous
                                            : TopLevel::Known;
  return domain;
}

}  // namespace privet
