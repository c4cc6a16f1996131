#ifndef PRIVET_BENCH_DENSE_LOG_H_
#define PRIVET_BENCH_DENSE_LOG_H_

#include <cstddef>
#include <cstdint>
#include <string>

namespace privet::bench {

// Invented server log of about `bytes` bytes: nearly every line has timestamps, addresses, hashes and
// numbers, and a few have a phone number, an e-mail address or an order number. The same seed gives the same
// text.
std::string DenseLog(size_t bytes, uint32_t seed);

}  // namespace privet::bench

#endif  // PRIVET_BENCH_DENSE_LOG_H_
