// What the meters' readings are given to: every frame of the audio thread, then, once for each picture of the
// display, the time that has passed, upon which a view repaints what has changed.
#pragma once

#include "plugin/engine/meters.h"

namespace raphson::plugin {

struct MeterView {
  virtual ~MeterView() = default;
  virtual void add(const MeterFrame& frame) = 0;
  virtual void refresh(double elapsed_s) = 0;
};

} // namespace raphson::plugin
