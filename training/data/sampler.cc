#include "training/data/sampler.h"

#include <utility>

namespace privet {

uint64_t SplitMix64::operator()() {
  uint64_t z = (state_ += 0x9E3779B97F4A7C15);
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
  return z ^ (z >> 31);
}

uint64_t SplitMix64::Below(uint64_t bound) {
  // The high half of the product; the bias is below bound / 2^64.
  return static_cast<uint64_t>((static_cast<unsigned __int128>((*this)()) * bound) >> 64);
}

double SplitMix64::Unit() { return static_cast<double>((*this)() >> 11) * 0x1p-53; }

uint64_t MixSeeds(uint64_t a, uint64_t b, uint64_t c) {
  SplitMix64 mix(a);
  SplitMix64 second(mix() ^ b);
  return SplitMix64(second() ^ c)();
}

Sampler::Sampler(uint64_t seed, std::vector<Source> sources)
    : seed_(seed), sources_(std::move(sources)), positions_(sources_.size()), orders_(sources_.size()) {
  for (size_t i = 0; i < sources_.size(); ++i) OrderPass(i);
}

void Sampler::Restore(std::vector<SourcePosition> positions) {
  positions_ = std::move(positions);
  for (size_t i = 0; i < sources_.size(); ++i) OrderPass(i);
}

void Sampler::OrderPass(size_t source) {
  std::vector<uint32_t>& order = orders_[source];
  order.clear();
  if (sources_[source].fresh > 0) return;
  const std::vector<int32_t>& copies = sources_[source].copies;
  for (size_t i = 0; i < copies.size(); ++i)
    order.insert(order.end(), static_cast<size_t>(copies[i]), static_cast<uint32_t>(i));
  SplitMix64 random(MixSeeds(seed_, source, static_cast<uint64_t>(positions_[source].pass)));
  for (size_t i = order.size(); i > 1; --i) std::swap(order[i - 1], order[random.Below(i)]);
}

size_t Sampler::NeediestSource() const {
  size_t neediest = 0;
  const auto served = [&](size_t i) {
    return static_cast<double>(positions_[i].tokens_drawn) / sources_[i].weight;
  };
  for (size_t i = 1; i < sources_.size(); ++i) {
    if (served(i) < served(neediest)) neediest = i;
  }
  return neediest;
}

std::vector<Sampler::Draw> Sampler::NextBatch(int64_t max_tokens) {
  std::vector<Draw> batch;
  int64_t left = max_tokens;
  for (;;) {
    const size_t source = NeediestSource();
    SourcePosition& at = positions_[source];
    const Source& from = sources_[source];
    const bool fresh = from.fresh > 0;
    if (at.next >= (fresh ? from.fresh : static_cast<int64_t>(orders_[source].size()))) {
      at.next = 0;
      ++at.pass;
      OrderPass(source);
    }
    const size_t example =
        fresh ? static_cast<size_t>(at.next) : orders_[source][static_cast<size_t>(at.next)];
    const int64_t tokens = fresh ? from.fresh_tokens(at.pass, at.next) : from.tokens[example];
    if (tokens > left && !batch.empty()) return batch;
    if (tokens > 0) batch.push_back({source, example, fresh ? at.pass : 0});
    ++at.next;
    at.tokens_drawn += tokens;
    left -= tokens;
  }
}

}  // namespace privet
