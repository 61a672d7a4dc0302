// Sums over the last `window` rows without subtracting any: blocks lie at fixed places of the tape, so that the result is equal to
// the bit for every split. The window of a row is what lies behind the part that all rows of its block share (summed backwards),
// that part, and the block's own rows. Cost: two additions a row and sum, and window / 512 vector additions for large windows.
#pragma once
#include "simd.h"

namespace tickforge::TICKFORGE_ISA {

constexpr i64 rolling_rows = 512;  // rows of one piece of work, and of a block at most

// VALUES numbers of each row lie in a ring; Expand turns them into the SUMS numbers to be added, for one row (f64) or eight (V8).
template <int VALUES, int SUMS, class Expand> struct Rolling {
  f64* ring;  // [VALUES][window]
  i64 window;
  i64 seen;   // rows so far

  i64 block() const { return window < rolling_rows ? window : rolling_rows; }

  // Rows of the next piece where `left` are to come: pieces end with a block, so that none is begun twice.
  i64 piece(i64 left) const {
    const i64 whole = rolling_rows / block() * block(), room = whole - seen % whole;
    return room < left ? room : left;
  }

  // Takes the values of a piece and writes its sums.
  void add(const f64 (&fresh)[VALUES][rolling_rows], i64 rows, f64 (&sums)[SUMS][rolling_rows]) {
    for (i64 k = 0; k < rows;) {
      const i64 left = block() - seen % block(), part = left < rows - k ? left : rows - k;
      add_part(fresh, k, part, sums);
      k += part;
      seen += part;
    }
  }

 private:
  void read(i64 slot, f64* terms) const {
    f64 values[VALUES];
    for (int v = 0; v < VALUES; v++) values[v] = ring[v * window + slot];
    Expand::expand(values, terms);
  }

  // Sums of `count` slots from `slot` on, round the ring.
  void sum_slots(i64 slot, i64 count, f64 (&sums)[SUMS]) const {
    V8 lanes[SUMS] = {};
    f64 rest[SUMS] = {};
    while (count > 0) {
      const i64 run = count < window - slot ? count : window - slot;
      i64 k = 0;
      for (; k + 8 <= run; k += 8) {
        V8 values[VALUES], terms[SUMS];
        for (int v = 0; v < VALUES; v++) values[v] = load8(ring + v * window + slot + k);
        Expand::expand(values, terms);
        for (int s = 0; s < SUMS; s++) lanes[s] += terms[s];
      }
      for (; k < run; k++) {
        f64 terms[SUMS];
        read(slot + k, terms);
        for (int s = 0; s < SUMS; s++) rest[s] += terms[s];
      }
      count -= run;
      slot = 0;
    }
    for (int s = 0; s < SUMS; s++) sums[s] = sum8(lanes[s]) + rest[s];
  }

  // For each row the sum of the slots behind its own, of `rows` slots that end with `slot`.
  void sum_backwards(i64 slot, i64 rows, f64 (*behind)[rolling_rows]) const {
    f64 sums[SUMS] = {}, terms[SUMS];
    for (i64 k = rows - 1; k >= 0; k--) {
      for (int s = 0; s < SUMS; s++) behind[s][k] = sums[s];
      read(slot, terms);
      for (int s = 0; s < SUMS; s++) sums[s] += terms[s];
      slot = slot == 0 ? window - 1 : slot - 1;
    }
  }

  // Rows of one block, whose values go into the ring.
  void add_part(const f64 (&fresh)[VALUES][rolling_rows], i64 from, i64 rows, f64 (&sums)[SUMS][rolling_rows]) {
    f64 behind[SUMS][rolling_rows], shared[SUMS], inside[SUMS] = {}, terms[SUMS], values[VALUES];
    const i64 start = seen - seen % block(), end = start + block();
    sum_backwards((end - 1) % window, end - seen, behind);
    sum_slots(end % window, window - block(), shared);
    i64 slot = start % window;
    for (i64 k = start; k < seen; k++, slot = slot == window - 1 ? 0 : slot + 1) {
      read(slot, terms);
      for (int s = 0; s < SUMS; s++) inside[s] += terms[s];
    }
    for (i64 k = 0; k < rows; k++, slot = slot == window - 1 ? 0 : slot + 1) {
      for (int v = 0; v < VALUES; v++) values[v] = ring[v * window + slot] = fresh[v][from + k];
      Expand::expand(values, terms);
      for (int s = 0; s < SUMS; s++) {
        inside[s] += terms[s];
        sums[s][from + k] = shared[s] + behind[s][k] + inside[s];
      }
    }
  }
};

}  // namespace tickforge::TICKFORGE_ISA
