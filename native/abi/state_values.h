// Values of state ports that become indices, lengths and bounds of loops. What restores or attaches a state checks them against the
// contract, but memory that is shared may have been written since: a value out of range counts as 0, so that whatever a state holds,
// nothing outside an array is touched and every loop ends.
#pragma once
#include "kernel.h"

namespace tickforge::TICKFORGE_ISA {

constexpr f64 most_counted = 0x1p53;

inline i64 count_of(f64 value) { return value >= 0 && value <= most_counted ? static_cast<i64>(value) : 0; }
inline i64 length_of(i64 value, i64 most) { return value >= 0 && value <= most ? value : 0; }

// Counters that are added to where they lie.
inline void mend_counts(State<i64> counts) {
  for (i64 i = 0; i < counts.length; i++) counts[i] = length_of(counts[i], i64{1} << 53);
}

}  // namespace tickforge::TICKFORGE_ISA
