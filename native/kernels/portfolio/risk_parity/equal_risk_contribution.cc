// Contract: src/kernels/portfolio/risk_parity/equal_risk_contribution.ts. What the others pull at an asset with is a product of its row of V with
// z = V'y, which follows each change of y: a cycle costs assets * factors, not assets^2.
#include "kernels/portfolio/parts/risky_model.h"
#include "simd/elementary.h"

namespace tickforge::TICKFORGE_ISA {

static constexpr Names names{.inputs = "covariance, loading, factorCovariance, specificVariance, returns, budget, start",
                             .options = "assets, portfolios, tolerance, maxIterations",
                             .outputs = "weights, share, riskless, status, volatility, objective, primalResidual, dualResidual, gap, iterations"};

static constexpr i32 model_port = names.input("covariance");
static i64 scratch_size(const Sizes& of) {
  const i64 n = of.option(names.option("assets"));
  return risk_model_scratch(of, model_port, n) + 4 * n + padded(risk_model_factors(of, model_port, n));
}

static f64 sum_of(const f64* x, i64 n) {
  f64x8 sums{};
  for (i64 i = 0; i < n; i += 8) sums += load_first(x + i, n - i);
  return reduce_add(sums);
}

// Of rows of whole vectors: four sums at once, since each waits for itself.
static f64 row_product(const f64* a, const f64* b, i64 step) {
  f64x8 sums[4] = {};
  i64 k = 0;
  for (; k + 32 <= step; k += 32)
    for (i64 s = 0; s < 4; s++) sums[s] = multiply_add(load<f64x8>(a + k + 8 * s), load<f64x8>(b + k + 8 * s), sums[s]);
  for (i64 s = 0; k < step; k += 8, s++) sums[s] = multiply_add(load<f64x8>(a + k), load<f64x8>(b + k), sums[s]);
  return reduce_add((sums[0] + sums[1]) + (sums[2] + sums[3]));
}
static void add_row(f64 times, const f64* row, f64* z, i64 step) {
  for (i64 k = 0; k < step; k += 8) store(z + k, multiply_add(times, load<f64x8>(row + k), load<f64x8>(z + k)));
}

// The root above 0 of a y^2 + b y - c, without the difference of near numbers.
static f64 positive_root(f64 a, f64 b, f64 c) {
  const f64 root = __builtin_sqrt(b * b + 4 * a * c);
  return b > 0 ? 2 * c / (b + root) : (root - b) / (2 * a);
}

namespace {

struct Search {
  const RiskModel& model;
  const f64 *variance, *budget;  // of each asset
  f64 *y, *z;

