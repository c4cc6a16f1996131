"""Ordinary server logs of several kinds, invented: nobody's data, though full of numbers, ids, paths and words in capitals."""

import random

SERVICES = ["checkout", "inventory-sync", "auth-gateway", "billing", "search-indexer", "mail-relay", "image-resizer", "session-store"]
CLASSES = ["OrderService", "HttpClientPool", "KafkaConsumer", "SchedulerImpl", "JdbcTemplate", "RetryPolicy", "CacheLoader"]
PATHS = ["/api/v2/orders", "/healthz", "/static/app.3f9c.js", "/v1/items/search", "/login", "/metrics", "/upload/chunk"]
ERRORS = ["connection reset by peer", "deadline exceeded", "no such file or directory", "broken pipe", "lock wait timeout",
          "certificate has expired", "out of memory", "checksum mismatch"]
MESSAGES_ZH = ["订单状态更新完成", "缓存未命中，回源查询", "定时任务开始执行", "消息消费失败，等待重试", "数据库连接池已满", "索引重建完成", "限流触发，请求被拒绝"]


def log_lines(count: int, seed: int = 1) -> list[str]:
    draw = random.Random(seed)
    number = lambda low, high: draw.randint(low, high)  # noqa: E731
    hexes = lambda n: "".join(draw.choices("0123456789abcdef", k=n))  # noqa: E731
    clock = lambda: f"{number(0, 23):02}:{number(0, 59):02}:{number(0, 59):02}"  # noqa: E731
    date = lambda: f"2026-{number(1, 12):02}-{number(1, 28):02}"  # noqa: E731
    address = lambda: f"10.{number(0, 255)}.{number(0, 255)}.{number(1, 254)}"  # noqa: E731
    service = lambda: draw.choice(SERVICES)  # noqa: E731
    kinds = [
        lambda: f'{address()} - - [{date()}T{clock()}Z] "GET {draw.choice(PATHS)}?page={number(1, 90)} HTTP/1.1" '
                f'{draw.choice([200, 304, 404, 502])} {number(80, 90000)} "-" "curl/7.{number(60, 88)}.0"',
        lambda: f"{date()} {clock()}.{number(0, 999):03} INFO  [http-nio-8080-exec-{number(1, 64)}] c.e.shop.{draw.choice(CLASSES)} "
                f"- took {number(1, 4000)} ms, trace={hexes(32)}, span={hexes(16)}",
        lambda: f"{date()} {clock()},{number(0, 999):03} ERROR {draw.choice(CLASSES)}:{number(20, 900)} {draw.choice(ERRORS)} "
                f"(attempt {number(1, 5)} of 5, order {number(10**14, 10**15)})",
        lambda: f"Mar {number(1, 28):2} {clock()} node-{number(1, 40)} kubelet[{number(300, 9000)}]: Pulled image "
                f"{service()}:{number(1, 9)}.{number(0, 30)}.{number(0, 9)} for pod {service()}-{hexes(9)}-{hexes(5)}",
        lambda: f'{{"ts":{number(1700000000, 1790000000)}.{number(0, 999)},"level":"warn","service":"{service()}","msg":"'
                f'{draw.choice(ERRORS)}","duration_ms":{number(1, 9000)},"shard":{number(0, 63)}}}',
        lambda: f"[{date()} {clock()}] {draw.choice(MESSAGES_ZH)} 耗时={number(1, 3000)}ms 批次={number(10**9, 10**10)} 线程=worker-{number(1, 32)}",
        lambda: f"    at com.example.{draw.choice(['core', 'web', 'jobs'])}.{draw.choice(CLASSES)}.run({draw.choice(CLASSES)}.java:{number(10, 900)})",
        lambda: f"I{number(1, 12):02}{number(1, 28):02} {clock()}.{number(0, 999999):06} {number(1, 99999)} "
                f"{service().replace('-', '_')}.cc:{number(10, 900)}] flushed {number(1, 900)} blocks, {number(1, 64)} MiB, seq {number(10**11, 10**12)}",
        lambda: f"GC pause (G1 Evacuation Pause) {number(20, 900)}M->{number(10, 400)}M({number(1, 8)}G) {number(1, 300)}.{number(0, 999):03}ms",
        lambda: f"{clock()} DEBUG {service()}: cache miss key=item:{number(10**6, 10**7)}:v{number(1, 9)} sha256={hexes(64)}",
    ]
    return [draw.choice(kinds)() for _ in range(count)]
