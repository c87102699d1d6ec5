#include "dsp/error.h"
#include "optim/cli/tool.h"
#include "optim/tools/signals/imaging_files.h"
#include "optim/tools/signals/mimo_isar_imaging_demo.h"
#include "optim/tools/signals/mimo_isar_report.h"

#include <memory>

namespace raphson::cli {
namespace {

using namespace optim::tools;

struct Options {
  std::string data, geometry, simulate, heights, method = "fft";
  double speed = 299792458, extent = 0.05, reference = 0, snr_db = 60;
  bool window = false;
  std::size_t peaks = 10;
};

report::ToolReport run_tool(const Options& o, const ToolRun& run) {
  if (!o.simulate.empty()) {
    // The one file that is given is the geometry.
    if (o.data.empty() || !o.geometry.empty())
      throw InputError("--simulate POINTS.csv takes one file more, GEOMETRY.json");
    run.say("simulating");
    return simulate_turntable(o.simulate, o.data, o.speed, o.snr_db, run.seed, run.threads);
  }
  if (o.data.empty() || o.geometry.empty()) throw InputError("give DATA.npy and GEOMETRY.json");
  IsarInput input{.data = o.data,
                  .geometry = o.geometry,
                  .speed = o.speed,
                  .back_project = o.method == "bp",
                  .options = {.extent = o.extent, .reference = o.reference, .window = o.window},
                  .peaks = o.peaks,
                  .say = [&run](const std::string& line) { run.say(line); }};
  if (!o.heights.empty()) input.options.heights = parse_steps("--heights", o.heights);
  input.options.threads = run.threads;
  return isar_report(input);
}

ToolAction set_up(CLI::App& app) {
  auto o = std::make_shared<Options>();
  app.add_option("DATA", o->data, "Echoes, complex: [track, tx, rx, angle, frequency]: DATA.npy");
  app.add_option("GEOMETRY", o->geometry, "Where and when they were taken: GEOMETRY.json");
  app.add_option("--simulate", o->simulate, "Write the data of these points for GEOMETRY.json instead")
      ->type_name("POINTS.csv");
  app.add_option("--snr-db", o->snr_db, "Signal to noise of the data that --simulate writes, dB")
      ->check(between(-200.0, 300.0))
      ->capture_default_str();
  app.add_option("--speed", o->speed, "Speed of the waves, m/s: 343 for sound in air")
      ->check(above_zero())
      ->capture_default_str();
  app.add_option("--extent", o->extent, "Half width of the image in x and z, m")
      ->check(above_zero())
      ->capture_default_str();
  app.add_option("--heights", o->heights,
                 "Of the image, m; from the lowest antenna pair to the highest if not given")
      ->type_name("FIRST:LAST:STEP");
  app.add_option("--reference", o->reference,
                 "Distance that pairs are compensated for, m; the radius if not given")
      ->check(above_zero());
  app.add_option("--method", o->method, "Fourier transforms, or exact back-projection, which takes hours")
      ->check(CLI::IsMember({"fft", "bp"}))
      ->capture_default_str();
  app.add_flag("--window", o->window,
               "Hann over height frequencies and wavenumbers: lower ghosts, wider points");
  app.add_option("--peaks", o->peaks, "Peaks to list")->check(between(1, 1000))->capture_default_str();
  CLI::Option* simulate = app.get_option("--simulate");
  app.get_option("--snr-db")->needs(simulate);
  for (const char* option : {"--extent", "--heights", "--reference", "--method", "--window", "--peaks"})
    app.get_option(option)->excludes(simulate);
  return [o](const ToolRun& run) { return run_tool(*o, run); };
}

constexpr const char* about =
    "A target turns on a table while transmitters and receivers in one vertical line step up beside it; "
    "their "
    "echoes at many frequencies become a 3-D image by Fourier transforms. Any waves will do: millimetre "
    "radar, "
    "or loudspeakers and microphones with --speed 343. Each pair is first turned into one antenna half way "
    "between, whose phase error is removed; images are thousands of times cheaper than by exact "
    "back-projection.\n\n"
    "GEOMETRY.json holds \"frequencies\" in Hz (or \"start_hz\", \"step_hz\", \"count\"), \"tx\" and \"rx\" "
    "heights in the array and \"tracks\", the heights it is moved to, in m, \"angles\" in degrees or how "
    "many "
    "over the full turn, and \"radius\" in m, from the antennas to the axis. The heights half way between "
    "transmitters and receivers must form a uniform grid, a quarter of a wavelength apart at best. Data are "
    "exp(+j k path): take the conjugate of the other sign.\n\n"
    "--simulate writes such data to try: after `raphson mimo-isar-imaging --simulate POINTS.csv "
    "GEOMETRY.json "
    "--out sim`, `raphson mimo-isar-imaging sim/data.npy GEOMETRY.json --out image` makes their image.\n\n"
    "volume.npy is complex, [y, x, z], its voxels at y.npy, x.npy and z.npy in m: heights, and across the "
    "turntable as it stands at angle 0. In Python: `v = numpy.load('volume.npy'); h, i, j = "
    "numpy.unravel_index(abs(v).argmax(), v.shape)`, and the highest point is at x[i], y[h], z[j]. peaks.csv "
    "lists the highest points, table.csv what the sampling allows; projections.svg shows the largest along "
    "each "
    "axis.";

const ToolRegistration registration{
    {.family = "Signals",
     .name = "mimo-isar-imaging",
     .summary = "3-D images of what turns on a table, from its echoes",
     .paper = {"J. W. Smith, M. E. Yanik, M. Torlak", "Near-Field MIMO-ISAR Millimeter-Wave Imaging",
               "IEEE Radar Conference 2020", "2305.02030"},
     .about = about,
     .set_up = set_up,
     .demo = mimo_isar_imaging_demo,
     .example = "--simulate assets/data/turntable-points.csv assets/data/turntable.json"}};

} // namespace
} // namespace raphson::cli
