// Puts a privet-server under load over gRPC and counts what it answers.
#ifndef PRIVET_BENCH_LOAD_H_
#define PRIVET_BENCH_LOAD_H_

#include <grpcpp/grpcpp.h>
#include <privet/v1/privet.grpc.pb.h>

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace privet::bench {

// Where the calls go and what they ask; outlives the load. Calls take turns on the stubs and on the requests.
struct LoadTarget {
  std::vector<std::unique_ptr<v1::Privet::Stub>> stubs;  // each with a connection of its own
  std::vector<v1::DetectRequest> requests;
};

struct LoadResult {
  double requests_per_second = 0;         // answered with OK
  std::vector<double> latencies_ms;       // of these, in rising order
  std::map<std::string, int64_t> errors;  // other answers by gRPC code, and "NOT_SENT", see RunOpenLoop
  // Of the latencies, by the nearest rank; 0 when there are none. `share` in (0, 1].
  double PercentileMs(double share) const;
};

// Closed loop: keeps `in_flight` calls under way for `seconds`, the next when one is answered. That shows how
// much the server can do, but not how long callers wait who do not wait for one another. Answers after the
// end are awaited and not counted.
LoadResult RunClosedLoop(const LoadTarget& target, size_t in_flight, double seconds);

// Open loop: calls begin at the times of a Poisson process of `rate` a second for `seconds`, whatever the
// answers do, and a latency counts from the time at which its call was meant to begin. So a server that
// stalls is charged with all that would have come meanwhile (no coordinated omission). Every call counts,
// also those answered after the end. Where 10000 calls are under way already, the next is NOT_SENT.
LoadResult RunOpenLoop(const LoadTarget& target, double rate, double seconds, uint64_t seed);

}  // namespace privet::bench

#endif  // PRIVET_BENCH_LOAD_H_
