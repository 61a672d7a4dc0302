// The arithmetic of one volume bucket; the reference is src/kernels/flow/parts/bucket.ts. A running total is exact enough that
// the same trade closes a bucket for every split of the tape and every instruction set: see add_below_border.
#pragma once
#include "simd/simd.h"
#include "abi/state_values.h"

namespace tickforge::TICKFORGE_ISA {

constexpr f64 dust = 0x1p-40;
constexpr f64 most_buckets = 0x1p24;

struct Fill {
  f64 sum, error;  // volume in the bucket: sum + error
  f64 buy, buy_error = 0;
};

// Buyer-initiated volume; with the error beside it the sum rounds to the same bits for every split of the tape.
inline void add_buy(Fill& fill, f64 bought) {
  const f64 total = fill.buy + bought, part = total - fill.buy;
  fill.buy_error += (fill.buy - (total - part)) + (bought - part);
  fill.buy = total;
}

struct Border {
  f64 filled, used, left;
};

// Volume beyond the bucket's capacity once `volume` is added, below -capacity * dust while it is not full.
inline f64 pour(Fill& fill, f64 volume, f64 capacity) {
  const f64 total = fill.sum + volume, part = total - fill.sum;
  fill.error += (fill.sum - (total - part)) + (volume - part);
  fill.sum = total;
  return (total - capacity) + fill.error;
}

inline Border cross(f64 over, f64 volume, f64 capacity) {
  const f64 rest = over > 0 ? over : 0;
  f64 left = rest, filled = 1;
  if (__builtin_expect(rest >= capacity, 0)) left = __builtin_fmod(rest, capacity), filled = 1 + __builtin_round((rest - left) / capacity);
  if (left >= capacity * (1 - dust)) filled += 1, left = 0;
  if (left <= capacity * dust) left = 0;
  return {filled, volume - rest, left};
}

// Buckets or bars of the next row that are already out, as a state says.
inline void mend_emitted(f64& emitted) {
  if (!(emitted >= 0 && emitted <= most_buckets)) emitted = 0;
}

// 2^(exponent of x + shift), for x > 0 in 2^-900 .. 2^900.
inline f64 power_near(f64 x, i64 shift) { return __builtin_bit_cast(f64, ((__builtin_bit_cast(u64, x) >> 52) + static_cast<u64>(shift)) << 52); }

// Volume of some rows in eight lanes, whole grid steps apart from what lies below the grid; what buyers took of it likewise where it
// is `cut`, else its plain sum.
struct Sums {
  f64x8 upper, lower, buy, buy_lower;
};

// Each volume is cut on a grid of 2^-40 of the capacity by adding it to 1.5 * 2^52 grid steps and more: sums of the upper
// parts are exact, those of the lower parts (each below the grid) lose nothing that counts, so the total does not depend
// on where the adding began.
template <bool cut> void add_cut(Sums& to, f64x8 volume, f64x8 bought) {
  const f64x8 upper = to.upper + volume, buy = to.buy + bought;
  to.lower += volume - (upper - to.upper);
  if constexpr (cut) to.buy_lower += bought - (buy - to.buy);
  to.upper = upper, to.buy = buy;
}

// Adds rows from i on while they stay clear of the border, 48, then 8, then as many of 8 as stay below; returns the first
// row not added.
template <class Source> i64 add_below_border(const Source& source, i64 i, i64 rows, f64 capacity, Fill& fill) {
  constexpr i64 block = 48;
  constexpr bool cut = requires { Source::cuts_buys; };
  if (rows - i < 8) return i;
  const f64x8 base = broadcast<f64x8>(1.5 * power_near(capacity, 52 - 40));
  const f64 clear = capacity * (1 - 1e-9) - fill.sum - fill.error;
  const f64x8 buy_base = cut ? base : f64x8{};
  Sums sums{base, {}, buy_base, {}};
  f64 total = 0;
  const auto add = [&](i64 at, Sums& to) __attribute__((always_inline)) {
    f64x8 volume, bought;
    source.read(at, volume, bought);
    add_cut<cut>(to, volume, bought);
  };
  const auto keep = [&](const Sums& next) __attribute__((always_inline)) {
    const f64 sum = reduce_add((next.upper - base) + next.lower);
    if (!(sum < clear)) return false;
    sums = next, total = sum;
    return true;
  };
  for (; rows - i >= block; i += block) {
    Sums next = sums;
    if constexpr (requires { source.fetch_behind(i, block); }) source.fetch_behind(i, block);
    for (i64 k = 0; k < block; k += 8) add(i + k, next);
    if (!keep(next)) break;
  }
  for (; rows - i >= 8; i += 8) {
    Sums next = sums;
    add(i, next);
    if (!keep(next)) break;
  }
  if (rows - i >= 8) {  // the border is near one of these eight; without branches, since it may be any
    i64 below = 0;
    for (i64 k = 0; k < 8; k++) total += source.volume(i + k), below += total < clear;
    f64x8 volume, bought;
    source.read(i, volume, bought);
    const i64x8 taken = greater(broadcast<i64x8>(below), i64x8{0, 1, 2, 3, 4, 5, 6, 7});
    add_cut<cut>(sums, select(taken, volume), select(taken, bought));
    i += below;
  }
  pour(fill, reduce_add(sums.upper - base), capacity);
  fill.error += reduce_add(sums.lower);
  add_buy(fill, reduce_add(sums.buy - buy_base));
  fill.buy_error += reduce_add(sums.buy_lower);
  return i;
}

// Borders of small buckets in a few rows, found in whole units of 2^-61 to 2^-60 of the capacity: an integer carries the
// volume from row to row faster than a compensated sum, and without branches. A border that is too near to a rounding
// error of so many units to be sure is left to `pour`, as is a trade that fills several buckets.
struct Borders {
  static constexpr i64 most = 256;
  i64 rows, count;
  f64 unit;
  i64 lots[most], bought[most];                         // of each row
  i64 row[most + 1], left[most + 1], before[most + 1];  // of each border: its row, what goes on, what earlier rows bought
};

template <class Source> void find_borders(const Source& source, i64 i, i64 rows, f64 capacity, const Fill& fill, Borders& to) {
  const f64 scale = 1 / power_near(capacity, -60);
  i64x8 odd{};
  i64 end = rows - i < Borders::most ? (rows - i) / 8 * 8 : Borders::most;
  for (i64 k = 0; k < end; k += 8) {
    f64x8 volume, bought;
    source.read(i + k, volume, bought);
    odd |= ~(greater_equal(volume, 0) & less(volume, capacity));
    store(to.lots + k, __builtin_convertvector(volume * scale, i64x8));
    store(to.bought + k, __builtin_convertvector(bought * scale, i64x8));
  }
  if (any(odd))
    for (i64 k = end - 1; k >= 0; k--)
      if (!(source.volume(i + k) < capacity && source.volume(i + k) >= 0)) end = k;
  const i64 full = static_cast<i64>(capacity * scale);
  constexpr i64 band = static_cast<i64>(1) << 22;  // twice the dust, many times the rounding
  // Unsigned: a border that is not sure spoils what follows, up to overflow. `over` is the volume beyond the capacity.
  u64 over = static_cast<u64>(static_cast<i64>(fill.sum * scale) + static_cast<i64>(fill.error * scale) - full), bought = 0;
  i64 count = 0;
#pragma GCC unroll 8
  for (i64 k = 0; k < end; k++) {
    over += static_cast<u64>(to.lots[k]);
    to.row[count] = k, to.left[count] = static_cast<i64>(over), to.before[count] = static_cast<i64>(bought);
    bought += static_cast<u64>(to.bought[k]);
    const u64 next = over - static_cast<u64>(full);
    const bool closed = static_cast<i64>(over) >= -band;
    over = closed ? next : over;
    count += closed;
  }
  to.unit = 1 / scale, to.rows = end;
  to.count = count;
  i64 unsure = 0;
  for (i64 k = 0; k < count; k++) unsure |= to.left[k] == 0 || (to.left[k] > band && to.left[k] < full - band) ? 0 : 1;
  if (unsure)
    for (i64 k = count - 1; k >= 0; k--)
      if (to.left[k] != 0 && !(to.left[k] > band && to.left[k] < full - band)) to.count = k;
}

}  // namespace tickforge::TICKFORGE_ISA
