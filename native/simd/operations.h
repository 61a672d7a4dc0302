// What is done with vectors that are in registers. Of the operators of the language only comparisons and ?: of f64xn are used beside
// these: those of f64x8 would be taken apart lane by lane.
#pragma once
#if defined(__AVX2__)
#include <immintrin.h>
#elif defined(__x86_64__)
#include <emmintrin.h>
#endif

#include "types.h"

namespace tickforge::TICKFORGE_ISA {

template <SimdVector V> [[gnu::always_inline]] inline MaskOf<V> greater(V a, V b) {
  return by_registers<MaskOf<V>>(a, b, [](auto x, auto y) { return x > y; });
}
template <SimdVector V> [[gnu::always_inline]] inline MaskOf<V> greater_equal(V a, V b) {
  return by_registers<MaskOf<V>>(a, b, [](auto x, auto y) { return x >= y; });
}
template <SimdVector V> [[gnu::always_inline]] inline MaskOf<V> equal(V a, V b) {
  return by_registers<MaskOf<V>>(a, b, [](auto x, auto y) { return x == y; });
}
template <SimdVector V> [[gnu::always_inline]] inline MaskOf<V> greater(V a, f64 b) { return greater(a, broadcast<V>(b)); }
template <SimdVector V> [[gnu::always_inline]] inline MaskOf<V> greater_equal(V a, f64 b) { return greater_equal(a, broadcast<V>(b)); }
template <SimdVector V> [[gnu::always_inline]] inline MaskOf<V> less(V a, V b) { return greater(b, a); }
template <SimdVector V> [[gnu::always_inline]] inline MaskOf<V> less(V a, f64 b) { return greater(broadcast<V>(b), a); }
template <SimdVector V> [[gnu::always_inline]] inline MaskOf<V> less_equal(V a, f64 b) { return greater_equal(broadcast<V>(b), a); }
template <SimdVector V> [[gnu::always_inline]] inline MaskOf<V> is_number(V a) { return equal(a, a); }

// Lane by lane: `a` where the mask, made by a comparison, is set, else `b`.
template <SimdVector M, class A, class B> [[gnu::always_inline]] inline VectorOf<A, B> select(M mask, A a, B b) {
  using V = VectorOf<A, B>;
  const V set = broadcast<V>(a), clear = broadcast<V>(b);
  if constexpr (sizeof(V) == sizeof(f64xn)) return mask ? set : clear;
  else return reinterpret_cast<V>((mask & reinterpret_cast<M>(set)) | (~mask & reinterpret_cast<M>(clear)));
}
// The same with 0 for `b`.
template <SimdVector M, SimdVector V> [[gnu::always_inline]] inline V select(M mask, V a) { return select(mask, a, V{}); }

// a > b ? a : b and a < b ? a : b: the second where one is NaN, as the instructions have it.
template <class A, class B> [[gnu::always_inline]] inline VectorOf<A, B> max(A a, B b) {
  using V = VectorOf<A, B>;
  return by_registers<V>(broadcast<V>(a), broadcast<V>(b), [](auto x, auto y) {
    using R = decltype(x);
#if defined(__AVX512F__)
    return reinterpret_cast<R>(_mm512_maskz_max_pd(255, reinterpret_cast<__m512d>(x), reinterpret_cast<__m512d>(y)));
#elif defined(__AVX2__)
    return reinterpret_cast<R>(_mm256_max_pd(x, y));
#elif defined(__x86_64__)
    return reinterpret_cast<R>(_mm_max_pd(x, y));
#else
    return static_cast<R>(x > y ? x : y);
#endif
  });
}
template <class A, class B> [[gnu::always_inline]] inline VectorOf<A, B> min(A a, B b) {
  using V = VectorOf<A, B>;
  return by_registers<V>(broadcast<V>(a), broadcast<V>(b), [](auto x, auto y) {
    using R = decltype(x);
#if defined(__AVX512F__)
    return reinterpret_cast<R>(_mm512_maskz_min_pd(255, reinterpret_cast<__m512d>(x), reinterpret_cast<__m512d>(y)));
#elif defined(__AVX2__)
    return reinterpret_cast<R>(_mm256_min_pd(x, y));
#elif defined(__x86_64__)
    return reinterpret_cast<R>(_mm_min_pd(x, y));
#else
    return static_cast<R>(x < y ? x : y);
#endif
  });
}
template <SimdVector V> [[gnu::always_inline]] inline V abs(V v) {
  return reinterpret_cast<V>(reinterpret_cast<MaskOf<V>>(v) & 0x7fffffffffffffffLL);
}

// Products and sums apart, so that every processor gives the same bits; or, where results may differ by some of the last ones, fused
// where the processor can.
enum class Rounding { SAME, FUSED };

[[gnu::always_inline]] inline f64xn fused_registers(f64xn a, f64xn b, f64xn c) {
#if defined(__AVX512F__)
  return reinterpret_cast<f64xn>(_mm512_fmadd_pd(reinterpret_cast<__m512d>(a), reinterpret_cast<__m512d>(b), reinterpret_cast<__m512d>(c)));
#elif defined(__FMA__)
  return reinterpret_cast<f64xn>(_mm256_fmadd_pd(reinterpret_cast<__m256d>(a), reinterpret_cast<__m256d>(b), reinterpret_cast<__m256d>(c)));
#else
  return a * b + c;
#endif
}
// a * b + c, scalars in all lanes. Not called fma: a processor that cannot fuse rounds twice.
template <Rounding R = Rounding::FUSED, class A, class B, class C>
[[gnu::always_inline]] inline VectorOf<VectorOf<A, B>, C> multiply_add(A a, B b, C c) {
  using V = VectorOf<VectorOf<A, B>, C>;
#if defined(__FMA__)
  if constexpr (R == Rounding::FUSED) {
    Registers<V> x, y, z;
    x.whole = broadcast<V>(a);
    y.whole = broadcast<V>(b);
    z.whole = broadcast<V>(c);
#pragma GCC unroll 2
    for (int k = 0; k < Registers<V>::count; k++) z.part[k] = fused_registers(x.part[k], y.part[k], z.part[k]);
    return z.whole;
  }
#endif
  return broadcast<V>(a) * broadcast<V>(b) + broadcast<V>(c);
}
// The same where the product is exact, so that fused or not the bits are the same.
template <class A, class B, class C> [[gnu::always_inline]] inline VectorOf<VectorOf<A, B>, C> multiply_add_exact(A a, B b, C c) {
  return multiply_add<Rounding::FUSED>(a, b, c);
}

// 1 / d, exact but for a rounding or two: an estimate and two of Newton's steps where the processor has one. For normal d whose inverse
// is normal.
[[gnu::always_inline]] inline f64xn reciprocal(f64xn d) {
#if defined(__AVX512F__)
  f64xn y = reinterpret_cast<f64xn>(_mm512_maskz_rcp14_pd(255, reinterpret_cast<__m512d>(d)));
  y = multiply_add(y, multiply_add(-d, y, 1.0), y);
  return multiply_add(y, multiply_add(-d, y, 1.0), y);
#else
  return 1.0 / d;
#endif
}
template <Rounding R> [[gnu::always_inline]] inline f64xn quotient(f64xn a, f64xn b) {
  if constexpr (R == Rounding::FUSED) return a * reciprocal(b);
  else return a / b;
}

// The root of what is > 0 and far from both ends of the numbers; Rounding::SAME: of everything.
template <Rounding R> [[gnu::always_inline]] inline f64xn square_root(f64xn x) {
#if defined(__AVX512F__)
  if constexpr (R == Rounding::FUSED) {
    const f64xn estimate = reinterpret_cast<f64xn>(_mm512_maskz_rsqrt14_pd(255, reinterpret_cast<__m512d>(x)));
    f64xn half = 0.5 * estimate, root = x * estimate;
    for (int step = 0; step < 2; step++) {  // Goldschmidt: both halves of the estimate gain at once
      const f64xn wrong = multiply_add(-root, half, 0.5);
      root = multiply_add(root, wrong, root);
      half = multiply_add(half, wrong, half);
    }
    return root;
  }
  return reinterpret_cast<f64xn>(_mm512_maskz_sqrt_pd(255, reinterpret_cast<__m512d>(x)));
#else
  f64xn root;
  for (i64 lane = 0; lane < register_lanes; lane++) root[lane] = __builtin_sqrt(x[lane]);
  return root;
#endif
}
// Roots of values that are 0 or normal, to one unit in the last place.
[[gnu::always_inline]] inline f64x8 square_root_or_zero(f64x8 v) {
#if defined(__AVX512F__)
  const __m512d x = reinterpret_cast<__m512d>(v), half = _mm512_set1_pd(0.5);
  const __mmask8 some = _mm512_cmp_pd_mask(x, _mm512_setzero_pd(), _CMP_GT_OQ);
  const __m512d start = _mm512_maskz_rsqrt14_pd(some, x);
  __m512d root = _mm512_mul_pd(x, start), other = _mm512_mul_pd(start, half);
  for (int step = 0; step < 2; step++) {
    const __m512d left = _mm512_fnmadd_pd(root, other, half);
    root = _mm512_fmadd_pd(root, left, root);
    other = _mm512_fmadd_pd(other, left, other);
  }
  return reinterpret_cast<f64x8>(_mm512_fmadd_pd(_mm512_fnmadd_pd(root, root, x), other, root));
#else
  for (i64 l = 0; l < 8; l++) v[l] = __builtin_sqrt(v[l]);
  return v;
#endif
}

// Halves, then halves again: one order of adding, whatever the width of the registers.
[[gnu::always_inline]] inline f64 reduce_add(f64x8 v) {
  const f64x4 four = __builtin_shufflevector(v, v, 0, 1, 2, 3) + __builtin_shufflevector(v, v, 4, 5, 6, 7);
  const f64x2 two = __builtin_shufflevector(four, four, 0, 1) + __builtin_shufflevector(four, four, 2, 3);
  return two[0] + two[1];
}
// Whether any lane is below 0, as those of a mask are where it is set.
template <SimdVector M> [[gnu::always_inline]] inline bool any_negative(M v) {
#if defined(__AVX512F__)
  return _mm512_cmplt_epi64_mask(reinterpret_cast<__m512i>(v), _mm512_setzero_si512()) != 0;
#else
  Registers<M> registers;
  registers.whole = v;
  for (int k = 1; k < Registers<M>::count; k++) registers.part[0] |= registers.part[k];
  i64 any = 0;
  for (i64 lane = 0; lane < register_lanes; lane++) any |= registers.part[0][lane];
  return any < 0;
#endif
}
template <SimdVector M> [[gnu::always_inline]] inline bool any(M mask) { return any_negative(mask); }
// How many lanes of a mask, or of masks added up, are set.
[[gnu::always_inline]] inline i64 count_set(i64x8 mask) {
  return -(((mask[0] + mask[4]) + (mask[2] + mask[6])) + ((mask[1] + mask[5]) + (mask[3] + mask[7])));
}

// Each lane and those before it, or after it.
[[gnu::always_inline]] inline f64x8 prefix_sums(f64x8 v) {
  v += __builtin_shufflevector(v, f64x8{}, 8, 0, 1, 2, 3, 4, 5, 6);
  v += __builtin_shufflevector(v, f64x8{}, 8, 8, 0, 1, 2, 3, 4, 5);
  return v + __builtin_shufflevector(v, f64x8{}, 8, 8, 8, 8, 0, 1, 2, 3);
}
[[gnu::always_inline]] inline f64x8 suffix_sums(f64x8 v) {
  v += __builtin_shufflevector(v, f64x8{}, 1, 2, 3, 4, 5, 6, 7, 8);
  v += __builtin_shufflevector(v, f64x8{}, 2, 3, 4, 5, 6, 7, 8, 8);
  return v + __builtin_shufflevector(v, f64x8{}, 4, 5, 6, 7, 8, 8, 8, 8);
}
[[gnu::always_inline]] inline f64x8 broadcast_first(f64x8 v) { return __builtin_shufflevector(v, v, 0, 0, 0, 0, 0, 0, 0, 0); }
[[gnu::always_inline]] inline f64x8 broadcast_last(f64x8 v) { return __builtin_shufflevector(v, v, 7, 7, 7, 7, 7, 7, 7, 7); }

// Lane j of r[i] becomes lane i of r[j].
[[gnu::always_inline]] inline void transpose(f64x8 (&r)[8]) {
  f64x8 t[8], u[8];
  for (i64 k = 0; k < 8; k += 2) {
    t[k] = __builtin_shufflevector(r[k], r[k + 1], 0, 8, 2, 10, 4, 12, 6, 14);
    t[k + 1] = __builtin_shufflevector(r[k], r[k + 1], 1, 9, 3, 11, 5, 13, 7, 15);
  }
  for (i64 k = 0; k < 8; k += 4)
    for (i64 j = 0; j < 2; j++) {
      u[k + j] = __builtin_shufflevector(t[k + j], t[k + j + 2], 0, 1, 8, 9, 4, 5, 12, 13);
      u[k + j + 2] = __builtin_shufflevector(t[k + j], t[k + j + 2], 2, 3, 10, 11, 6, 7, 14, 15);
    }
  for (i64 k = 0; k < 4; k++) {
    r[k] = __builtin_shufflevector(u[k], u[k + 4], 0, 1, 2, 3, 8, 9, 10, 11);
    r[k + 4] = __builtin_shufflevector(u[k], u[k + 4], 4, 5, 6, 7, 12, 13, 14, 15);
  }
}

}  // namespace tickforge::TICKFORGE_ISA
