// Price changes of bars and their standard deviation so far, block by block. Sums of a block of rows are taken about the mean before it, by
// prefix sums: sum w d^2 - (sum w d)^2 / sum w loses at most one bit there, since a block weighs no more than the rows before it.
#pragma once
#include "simd/elementary.h"

namespace tickforge::TICKFORGE_ISA {

CHOICE(Change, between, within)
CHOICE(Deviation, whole, expanding, ewma)
CHOICE(ChangeDistribution, normal, student_t)

inline constexpr i64 change_block = 512;
inline constexpr f64 ln2 = 0.6931471805599453;

// Price changes of `count` rows from `start` on.
template <class T> void changes_of(In<T> last, OptionalIn<T> first, f64 before, i64 start, i64 count, f64* change) {
  const T* p = &last[start];
  if (first) {
    for (i64 i = 0; i < count; i++) change[i] = static_cast<f64>(p[i]) - static_cast<f64>(first[start + i]);
  } else {
    change[0] = static_cast<f64>(p[0]) - before;
    for (i64 i = 1; i < count; i++) change[i] = static_cast<f64>(p[i]) - static_cast<f64>(p[i - 1]);
  }
}

// Sum of x - centre and of its squares, in lanes that are the same in every build.
inline f64 sum_about(const f64* x, i64 count, f64 centre, f64& squares) {
  constexpr i64 lanes = 32;
  f64 sums[lanes] = {}, products[lanes] = {};
  i64 i = 0;
  for (; i + lanes <= count; i += lanes)
    for (i64 k = 0; k < lanes; k++) {
      const f64 d = x[i + k] - centre;
      sums[k] += d;
      products[k] += d * d;
    }
  const i64 left = count - i;
  for (i64 k = 0; k < left; k++) {
    const f64 d = x[i + k] - centre;
    sums[k] += d;
    products[k] += d * d;
  }
  f64 sum = squares = 0;
  for (i64 k = 0; k < lanes; k++) sum += sums[k], squares += products[k];
  return sum;
}

struct ChangeMoments {
  f64 count, mean, squares;
};

// Joins the moments of a block to those before it (Chan, Golub & LeVeque 1983); the block's own are taken about its own mean.
inline void join(ChangeMoments& m, const f64* x, i64 count) {
  f64 squares;
  const f64 n = static_cast<f64>(count);
  const f64 mean = sum_about(x, count, 0, squares) / n;
  const f64 shift = sum_about(x, count, mean, squares);
  const f64 distance = mean + shift / n - m.mean, total = m.count + n;
  m.squares += (squares - shift * shift / n) + distance * distance * (m.count * n / total);
  m.mean += distance * (n / total);
  m.count = total;
}

struct ChangeDecay {
  f64 half_life;           // 0: no decay
  f64 power[4], gap[4];    // lambda^(k + 1), 1 - lambda^(k + 1)
  f64 per_weight;          // gap * per_weight is the sum of the weights
  f64 per_divisor;         // gap one row before * per_divisor is what ddof 1 divides by
};

// 1 - 2^(-rows / half_life)
inline f64 gap_after(f64 rows, f64 half_life) {
  const f64 x = rows * ln2 / half_life;
  if (x < 0.34) return x - x * x * exp_phi2(-x);
  return x < 800 ? 1 - exp_minus(x) : 1;
}

inline ChangeDecay decay_of(f64 half_life) {
  ChangeDecay d{half_life, {1, 1, 1, 1}, {1, 2, 3, 4}, 1, 1};
  if (half_life == 0) return d;
  for (int k = 0; k < 4; k++) {
    d.power[k] = exp_minus((k + 1) * ln2 / half_life);
    d.gap[k] = gap_after(k + 1, half_life);
  }
  d.per_weight = 1 / d.gap[0];
  d.per_divisor = 2 * d.power[0] / (d.gap[0] * (1 + d.power[0]));
  return d;
}

// The gap after m.count rows: without decay the count itself.
inline f64 gap_of(const ChangeMoments& m, const ChangeDecay& decay) { return decay.half_life > 0 ? gap_after(m.count, decay.half_life) : m.count; }

// One row after the other, as the reference: the first rows, and half-lives too short for blocks.
inline void rows_one_by_one(ChangeMoments& m, const ChangeDecay& decay, const f64* change, f64* z, i64 count) {
  const f64 lambda = decay.power[0];
  f64 gap = gap_of(m, decay);
  for (i64 i = 0; i < count; i++) {
    const f64 divisor = gap * decay.per_divisor;
    gap = gap * lambda + decay.gap[0];
    const f64 distance = change[i] - m.mean;
    m.mean += distance / (gap * decay.per_weight);
    m.squares = lambda * m.squares + distance * (change[i] - m.mean);
    const f64 sigma = __builtin_sqrt(m.squares / divisor);
    z[i] = sigma > 0 ? change[i] / sigma : 0;
  }
  m.count += static_cast<f64>(count);
}

// Four steps of the recursion y = lambda y + x at once: only the last waits for the four before. Without decay the factors are 1.
template <bool DECAYS> inline f64 four_steps(const f64 (&x)[4], const f64* power, f64 y, f64* out) {
  const auto times = [](f64 a, f64 b) { return DECAYS ? a * b : a; };
  const f64 x1 = times(x[0], power[0]) + x[1], x3 = times(x[2], power[0]) + x[3];
  out[0] = times(y, power[0]) + x[0];
  out[1] = times(y, power[1]) + x1;
  out[2] = times(y, power[2]) + (times(x1, power[0]) + x[2]);
  return out[3] = times(y, power[3]) + (times(x1, power[1]) + x3);
}

// Groups of four rows; the block weighs no more than what went before.
template <bool DECAYS> void rows_in_block(ChangeMoments& m, const ChangeDecay& decay, const f64* change, f64* z, i64 count) {
  f64 sums[change_block], squares[change_block], gaps[change_block + 1];
  const f64 *power = decay.power, *gap = decay.gap;
  gaps[0] = gap_of(m, decay);
  f64 sum = 0, square = m.squares;
  for (i64 i = 0; i < count; i += 4) {
    f64 d[4], d2[4];
    for (int k = 0; k < 4; k++) d[k] = change[i + k] - m.mean, d2[k] = d[k] * d[k];
    sum = four_steps<DECAYS>(d, power, sum, sums + i);
    square = four_steps<DECAYS>(d2, power, square, squares + i);
    for (int k = 0; k < 4; k++) gaps[i + k + 1] = (DECAYS ? gaps[i] * power[k] : gaps[i]) + gap[k];
  }
  for (i64 i = 0; i < count; i++) {
    const f64 weights = gaps[i + 1] * decay.per_weight, divisor = gaps[i] * decay.per_divisor;
    const f64 spread = weights * squares[i] - sums[i] * sums[i];  // sigma^2 times weights times divisor
    const f64 quotient = change[i] * __builtin_sqrt(weights * divisor / spread);
    z[i] = spread > 0 ? quotient : 0;
  }
  const f64 weights = gaps[count] * decay.per_weight;
  m.mean += sum / weights;
  square -= sum * sum / weights;
  m.squares = square > 0 ? square : 0;
  m.count += static_cast<f64>(count);
}

// z = dp / sigma of each row with sigma up to that row.
inline void follow(ChangeMoments& m, const ChangeDecay& decay, const f64* change, f64* z, i64 count) {
  for (i64 i = 0; i < count;) {
    f64 longest = m.count < decay.half_life || decay.half_life == 0 ? m.count : decay.half_life;
    longest = longest < change_block ? longest : static_cast<f64>(change_block);
    i64 rows = static_cast<i64>(longest) & ~i64{7};
    const i64 left = count - i;
    if (rows > left) rows = left & ~i64{7};
    if (rows > 0 && decay.half_life > 0) rows_in_block<true>(m, decay, change + i, z + i, rows);
    else if (rows > 0) rows_in_block<false>(m, decay, change + i, z + i, rows);
    else rows_one_by_one(m, decay, change + i, z + i, rows = left < 8 ? left : 8);
    i += rows;
  }
}

// Calls take(start, count, changes) for blocks of rows from `begin` on.
template <class T, class Take> void each_block(In<T> last, OptionalIn<T> first, f64 before, i64 begin, Take take) {
  alignas(64) f64 change[change_block];
  for (i64 start = begin; start < last.length; start += change_block) {
    const i64 count = last.length - start < change_block ? last.length - start : change_block;
    changes_of(last, first, before, start, count, change);
    before = static_cast<f64>(last[start + count - 1]);
    take(start, count, change);
  }
}

}  // namespace tickforge::TICKFORGE_ISA
