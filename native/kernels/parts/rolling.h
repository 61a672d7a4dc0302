// Sums over the last `window` rows without subtracting any: blocks lie at fixed places of the tape, so that the result is equal to
// the bit for every split. The window of a row is what lies behind the part that all rows of its block share (summed backwards),
// that part, and the block's own rows. Cost: two running sums of vectors, and window / 512 vector additions for large windows.
#pragma once
#include "simd/simd.h"
#include "abi/state_values.h"

namespace tickforge::TICKFORGE_ISA {

constexpr i64 rolling_rows = 512;  // rows of one piece of work, and of a block at most

// Copies a few dozen rows. The empty statement keeps compilers from calling memcpy, which takes longer than that.
inline void copy_rows(const f64* from, i64 rows, f64* to) {
  i64 k = 0;
  for (; k + 8 <= rows; k += 8) {
    store(to + k, load<f64x8>(from + k));
    __asm__ volatile("" : : : "memory");
  }
  for (; k < rows; k++) to[k] = from[k];
}

// VALUES numbers of each row lie in a ring; Expand turns them into the SUMS numbers to be added, for one row (f64) or eight (f64x8).
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
    f64x8 lanes[SUMS] = {};
    f64 rest[SUMS] = {};
    while (count > 0) {
      const i64 run = count < window - slot ? count : window - slot;
      i64 k = 0;
      for (; k + 8 <= run; k += 8) {
        f64x8 values[VALUES], terms[SUMS];
        for (int v = 0; v < VALUES; v++) values[v] = load<f64x8>(ring + v * window + slot + k);
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
    for (int s = 0; s < SUMS; s++) sums[s] = reduce_add(lanes[s]) + rest[s];
  }

  // The block from `start` on as one line: its newest rows first, then those of a window ago; zeros up to whole vectors.
  void read_block(i64 start, f64 (&line)[VALUES][rolling_rows]) const {
    const i64 slot = start % window, run = block() < window - slot ? block() : window - slot;
    for (int v = 0; v < VALUES; v++) {
      const f64* const values = ring + v * window;
      copy_rows(values + slot, run, line[v]);
      copy_rows(values, block() - run, line[v] + run);
      for (i64 k = block(); k % 8; k++) line[v][k] = 0;
    }
  }

  static void expand_eight(const f64 (&line)[VALUES][rolling_rows], i64 k, f64x8* terms) {
    f64x8 values[VALUES];
    for (int v = 0; v < VALUES; v++) values[v] = load<f64x8>(line[v] + k);
    Expand::expand(values, terms);
  }

  // Rows of one block, whose values go into the ring; eight at a time, which are the same eight for every split.
  void add_part(const f64 (&fresh)[VALUES][rolling_rows], i64 from, i64 rows, f64 (&sums)[SUMS][rolling_rows]) {
    alignas(64) f64 line[VALUES][rolling_rows], behind[SUMS][rolling_rows];
    f64 shared[SUMS];
    const i64 offset = seen % block(), start = seen - offset;
    read_block(start, line);
    sum_slots((start + block()) % window, window - block(), shared);
    sum_backwards(line, offset, behind, shared);
    const i64 slot = seen % window, run = rows < window - slot ? rows : window - slot;
    for (int v = 0; v < VALUES; v++) {
      f64* const values = ring + v * window;
      copy_rows(fresh[v] + from, rows, line[v] + offset);
      copy_rows(fresh[v] + from, run, values + slot);
      copy_rows(fresh[v] + from + run, rows - run, values);
    }
    f64x8 before[SUMS] = {}, terms[SUMS];
    const i64 end = offset + rows;
    for (i64 k = 0; k < end; k += 8) {
      expand_eight(line, k, terms);
      for (int s = 0; s < SUMS; s++) {
        const f64x8 inside = prefix_sums(terms[s]);
        if (k + 8 > offset) store(behind[s] + k, load<f64x8>(behind[s] + k) + (before[s] + inside));
        before[s] += broadcast_last(inside);
      }
    }
    for (int s = 0; s < SUMS; s++) copy_rows(behind[s] + offset, rows, sums[s] + from);
  }

  // For each row of the block from `offset` on what is shared and the sum of the rows behind it.
  void sum_backwards(const f64 (&line)[VALUES][rolling_rows], i64 offset, f64 (&behind)[SUMS][rolling_rows], const f64 (&shared)[SUMS]) const {
    f64x8 after[SUMS], terms[SUMS];
    for (int s = 0; s < SUMS; s++) after[s] = broadcast<f64x8>(shared[s]);
    for (i64 k = (block() - 1) / 8 * 8; k > offset - 8; k -= 8) {
      expand_eight(line, k, terms);
      const i64x8 within = greater(broadcast<i64x8>(block() - k), i64x8{0, 1, 2, 3, 4, 5, 6, 7});
      for (int s = 0; s < SUMS; s++) {
        const f64x8 sum = suffix_sums(select(within, terms[s]));
        store(behind[s] + k, after[s] + __builtin_shufflevector(sum, f64x8{}, 1, 2, 3, 4, 5, 6, 7, 8));
        after[s] += broadcast_first(sum);
      }
    }
  }
};

}  // namespace tickforge::TICKFORGE_ISA
