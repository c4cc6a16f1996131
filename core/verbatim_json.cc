#include "core/verbatim_json.h"

#include <algorithm>
#include <cstddef>
#include <nlohmann/json.hpp>
#include <utility>

#include "core/json_depth.h"

namespace privet {
namespace {

// Reads tokens and appends them as they are written. Each function says whether it found what it is named
// after. Strings are the library's to judge: their escape sequences and their UTF-8.
class Tokens {
 public:
  explicit Tokens(std::string_view json) : json_(json) {}

  bool End() { return Peek() == '\0' && at_ == json_.size(); }
  bool Take(char c) {
    if (Peek() != c) return false;
    ++at_;
    return true;
  }
  bool String(std::string* out) {
    if (Peek() != '"') return false;
    size_t end = at_ + 1;
    while (end < json_.size() && json_[end] != '"') end += json_[end] == '\\' ? 2 : 1;
    if (end >= json_.size()) return false;
    const std::string_view token = json_.substr(at_, end + 1 - at_);
    if (!nlohmann::json::accept(token)) return false;
    out->append(token);
    at_ = end + 1;
    return true;
  }
  bool Value(std::string* out) {
    switch (Peek()) {
      case '"':
        return String(out);
      case '{':
        return Members('}', out);
      case '[':
        return Members(']', out);
      default:
        return Number(out) || Word("true", out) || Word("false", out) || Word("null", out);
    }
  }

 private:
  // The next character that is no blank; '\0' at the end.
  char Peek() {
    while (at_ < json_.size() && std::string_view(" \t\r\n").find(json_[at_]) != std::string_view::npos)
      ++at_;
    return at_ < json_.size() ? json_[at_] : '\0';
  }
  bool Word(std::string_view word, std::string* out) {
    if (!json_.substr(at_).starts_with(word)) return false;
    out->append(word);
    at_ += word.size();
    return true;
  }
  // Of an object or a list.
  bool Members(char close, std::string* out) {
    out->push_back(json_[at_++]);
    for (bool first = true; !Take(close); first = false) {
      if (!first && !Take(',')) return false;
      if (!first) out->push_back(',');
      if (close == '}') {
        if (!String(out) || !Take(':')) return false;
        out->push_back(':');
      }
      if (!Value(out)) return false;
    }
    out->push_back(close);
    return true;
  }
  // -? (0 | [1-9][0-9]*) (. [0-9]+)? ([eE] [+-]? [0-9]+)?
  bool Number(std::string* out) {
    size_t end = at_;
    const auto is = [&](std::string_view any) {
      return end < json_.size() && any.find(json_[end]) != std::string_view::npos;
    };
    const auto digits = [&] {
      const size_t begin = end;
      while (is("0123456789")) ++end;
      return end > begin;
    };
    if (is("-")) ++end;
    if (is("0")) {
      ++end;
    } else if (!digits()) {
      return false;
    }
    if (is(".")) {
      ++end;
      if (!digits()) return false;
    }
    if (is("eE")) {
      ++end;
      if (is("+-")) ++end;
      if (!digits()) return false;
    }
    out->append(json_.substr(at_, end - at_));
    at_ = end;
    return true;
  }

  std::string_view json_;
  size_t at_ = 0;
};

}  // namespace

std::optional<VerbatimObject> VerbatimObject::Parse(std::string_view json) {
  constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
  if (json.starts_with(kByteOrderMark)) json.remove_prefix(kByteOrderMark.size());
  if (NestsTooDeep(json)) return std::nullopt;
  VerbatimObject object;
  Tokens tokens(json);
  if (!tokens.Take('{')) return std::nullopt;
  for (bool first = true; !tokens.Take('}'); first = false) {
    Member member;
    if ((!first && !tokens.Take(',')) || !tokens.String(&member.key) || !tokens.Take(':') ||
        !tokens.Value(&member.json))
      return std::nullopt;
    member.name = nlohmann::json::parse(member.key).get<std::string>();
    object.members_.push_back(std::move(member));
  }
  if (!tokens.End()) return std::nullopt;
  return object;
}

const std::string* VerbatimObject::Find(std::string_view name) const {
  const auto found = std::find_if(members_.rbegin(), members_.rend(),
                                  [&](const Member& member) { return member.name == name; });
  return found == members_.rend() ? nullptr : &found->json;
}

void VerbatimObject::Set(std::string_view name, std::string json) {
  const auto of_name = [&](const Member& member) { return member.name == name; };
  const auto first = std::find_if(members_.begin(), members_.end(), of_name);
  if (first == members_.end()) {
    std::string key = nlohmann::json(name).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
    members_.push_back({std::string(name), std::move(key), std::move(json)});
    return;
  }
  first->json = std::move(json);
  members_.erase(std::remove_if(first + 1, members_.end(), of_name), members_.end());
}

void VerbatimObject::Erase(std::string_view name) {
  std::erase_if(members_, [&](const Member& member) { return member.name == name; });
}

std::string VerbatimObject::Write() const {
  std::string json = "{";
  for (const Member& member : members_) {
    if (json.size() > 1) json += ',';
    json.append(member.key).append(1, ':').append(member.json);
  }
  json += '}';
  return json;
}

}  // namespace privet
