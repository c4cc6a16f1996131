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

// Seconds of a clock for one call of `work`, over `runs` calls after one to warm up.
inline Seconds TimeRunsBy(clockid_t clock, int runs, const std::function<void()>& work) {
  const auto now = [clock] {
    timespec t{};
    clock_gettime(clock, &t);
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

// CPU seconds of this thread, so that another process on the machine does not count.
inline Seconds TimeRuns(int runs, const std::function<void()>& work) {
  return TimeRunsBy(CLOCK_THREAD_CPUTIME_ID, runs, work);
}

// Seconds on the wall, for work that several threads share.
inline Seconds TimeRunsByClock(int runs, const std::function<void()>& work) {
  return TimeRunsBy(CLOCK_MONOTONIC, runs, work);
}

}  // namespace privet::bench

#endif  // PRIVET_BENCH_TIMING_H_
