// Contract: src/kernels/risk/options/option_book_risk.ts. What does not depend on the path is computed once for each position; then neighbouring
// paths of a position side by side.
#include "kernels/risk/parts/option_book.h"

namespace tickforge::TICKFORGE_ISA {

namespace {

// Losses of one panel of paths, log returns of the instruments given.
void panel_of_losses(const Held* held, i64 count, f64 now, const f64* returns, const f64* ratios, f64* losses) {
  for (i64 lane = 0; lane < tile_scenarios; lane++) losses[lane] = now;
  for (i64 i = 0; i < count; i++) {
    const Held& h = held[i];
    const f64 *r = returns + h.underlying * tile_scenarios, *ratio = ratios + h.underlying * tile_scenarios;
    f64 worth[tile_scenarios];
    if (h.is_option != 0) {
      const Options o = h.option.repeated();
      for (i64 lane = 0; lane < tile_scenarios; lane += register_lanes)
        store(worth + lane, option_value(o, load<f64xn>(ratio + lane), load<f64xn>(r + lane), broadcast<f64xn>(1)));
    } else {
      for (i64 lane = 0; lane < tile_scenarios; lane++) worth[lane] = h.price * ratio[lane];
    }
    for (i64 lane = 0; lane < tile_scenarios; lane++) losses[lane] -= h.units * worth[lane];
  }
}

}  // namespace

static Status option_book_risk(In<f64> quantity, OptionalIn<f64> multiplier, In<u8> kind, In<u32> underlying, In<f64> strike, In<f64> expiry,
                               In<f64> volatility, OptionalIn<f64> rate, OptionalIn<f64> yield, In<f64> price, OptionalIn<f64> mean,
                               In<f64> covariance, i32 paths, f64 confidence, f64 horizon, Distribution distribution, f64 df, i32 seed, i32 stream,
                               i32 threads, Workspace scratch, Threads crew, Out<f64> var, Out<f64> es, Out<f64> var_low, Out<f64> var_high,
                               Out<f64> var_error, Out<f64> es_error) {
  Space space{scratch.data};
  OptionBook book;
  const Positions positions{quantity, multiplier, kind, underlying, strike, expiry, volatility, rate, yield, price};
  if (const Status opened = open_book(positions, mean, covariance, horizon, space, book); opened.code != OK) return opened;
  const ReturnModel& model = book.model;
  const Law law = law_of(distribution, df, seed, stream);
  f64 now = 0;
  for (i64 i = 0; i < book.positions; i++) now += book.held[i].now;
  const i64 n = price.length;
  const i64 batch = batch_paths(n), tiles = batch / tile_scenarios, wide = (n + 8) * tile_scenarios;
  const PathPlan plan{paths, 1, batch, batch * (2 * n + 8) + 24 * n, threads};
  const bool whole = simulate_tails(
      plan, tail_rule(confidence), crew, space,
      [&](u64 first, f64* losses, i64, f64* z) {
        f64 *returns = z + batch * n, *ratios = returns + tiles * wide, scale[tile_scenarios];
        for (i64 t = 0; t < tiles; t++)
          normal_panel(first + static_cast<u64>(t * tile_scenarios), n, law.seed, law.stream, z + t * n * tile_scenarios);
        returns_of(model, z, returns, tiles);
        for (i64 t = 0; t < tiles; t++) {
          f64* r = returns + t * wide;
          path_scales(first + static_cast<u64>(t * tile_scenarios), law, scale);
          for (i64 i = 0; i < n; i++)
            for (i64 lane = 0; lane < tile_scenarios; lane++)
              r[i * tile_scenarios + lane] = r[i * tile_scenarios + lane] * scale[lane] + model.mean[i];
          for (i64 k = 0; k < n * tile_scenarios; k++) ratios[k] = exp_any(r[k]);
          panel_of_losses(book.held, book.positions, now, r, ratios, losses + t * tile_scenarios);
        }
      },
      RiskOutputs{var, es, var_low, var_high, var_error, es_error});
  return whole ? done() : cancelled();
}

}  // namespace tickforge::TICKFORGE_ISA
KERNEL_PLAIN(option_book_risk)
