// Contract: src/kernels/flow/toxicity/ivpin.ts. Differs by the rounding of exp, log and sums (informed_trading.h). The starting value for the
// next bucket is rounded, so that every backend goes on from the same one.
#include "kernels/flow/parts/informed_starts.h"

namespace tickforge::TICKFORGE_ISA {

static constexpr Names names{.inputs = "buy, sell, duration",
                             .options = "window, leastDuration, start",
                             .state = "terms, rows, start",
                             .outputs = "ivpin, alpha, delta, mu, epsilonBuy, epsilonSell, logLikelihood, converged"};
CHOICE(SearchStart, previous, grid)

static void grid_starts(const InformedTrading& model, Parameters* starts) {
  f64 imbalance = 0;
  for (i64 i = 0; i < model.count; i++) imbalance += __builtin_fabs(model.buy[i] - model.sell[i]);
  imbalance /= model.duration;
  const f64 half = (model.buys + model.sells) / model.duration / 2, rest = half - imbalance / 2, least = half / 10;
  const f64 epsilon = rest > least ? rest : least;
  i64 count = 0;
  for (const f64 alpha : grid)
    for (const f64 delta : grid)
      starts[count++] = model.coordinates(alpha, delta, imbalance / alpha > least ? imbalance / alpha : least, epsilon, epsilon);
}

static f64 rounded(f64 x, f64 most) {
  const f64 low = x > 1.0 / 16 ? x : 1.0 / 16, inside = low < most ? low : most;
  return static_cast<f64>(static_cast<i64>(1024 * inside + 0.5)) / 1024;
}

static void remember(const Estimate& found, f64 root, f64* start) {
  for (int k = 0; k < 5; k++) {
    const f64 x = __builtin_fabs(found.at[k]);
    if (!found.news) start[k] = 0;
    else start[k] = k < 2 ? rounded(x < 1 / x ? x : 1 / x, 15.0 / 16) : rounded(x / root, 1e12);
  }
}

// From the maximum before, or from the grid, and from every split.
static Estimate estimate_next(const InformedTrading& model, f64* start, bool always_grid, f64* scratch) {
  Estimate found = InformedTrading::none();
  if (model.possible) {
    const f64 root = model.root();
    const bool known = start[0] > 0 && !always_grid;
    Parameters starts[25 + splits];
    const i64 first = known ? 1 : 25;
    if (known) starts[0] = {{start[0], start[1], root * start[2], root * start[3], root * start[4]}};
    else grid_starts(model, starts);
    split_starts(model, scratch, starts + first);
    found = model.estimate(starts, first + splits);
  }
  remember(found, model.root(), start);
  return found;
}

static i64 scratch_size(const Sizes& of) { return 5 * of.option(names.option("window")) + 16; }

template <class T>
Status ivpin(In<T> buy, In<T> sell, In<T> duration, i32 window, f64 least_duration, SearchStart how, State<f64> terms, State<f64> rows,
             State<f64> start, Workspace scratch, Out<T> ivpin, Out<T> alpha, Out<T> delta, Out<T> mu, Out<T> epsilon_buy, Out<T> epsilon_sell,
             Out<f64> log_likelihood, Out<u8> converged) {
  const EstimateOutputs<T> out{alpha, delta, mu, epsilon_buy, epsilon_sell, log_likelihood, converged};
  i64 seen = count_of(rows[0]);
  f64 *buys = terms.data, *sells = buys + window, *times = sells + window;
  for (i64 i = 0; i < buy.length; i++, seen++) {
    const i64 slot = seen % window;
    const f64 took = static_cast<f64>(duration[i]);
    buys[slot] = static_cast<f64>(buy[i]), sells[slot] = static_cast<f64>(sell[i]), times[slot] = took > least_duration ? took : least_duration;
    const Estimate found =
        seen + 1 < window ? InformedTrading::none() : estimate_next({buys, sells, times, window}, start.data, how == SearchStart::grid, scratch.data);
    ivpin[i] = static_cast<T>(found.of[0] == 0 ? 0 : found.of[0] * found.of[2] / (found.of[3] + found.of[4] + found.of[2]));
    out.write(i, found);
  }
  rows[0] = static_cast<f64>(seen);
  return done();
}

}  // namespace tickforge::TICKFORGE_ISA
KERNEL(ivpin)
