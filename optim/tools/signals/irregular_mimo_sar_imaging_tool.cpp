#include "dsp/error.h"
#include "optim/cli/tool.h"
#include "optim/tools/signals/imaging_files.h"
#include "optim/tools/signals/irregular_mimo_sar_imaging_demo.h"
#include "optim/tools/signals/irregular_sar_report.h"

#include <memory>
#include <optional>

namespace raphson::cli {
namespace {

using namespace optim::tools;

struct Options {
  std::string data, positions, array, simulate, method, gridding = "cell", depths;
  double speed = 299792458, range = 0, extent = 0.06, raster = 0, pitch = 0.002, snr_db = 60;
  std::optional<double> plane;
  bool auto_range = false, window = false;
  std::size_t peaks = 10;
};

report::ToolReport run_tool(const Options& o, const ToolRun& run) {
  if (!o.simulate.empty()) {
    // The two files that are given are positions and array.
    if (o.positions.empty() || !o.array.empty())
      throw InputError("--simulate SCENE takes two files more, POSITIONS.csv and ARRAY.json");
    run.say("simulating");
    return simulate_scan({.scene = o.simulate,
                          .positions = o.data,
                          .array = o.positions,
                          .speed = o.speed,
                          .pitch = o.pitch,
                          .range = o.range,
                          .snr_db = o.snr_db,
                          .seed = run.seed,
                          .threads = run.threads});
  }
  if (o.array.empty()) throw InputError("give DATA.npy, POSITIONS.csv and ARRAY.json");
  if (!o.auto_range && !(o.range > 0))
    throw InputError("how far is the scene from the sensor's plane? Give --range in m, or --auto-range");
  if (o.auto_range && o.range > 0) throw InputError("give --range or --auto-range, not both");
  SarInput input{.data = o.data,
                 .positions = o.positions,
                 .array = o.array,
                 .speed = o.speed,
                 .auto_range = o.auto_range,
                 .peaks = o.peaks,
                 .say = [&run](const std::string& line) { run.say(line); }};
  if (!o.depths.empty()) {
    input.depths = parse_steps("--depths", o.depths);
    if (!(input.depths.front() > 0)) throw InputError("--depths " + o.depths + ": depths above 0 expected");
  }
  if (o.method == "fft") input.method = SarMethod::slices;
  if (o.method == "rma") input.method = SarMethod::migration;
  if (o.method == "bp") input.method = SarMethod::back_projection;
  if (input.method == SarMethod::migration && o.depths.empty())
    throw InputError("--method rma makes a volume: it needs --depths FIRST:LAST:STEP");
  input.options.range = o.range;
  input.options.plane = o.plane;
  input.options.raster = o.raster;
  input.options.extent = o.extent;
  input.options.window = o.window;
  input.options.threads = run.threads;
  if (o.gridding == "kaiser") input.options.gridding = Gridding::kaiser;
  return sar_report(input);
}

ToolAction set_up(CLI::App& app) {
  auto o = std::make_shared<Options>();
  app.add_option("DATA", o->data, "Echoes, complex: [position, tx, rx, frequency]: DATA.npy");
  app.add_option("POSITIONS", o->positions, "Where the sensor was: POSITIONS.csv");
  app.add_option("ARRAY", o->array, "Its antennas and frequencies: ARRAY.json");
  app.add_option("--range", o->range, "From the plane of the sensor to the middle of the scene, m")
      ->check(above_zero());
  app.add_flag("--auto-range", o->auto_range, "Find it in the data");
  app.add_option("--depths", o->depths, "A volume, from the plane on, m; without it one slice at the range")
      ->type_name("FIRST:LAST:STEP");
  app.add_option("--plane", o->plane, "z of the plane that samples are moved to, m; the mean if not given");
  app.add_option(
         "--method", o->method,
         "Slices at the depths given, range migration at depths of its own, or exact back-projection, "
         "which takes hours; if not given, slices up to 64 depths, and range migration beyond")
      ->check(CLI::IsMember({"fft", "rma", "bp"}));
  app.add_option("--extent", o->extent, "Half width of the image in x and y, m")
      ->check(above_zero())
      ->capture_default_str();
  app.add_option("--raster", o->raster,
                 "Cells of the raster, m; a quarter of the shortest wavelength if not given")
      ->check(above_zero());
  app.add_option("--gridding", o->gridding, "The mean of each cell, or a Kaiser-Bessel kernel")
      ->check(CLI::IsMember({"cell", "kaiser"}))
      ->capture_default_str();
  app.add_flag("--window", o->window,
               "Blackman-Harris over frequencies across: lower side lobes, wider points");
  app.add_option("--speed", o->speed, "Speed of the waves, m/s: 343 for sound in air")
      ->check(above_zero())
      ->capture_default_str();
  app.add_option("--peaks", o->peaks, "Peaks to list")->check(between(1, 1000))->capture_default_str();
  app.add_option("--simulate", o->simulate,
                 "Write the data of this scene for POSITIONS.csv and ARRAY.json instead")
      ->type_name("SCENE.png|POINTS.csv");
  app.add_option("--pitch", o->pitch, "Between the pixels of SCENE.png, m")
      ->check(above_zero())
      ->capture_default_str();
  app.add_option("--snr-db", o->snr_db, "Signal to noise of the data that --simulate writes, dB")
      ->check(between(-200.0, 300.0))
      ->capture_default_str();
  CLI::Option* simulate = app.get_option("--simulate");
  for (const char* option : {"--pitch", "--snr-db"}) app.get_option(option)->needs(simulate);
  for (const char* option : {"--auto-range", "--depths", "--plane", "--method", "--extent", "--raster",
                             "--gridding", "--window", "--peaks"})
    app.get_option(option)->excludes(simulate);
  return [o](const ToolRun& run) { return run_tool(*o, run); };
}

constexpr const char* about =
    "A small sensor with a few transmitters and receivers is waved by hand in front of a scene, its "
    "positions "
    "tracked; they lie on no plane and no raster. One phase factor moves each sample to where a single "
    "antenna on "
    "one plane would have measured, and planar Fourier transforms make the image, hundreds of times cheaper "
    "than "
    "exact back-projection. Any waves will do: radar, or ultrasound and audio with --speed 343.\n\n"
    "DATA.npy is complex, [position, tx, rx, frequency], as exp(+j k path); POSITIONS.csv has x, y, z in m "
    "for "
    "each position; ARRAY.json \"tx\" and \"rx\", lists of [x, y] offsets in m, and \"frequencies\" in Hz "
    "(or "
    "\"start_hz\", \"step_hz\", \"count\"). The scene is on the side of growing z.\n\n"
    "The correction is right straight ahead and loses off to the sides, the more the sensor's distance "
    "varies: the "
    "table of sampling says how much phase is left at the corners.\n\n"
    "--simulate writes such data to try: after `raphson irregular-mimo-sar-imaging --simulate POINTS.csv "
    "POSITIONS.csv ARRAY.json --out sim`, `raphson irregular-mimo-sar-imaging sim/data.npy POSITIONS.csv "
    "ARRAY.json --range 0.2 --out image` makes their image.\n\n"
    "image.npy, [y, x], or with --depths volume.npy, [z, y, x], is complex, its voxels at x.npy, y.npy and "
    "z.npy "
    "in m, in the coordinates of POSITIONS.csv. In Python: `v = numpy.load('volume.npy'); d, h, i = "
    "numpy.unravel_index(abs(v).argmax(), v.shape)`, and the highest point is at x[i], y[h], z[d]. peaks.csv "
    "lists the highest points, table.csv what the sampling allows; the picture shows the image or the "
    "largest "
    "along each axis.";

const ToolRegistration registration{
    {.family = "Signals",
     .name = "irregular-mimo-sar-imaging",
     .summary = "Images from a hand-held scan by tracked antennas",
     .paper = {"J. W. Smith, M. Torlak",
               "Efficient 3-D Near-Field MIMO-SAR Imaging for Irregular Scanning Geometries",
               "IEEE Access 10 (2022)", "2305.02064"},
     .about = about,
     .set_up = set_up,
     .demo = irregular_mimo_sar_imaging_demo,
     .example = "--simulate assets/data/scan-points.csv assets/data/scan-positions.csv "
                "assets/data/scan-array.json"}};

} // namespace
} // namespace raphson::cli
