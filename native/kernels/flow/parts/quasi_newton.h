// Smallest value of a smooth function of N numbers by the quasi-Newton method: the steps of src/kernels/parts/minimize.ts.
#pragma once
#include "abi/kernel.h"

namespace tickforge::TICKFORGE_ISA {

template <int N> struct Vector {
  f64 at[N];
  f64& operator[](int i) { return at[i]; }
  f64 operator[](int i) const { return at[i]; }
};

template <int N> f64 dot(const Vector<N>& a, const Vector<N>& b) {
  f64 sum = 0;
  for (int i = 0; i < N; i++) sum += a[i] * b[i];
  return sum;
}

struct Accuracy {
  f64 curvature, noise, gain;
};

template <int N> struct Minimum {
  Vector<N> x, slope;
  f64 value;
  bool converged;
};

// The inverse of the second derivatives, from the changes of the slope seen so far.
template <int N> struct Inverse {
  Vector<N> row[N];

  void reset(f64 curvature) {
    for (int i = 0; i < N; i++)
      for (int j = 0; j < N; j++) row[i][j] = i == j ? 1 / curvature : 0;
  }
  Vector<N> times(const Vector<N>& v) const {
    Vector<N> out;
    for (int i = 0; i < N; i++) out[i] = dot(row[i], v);
    return out;
  }
  void update(const Vector<N>& step, const Vector<N>& change, f64 gain) {
    const f64 along = dot(step, change);
    if (!(along > gain)) return;
    const Vector<N> turned = times(change);
    const f64 factor = (1 + dot(change, turned) / along) / along;
    for (int i = 0; i < N; i++)
      for (int j = 0; j < N; j++) row[i][j] += factor * step[i] * step[j] - (turned[i] * step[j] + step[i] * turned[j]) / along;
  }
};

// of(x, slope) returns the value at x and sets its derivatives.
template <int N, class F> bool search(const F& of, const Minimum<N>& from, const Vector<N>& direction, f64 descent, f64 noise, Minimum<N>& to) {
  f64 length = 1;
  for (int halvings = 0; halvings < 40; halvings++, length /= 2) {
    for (int i = 0; i < N; i++) to.x[i] = from.x[i] + length * direction[i];
    to.value = of(to.x, to.slope);
    if (to.value <= from.value + 1e-4 * length * descent + noise) return true;
  }
  return false;
}

template <int N, class F> Minimum<N> minimize(const F& of, const Vector<N>& start, const Accuracy& accuracy) {
  Minimum<N> here{start, {}, 0, false}, next;
  here.value = of(here.x, here.slope);
  Inverse<N> inverse;
  inverse.reset(accuracy.curvature);
  bool fresh = true;
  int quiet = 0;
  for (int steps = 0; steps < 200; steps++) {
    Vector<N> direction = inverse.times(here.slope), step, change;
    for (int i = 0; i < N; i++) direction[i] = -direction[i];
    const f64 descent = dot(direction, here.slope);
    if (!(descent < 0 && search(of, here, direction, descent, accuracy.noise, next))) {
      if (fresh) return here.converged = descent >= -2 * accuracy.noise, here;
      inverse.reset(accuracy.curvature);
      fresh = true;
      continue;
    }
    for (int i = 0; i < N; i++) step[i] = next.x[i] - here.x[i], change[i] = next.slope[i] - here.slope[i];
    inverse.update(step, change, accuracy.gain);
    here = next;
    fresh = false;
    quiet += descent >= -2 * accuracy.noise;
    if (descent >= -2 * accuracy.gain || quiet == 16) return here.converged = true, here;
  }
  here.converged = false;
  return here;
}

}  // namespace tickforge::TICKFORGE_ISA
