#include "tests/bench/bench.h"

#include "dsp/dynamics/compressor.h"
#include "optim/engine/random.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstdlib>
#include <ctime>
#include <malloc.h>
#include <new>
#include <numbers>

namespace raphson::bench {
namespace {

std::atomic<std::size_t> allocated{0}, peak{0};

void* counted(void* block) {
  if (block == nullptr) throw std::bad_alloc();
  const std::size_t now = allocated += malloc_usable_size(block);
  std::size_t before = peak;
  while (before < now && !peak.compare_exchange_weak(before, now)) {
  }
  return block;
}

void discount(void* block) {
  if (block != nullptr) allocated -= malloc_usable_size(block);
  std::free(block);
}

} // namespace

Timing time_calls(int repetitions, const std::function<void()>& call) {
  call();
  std::vector<double> seconds;
  double cpu = 0;
  for (int i = 0; i < repetitions; ++i) {
    const std::clock_t cpu_began = std::clock();
    const auto began = std::chrono::steady_clock::now();
    call();
    seconds.push_back(std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count());
    const double used = static_cast<double>(std::clock() - cpu_began) / CLOCKS_PER_SEC;
    cpu = i == 0 ? used : std::min(cpu, used);
  }
  std::sort(seconds.begin(), seconds.end());
  return {seconds.front(), seconds[seconds.size() / 2], cpu};
}

std::size_t peak_allocation(const std::function<void()>& call) {
  const std::size_t before = allocated;
  peak = before;
  call();
  return peak - before;
}

std::string shown(const optim::report::Table& table, const Options& options) {
  return options.markdown ? to_markdown(table) : to_text(table);
}

void use(double value) { asm volatile("" : : "g"(value) : "memory"); }

Programme programme(double seconds, double sample_rate, unsigned long seed) {
  optim::RandomStream random(seed, "programme");
  const auto frames = static_cast<std::size_t>(seconds * sample_rate);
  Programme p;
  p.dry.resize(frames);
  // Four voices of decaying notes, some noise in each, at levels some 40 dB apart.
  struct Voice {
    double phase = 0, step = 0, level = 0, decay = 1;
  } voices[4];
  for (std::size_t t = 0; t < frames; ++t) {
    if (t % static_cast<std::size_t>(0.11 * sample_rate) == 0) {
      Voice& v = voices[random.index(4)];
      v.step = 2 * std::numbers::pi * 55 * std::exp2(5 * random.uniform()) / sample_rate;
      v.level = 0.15 * std::exp(1.1 * random.normal());
      v.decay = std::exp(-1 / (sample_rate * 0.3 * random.uniform(0.2, 2)));
    }
    double x = 0;
    for (Voice& v : voices) {
      v.phase += v.step;
      if (v.phase > 2 * std::numbers::pi) v.phase -= 2 * std::numbers::pi;
      v.level *= v.decay;
      x += v.level * (std::sin(v.phase) + 0.2 * (random.uniform() - 0.5));
    }
    p.dry[t] = static_cast<float>(x);
  }
  float highest = 1e-6f;
  for (const float x : p.dry) highest = std::max(highest, std::abs(x));
  const double values[] = {-30, 3, 4, 180, 4, 0, 0, 0};
  dsp::Compressor<double> compressor(std::span<const double>(values), sample_rate);
  p.wet.resize(frames);
  for (std::size_t t = 0; t < frames; ++t) {
    p.dry[t] *= 0.9f / highest;
    p.wet[t] = static_cast<float>(compressor(double(p.dry[t])) + 1e-4 * (random.uniform() - 0.5));
  }
  return p;
}

} // namespace raphson::bench

void* operator new(std::size_t bytes) { return raphson::bench::counted(std::malloc(bytes)); }
void* operator new(std::size_t bytes, std::align_val_t alignment) {
  const auto a = static_cast<std::size_t>(alignment);
  return raphson::bench::counted(std::aligned_alloc(a, (bytes + a - 1) / a * a));
}
void operator delete(void* block) noexcept { raphson::bench::discount(block); }
void operator delete(void* block, std::size_t) noexcept { raphson::bench::discount(block); }
void operator delete(void* block, std::align_val_t) noexcept { raphson::bench::discount(block); }
void operator delete(void* block, std::size_t, std::align_val_t) noexcept { raphson::bench::discount(block); }
