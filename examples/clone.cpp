// A program that links Raphson. docs/building.md says how it is built against an installed copy.
//
// prints: minimum at 1.000 1.000
// prints: a steady 0 dB leaves the compressor at -15.00 dB
#include "dsp/chain/chain.h"
#include "optim/engine/newton.h"
#include "optim/engine/problems/rosenbrock.h"

#include <cmath>
#include <cstdio>

int main() {
  using namespace raphson;

  const optim::Result fit = optim::minimise(optim::problems::Rosenbrock{}, optim::problems::Rosenbrock::start(),
                                            optim::NewtonOptions{});
  std::printf("minimum at %.3f %.3f\n", fit.x[0], fit.x[1]);

  dsp::ChainSettings chain = dsp::parse_chain("compressor");
  std::vector<double> values = chain.values();
  values[chain.index("threshold_db")] = -20;
  values[chain.index("ratio")] = 4;
  values[chain.index("makeup_db")] = 0;
  std::vector<double> audio(48000, 1.0);
  dsp::Chain<double>(chain, values, 48000).process(audio);
  std::printf("a steady 0 dB leaves the compressor at %.2f dB\n", 20 * std::log10(audio.back()));
}
