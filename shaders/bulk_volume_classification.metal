// Contract: src/kernels/flow/sides/bulk_volume_classification.ts
// Source: Easley, Lopez de Prado & O'Hara (2012), Rev. Financ. Stud. 25(5): buy fraction = F(price move / sigma).
// Here one thread a bar, in numbers of two floats, rounded once: a tail of 1e-30 multiplies the relative error of its argument by
// 130. sigma, or z where sigma changes from bar to bar, comes from outside.
#include <metal_stdlib>
using namespace metal;

#include "constants.h"
#include "normal.h"

// What native/kernels/parts/student_t.h fits to Student's distribution: 1 / df, 1 / sqrt(df), c, df / 2, log(1 / df), and the terms of a polynomial.
#define STUDENT_NUMBERS 5
#define STUDENT_TERMS 24
static inline pair number_of(constant float2* curve, int i) { return pair(curve[i].x, curve[i].y); }

// Upper tail of Student's t distribution at t >= 0.
static inline pair student_tail(pair t, constant float2* curve) {
  const bool far = t.x > 0x1p50f;  // t^2 would overflow; there df + t^2 is t^2
  const pair c = number_of(curve, 2), square = far ? pair(0.0f, 0.0f) : times(times(t, t), number_of(curve, 0));
  // s / (s + c), and (1 / (s + c)), of s = t / sqrt(df + t^2).
  const pair sine = far ? pair(1.0f, 0.0f) : times(t, number_of(curve, 1)), hypotenuse = far ? sine : root(add(square, 1.0f));
  const pair whole = add(sine, times(c, hypotenuse));
  const pair w = add(scaled(over(times(add(c, 1.0f), sine), whole), 1), -1.0f);
  pair sum = number_of(curve, STUDENT_NUMBERS + STUDENT_TERMS - 1);
  for (int k = STUDENT_TERMS - 2; k >= 0; k--) sum = add(times(sum, w), number_of(curve, STUDENT_NUMBERS + k));
  const pair log = far ? add(scaled(logarithm(t), 1), number_of(curve, 4)) : logarithm_above_one(square);
  return times(exponential(times(log, -number_of(curve, 3))), over(times(sum, hypotenuse), whole));
}

kernel void bulk_volume_classification(
    device const float* last [[buffer(0)]], device const float* first [[buffer(1)]], device const float2* scale [[buffer(2)]],
    device float* buy_fraction [[buffer(3)]], constant bulk_volume_classification_constants& constants [[buffer(4)]],
    constant float2* curve [[buffer(5)]], uint bar [[thread_position_in_grid]]) {
  if (bar >= constants.bars) return;
  const bool within = constants.change == 1;
  const float before = constants.given ? 1.0f : within ? first[bar] : bar > 0 ? last[bar - 1] : 0.0f;
  const pair number = pair_at(scale + (constants.given ? bar : 0));
  const pair z = constants.given ? number : over(exact_sum(last[bar], -before), number);
  const bool known = before > 0.0f && (constants.given || number.x > 0.0f);
  float fraction = 0.5f;
  if (known && !isfinite(z.x)) {
    fraction = z.x > 0.0f ? 1.0f : z.x < 0.0f ? 0.0f : z.x;
  } else if (known && z.x != 0.0f) {
    const pair size = size_of(z);
    const pair tail = constants.distribution == 1 ? student_tail(size, curve) : normal_tail(size);
    fraction = z.x < 0.0f ? tail.x : add(-tail, 1.0f).x;
  }
  buy_fraction[bar] = fraction;
}
