// From knob positions to the values of a chain: interpolation of a model's table.
//
// Continuous knobs interpolate, linearly or by spline as the model says (interpolation.h), each value in its
// parameter's own scale (the logarithm of ratio, attack and release); every combination of switch positions
// has a table of its own. With several continuous knobs the rows of a combination must form a full grid;
// "monotone" is refused there, since nothing keeps a product of such cubics monotone along every knob, while
// "linear" is.
// Beyond the table's ends the curve holds its end values, results stay in the parameters' ranges, and on a
// row of the table they are that row to the bit.
#pragma once

#include "dsp/model/model.h"

#include <cstddef>
#include <span>
#include <vector>

namespace raphson::dsp {

class KnobMap {
public:
  static constexpr std::size_t max_knobs = 8, max_rows = 4096;
  /// Positions of one table, those of all its continuous knobs together.
  static constexpr std::size_t max_positions = 512;

  /// Throws InputError naming the row where the table is no map: rows of the wrong size, two for one setting,
  /// a switch position or a point of the grid without one, knobs without a table, more than the limits above.
  explicit KnobMap(const Model& model);

  std::size_t knobs() const { return switch_positions_.size(); }
  std::size_t size() const { return ranges_.size(); } ///< values of the chain

  /// setting: knobs() numbers, any; values: size() of them, written. Allocates nothing, so that the audio
  /// thread may call it; several threads may share one map.
  void evaluate(std::span<const double> setting, std::span<double> values) const noexcept;

private:
  struct Range {
    double minimum, maximum;
    Scale scale;
  };
  /// The rows of one combination of switch positions, on the grid of its axes, the last knob's fastest.
  struct Curve {
    std::vector<InterpolationAxis> axes;
    std::vector<double> values,
        scaled;                 // size() a point; scaled: the logarithm where the parameter's scale is
    std::vector<double> slopes; // of scaled, where the interpolation is monotone
  };

  void add_curves(const Model& model);
  Curve make_curve(const Model& model, std::span<const std::size_t> rows) const;
  std::size_t curve_index(std::span<const double> setting) const noexcept;
  void to_parameters(std::span<double> scaled) const noexcept;
  void interpolate_monotone(const Curve& curve, std::span<const double> weights,
                            std::span<double> values) const noexcept;
  void interpolate(const Curve& curve, std::span<const double> weights,
                   std::span<double> values) const noexcept;

  std::vector<std::size_t> switch_positions_; // of each knob; 0: continuous
  std::vector<Range> ranges_;
  std::vector<double> fixed_; // a model without knobs
  std::vector<Curve> curves_; // by switch positions, the last switch fastest
};

/// Convenience for one look: the values at a setting. Throws InputError as KnobMap, and for a setting of
/// another size than the model's knobs.
std::vector<double> chain_values(const Model& model, const KnobSetting& setting);

} // namespace raphson::dsp
