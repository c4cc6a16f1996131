// A JSON object as it is written: who changes some of its members hands on the others as they are.
#ifndef PRIVET_CORE_VERBATIM_JSON_H_
#define PRIVET_CORE_VERBATIM_JSON_H_

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace privet {

// The members in the order in which they stand, each token of them as it was written: no number is rounded,
// however long it is, and no escape sequence replaced. Blanks between tokens are not kept.
class VerbatimObject {
 public:
  struct Member {
    std::string name;  // as it reads
    std::string key;   // as it is written
    std::string json;  // the value
  };

  VerbatimObject() = default;  // {}
  // Nothing where `json` is not one object in UTF-8 (RFC 8259), perhaps behind a byte order mark, or nests
  // deeper than kDeepestJson (core/json_depth.h).
  static std::optional<VerbatimObject> Parse(std::string_view json);

  const std::vector<Member>& members() const { return members_; }
  // The member's value; where several have the name, of the last, which parsers take. nullptr: there is none.
  const std::string* Find(std::string_view name) const;
  // Puts `json` in the member's place, or behind all others. None but one has the name then.
  void Set(std::string_view name, std::string json);
  // Removes all members of the name.
  void Erase(std::string_view name);
  std::string Write() const;

 private:
  std::vector<Member> members_;
};

}  // namespace privet

#endif  // PRIVET_CORE_VERBATIM_JSON_H_
