// The number in a scalar, derivatives and all but the first lane left out: for decisions that hold for a
// whole chain, such as whether a parameter is "off".
#pragma once

namespace raphson::dsp::math {

inline double value_of(double a) { return a; }
inline double value_of(float a) { return static_cast<double>(a); }
template <class J> double value_of(const J& a) requires requires { a.v; }
{
  if constexpr (requires { a.v[0]; })
    return static_cast<double>(a.v[0]);
  else
    return value_of(a.v);
}

} // namespace raphson::dsp::math
