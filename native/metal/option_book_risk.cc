// Contract: src/kernels/risk/options/option_book_risk.ts. Shaders: shaders/normal_draws.metal, shaders/product_sums.metal,
// shaders/option_book_risk.metal. The book as it is on the horizon and the tail of the losses are the native kernel's.
#include <algorithm>
#include <cmath>

#include "gpu/gpu_paths.h"
#include "kernels/risk/parts/option_book.h"

namespace tickforge::TICKFORGE_ISA {

namespace {

constexpr Shader repricing =
    shader_row<Reads<option_book_risk_position>, Reads<Pair>, Reads<Pair>, Reads<Pair>, Writes<Pair>, Reads<option_book_risk_constants>>(
        "option_book_risk", 128);

// The power of two that brings the largest position to a size of about 1, so that what f32 cannot hold does not count.
f64 unit_of(const OptionBook& book) {
  f64 largest = 0;
  for (const Held* held = book.held; held < book.held + book.positions; held++)
    for (const f64 price : {held->price, held->option.asset, held->option.cash})
      if (const f64 size = std::fabs(held->units * price); std::isfinite(size) && size > largest) largest = size;
  return largest > 0 ? std::ldexp(1.0, std::ilogb(largest)) : 1;
}

void put(f64 value, float* to) {
  const Pair pair = pair_of(value);
  to[0] = pair.x, to[1] = pair.y;
}

// The position as the shader reads it.
option_book_risk_position position_of(const Held& held, f64 unit) {
  const Option& o = held.option;
  const bool is_option = held.is_option != 0;
  option_book_risk_position made{};
  made.underlying = static_cast<u32>(held.underlying), made.side = is_option ? static_cast<f32>(o.side) : 0.0f;
  put(held.units * (is_option ? o.asset : held.price) / unit, made.asset);
  if (!is_option) return made;
  put(o.moneyness, made.moneyness), put(o.volatility * o.root, made.deviation);
  put(held.units * o.cash / unit, made.cash), put(held.now / unit, made.now);
  return made;
}

}  // namespace

static Status option_book_risk(In<f64> quantity, OptionalIn<f64> multiplier, In<u8> kind, In<u32> underlying, In<f64> strike, In<f64> expiry,
                               In<f64> volatility, OptionalIn<f64> rate, OptionalIn<f64> yield, In<f64> price, OptionalIn<f64> mean,
                               In<f64> covariance, i32 paths, f64 confidence, f64 horizon, Distribution distribution, f64 df, i32 seed, i32 stream,
                               i32, Workspace scratch, Threads crew, Out<f64> var, Out<f64> es, Out<f64> var_low, Out<f64> var_high,
                               Out<f64> var_error, Out<f64> es_error) {
  Space space{scratch.data};
  OptionBook book;
  const Positions positions{quantity, multiplier, kind, underlying, strike, expiry, volatility, rate, yield, price};
  if (const Status opened = open_book(positions, mean, covariance, horizon, space, book); opened.code != OK) return opened;
  const Law law = law_of(distribution, df, seed, stream);
  const i64 n = price.length;
  std::stable_sort(book.held, book.held + book.positions, [](const Held& a, const Held& b) { return a.underlying < b.underlying; });
  const f64 unit = unit_of(book);
  const PathSums sums{n, n, n, book.model.dense, nullptr};
  const PathPlan plan{paths, 1, batch_paths(n), 0, 1};
  return tails_of_device(
      plan, tail_rule(confidence), crew, space,
      [&](i64 first, i64 count, f64* losses, i64) {
        Work work;
        option_book_risk_position* entries;
        Pair *means, *scales, *lost;
        const i64 most = sums.batch(count);
        const LaunchArgument entry = work.take(book.positions, entries), shift = work.take(n, means);
        const LaunchArgument scale = work.take(most, scales), loss = work.take(most, lost);
        if (work.failed()) return work.finish();
        for (i64 i = 0; i < book.positions; i++) entries[i] = position_of(book.held[i], unit);
        for (i64 i = 0; i < n; i++) means[i] = pair_of(book.model.mean[i]);
        return each_path_batch(work, sums, static_cast<u64>(first), count, law, [&](const PathBatch& batch) {
          const option_book_risk_constants constants{static_cast<u32>(batch.count), static_cast<u32>(book.positions)};
          for (i64 k = 0; k < batch.count; k++) scales[k] = pair_of(batch.scales[k]);
          work.launch(repricing, batch.count,
                      {entry, shift, batch.made, part(scale, batch.count), part(loss, batch.count), Work::constants(constants)});
          if (!work.finish()) return false;
          for (i64 k = 0; k < batch.count; k++) losses[batch.start + k] = value_of(lost[k]) * unit;
          return true;
        });
      },
      RiskOutputs{var, es, var_low, var_high, var_error, es_error});
}

}  // namespace tickforge::TICKFORGE_ISA
GPU_KERNEL(option_book_risk, true, &normal_draws, &product_sums, &repricing)
