// How deep JSON may nest. A value that nests deeper than any real one is an attack on the stack: who walks,
// copies or writes it calls itself once a level.
#ifndef PRIVET_CORE_JSON_DEPTH_H_
#define PRIVET_CORE_JSON_DEPTH_H_

#include <string_view>

namespace privet {

inline constexpr int kDeepestJson = 64;

// Whether a document has more than kDeepestJson objects and lists in one another, told before it is parsed.
// Of what is not JSON it looks no less deep than a parser goes until the first error.
bool NestsTooDeep(std::string_view json);

}  // namespace privet

#endif  // PRIVET_CORE_JSON_DEPTH_H_
