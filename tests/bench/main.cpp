#include "tests/bench/bench.h"

#include "dsp/error.h"

#include <cstdio>
#include <cstring>

namespace {

using namespace raphson::bench;

struct Command {
  const char* name;
  const char* what;
  int (*run)(const Options&);
};

constexpr Command commands[] = {
    {"hessian", "value, gradient and Hessian: strategies, and the kernel against a scalar recursion",
     hessian},
    {"newton", "solvers on the same match: iterations, passes, seconds (--long: 30 s each)", newton},
    {"chains", "passes over any chain with derivatives: lanes against one chunk alone", chains},
    {"simd", "vector lanes against scalars and against Highway", simd},
    {"render", "how fast a compressor plays, against the memory and the recursion", render},
    {"scaling", "time and memory of a match of 1, 5 and 20 minutes (--long: 60)", scaling},
    {"plugin", "the plugin's engine: time a frame against the recursion, and the aliasing it leaves", plugin},
    {"blackbox", "other people's compressors matched: --model M, --only PART; --out writes the recordings",
     blackbox},
    {"nn", "a training step of three networks against the products of matrices in it", nn},
    {"rational", "the kernel of a rational transfer function by order, against its recursion", rational},
    {"transforms", "learnt fast transforms against dense products and FFTW's DCT (--out: their growth)",
     transforms},
#ifdef RAPHSON_BENCH_RANKS
    {"ranks", "a match of 20 minutes on 1, 2, 4 ... ranks, as many as there are processors (--long: 60)",
     ranks},
#endif
#ifdef RAPHSON_BENCH_HOSTS
    {"hosts", "the built LV2 plugin beside other compressors, in one host", hosts},
#endif
};

int usage() {
  std::printf("usage: raphson_bench COMMAND [--out DIR] [--long] [--markdown] [--model M] [--only PART]\n\n");
  for (const Command& c : commands) std::printf("  %-8s  %s\n", c.name, c.what);
  return 2;
}

} // namespace

int main(int argc, char** argv) {
  Options options;
  for (int i = 2; i < argc; ++i) {
    if (std::strcmp(argv[i], "--out") == 0 && i + 1 < argc)
      options.out = argv[++i];
    else if (std::strcmp(argv[i], "--model") == 0 && i + 1 < argc)
      options.model = argv[++i];
    else if (std::strcmp(argv[i], "--only") == 0 && i + 1 < argc)
      options.only = argv[++i];
    else if (std::strcmp(argv[i], "--long") == 0)
      options.long_run = true;
    else if (std::strcmp(argv[i], "--markdown") == 0)
      options.markdown = true;
    else
      return usage();
  }
  try {
    for (const Command& c : commands)
      if (argc > 1 && std::strcmp(argv[1], c.name) == 0) return c.run(options);
  } catch (const raphson::InputError& error) {
    std::fprintf(stderr, "raphson_bench: %s\n", error.what());
    return 2;
  }
  return usage();
}
