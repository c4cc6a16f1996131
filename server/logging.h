// Structured logs: one JSON object a line on stderr. Callers pass numbers and names of their own, never text.
#ifndef PRIVET_SERVER_LOGGING_H_
#define PRIVET_SERVER_LOGGING_H_

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace privet {

enum class LogLevel { Info, Warning, Error };

using LogValue = std::variant<std::string_view, int64_t>;

// Writes {"time":...,"level":...,"event":...,<fields>} as one write, so that lines of threads do not mix.
// Thread-safe.
void Log(LogLevel level, std::string_view event,
         std::initializer_list<std::pair<std::string_view, LogValue>> fields = {});

}  // namespace privet

#endif  // PRIVET_SERVER_LOGGING_H_
