#include "optim/tools/signals/aztr_detector.h"

#include "dsp/error.h"
#include "optim/autodiff/operations/reduction.h"
#include "optim/autodiff/operations/softmax.h"
#include "optim/nn/train.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace raphson::optim::tools {
namespace {

using nn::Examples;
using nn::Weights;

constexpr std::size_t shards = 2;

int cells_along(int pixels) { return (pixels - 1) / 2 + 1; }

} // namespace

PixelScale pixel_scale_of(const Clips& clips, std::span<const std::size_t> chosen) {
  double sum = 0, squares = 0;
  for (const std::size_t clip : chosen) {
    const float* const pixels = clips.frame(clip, 0).pixels;
    for (std::size_t k = 0; k < clips.clip_size(); ++k) {
      sum += static_cast<double>(pixels[k]);
      squares += static_cast<double>(pixels[k]) * static_cast<double>(pixels[k]);
    }
  }
  const double count = static_cast<double>(chosen.size()) * static_cast<double>(clips.clip_size());
  const double mean = sum / count, variance = squares / count - mean * mean;
  if (!(variance > 0)) throw InputError(clips.name + ": all pixels are alike");
  return {mean, std::sqrt(variance)};
}

Detector::Detector(int pool)
    : pool_(pool), first_(layout_, "first", 1, 8, 3, {.stride = 1, .padding = 1}),
      second_(layout_, "second", 8, 12, 3, {.stride = 2, .padding = 1}),
      third_(layout_, "third", 12, 12, 3, {.stride = 1, .padding = 1}),
      last_(layout_, "last", 12, 2, 3, {.stride = 1, .padding = 1}) {
  if (pool < 1) throw InputError("a detector: frames averaged over 1 pixel at least");
}

template <class T> Var<T> Detector::maps(const Weights<T>& w, Var<T> frames) const {
  return last_(w, relu(third_(w, relu(second_(w, relu(first_(w, frames)))))));
}

void Detector::prepare(const data::PictureView& frame, const PixelScale& scale, float* pixels) const {
  const int rows = frame.rows / pool_, columns = frame.columns / pool_;
  const auto share = static_cast<float>(1 / (scale.deviation * pool_ * pool_));
  const auto offset = static_cast<float>(scale.mean / scale.deviation);
  std::fill_n(pixels, rows * columns, -offset);
  for (int r = 0; r < rows * pool_; ++r) {
    const float* const from = frame.pixels + r * frame.columns;
    float* const to = pixels + r / pool_ * columns;
    for (int c = 0; c < columns * pool_; ++c) to[c / pool_] += share * from[c];
  }
}

void Detector::check_frames(const Clips& clips) const {
  const int least = 3 * pool_;
  if (clips.rows >= least && clips.columns >= least) return;
  const std::string side = std::to_string(least);
  throw InputError(clips.name + ": frames of " + std::to_string(clips.rows) + " x "
                   + std::to_string(clips.columns) + " pixels, a detector of targets of about " + side
                   + " pixels from the middle to the side needs " + side + " x " + side + " at least");
}

int Detector::cell_of(double place, int cells) const {
  return std::clamp(static_cast<int>(std::floor((place + 0.5) / (2 * pool_))), 0, cells - 1);
}

double Detector::cost(int rows, int columns) const {
  const double fine = double(rows / pool_) * (columns / pool_);
  const double coarse = double(cells_along(rows / pool_)) * cells_along(columns / pool_);
  return fine * 9 * 8 + coarse * 9 * (8 * 12 + 12 * 12 + 12 * 2);
}

int pool_for(std::span<const ClipBox> boxes) {
  if (boxes.empty()) throw InputError("a detector: no boxes to learn from");
  std::vector<double> sizes;
  for (const ClipBox& box : boxes) sizes.push_back(box.size);
  const auto middle = sizes.begin() + static_cast<std::ptrdiff_t>(sizes.size() / 2);
  std::nth_element(sizes.begin(), middle, sizes.end());
  return std::max(1, static_cast<int>(std::lround(*middle / 3)));
}

Vector train_detector(const Detector& detector, const Clips& clips, std::span<const ClipBox> boxes,
                      const PixelScale& scale, const DetectorTraining& o) {
  detector.check_frames(clips);
  const Index rows = detector.rows_of(clips), columns = detector.columns_of(clips);
  const int down = cells_along(static_cast<int>(rows)), across = cells_along(static_cast<int>(columns));
  const Index cells = Index{down} * across;
  const auto losses = [&](const Weights<float>& w, Examples examples) {
    Tape<float>& tape = w.tape();
    const auto count = static_cast<Index>(examples.size());
    float* const frames = tape.take_array<float>(count * rows * columns);
    float* const at = tape.take_zeros(count * cells).value;
    float* const sizes = tape.take_array<float>(count);
    std::vector<int> labels;
    for (Index i = 0; i < count; ++i) {
      const ClipBox& box = boxes[examples[static_cast<std::size_t>(i)]];
      detector.prepare(clips.frame(box.clip, box.frame), scale, frames + i * rows * columns);
      labels.push_back(detector.cell_of(box.y, down) * across + detector.cell_of(box.x, across));
      at[i * cells + labels.back()] = 1;
      sizes[i] = static_cast<float>(std::log(box.size / detector.unit()));
    }
    const Var<float> maps = detector.maps(w, tape.constant({count, 1, rows, columns}, frames));
    const auto map = [&](Index channel) { return reshape(slice(maps, 1, channel, 1), {count, cells}); };
    const Var<float> size = sum(map(1) * tape.constant({count, cells}, at), 1);
    return cross_entropy(map(0), labels) + square(size - tape.constant({count}, sizes));
  };
  const nn::NetworkObjective<float> f(detector.layout(), boxes.size(), losses,
                                      {.threads = o.threads, .shards = shards});
  const nn::Training run = nn::train(f, detector.layout(), detector.layout().initial(o.seed),
                                     {.rule = AdamSettings{.learning_rate = o.learning_rate},
                                      .batch_size = o.batch_size,
                                      .steps = o.steps,
                                      .schedule = cosine(o.steps),
                                      .gradient_norm_limit = 5,
                                      .seed = o.seed,
                                      .each_step = [&](std::int64_t step, double) {
                                        if (o.progress) o.progress(step);
                                      }});
  if (!run.finite)
    throw InputError("training the detector stopped being finite; a lower rate would be right");
  return run.parameters;
}