  f64 risk() const {
    f64 own = 0;
    for (i64 i = 0; i < model.assets; i++) own += model.d[i] * y[i] * y[i];
    return own + row_product(z, z, model.step);
  }
  // What the same amounts would risk if all were perfectly correlated.
  f64 alike() const {
    f64 sum = 0;
    for (i64 i = 0; i < model.assets; i++) sum += y[i] * __builtin_sqrt(variance[i]);
    return sum * sum;
  }
  void scale() const {
    const f64 by = 1 / __builtin_sqrt(risk());
    for (i64 i = 0; i < model.assets; i++) y[i] *= by;
    for (i64 k = 0; k < model.step; k++) z[k] *= by;
  }
  // One y after the other; the largest |share / budget - 1| that was found.
  f64 cycle() const {
    f64 worst = 0;
    for (i64 i = 0; i < model.assets; i++) {
      const f64* row = model.v + i * model.step;
      const f64 pull = row_product(row, z, model.step) + model.d[i] * y[i], wrong = __builtin_fabs(pull * y[i] / budget[i] - 1);
      worst = wrong > worst ? wrong : worst;
      const f64 next = positive_root(variance[i], pull - variance[i] * y[i], budget[i]);
      add_row(next - y[i], row, z, model.step);
      y[i] = next;
    }
    return worst;
  }
  // 0 solved, 1 stopped, 2 without risk.
  i32 run(f64 tolerance, i32 most, i32& cycles) const {
    cycles = 0;
    factor_exposure(model, y, z);
    if (!(risk() > 1e-14 * alike())) return 2;
    scale();
    for (cycles = 1; cycles <= most; cycles++) {
      const f64 worst = cycle(), whole = alike();
      if (cycles % 16 == 0 || risk() < 1e-6 * whole) factor_exposure(model, y, z);  // roundings of the steps add up in z
      if (!(risk() > 1e-14 * whole)) return 2;
      scale();
      if (worst <= tolerance) return 0;
    }
    cycles = most;
    return 1;
  }
};

}  // namespace

static Status equal_risk_contribution(OptionalIn<f64> covariance, OptionalIn<f64> loading, OptionalIn<f64> factor_covariance,
                                      OptionalIn<f64> specific_variance, OptionalIn<f64> returns, OptionalIn<f64> budgets, OptionalIn<f64> start,
                                      i32 assets, i32 portfolios, f64 tolerance, i32 most, Workspace scratch, Out<f64> weights, Out<f64> share,
                                      Out<f64> riskless, Out<i32> status, Out<f64> volatility, Out<f64> objective, Out<f64> primal, Out<f64> dual,
                                      Out<f64> gap, Out<i32> iterations) {
  const i64 n = assets;
  const RiskPorts ports{covariance, loading, factor_covariance, specific_variance, returns};
  f64 *variance = scratch.data, *budget = variance + n, *y = budget + n, *pull = y + n, *rest = pull + n;
  RiskModel model{};
  f64 *z = rest, *space = z + model_step(ports, n);
  if (const Status said = risky_model(ports, model_port, n, space, model, variance); said.code != OK) return said;
  const f64 nan = __builtin_nan("");
  for (i64 p = 0; p < portfolios; p++) {
    f64 *w = weights.data + p * n, *s = share.data + p * n, *without = riskless.data + p * n;
    for (i64 i = 0; i < n; i++) budget[i] = budgets ? budgets[p * n + i] : 1.0;
    const f64 asked = sum_of(budget, n);
    for (i64 i = 0; i < n; i++) budget[i] /= asked, y[i] = start ? start[i] : 1 / __builtin_sqrt(variance[i]);
    status[p] = Search{model, variance, budget, y, z}.run(tolerance, most, iterations[p]);
    const f64 amount = sum_of(y, n);
    for (i64 i = 0; i < n; i++) {
      w[i] = status[p] == 2 ? nan : y[i] / amount;
      s[i] = nan;
      without[i] = status[p] == 2 ? y[i] / amount : 0.0;
    }
    volatility[p] = objective[p] = primal[p] = dual[p] = gap[p] = nan;
    if (status[p] == 2) continue;
    factor_exposure(model, w, z);
    covariance_times(model, w, z, pull);
    f64 whole = 0, logs = 0, apart = 0, most_wrong = 0;
    for (i64 i = 0; i < n; i++) whole += w[i] * pull[i];
    for (i64 i = 0; i < n; i++) {
      s[i] = w[i] * pull[i] / whole;
      const f64 x = s[i] / budget[i] - 1, wrong = __builtin_fabs(x);
      most_wrong = wrong > most_wrong ? wrong : most_wrong;
      logs += budget[i] * log_positive(w[i]);
      apart += x > -1 ? budget[i] * (x - log_one_plus(x)) : __builtin_inf();
    }
    volatility[p] = __builtin_sqrt(whole);
    objective[p] = log_positive(whole) / 2 - logs;
    primal[p] = __builtin_fabs(sum_of(w, n) - 1);
    dual[p] = most_wrong;
    gap[p] = apart > 0 ? apart : 0.0;
  }
  return done();
}

}  // namespace tickforge::TICKFORGE_ISA
KERNEL_PLAIN(equal_risk_contribution)
