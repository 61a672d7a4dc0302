// Contract: src/kernels/flow/toxicity/pin.ts. Differs by the rounding of exp, log and sums (informed_trading.h).
#include "kernels/flow/parts/informed_trading.h"

namespace tickforge::TICKFORGE_ISA {

static constexpr Names names{.inputs = "buys, sells",
                             .options = "window, starts",
                             .state = "trades, rows",
                             .outputs = "pin, alpha, delta, mu, epsilonBuy, epsilonSell, logLikelihood, converged"};

static constexpr i64 points = 125;

// Starting values of the grid in the order of their likelihood, the `wanted` best of them; of equal ones the first.
struct Starts {
  Parameters x[points];
  f64 lack[points];
  i64 held = 0;

  void add(const Parameters& at, f64 value, i64 wanted) {
    if (held == wanted && !(value < lack[held - 1])) return;
    i64 place = held < wanted ? held++ : held - 1;
    for (; place > 0 && lack[place - 1] > value; place--) lack[place] = lack[place - 1], x[place] = x[place - 1];
    lack[place] = value, x[place] = at;
  }
};

static Estimate estimate_from_grid(const InformedTrading& model, i64 wanted) {
  if (!model.possible) return InformedTrading::none();
  Starts starts;
  const f64 days = static_cast<f64>(model.count), mean_buy = model.buys / days, mean_sell = model.sells / days;
  for (const f64 alpha : grid)
    for (const f64 delta : grid)
      for (const f64 uninformed : grid) {
        const f64 wide = (mean_buy - uninformed * mean_buy) / (alpha * (1 - delta)), least = (mean_buy + mean_sell) / 10;
        const f64 mu = wide > least ? wide : least, rest = mean_sell - alpha * delta * mu;
        const Parameters at = model.coordinates(alpha, delta, mu, uninformed * mean_buy, rest > mean_sell / 10 ? rest : mean_sell / 10);
        Parameters slope;
        // Points that differ by rounding are alike, so that every backend begins at the same ones.
        starts.add(at, __builtin_floor(model(at, slope) / (0x1p12 * model.noise()) + 0.5), wanted);
      }
  return model.estimate(starts.x, starts.held);
}

template <class T>
Status pin(In<T> buys, In<T> sells, i32 window, i32 starts, State<f64> trades, State<f64> rows, Out<T> pin, Out<T> alpha, Out<T> delta, Out<T> mu,
           Out<T> epsilon_buy, Out<T> epsilon_sell, Out<f64> log_likelihood, Out<u8> converged) {
  const EstimateOutputs<T> out{alpha, delta, mu, epsilon_buy, epsilon_sell, log_likelihood, converged};
  i64 seen = count_of(rows[0]);
  for (i64 i = 0; i < buys.length; i++, seen++) {
    trades[seen % window] = static_cast<f64>(buys[i]);
    trades[window + seen % window] = static_cast<f64>(sells[i]);
    const Estimate found =
        seen + 1 < window ? InformedTrading::none() : estimate_from_grid({trades.data, trades.data + window, nullptr, window}, starts);
    const f64 informed = found.of[0] * found.of[2];
    pin[i] = static_cast<T>(found.of[0] == 0 ? 0 : informed / (informed + found.of[3] + found.of[4]));
    out.write(i, found);
  }
  rows[0] = static_cast<f64>(seen);
  return done();
}

}  // namespace tickforge::TICKFORGE_ISA
KERNEL(pin)
