// As many lanes as a register holds, for work in which lanes never meet: every width gives the same bits, and compilers choose between
// lanes of whole registers alone without leaving them.
#pragma once
#if defined(__FMA__)
#include <immintrin.h>
#endif

#include "abi/kernel.h"

namespace tickforge::TICKFORGE_ISA {

#if defined(__AVX512F__)
inline constexpr i64 wide = 8;
#elif defined(__AVX2__)
inline constexpr i64 wide = 4;
#else
inline constexpr i64 wide = 2;
#endif
typedef f64 Lanes __attribute__((vector_size(8 * wide)));
typedef u64 Bits __attribute__((vector_size(8 * wide)));
typedef i64 Truth __attribute__((vector_size(8 * wide)));

inline Lanes load(const f64* p) {
  Lanes v;
  __builtin_memcpy(&v, p, sizeof v);
  return v;
}
inline Lanes load(const f32* p) {
  typedef f32 Narrow __attribute__((vector_size(4 * wide)));
  Narrow v;
  __builtin_memcpy(&v, p, sizeof v);
  return __builtin_convertvector(v, Lanes);
}
inline void store(f64* p, Lanes v) { __builtin_memcpy(p, &v, sizeof v); }
inline void store(f32* p, Lanes v) {
  typedef f32 Narrow __attribute__((vector_size(4 * wide)));
  const Narrow narrow = __builtin_convertvector(v, Narrow);
  __builtin_memcpy(p, &narrow, sizeof narrow);
}
inline Lanes all(f64 x) { return x - Lanes{}; }
inline Lanes lanes_of(Bits b) { return reinterpret_cast<Lanes>(b); }
inline Bits bits_of(Lanes v) { return reinterpret_cast<Bits>(v); }
inline Lanes size_of(Lanes v) { return lanes_of(bits_of(v) & 0x7fffffffffffffffu); }

// The second where one of them is no number.
inline Lanes larger(Lanes a, Lanes b) {
#if defined(__AVX512F__)
  return reinterpret_cast<Lanes>(_mm512_maskz_max_pd(255, reinterpret_cast<__m512d>(a), reinterpret_cast<__m512d>(b)));
#else
  return a > b ? a : b;
#endif
}
inline Lanes smaller(Lanes a, Lanes b) {
#if defined(__AVX512F__)
  return reinterpret_cast<Lanes>(_mm512_maskz_min_pd(255, reinterpret_cast<__m512d>(a), reinterpret_cast<__m512d>(b)));
#else
  return a < b ? a : b;
#endif
}

// a + b * c, rounded once where the processor can.
inline Lanes fused(Lanes a, Lanes b, Lanes c) {
#if defined(__AVX512F__)
  return reinterpret_cast<Lanes>(_mm512_fmadd_pd(reinterpret_cast<__m512d>(b), reinterpret_cast<__m512d>(c), reinterpret_cast<__m512d>(a)));
#elif defined(__FMA__)
  return reinterpret_cast<Lanes>(_mm256_fmadd_pd(reinterpret_cast<__m256d>(b), reinterpret_cast<__m256d>(c), reinterpret_cast<__m256d>(a)));
#else
  return a + b * c;
#endif
}

// Products and sums apart, so that every processor gives the same bits; or, where results may differ by some of the last ones, fused
// where the processor can.
enum class Rounding { SAME, FUSED };
template <Rounding R> inline Lanes add_product(Lanes a, Lanes b, Lanes c) {
  if constexpr (R == Rounding::FUSED) return fused(a, b, c);
  else return a + b * c;
}
// a + b * c where the product has no rounding of its own: the same bits either way.
inline Lanes add_exact_product(Lanes a, Lanes b, f64 c) { return fused(a, b, all(c)); }

// 1 / d, exact but for a rounding or two: an estimate and two of Newton's steps where the processor has one. For normal d whose inverse
// is normal.
inline Lanes inverse(Lanes d) {
#if defined(__AVX512F__)
  Lanes y = reinterpret_cast<Lanes>(_mm512_maskz_rcp14_pd(255, reinterpret_cast<__m512d>(d)));
  y = fused(y, y, fused(all(1), -d, y));
  return fused(y, y, fused(all(1), -d, y));
#else
  return 1.0 / d;
#endif
}

template <Rounding R> inline Lanes quotient(Lanes a, Lanes b) {
  if constexpr (R == Rounding::FUSED) return a * inverse(b);
  else return a / b;
}

// The root of what is > 0 and far from both ends of the numbers; Rounding::SAME: of everything.
template <Rounding R> inline Lanes square_root(Lanes x) {
#if defined(__AVX512F__)
  if constexpr (R == Rounding::FUSED) {
    const Lanes estimate = reinterpret_cast<Lanes>(_mm512_maskz_rsqrt14_pd(255, reinterpret_cast<__m512d>(x)));
    Lanes half = 0.5 * estimate, root = x * estimate;
    for (int step = 0; step < 2; step++) {
      const Lanes wrong = fused(all(0.5), -root, half);
      root = fused(root, root, wrong), half = fused(half, half, wrong);
    }
    return root;
  }
  return reinterpret_cast<Lanes>(_mm512_maskz_sqrt_pd(255, reinterpret_cast<__m512d>(x)));
#else
  Lanes root;
  for (i64 lane = 0; lane < wide; lane++) root[lane] = __builtin_sqrt(x[lane]);
  return root;
#endif
}

// Entry i % 16 of a table.
inline Bits entry_of(const u64* table, Bits i) {
#if defined(__AVX512F__)
  const auto *low = table, *high = table + 8;
  return reinterpret_cast<Bits>(_mm512_permutex2var_epi64(_mm512_loadu_si512(low), reinterpret_cast<__m512i>(i), _mm512_loadu_si512(high)));
#else
  Bits found;
  for (i64 lane = 0; lane < wide; lane++) found[lane] = table[i[lane] & 15];
  return found;
#endif
}


// N tables of 16 entries, and entry i % 16 of each. Registers of 8 lanes hold a table in two; narrower ones read the entries of a place,
// which stand side by side.
template <int N> struct Tables {
  static_assert(N % 2 == 0);
#if defined(__AVX512F__)
  alignas(64) f64 entry[N][16];
#else
  alignas(16) f64 entry[16][N];
#endif
};
template <int N> constexpr Tables<N> tables_of(const f64 (&columns)[N][16]) {
  Tables<N> tables{};
  for (int n = 0; n < N; n++)
    for (int i = 0; i < 16; i++) {
#if defined(__AVX512F__)
      tables.entry[n][i] = columns[n][i];
#else
      tables.entry[i][n] = columns[n][i];
#endif
    }
  return tables;
}
template <int N> [[gnu::always_inline]] inline void entries_of(const Tables<N>& tables, Bits i, Lanes (&found)[N]) {
#if defined(__AVX512F__)
  for (int n = 0; n < N; n++) {
    const f64* table = tables.entry[n];
    found[n] = reinterpret_cast<Lanes>(_mm512_permutex2var_pd(_mm512_loadu_pd(table), reinterpret_cast<__m512i>(i), _mm512_loadu_pd(table + 8)));
  }
#else
  typedef f64 Two __attribute__((vector_size(16)));
  const auto two = [&](i64 lane, int n) {
    Two v;
    __builtin_memcpy(&v, tables.entry[i[lane] & 15] + n, sizeof v);
    return v;
  };
  for (int n = 0; n < N; n += 2) {
#if defined(__AVX2__)
    const Lanes even = __builtin_shufflevector(two(0, n), two(2, n), 0, 1, 2, 3), odd = __builtin_shufflevector(two(1, n), two(3, n), 0, 1, 2, 3);
    found[n] = __builtin_shufflevector(even, odd, 0, 4, 2, 6), found[n + 1] = __builtin_shufflevector(even, odd, 1, 5, 3, 7);
#else
    const Lanes even = two(0, n), odd = two(1, n);
    found[n] = __builtin_shufflevector(even, odd, 0, 2), found[n + 1] = __builtin_shufflevector(even, odd, 1, 3);
#endif
  }
#endif
}

// Whether any lane is below 0.
inline bool any_negative(Truth v) {
#if defined(__AVX512F__)
  return _mm512_cmplt_epi64_mask(reinterpret_cast<__m512i>(v), _mm512_setzero_si512()) != 0;
#else
  i64 any = 0;
  for (i64 lane = 0; lane < wide; lane++) any |= v[lane];
  return any < 0;
#endif
}

}  // namespace tickforge::TICKFORGE_ISA
