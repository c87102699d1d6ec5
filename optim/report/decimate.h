// Reduces long series to what their picture can show.
//
// A run of points that fall into one pixel column becomes its first, lowest, highest and last point, in their
// order: the drawn line covers the same pixels (M4 aggregation; Jugel et al., PVLDB 7(10), 2014), so a single
// sample's peak in an hour of audio stays visible. Works as a stream: memory is the result, not the series.
#pragma once

#include <cstdint>
#include <unordered_set>
#include <vector>

namespace raphson::optim::report {

struct Point {
  double x = 0; // pixels
  double y = 0;
};

using Polyline = std::vector<Point>;

// Lines: add() in the order of the series; a point with a NaN or an infinity breaks the line.
class LineDecimator {
public:
  // Columns outside [left, right] count as one each, to either side, since nobody sees them.
  LineDecimator(double left, double right) : left_(left), right_(right) {}

  void add(Point point);
  std::vector<Polyline> take(); // the finished parts; a part of one point is a dot

private:
  void close_column();
  void close_part();

  double left_, right_;
  double column_ = 0;
  int count_ = 0; // points in the open column
  Point first_, low_, high_, last_;
  bool low_before_high_ = true;
  Polyline part_;
  std::vector<Polyline> parts_;
};

// Bands: columns of the lowest low and the highest high.
struct BandPoint {
  double x = 0, low = 0, high = 0; // pixels
};

class BandDecimator {
public:
  BandDecimator(double left, double right) : left_(left), right_(right) {}

  void add(BandPoint point);
  std::vector<std::vector<BandPoint>> take();

private:
  void close_column();
  void close_part();

  double left_, right_;
  double column_ = 0;
  int count_ = 0;
  BandPoint first_, merged_;
  std::vector<BandPoint> part_;
  std::vector<std::vector<BandPoint>> parts_;
};

// Markers: the first point of each cell of the picture.
class MarkerDecimator {
public:
  explicit MarkerDecimator(double cell) : cell_(cell) {}

  void add(Point point);
  Polyline take() { return std::move(points_); }

private:
  double cell_;
  std::unordered_set<std::uint64_t> seen_;
  Polyline points_;
};

} // namespace raphson::optim::report
