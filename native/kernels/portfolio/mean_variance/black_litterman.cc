// Contract: src/kernels/portfolio/mean_variance/black_litterman.ts. The covariance is seen by its products with views alone.
#include "kernels/portfolio/parts/risk_model.h"

namespace tickforge::TICKFORGE_ISA {

static constexpr Names names{.inputs =
                                 "covariance, loading, factorCovariance, specificVariance, returns, views, viewReturns, viewVariance, "
                                 "viewCovariance, confidence, marketWeights, priorReturns",
                             .options = "assets, riskAversion, tau",
                             .outputs = "mean, prior, pull, omega, reduction, posterior"};

static constexpr i32 model_port = names.input("covariance");
static i64 scratch_size(const Sizes& of) {
  const i64 n = of.option(names.option("assets")), views = of.length(names.input("viewReturns"));
  const i64 omega = of.given(names.input("viewCovariance")) ? views * padded(views) + pivoted_scratch(views) : 0;
  return risk_model_scratch(of, model_port, n) + padded(risk_model_factors(of, model_port, n)) + n + views * n + 2 * views * views + 3 * views +
         omega + 16;
}

static f64 product(const f64* a, const f64* b, i64 n) {
  f64 sum = 0;
  f64x8 sums{};
  i64 i = 0;
  for (; n - i >= 8; i += 8) sums = multiply_add(load<f64x8>(a + i), load<f64x8>(b + i), sums);
  for (; i < n; i++) sum += a[i] * b[i];
  return reduce_add(sums) + sum;
}
// to -= times * from.
static void take_off(f64 times, const f64* from, f64* to, i64 n) {
  i64 i = 0;
  for (; n - i >= 8; i += 8) store(to + i, multiply_add(-times, load<f64x8>(from + i), load<f64x8>(to + i)));
  for (; i < n; i++) to[i] -= times * from[i];
}

namespace {

struct Joint {
  i64 n, count;
  const f64 *views, *pushed;  // [view][asset]: views, and the covariance's products with them
  f64 *a, *lower, *scale, *solved;
  f64 tau;