namespace {

Detection read_out(const Detector& detector, const float* scores, const float* log_sizes, int down,
                   int across) {
  const int cells = down * across;
  const auto best = static_cast<int>(std::max_element(scores, scores + cells) - scores);
  double all = 0;
  for (int k = 0; k < cells; ++k) all += std::exp(static_cast<double>(scores[k] - scores[best]));
  const int row = best / across, column = best % across;
  double weight = 0, x = 0, y = 0;
  for (int r = std::max(0, row - 1); r <= std::min(down - 1, row + 1); ++r)
    for (int c = std::max(0, column - 1); c <= std::min(across - 1, column + 1); ++c) {
      const double p = std::exp(static_cast<double>(scores[r * across + c] - scores[best]));
      weight += p;
      x += p * c;
      y += p * r;
    }
  return {detector.place_of(x / weight), detector.place_of(y / weight),
          detector.unit() * std::exp(static_cast<double>(log_sizes[best])), 1 / all};
}

} // namespace

std::vector<Detection> detect(const Detector& detector, const Vector& parameters, const PixelScale& scale,
                              const Clips& clips, std::size_t clip, std::span<const int> frames) {
  detector.check_frames(clips);
  const Index rows = detector.rows_of(clips), columns = detector.columns_of(clips),
              count = std::ssize(frames);
  const Eigen::VectorXf values = parameters.cast<float>();
  std::vector<float> pixels(static_cast<std::size_t>(count * rows * columns));
  for (Index i = 0; i < count; ++i)
    detector.prepare(clips.frame(clip, frames[static_cast<std::size_t>(i)]), scale,
                     pixels.data() + i * rows * columns);
  Tape<float> tape;
  const double largest = 0.5 * std::max(clips.rows, clips.columns);
  const Var<float> maps = detector.maps(Weights<float>(tape, values.data()),
                                        tape.constant({count, 1, rows, columns}, pixels.data()));
  const auto down = static_cast<int>(maps.shape()[2]), across = static_cast<int>(maps.shape()[3]);
  std::vector<Detection> found;
  for (Index i = 0; i < count; ++i) {
    const float* const scores = maps.data() + i * 2 * down * across;
    if (!std::all_of(scores, scores + 2 * down * across, [](float v) { return std::isfinite(v); }))
      throw InputError(clips.name + ": what the detector makes of clip " + clips.name_of(clip)
                       + " is not finite; clips like those it was trained on would be right");
    found.push_back(read_out(detector, scores, scores + down * across, down, across));
    found.back().size = std::min(found.back().size, largest);
  }
  return found;
}

std::vector<Detection> detect_motion(const Clips& clips, std::size_t clip, std::span<const int> frames,
                                     double size) {
  std::vector<float> median(clips.frame_size()), over_time(static_cast<std::size_t>(clips.frames));
  for (std::size_t k = 0; k < median.size(); ++k) {
    for (int t = 0; t < clips.frames; ++t)
      over_time[static_cast<std::size_t>(t)] = clips.frame(clip, t).pixels[k];
    const auto middle = over_time.begin() + clips.frames / 2;
    std::nth_element(over_time.begin(), middle, over_time.end());
    median[k] = *middle;
  }
  const int cell = static_cast<int>(
      std::clamp(std::round(size), 1.0, static_cast<double>(std::min(clips.rows, clips.columns))));
  const auto starts = [cell](int extent) {
    std::vector<int> of_cells;
    for (int at = 0; at + cell <= extent; at += cell) of_cells.push_back(at);
    if (of_cells.back() + cell < extent) of_cells.push_back(extent - cell);
    return of_cells;
  };
  std::vector<Detection> found;
  for (const int t : frames) {
    Detection best{.size = size, .score = 0};
    double most = -1, all = 0;
    for (const int top : starts(clips.rows))
      for (const int left : starts(clips.columns)) {
        double sum = 0;
        for (int r = top; r < top + cell; ++r)
          for (int c = left; c < left + cell; ++c) {
            const std::size_t k = static_cast<std::size_t>(r * clips.columns + c);
            sum += static_cast<double>(std::abs(clips.frame(clip, t).pixels[k] - median[k]));
          }
        all += sum;
        if (sum <= most) continue;
        most = sum;
        best.x = left + (cell - 1) / 2.0;
        best.y = top + (cell - 1) / 2.0;
      }
    best.score = all > 0 ? most / all : 0;
    found.push_back(best);
  }
  return found;
}

template Var<float> Detector::maps(const Weights<float>&, Var<float>) const;
template Var<double> Detector::maps(const Weights<double>&, Var<double>) const;

} // namespace raphson::optim::tools
