// Contract: src/kernels/risk/volatility/garch.ts. The same likelihood, derivatives and steps.
#include "kernels/parts/returns.h"

namespace tickforge::TICKFORGE_ISA {

static constexpr Names names{.inputs = "returns",
                             .options = "mean, horizon, maxIterations",
                             .outputs = "parameters, standardErrors, logLikelihood, converged, variance, forecast"};
CHOICE(MeanReturn, constant, zero)

namespace {

struct Theta {
  f64 x[4];  // mu, omega, alpha, beta
};

struct At {
  f64 value, gradient[4], hessian[4][4];
  f64 variance, square;  // of the last observation
};

constexpr f64 log_2_pi = 1.8378770664093454836;

template <class T> struct Data {
  const T* returns;
  i64 rows;
  bool zero_mean;

  bool constant() const {
    for (i64 t = 1; t < rows; t++)
      if (returns[t] != returns[0]) return false;
    return true;
  }
  f64 mean() const {
    f64 sum = 0;
    for (i64 t = 0; t < rows; t++) sum += static_cast<f64>(returns[t]);
    return sum / static_cast<f64>(rows);
  }
  f64 mean_square(f64 mu, f64& mean_residual) const {
    f64 sum = 0, squares = 0;
    for (i64 t = 0; t < rows; t++) {
      const f64 e = static_cast<f64>(returns[t]) - mu;
      sum += e, squares += e * e;
    }
    mean_residual = sum / static_cast<f64>(rows);
    return squares / static_cast<f64>(rows);
  }
};

// One step of the recursions: the variance h, its gradient g and its second derivatives H by (mu, omega, alpha, beta).
inline void advance(const Theta& theta, f64 square, f64 slope, f64& h, f64 (&g)[4], f64 (&H)[4][4]) {
  const f64 alpha = theta.x[2], beta = theta.x[3];
  for (int i = 0; i < 4; i++)
    for (int j = 0; j < 4; j++) H[i][j] *= beta;
  H[0][0] += 2 * alpha;
  H[0][2] += slope, H[2][0] += slope;
  for (int i = 0; i < 4; i++) H[i][3] += g[i], H[3][i] += g[i];
  const f64 by[4] = {alpha * slope, 1, square, h};
  for (int i = 0; i < 4; i++) g[i] = by[i] + beta * g[i];
  h = theta.x[1] + alpha * square + beta * h;
}

template <class T> At evaluate(const Data<T>& data, const Theta& theta, T* variance) {
  At at{};
  f64 mean_residual;
  f64 square = data.mean_square(theta.x[0], mean_residual), slope = -2 * mean_residual, h = square;
  f64 g[4] = {slope}, H[4][4] = {{2}};
  f64 logs = 0, ratios = 0;
  for (i64 t = 0; t < data.rows; t++) {
    advance(theta, square, slope, h, g, H);
    const f64 e = static_cast<f64>(data.returns[t]) - theta.x[0], inverse = 1 / h;
    square = e * e, slope = -2 * e;
    if (variance) variance[t] = static_cast<T>(h);
    const f64 ratio = square * inverse, by_h = 0.5 * (ratio - 1) * inverse, by_hh = (0.5 - ratio) * (inverse * inverse);
    logs += log_return(1, h), ratios += ratio;
    const f64 cross = e * (inverse * inverse);
    for (int i = 0; i < 4; i++) {
      at.gradient[i] += by_h * g[i];
      for (int j = 0; j < 4; j++) at.hessian[i][j] += by_h * H[i][j] + by_hh * g[i] * g[j];
      at.hessian[0][i] -= cross * g[i], at.hessian[i][0] -= cross * g[i];
    }
    at.gradient[0] += e * inverse;
    at.hessian[0][0] -= inverse;
  }
  at.value = -0.5 * (static_cast<f64>(data.rows) * log_2_pi + logs + ratios);
  at.variance = h, at.square = square;
  if (data.zero_mean) {
    at.gradient[0] = 0;
    for (int i = 0; i < 4; i++) at.hessian[0][i] = at.hessian[i][0] = i == 0 ? -1 : 0;
  }
  return at;
}

// Inverse of minus the Hessian by Cholesky's method; false where that is not positive definite.
bool invert(const f64 (&hessian)[4][4], f64 (&inverse)[4][4]) {
  f64 lower[4][4];
  for (int i = 0; i < 4; i++)
    for (int j = 0; j <= i; j++) {
      f64 rest = -hessian[i][j];
      for (int k = 0; k < j; k++) rest -= lower[i][k] * lower[j][k];
      if (i == j && !(rest > 0)) return false;
      lower[i][j] = i == j ? __builtin_sqrt(rest) : rest / lower[j][j];
    }
  for (int c = 0; c < 4; c++) {
    f64 x[4] = {};
    x[c] = 1;
    for (int i = 0; i < 4; i++) {
      for (int k = 0; k < i; k++) x[i] -= lower[i][k] * x[k];
      x[i] /= lower[i][i];
    }
    for (int i = 3; i >= 0; i--) {
      for (int k = i + 1; k < 4; k++) x[i] -= lower[k][i] * x[k];
      x[i] /= lower[i][i];
    }
    for (int i = 0; i < 4; i++) inverse[i][c] = x[i];
  }
  return true;
}

inline bool inside(const Theta& t) { return (t.x[1] > 0) & (t.x[2] > 0) & (t.x[3] > 0) & (t.x[2] + t.x[3] < 1); }
inline Theta moved(const Theta& from, const f64 (&step)[4], f64 share) {
  Theta to;
  for (int i = 0; i < 4; i++) to.x[i] = from.x[i] + share * step[i];
  return to;
}

template <class T> Theta best_start(const Data<T>& data, At& at) {
  f64 ignored;
  const f64 mu = data.zero_mean ? 0 : data.mean(), scale = data.mean_square(mu, ignored);
  Theta best{{mu, scale, 0, 0}};
  bool any = false;
  constexpr f64 alphas[] = {0.05, 0.1, 0.2}, sums[] = {0.6, 0.75, 0.9};
  for (const f64 alpha : alphas)
    for (const f64 sum : sums) {
      const f64 beta = sum - alpha;
      const Theta start{{mu, scale * (1 - alpha - beta), alpha, beta}};
      const At here = evaluate<T>(data, start, nullptr);
      if (!any || here.value > at.value) best = start, at = here;
      any = true;
    }
  return best;
}

// Newton steps, halved until they stay inside and do not lose likelihood.
template <class T> bool climb(const Data<T>& data, i32 iterations, Theta& theta, At& at) {
  int polished = 0;
  for (i32 i = 0; i < iterations; i++) {
    f64 covariance[4][4], step[4] = {}, decrement = 0;
    const bool concave = invert(at.hessian, covariance);
    for (int a = 0; a < 4; a++) {
      if (concave)
        for (int b = 0; b < 4; b++) step[a] += covariance[a][b] * at.gradient[b];
      else step[a] = at.gradient[a] / __builtin_fabs(at.hessian[a][a]);
    }
    for (int a = 0; a < 4; a++) decrement += step[a] * at.gradient[a];
    const bool close = concave && decrement < 1e-8;
    Theta next = moved(theta, step, 1);
    At there{};
    bool evaluated = false;
    for (f64 half = 0.5; half > 1e-9; half /= 2) {
      if (inside(next)) {
        there = evaluate<T>(data, next, nullptr), evaluated = true;
        if (close || there.value > at.value) break;
      }
      next = moved(theta, step, half), evaluated = false;
    }
    if (!inside(next)) break;
    theta = next;
    at = evaluated ? there : evaluate<T>(data, next, nullptr);
    if (close && ++polished == 3) return true;
  }
  return false;
}

}  // namespace

template <class T>
Status garch(In<T> returns, MeanReturn mean, i32 horizon, i32 max_iterations, Out<f64> parameters, Out<f64> standard_errors, Out<f64> log_likelihood,
             Out<i8> converged, Out<T> variance, Out<T> forecast) {
  const Data<T> data{returns.data, returns.length, mean == MeanReturn::zero};
  if (data.constant()) {
    const f64 none = __builtin_nan("");
    for (int i = 0; i < 4; i++) parameters[i] = standard_errors[i] = none;
    log_likelihood[0] = none;
    for (i64 t = 0; t < returns.length; t++) variance[t] = static_cast<T>(none);
    for (i32 k = 0; k < horizon; k++) forecast[k] = static_cast<T>(none);
    converged[0] = 0;
    return done();
  }
  At at{};
  Theta theta = best_start(data, at);
  converged[0] = climb(data, max_iterations, theta, at);
  at = evaluate(data, theta, variance.data);
  f64 covariance[4][4];
  const bool regular = invert(at.hessian, covariance);
  for (int i = 0; i < 4; i++) {
    parameters[i] = theta.x[i];
    standard_errors[i] = i == 0 && data.zero_mean ? 0 : regular ? __builtin_sqrt(covariance[i][i]) : __builtin_nan("");
  }
  log_likelihood[0] = at.value;
  for (i32 k = 0; k < horizon; k++) {
    at.variance = theta.x[1] + theta.x[2] * at.square + theta.x[3] * at.variance;
    at.square = at.variance;
    forecast[k] = static_cast<T>(at.variance);
  }
  return done();
}

}  // namespace tickforge::TICKFORGE_ISA
KERNEL(garch)
