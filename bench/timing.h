// Honest timing for benchmarks: several runs, and the spread beside the median.
#ifndef PRIVET_BENCH_TIMING_H_
#define PRIVET_BENCH_TIMING_H_

#include <time.h>

#include <algorithm>
#include <functional>
#include <vector>

namespace privet::bench {

struct Seconds {
  double min = 0;
  double median = 0;
  double max = 0;
};

// CPU seconds of this thread for one call of `work`, over `runs` calls after one to warm up. CPU time, so
// that another process on the machine does not count.
inline Seconds TimeRuns(int runs, const std::function<void()>& work) {
  const auto now = [] {
    timespec t{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return static_cast<double>(t.tv_sec) + 1e-9 * static_cast<double>(t.tv_nsec);
  };
  work();
  std::vector<double> seconds;
  for (int i = 0; i < runs; ++i) {
    const double begin = now();
    work();
    seconds.push_back(now() - begin);
  }
  std::sort(seconds.begin(), seconds.end());
  return {seconds.front(), seconds[seconds.size() / 2], seconds.back()};
}

}  // namespace privet::bench

#endif  // PRIVET_BENCH_TIMING_H_
