#include "plugin/engine/smoothed_values.h"

#include "dsp/units.h"
#include "plugin/engine/limits.h"

#include <algorithm>
#include <numbers>

namespace raphson::plugin {

using dsp::Line, dsp::Ramp;

namespace {

constexpr double smoothing_ms = 20;
constexpr double octaves_per_db = dsp::nepers_per_db / std::numbers::ln2;

/// Of a gain whose ramp is in dB.
Line gain_line(const Ramp& db) {
  if (!db.moving()) return {dsp::db_to_gain(db.value())};
  return Line::through(dsp::db_to_gain(db.before()), dsp::db_to_gain(db.value()), grid);
}

Line line(const Ramp& ramp) { return Line::through(ramp.before(), ramp.value(), grid); }

} // namespace

SmoothedValues::SmoothedValues(const dsp::ChainSettings& chain) : chain_(chain), targets_(chain.values()) {
  std::size_t from = 0;
  for (const dsp::BlockSettings& block : chain.blocks) {
    if (block.type == dsp::BlockType::gru_makeup) continue;
    if (dsp::compresses(block.type)) compressor_ = blocks_.size();
    blocks_.push_back({block.type, from, block.values.size()});
    for (const dsp::Parameter& parameter : dsp::parameters(block.type)) parameters_.push_back(&parameter);
    from += block.values.size();
  }
  for (std::size_t i = 0; i < targets_.size(); ++i) {
    targets_[i] = held(targets_[i], *parameters_[i], parameters_[i]->initial);
    model_.emplace_back(targets_[i], parameters_[i]->scale);
  }
  taken_ = now_ = targets_;
}

void SmoothedValues::prepare(double sample_rate) {
  sample_rate_ = sample_rate;
  steps_ = grid_steps(smoothing_ms, sample_rate);
  reset();
}

void SmoothedValues::reset() {
  waiting_ = fresh_ = true;
  moving_ = false;
}

void SmoothedValues::aim(const Controls& given, std::span<const double> values) {
  const Controls controls = held(given, controls_);
  bool is_new = controls != controls_;
  controls_ = controls;
  if (values.size() == targets_.size())
    for (std::size_t i = 0; i < values.size(); ++i) {
      const double value = held(values[i], *parameters_[i], targets_[i]);
      is_new |= value != targets_[i];
      targets_[i] = value;
    }
  waiting_ |= is_new;
}

Timing SmoothedValues::timing(const Controls& controls, std::span<const double> values) const {
  const Block* block = compressor();
  if (block == nullptr) return {};
  return Timing::of(controls, block->type, values.subspan(block->from, block->size), sample_rate_);
}

/// The automatic one brings the loudest there is halfway back to where it was: the make-up that D.
/// Giannoulis, M. Massberg and J. D. Reiss ("Parameter Automation in a Dynamic Range Compressor", JAES
/// 61(10), 2013) start from, half the static curve's reduction at 0 dB, -T (1 - 1/R) / 2 where the knee does
/// not reach so far.
double SmoothedValues::makeup_db() const {
  if (!compressor_) return 0;
  const Block& block = blocks_[*compressor_];
  const auto values = std::span<const double>(targets_).subspan(block.from, block.size);
  const dsp::StaticCurve curve = dsp::static_curve(chain_.blocks[*compressor_], values);
  return controls_.auto_makeup ? 0.5 * curve.reduction_db(0) : curve.makeup_db;
}

void SmoothedValues::take_up() {
  const auto to = [this](Ramp& ramp, double target) {
    if (fresh_)
      ramp.jump(target);
    else
      ramp.aim(target, steps_);
  };
  for (std::size_t i = 0; i < model_.size(); ++i) to(model_[i], targets_[i]);
  to(makeup_db_, makeup_db());
  to(input_gain_db_, controls_.input_gain_db);
  to(output_gain_db_, controls_.output_gain_db);
  to(mix_, controls_.mix);
  to(bypass_, controls_.bypass);
  to(delta_, controls_.delta);
  to(link_, controls_.stereo_link);
  to(external_, controls_.external_sidechain);
  // A high-pass that goes off fades out where it is, one that comes fades in where it will be.
  const bool highpass = controls_.sidechain_highpass_hz > 0;
  if (highpass && highpass_.value() == 0) highpass_hz_.jump(controls_.sidechain_highpass_hz);
  if (highpass) to(highpass_hz_, controls_.sidechain_highpass_hz);
  to(highpass_, highpass);
  taken_controls_ = controls_;
  taken_ = targets_; // of equal size: no allocation
}

void SmoothedValues::step() {
  const bool is_first = fresh_;
  if (waiting_) take_up();
  waiting_ = fresh_ = false;

  moving_ = false;
  for (Ramp* ramp : {&makeup_db_, &input_gain_db_, &output_gain_db_, &mix_, &bypass_, &delta_, &link_,
                     &external_, &highpass_, &highpass_hz_}) {
    ramp->advance();
    moving_ |= ramp->moving();
  }
  for (Ramp& ramp : model_) {
    ramp.advance();
    moving_ |= ramp.moving();
  }
  for (Block& block : blocks_) {
    block.moved = is_first;
    for (std::size_t i = block.from; i < block.from + block.size; ++i) {
      now_[i] = model_[i].value();
      block.moved |= model_[i].before() != model_[i].value();
    }
  }
  update_lines();
}

void SmoothedValues::update_lines() {
  lines_.input_gain = gain_line(input_gain_db_);
  lines_.output_gain = gain_line(output_gain_db_);
  lines_.bypass = line(bypass_);
  lines_.delta = line(delta_);
  // What is taken away is heard by itself, whatever the mix.
  const auto heard = [](double mix, double delta) { return delta + (1 - delta) * mix; };
  lines_.mix =
      Line::through(heard(mix_.before(), delta_.before()), heard(mix_.value(), delta_.value()), grid);
  std::size_t equalisers = 0;
  for (const Block& block : blocks_)
    if (block.type == dsp::BlockType::equaliser)
      lines_.equaliser_gain[equalisers++] = gain_line(model_[block.from + 10]);
  if (!compressor_) return;
  if (compressor()->type == dsp::BlockType::dynamics)
    update_dynamics();
  else
    update_compressor();
}

void SmoothedValues::update_compressor() {
  const Ramp* model = &model_[compressor()->from];
  const auto slope = [](double ratio) { return 1 - 1 / ratio; };
  lines_.compressor = {
      .threshold = Line::through(model[0].before() * octaves_per_db, model[0].value() * octaves_per_db, grid),
      .slope = Line::through(slope(model[1].before()), slope(model[1].value()), grid),
      .link = line(link_),
      .makeup = gain_line(makeup_db_),
      .external = line(external_),
      .highpass = line(highpass_),
      .delta = lines_.delta,
      .knee = model[5].value() * octaves_per_db,
      .attack_ms = model[2].value(),
      .release_ms = model[3].value(),
      .rms_ms = model[6].value(),
      .highpass_hz = highpass_hz_.value()};
}

void SmoothedValues::update_dynamics() {
  lines_.compressor = {.threshold = {0},
                       .slope = {0},
                       .link = line(link_),
                       .makeup = gain_line(makeup_db_),
                       .external = line(external_),
                       .highpass = line(highpass_),
                       .delta = lines_.delta,
                       .knee = 0,
                       .attack_ms = 0,
                       .release_ms = 0,
                       .rms_ms = 0,
                       .highpass_hz = highpass_hz_.value(),
                       .dynamics = now(*compressor())};
}

SmoothedValues::Lines SmoothedValues::Lines::from(double t) const {
  return {input_gain.from(t),
          output_gain.from(t),
          mix.from(t),
          bypass.from(t),
          delta.from(t),
          compressor.lines([t](Line l) { return l.from(t); }),
          {equaliser_gain[0].from(t), equaliser_gain[1].from(t)}};
}

} // namespace raphson::plugin