  // By Cholesky's factor of a scaled to a diagonal of 1, a view after the other; `solved` holds what each says beyond the prior. -1, or the
  // view that follows from those before it: `implied` says whether it says what they do.
  i64 factor(f64* reduction, bool& implied) const {
    for (i64 k = 0; k < count; k++) {
      f64* row = lower + k * count;
      f64 left = 1, rest = scale[k] * solved[k], size = rest * rest, before = 0;
      for (i64 l = 0; l < k; l++) {
        const f64 both = scale[k] * scale[l];
        row[l] = ((both == 0 ? 0.0 : both * a[k * count + l]) - product(row, lower + l * count, l)) / lower[l * count + l];
        left -= row[l] * row[l];
        rest -= row[l] * solved[l];
        before += solved[l] * solved[l];
      }
      if (left <= 1e-10) {
        implied = rest * rest <= 1e-12 * (size > before ? size : before);
        return k;
      }
      row[k] = __builtin_sqrt(left);
      solved[k] = rest / row[k];
      f64* to = reduction + k * n;
      for (i64 i = 0; i < n; i++) to[i] = scale[k] * tau * pushed[k * n + i];
      for (i64 l = 0; l < k; l++) take_off(row[l], reduction + l * n, to, n);
      for (i64 i = 0; i < n; i++) to[i] /= row[k];
    }
    return -1;
  }
  void pull(f64* out) const {
    for (i64 k = count - 1; k >= 0; k--) {
      out[k] = solved[k];
      for (i64 l = k + 1; l < count; l++) out[k] -= lower[l * count + k] * out[l];
      out[k] /= lower[k * count + k];
    }
    for (i64 k = 0; k < count; k++) out[k] *= scale[k];
  }
};

}  // namespace

static Status black_litterman(OptionalIn<f64> covariance, OptionalIn<f64> loading, OptionalIn<f64> factor_covariance,
                              OptionalIn<f64> specific_variance, OptionalIn<f64> returns, In<f64> views, In<f64> view_returns,
                              OptionalIn<f64> view_variance, OptionalIn<f64> view_covariance, OptionalIn<f64> confidence,
                              OptionalIn<f64> market_weights, OptionalIn<f64> prior_returns, i32 assets, f64 risk_aversion, f64 tau,
                              Workspace scratch, Out<f64> mean, Out<f64> prior, Out<f64> pull, Out<f64> omega, Out<f64> reduction,
                              OptionalOut<f64> posterior) {
  const i64 n = assets, count = view_returns.length;
  f64 *pushed = scratch.data, *a = pushed + count * n, *lower = a + count * count, *scale = lower + count * count;
  f64 *solved = scale + count, *risk = solved + count, *volatility = risk + count, *rest = volatility + n;
  if (view_covariance) {
    const i64 wide = count * padded(count);
    if (is_asymmetric(view_covariance.data, count)) return refuse(BAD_VALUE, names.input("viewCovariance"), 0, 0);
    if (count > 0 && pivoted_factor(view_covariance.data, count, rest, rest + wide) < 0)
      return refuse(NOT_DEFINITE, names.input("viewCovariance"), 0, 0);
  }
  RiskModel model{};
  const RiskPorts ports{covariance, loading, factor_covariance, specific_variance, returns};
  if (const Status said = risk_model(ports, model_port, n, rest, model); said.code != OK) return said;
  f64* exposure = scratch.data + scratch.length - model.step - 8;
  for (i64 i = 0; i < n; i++) volatility[i] = __builtin_sqrt(variance_of(model, i));
  const auto push = [&](const f64* x, f64* out) {
    factor_exposure(model, x, exposure);
    covariance_times(model, x, exposure, out);
  };
  for (i64 k = 0; k < count; k++) {
    const f64* view = views.data + k * n;
    push(view, pushed + k * n);
    f64 alike = 0;
    for (i64 i = 0; i < n; i++) alike += __builtin_fabs(view[i]) * volatility[i];
    risk[k] = product(view, pushed + k * n, n);
    if (!(risk[k] > 1e-14 * alike * alike)) return refuse(BAD_VALUE, names.input("views"), k * n, 0);
  }
  push(market_weights ? market_weights.data : prior_returns.data, prior.data);
  for (i64 i = 0; i < n; i++) prior[i] = prior_returns ? prior_returns[i] : risk_aversion * prior[i];
  for (i64 k = 0; k < count; k++) {
    omega[k] = view_covariance ? view_covariance[k * count + k] : view_variance ? view_variance[k] : tau * risk[k] * (1 / confidence[k] - 1);
    for (i64 l = 0; l < k; l++)
      a[k * count + l] = tau * product(views.data + k * n, pushed + l * n, n) + (view_covariance ? view_covariance[k * count + l] : 0.0);
    scale[k] = 1 / __builtin_sqrt(tau * risk[k] + omega[k]);
    solved[k] = view_returns[k] - product(views.data + k * n, prior.data, n);
  }
  const Joint joint{n, count, views.data, pushed, a, lower, scale, solved, tau};
  bool implied = false;
  if (const i64 follows = joint.factor(reduction.data, implied); follows >= 0)
    return implied ? refuse(NOT_DEFINITE, names.input("views"), follows * n, 0) : refuse(BAD_VALUE, names.input("viewReturns"), follows, 0);
  joint.pull(pull.data);
  for (i64 i = 0; i < n; i++) mean[i] = prior[i];
  for (i64 k = 0; k < count; k++) take_off(-tau * pull[k], pushed + k * n, mean.data, n);
  if (!posterior) return done();
  for (i64 i = 0; i < n; i++) {
    f64* row = posterior.data + i * n;
    for (i64 j = 0; j < n; j++) row[j] = (1 + tau) * (i > j ? covariance[i * n + j] : covariance[j * n + i]);
    for (i64 k = 0; k < count; k++) take_off(reduction[k * n + i], reduction.data + k * n, row, n);
  }
  return done();
}

}  // namespace tickforge::TICKFORGE_ISA
KERNEL_PLAIN(black_litterman)
