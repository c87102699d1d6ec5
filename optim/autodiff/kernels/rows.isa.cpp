// rows.h for one instruction set.
#include "optim/autodiff/kernels/rows.h"

#include "optim/autodiff/kernels/formulas.h"
#include "optim/autodiff/kernels/lane_loop.h"

#include <type_traits>

namespace raphson::optim {
namespace {

constexpr dsp::Isa isa = dsp::Isa::RAPHSON_ISA;

template <class T, bool tangents> struct Rows {
  using One = LoopScalar<T, 1, isa, tangents>;
  using Scalar = typename One::S;

  template <class L> static RAPHSON_INLINE typename L::S spread(const Scalar& a) {
    using V = typename L::V;
    if constexpr (tangents) {
      typename L::S s(V(a.v.v));
      s.g[0] = V(a.g[0].v);
      return s;
    } else {
      return V(a.v);
    }
  }
  template <class S> static RAPHSON_INLINE Scalar total(const S& s) {
    using V1 = typename One::V;
    if constexpr (tangents) {
      Scalar a(V1(sum(s.v)));
      a.g[0] = V1(sum(s.g[0]));
      return a;
    } else {
      return V1(sum(s));
    }
  }

  /// sum over i of term(loop scalar, i).
  template <class Term> static RAPHSON_INLINE Scalar sum_of(Index n, Term term) {
    using Wide = LoopScalar<T, dsp::lane_count<T>(isa), isa, tangents>;
    typename Wide::S wide = formulas::number<typename Wide::S>(0);
    Scalar rest = formulas::number<Scalar>(0);
    loop<T, isa, tangents>(n, [&](auto at, Index i) {
      if constexpr (std::is_same_v<decltype(at), Wide>)
        wide += term(at, i);
      else
        rest += term(at, i);
    });
    return rest + total(wide);
  }

  static T largest(Index n, const T* x) {
    T largest = x[0];
    for (Index i = 1; i < n; ++i) largest = x[i] > largest ? x[i] : largest;
    return largest;
  }

  /// p = exp(x - max); its sum.
  static RAPHSON_INLINE Scalar exponentials(Index n, Plane<const T> x, T top, Plane<T> p) {
    return sum_of(n, [=](auto at, Index i) {
      using L = decltype(at);
      using S = typename L::S;
      const S e = formulas::exponential<S>(L::load(x, i) - S(typename L::V(top)));
      L::store(p, i, e);
      return e;
    });
  }

  static void normalised(Index n, Plane<T> p, const Scalar& sum) {
    const Scalar inverse = formulas::number<Scalar>(1) / sum;
    loop<T, isa, tangents>(n, [=](auto at, Index i) {
      using L = decltype(at);
      L::store(p, i, L::load(p, i) * spread<L>(inverse));
    });
  }

  static void softmax(Index n, Plane<const T> x, Plane<T> p) {
    normalised(n, p, exponentials(n, x, largest(n, x.value), p));
  }

  static void softmax_back(Index n, Plane<const T> p, Plane<const T> p_bar, Plane<T> x_bar) {
    const Scalar mean = sum_of(n, [=](auto at, Index i) {
      using L = decltype(at);
      return L::load(p, i) * L::load(p_bar, i);
    });
    loop<T, isa, tangents>(n, [=](auto at, Index i) {
      using L = decltype(at);
      L::store(x_bar, i, L::load(x_bar, i) + L::load(p, i) * (L::load(p_bar, i) - spread<L>(mean)));
    });
  }

  static void log_softmax(Index n, Plane<const T> x, Plane<T> y) {
    const T top = largest(n, x.value);
    const Scalar all = exponentials(n, x, top, y);
    const Scalar shift = formulas::logarithm<Scalar>(all) + Scalar(typename One::V(top));
    loop<T, isa, tangents>(n, [=](auto at, Index i) {
      using L = decltype(at);
      L::store(y, i, L::load(x, i) - spread<L>(shift));
    });
  }

  static void log_softmax_back(Index n, Plane<const T> y, Plane<const T> y_bar, Plane<T> x_bar) {
    const Scalar all = sum_of(n, [=](auto at, Index i) { return decltype(at)::load(y_bar, i); });
    loop<T, isa, tangents>(n, [=](auto at, Index i) {
      using L = decltype(at);
      using S = typename L::S;
      const S p = formulas::exponential<S>(L::load(y, i));
      L::store(x_bar, i, L::load(x_bar, i) + L::load(y_bar, i) - p * spread<L>(all));
    });
  }

  static void cross_entropy(Index n, Plane<const T> x, int label, Plane<T> p, Plane<T> loss) {
    const T top = largest(n, x.value);
    const Scalar all = exponentials(n, x, top, p);
    One::store(loss, 0,
               formulas::logarithm<Scalar>(all) + Scalar(typename One::V(top)) - One::load(x, label));
    normalised(n, p, all);
  }

  static void cross_entropy_back(Index n, Plane<const T> p, int label, Plane<const T> loss_bar,
                                 Plane<T> x_bar) {
    const Scalar bar = One::load(loss_bar, 0);
    loop<T, isa, tangents>(n, [=](auto at, Index i) {
      using L = decltype(at);
      L::store(x_bar, i, L::load(x_bar, i) + L::load(p, i) * spread<L>(bar));
    });
    One::store(x_bar, label, One::load(x_bar, label) - bar);
  }

  static void normalise(Index n, T epsilon, Centre centre, Plane<const T> x, Plane<T> y, Plane<T> r) {
    const Scalar inverse_n = formulas::number<Scalar>(1.0 / static_cast<double>(n));
    Scalar mean = formulas::number<Scalar>(0);
    if (centre == Centre::mean)
      mean = inverse_n * sum_of(n, [=](auto at, Index i) { return decltype(at)::load(x, i); });
    const Scalar variance = inverse_n * sum_of(n, [=](auto at, Index i) {
                              using L = decltype(at);
                              const typename L::S d = L::load(x, i) - spread<L>(mean);
                              return d * d;
                            });
    using namespace dsp::math;
    const Scalar root = sqrt(variance + Scalar(typename One::V(epsilon)));
    const Scalar rate = formulas::number<Scalar>(1) / root;
    One::store(r, 0, rate);
    loop<T, isa, tangents>(n, [=](auto at, Index i) {
      using L = decltype(at);
      L::store(y, i, (L::load(x, i) - spread<L>(mean)) * spread<L>(rate));
    });
  }

  /// x_bar += r (y_bar - mean y_bar - y mean(y y_bar)).
  static void normalise_back(Index n, Centre centre, Plane<const T> y, Plane<const T> r, Plane<const T> y_bar,
                             Plane<T> x_bar) {
    const Scalar inverse_n = formulas::number<Scalar>(1.0 / static_cast<double>(n)), rate = One::load(r, 0);
    Scalar mean = formulas::number<Scalar>(0);
    if (centre == Centre::mean)
      mean = inverse_n * sum_of(n, [=](auto at, Index i) { return decltype(at)::load(y_bar, i); });
    const Scalar along = inverse_n * sum_of(n, [=](auto at, Index i) {
                           using L = decltype(at);
                           return L::load(y, i) * L::load(y_bar, i);
                         });
    loop<T, isa, tangents>(n, [=](auto at, Index i) {
      using L = decltype(at);
      const typename L::S change =
          spread<L>(rate) * (L::load(y_bar, i) - spread<L>(mean) - L::load(y, i) * spread<L>(along));
      L::store(x_bar, i, L::load(x_bar, i) + change);
    });
  }
};

/// call(Rows) with the tangents' case as a type.
template <class T, class Call> RAPHSON_INLINE void with_rows(bool tangents, const Call& call) {
  tangents ? call(Rows<T, true>{}) : call(Rows<T, false>{});
}

template <class T>
constexpr RowKernels<T> kernels = {
    [](Index rows, Index n, Plane<const T> x, Plane<T> p) {
      with_rows<T>(x.tangent, [=](auto k) {
        for (Index i = 0; i < rows; ++i) k.softmax(n, x + i * n, p + i * n);
      });
    },
    [](Index rows, Index n, Plane<const T> p, Plane<const T> p_bar, Plane<T> x_bar) {
      with_rows<T>(p.tangent, [=](auto k) {
        for (Index i = 0; i < rows; ++i) k.softmax_back(n, p + i * n, p_bar + i * n, x_bar + i * n);
      });
    },
    [](Index rows, Index n, Plane<const T> x, Plane<T> y) {
      with_rows<T>(x.tangent, [=](auto k) {
        for (Index i = 0; i < rows; ++i) k.log_softmax(n, x + i * n, y + i * n);
      });
    },
    [](Index rows, Index n, Plane<const T> y, Plane<const T> y_bar, Plane<T> x_bar) {
      with_rows<T>(y.tangent, [=](auto k) {
        for (Index i = 0; i < rows; ++i) k.log_softmax_back(n, y + i * n, y_bar + i * n, x_bar + i * n);
      });
    },
    [](Index rows, Index n, Plane<const T> x, const int* labels, Plane<T> p, Plane<T> loss) {
      with_rows<T>(x.tangent, [=](auto k) {
        for (Index i = 0; i < rows; ++i) k.cross_entropy(n, x + i * n, labels[i], p + i * n, loss + i);
      });
    },
    [](Index rows, Index n, Plane<const T> p, const int* labels, Plane<const T> loss_bar, Plane<T> x_bar) {
      with_rows<T>(p.tangent, [=](auto k) {
        for (Index i = 0; i < rows; ++i)
          k.cross_entropy_back(n, p + i * n, labels[i], loss_bar + i, x_bar + i * n);
      });
    },
    [](Index rows, Index n, T epsilon, Centre centre, Plane<const T> x, Plane<T> y, Plane<T> r) {
      with_rows<T>(x.tangent, [=](auto k) {
        for (Index i = 0; i < rows; ++i) k.normalise(n, epsilon, centre, x + i * n, y + i * n, r + i);
      });
    },
    [](Index rows, Index n, Centre centre, Plane<const T> y, Plane<const T> r, Plane<const T> y_bar,
       Plane<T> x_bar) {
      with_rows<T>(y.tangent, [=](auto k) {
        for (Index i = 0; i < rows; ++i)
          k.normalise_back(n, centre, y + i * n, r + i, y_bar + i * n, x_bar + i * n);
      });
    }};

} // namespace

extern const RowKernels<float> RAPHSON_FOR_ISA(rows_float);
const RowKernels<float> RAPHSON_FOR_ISA(rows_float) = kernels<float>;
extern const RowKernels<double> RAPHSON_FOR_ISA(rows_double);
const RowKernels<double> RAPHSON_FOR_ISA(rows_double) = kernels<double>;

} // namespace raphson::optim
