#include "dense_log.h"

#include <random>

#include "absl/strings/str_format.h"

namespace privet::bench {

std::string DenseLog(size_t bytes, uint32_t seed) {
  std::mt19937 random(seed);
  const auto pick = [&](uint32_t n) { return static_cast<unsigned>(random() % n); };
  std::string log;
  unsigned second = 0;
  while (log.size() < bytes) {
    second += pick(3);
    const std::string stamp = absl::StrFormat("2024-%02u-%02u %02u:%02u:%02u.%03u", 1 + second / 2419200 % 12,
                                              1 + second / 86400 % 28, second / 3600 % 24, second / 60 % 60,
                                              second % 60, pick(1000));
    const std::string address = absl::StrFormat("192.0.2.%u", pick(256));
    switch (pick(8)) {
      case 0:
        absl::StrAppendFormat(
            &log, "%s - - [%s +0800] \"GET /api/v1/items/%u?page=%u HTTP/1.1\" 200 %u \"-\" %u.%03u\n",
            address, stamp, pick(1000000), pick(50), pick(100000), pick(3), pick(1000));
        break;
      case 1:
        absl::StrAppendFormat(&log,
                              "%s INFO  [worker-%u] c.e.order.Service - order %08u%08u accepted in %u ms\n",
                              stamp, pick(64), pick(100000000), pick(100000000), pick(900));
        break;
      case 2:
        absl::StrAppendFormat(&log, "%s WARN  [http-%u] trace=%08x%08x%08x%08x span=%08x%08x retry=%u\n",
                              stamp, pick(64), random(), random(), random(), random(), random(), random(),
                              pick(5));
        break;
      case 3:
        absl::StrAppendFormat(&log, "%s DEBUG cache key=user:%u ttl=%u size=%u hit=%u.%02u%%\n", stamp,
                              pick(10000000), pick(86400), pick(1 << 20), pick(100), pick(100));
        break;
      case 4:
        absl::StrAppendFormat(
            &log,
            "{\"ts\":%u%03u,\"level\":\"info\",\"pod\":\"web-%08x-%05x\",\"ms\":%u,\"peer\":\"%s:%u\"}\n",
            1700000000u + second, pick(1000), random(), pick(0x100000), pick(500), address,
            1024 + pick(60000));
        break;
      case 5:
        absl::StrAppendFormat(&log, "%s ERROR db: duplicate key %u in index_%u at 0x%08x%08x\n", stamp,
                              pick(100000000), pick(40), random(), random());
        break;
      case 6:
        absl::StrAppendFormat(&log, "%s INFO  短信已发送 手机号=1380013%04u 批次=%u 耗时%ums\n", stamp,
                              pick(10000), pick(100000), pick(400));
        break;
      default:
        absl::StrAppendFormat(
            &log, "%s INFO  login user=user%u@example.com from %s session=%08x-%04x-4%03x-a%03x-%08x%04x\n",
            stamp, pick(10000), address, random(), pick(65536), pick(4096), pick(4096), random(),
            pick(65536));
    }
  }
  return log;
}

}  // namespace privet::bench
