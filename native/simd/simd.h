// The few explicit vector helpers: eight f64 lanes whatever the processor has, so that every build adds in the same order.
#pragma once
#if defined(__x86_64__)
#include <immintrin.h>
#endif

#include "abi/kernel.h"

namespace tickforge::TICKFORGE_ISA {

typedef f64 V8 __attribute__((vector_size(64)));
typedef f64 V4 __attribute__((vector_size(32)));
typedef f64 V2 __attribute__((vector_size(16)));
typedef i64 M8 __attribute__((vector_size(64)));
typedef f32 F8 __attribute__((vector_size(32)));

// Comparisons and choices in registers as wide as the processor's own: gcc takes those of wider vectors apart lane by lane.
#if defined(__AVX512F__)
constexpr int register_lanes = 8;
#elif defined(__AVX2__)
constexpr int register_lanes = 4;
#else
constexpr int register_lanes = 2;
#endif
template <class V, class Lane> struct Registers {
  typedef Lane Register __attribute__((vector_size(sizeof(Lane) * register_lanes)));
  union {
    V whole;
    Register part[8 / register_lanes];
  };
};
template <class Made, class MadeLane, class Lane, class V, class Operation>
[[gnu::always_inline]] inline Made by_registers(V a, V b, Operation operation) {
  Registers<V, Lane> x, y;
  Registers<Made, MadeLane> made;
  x.whole = a, y.whole = b;
#pragma GCC unroll 4
  for (int k = 0; k < 8 / register_lanes; k++) made.part[k] = operation(x.part[k], y.part[k]);
  return made.whole;
}
[[gnu::always_inline]] inline M8 above8(V8 a, V8 b) { return by_registers<M8, i64, f64>(a, b, [](auto x, auto y) { return x > y; }); }
[[gnu::always_inline]] inline M8 at_least8(V8 a, V8 b) { return by_registers<M8, i64, f64>(a, b, [](auto x, auto y) { return x >= y; }); }
[[gnu::always_inline]] inline M8 equal8(V8 a, V8 b) { return by_registers<M8, i64, f64>(a, b, [](auto x, auto y) { return x == y; }); }
[[gnu::always_inline]] inline M8 above8(M8 a, M8 b) { return by_registers<M8, i64, i64>(a, b, [](auto x, auto y) { return x > y; }); }
[[gnu::always_inline]] inline M8 equal8(M8 a, M8 b) { return by_registers<M8, i64, i64>(a, b, [](auto x, auto y) { return x == y; }); }
[[gnu::always_inline]] inline M8 above8(V8 a, f64 b) { return above8(a, V8{} + b); }
[[gnu::always_inline]] inline M8 at_least8(V8 a, f64 b) { return at_least8(a, V8{} + b); }
[[gnu::always_inline]] inline M8 below8(V8 a, V8 b) { return above8(b, a); }
[[gnu::always_inline]] inline M8 below8(V8 a, f64 b) { return above8(V8{} + b, a); }
[[gnu::always_inline]] inline M8 at_most8(V8 a, f64 b) { return at_least8(V8{} + b, a); }
[[gnu::always_inline]] inline M8 is_number8(V8 a) { return equal8(a, a); }
// Lane by lane: `a` where the mask, made by a comparison, is set, else `b`.
[[gnu::always_inline]] inline V8 choose8(M8 mask, V8 a, V8 b) {
#if defined(__AVX512F__)
  return mask ? a : b;
#else
  return reinterpret_cast<V8>((mask & reinterpret_cast<M8>(a)) | (~mask & reinterpret_cast<M8>(b)));
#endif
}
[[gnu::always_inline]] inline V8 only(M8 mask, V8 v) { return choose8(mask, v, V8{}); }
// a > b ? a : b and a < b ? a : b: the second where one is NaN, as the instructions have it.
[[gnu::always_inline]] inline V8 larger8(V8 a, V8 b) {
  return by_registers<V8, f64, f64>(a, b, [](auto x, auto y) {
#if defined(__AVX512F__)
    return x > y ? x : y;
#elif defined(__AVX2__)
    return _mm256_max_pd(x, y);
#elif defined(__x86_64__)
    return _mm_max_pd(x, y);
#else
    return x > y ? x : y;
#endif
  });
}
[[gnu::always_inline]] inline V8 smaller8(V8 a, V8 b) {
  return by_registers<V8, f64, f64>(a, b, [](auto x, auto y) {
#if defined(__AVX512F__)
    return x < y ? x : y;
#elif defined(__AVX2__)
    return _mm256_min_pd(x, y);
#elif defined(__x86_64__)
    return _mm_min_pd(x, y);
#else
    return x < y ? x : y;
#endif
  });
}

[[gnu::always_inline]] inline V8 load8(const f64* p) {
  V8 v;
  __builtin_memcpy(&v, p, sizeof v);
  return v;
}
[[gnu::always_inline]] inline V8 load8(const f32* p) {
  F8 v;
  __builtin_memcpy(&v, p, sizeof v);
  return __builtin_convertvector(v, V8);
}
// Lane by lane: `plus` where the byte is 1, `none` where it is 0, else 0.
[[gnu::always_inline]] inline V8 choose_by_sign(const i8* p, V8 plus, V8 none) {
  constexpr M8 lane{1ll << 0, 1ll << 8, 1ll << 16, 1ll << 24, 1ll << 32, 1ll << 40, 1ll << 48, 1ll << 56};
  i64 bytes;
  __builtin_memcpy(&bytes, p, sizeof bytes);
  const M8 byte = (M8{} + bytes) & (lane * 255);
  return choose8(equal8(byte, lane), plus, only(equal8(byte, M8{}), none));
}
[[gnu::always_inline]] inline void store8(i64* p, M8 v) { __builtin_memcpy(p, &v, sizeof v); }
[[gnu::always_inline]] inline void store8(f64* p, V8 v) { __builtin_memcpy(p, &v, sizeof v); }
[[gnu::always_inline]] inline void store8(f32* p, V8 v) {
  const F8 narrow = __builtin_convertvector(v, F8);
  __builtin_memcpy(p, &narrow, sizeof narrow);
}
// a * b + c, rounded once where the processor can.
[[gnu::always_inline]] inline V8 multiply_add(V8 a, V8 b, V8 c) {
#if defined(__AVX512F__)
  return reinterpret_cast<V8>(_mm512_fmadd_pd(reinterpret_cast<__m512d>(a), reinterpret_cast<__m512d>(b), reinterpret_cast<__m512d>(c)));
#elif defined(__FMA__)
  Registers<V8, f64> x, y, z;
  x.whole = a, y.whole = b, z.whole = c;
#pragma GCC unroll 2
  for (int k = 0; k < 2; k++)
    z.part[k] = reinterpret_cast<V4>(_mm256_fmadd_pd(reinterpret_cast<__m256d>(x.part[k]), reinterpret_cast<__m256d>(y.part[k]), reinterpret_cast<__m256d>(z.part[k])));
  return z.whole;
#else
  return a * b + c;
#endif
}

[[gnu::always_inline]] inline V8 splat(f64 x) { return V8{x, x, x, x, x, x, x, x}; }
[[gnu::always_inline]] inline V8 abs8(V8 v) { return reinterpret_cast<V8>(reinterpret_cast<M8>(v) & 0x7fffffffffffffffLL); }
// Halves, then halves again: one order of adding, whatever the width of the registers.
[[gnu::always_inline]] inline f64 sum8(V8 v) {
  const V4 four = __builtin_shufflevector(v, v, 0, 1, 2, 3) + __builtin_shufflevector(v, v, 4, 5, 6, 7);
  const V2 two = __builtin_shufflevector(four, four, 0, 1) + __builtin_shufflevector(four, four, 2, 3);
  return two[0] + two[1];
}
// Each lane and those before it, or after it.
[[gnu::always_inline]] inline V8 sums_up_to(V8 v) {
  v += __builtin_shufflevector(v, V8{}, 8, 0, 1, 2, 3, 4, 5, 6);
  v += __builtin_shufflevector(v, V8{}, 8, 8, 0, 1, 2, 3, 4, 5);
  return v + __builtin_shufflevector(v, V8{}, 8, 8, 8, 8, 0, 1, 2, 3);
}
[[gnu::always_inline]] inline V8 sums_from(V8 v) {
  v += __builtin_shufflevector(v, V8{}, 1, 2, 3, 4, 5, 6, 7, 8);
  v += __builtin_shufflevector(v, V8{}, 2, 3, 4, 5, 6, 7, 8, 8);
  return v + __builtin_shufflevector(v, V8{}, 4, 5, 6, 7, 8, 8, 8, 8);
}
[[gnu::always_inline]] inline V8 splat_first(V8 v) { return __builtin_shufflevector(v, v, 0, 0, 0, 0, 0, 0, 0, 0); }
[[gnu::always_inline]] inline V8 splat_last(V8 v) { return __builtin_shufflevector(v, v, 7, 7, 7, 7, 7, 7, 7, 7); }
// How many of `count` values are at most `limit`.
inline i64 count_up_to(const f64* values, i64 count, f64 limit) {
  M8 a{}, b{}, c{}, d{};  // a true comparison is -1
  i64 k = 0, rest = 0;
  for (; count - k >= 32; k += 32) {
    a += at_most8(load8(values + k), limit), b += at_most8(load8(values + k + 8), limit);
    c += at_most8(load8(values + k + 16), limit), d += at_most8(load8(values + k + 24), limit);
  }
  for (; k < count; k++) rest += values[k] <= limit;
  const M8 all = (a + b) + (c + d);
  for (i64 lane = 0; lane < 8; lane++) rest -= all[lane];
  return rest;
}
// How many of eight values are at most `limit`.
inline i64 count_eight_up_to(const i64* values, i64 limit) {
#if defined(__AVX512F__)
  typedef long long Eight __attribute__((vector_size(64)));
  Eight eight;
  __builtin_memcpy(&eight, values, sizeof eight);
  constexpr int at_most = 2;
  return __builtin_popcount(static_cast<u8>(__builtin_ia32_cmpq512_mask(eight, Eight{} + limit, at_most, 255)));
#elif defined(__AVX2__)
  typedef i64 M4 __attribute__((vector_size(32)));
  const auto above = [&](const i64* p) {
    M4 four;
    __builtin_memcpy(&four, p, sizeof four);
    return __builtin_ia32_movmskpd256(reinterpret_cast<V4>(four > M4{} + limit));
  };
  return 8 - __builtin_popcount(static_cast<unsigned>(above(values) | above(values + 4) << 4));
#else
  i64 count = 0;
  for (i64 k = 0; k < 8; k++) count += values[k] <= limit;
  return count;
#endif
}
// Values at eight places, `none` where a place is below 0.
template <class T> [[gnu::always_inline]] inline V8 gather8(const T* p, const i32* place, V8 none) {
#if defined(__AVX512VL__)
  const __m256i at = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(place));
  const __mmask8 there = _mm256_cmpge_epi32_mask(at, _mm256_setzero_si256());
  if constexpr (sizeof(T) == sizeof(f64)) {
    return reinterpret_cast<V8>(_mm512_mask_i32gather_pd(reinterpret_cast<__m512d>(none), there, at, p, 8));
  } else {
    const __m256 narrow = _mm256_mmask_i32gather_ps(_mm256_setzero_ps(), there, at, p, 4);
    return reinterpret_cast<V8>(_mm512_mask_cvtps_pd(reinterpret_cast<__m512d>(none), there, narrow));
  }
#else
  for (i64 l = 0; l < 8; l++)
    if (place[l] >= 0) none[l] = static_cast<f64>(p[place[l]]);
  return none;
#endif
}
// Roots of values that are 0 or normal, to one unit in the last place.
[[gnu::always_inline]] inline V8 sqrt8(V8 v) {
#if defined(__AVX512F__)
  const __m512d x = reinterpret_cast<__m512d>(v), half = _mm512_set1_pd(0.5);
  const __mmask8 some = _mm512_cmp_pd_mask(x, _mm512_setzero_pd(), _CMP_GT_OQ);
  const __m512d start = _mm512_maskz_rsqrt14_pd(some, x);
  __m512d root = _mm512_mul_pd(x, start), other = _mm512_mul_pd(start, half);
  for (int step = 0; step < 2; step++) {  // Goldschmidt: both halves of the estimate gain at once
    const __m512d left = _mm512_fnmadd_pd(root, other, half);
    root = _mm512_fmadd_pd(root, left, root), other = _mm512_fmadd_pd(other, left, other);
  }
  return reinterpret_cast<V8>(_mm512_fmadd_pd(_mm512_fnmadd_pd(root, root, x), other, root));
#else
  for (i64 l = 0; l < 8; l++) v[l] = __builtin_sqrt(v[l]);
  return v;
#endif
}
[[gnu::always_inline]] inline bool any8(M8 v) { return ((v[0] | v[4]) | (v[2] | v[6])) | ((v[1] | v[5]) | (v[3] | v[7])); }

}  // namespace tickforge::TICKFORGE_ISA
