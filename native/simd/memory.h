// Between memory and registers: loads and stores, tails, gathers, small tables, and counts over a column.
#pragma once
#include "operations.h"

namespace tickforge::TICKFORGE_ISA {

template <SimdVector V> [[gnu::always_inline]] inline V load(const f64* p) {
  V v;
  __builtin_memcpy(&v, p, sizeof v);
  return v;
}
template <SimdVector V> [[gnu::always_inline]] inline V load(const f32* p) {
  typedef f32 Narrow __attribute__((vector_size(sizeof(V) / 2)));
  Narrow v;
  __builtin_memcpy(&v, p, sizeof v);
  return __builtin_convertvector(v, V);
}
template <SimdVector V> [[gnu::always_inline]] inline void store(LaneOf<V>* p, V v) { __builtin_memcpy(p, &v, sizeof v); }
template <SimdVector V> [[gnu::always_inline]] inline void store(f32* p, V v) {
  typedef f32 Narrow __attribute__((vector_size(sizeof(V) / 2)));
  const Narrow narrow = __builtin_convertvector(v, Narrow);
  __builtin_memcpy(p, &narrow, sizeof narrow);
}

// Of `count` values those that a vector holds: 0 in the lanes beyond them, which are neither read nor written.
template <class T> [[gnu::always_inline]] inline f64x8 load_first(const T* p, i64 count) {
  if (count >= 8) return load<f64x8>(p);
  f64x8 v{};
  for (i64 l = 0; l < count; l++) v[l] = static_cast<f64>(p[l]);
  return v;
}
template <class T> [[gnu::always_inline]] inline void store_first(T* p, f64x8 v, i64 count) {
  if (count >= 8) return store(p, v);
  for (i64 l = 0; l < count; l++) p[l] = static_cast<T>(v[l]);
}

// y = quick(x) of a column, and sure(x) where quick cannot be trusted: note(seen, x) keeps, of all x so far and 0, what doubt(seen) judges
// them by, below 0 where there was one such.
template <class T, class Note, class Doubt, class Quick, class Sure> void map_lanes(In<T> x, Out<T> y, Note note, Doubt doubt, Quick quick,
                                                                                    Sure sure) {
  constexpr i64 block = 128;
  T first[block], last[block];
  for (i64 start = 0; start < x.length; start += block) {
    const i64 count = x.length - start < block ? x.length - start : block;
    const T* from = x.data + start;
    T* to = y.data + start;
    if (count < block) {
      for (i64 i = 0; i < block; i++) first[i] = i < count ? from[i] : T{1};
      from = first, to = last;
    }
    f64xn seen{};
    for (i64 i = 0; i < block; i += register_lanes) {
      const f64xn v = load<f64xn>(from + i);
      seen = note(seen, v);
      store(to + i, quick(v));
    }
    if (any_negative(doubt(seen)))
      for (i64 i = 0; i < block; i += register_lanes)
        if (const f64xn v = load<f64xn>(from + i); any_negative(doubt(note(f64xn{}, v)))) store(to + i, sure(v));
    for (i64 i = 0; count < block && i < count; i++) y[start + i] = last[i];
  }
}

// A mask of the bytes that are not 0.
[[gnu::always_inline]] inline i64x8 load_mask(const u8* flags) {
  typedef u8 u8x8 __attribute__((vector_size(8)));
  u8x8 bytes;
  __builtin_memcpy(&bytes, flags, sizeof bytes);
  return ~equal(__builtin_convertvector(bytes, i64x8), i64x8{});
}
// Lane by lane: `plus` where the byte is 1, `none` where it is 0, else 0.
[[gnu::always_inline]] inline f64x8 select_by_sign(const i8* p, f64x8 plus, f64x8 none) {
  constexpr i64x8 lane{1ll << 0, 1ll << 8, 1ll << 16, 1ll << 24, 1ll << 32, 1ll << 40, 1ll << 48, 1ll << 56};
  i64 bytes;
  __builtin_memcpy(&bytes, p, sizeof bytes);
  const i64x8 byte = broadcast<i64x8>(bytes) & (lane * 255);
  return select(equal(byte, lane), plus, select(equal(byte, i64x8{}), none));
}

// Values at eight places, `none` where a place is below 0.
template <class T> [[gnu::always_inline]] inline f64x8 gather(const T* p, const i32* place, f64x8 none) {
#if defined(__AVX512VL__)
  const __m256i at = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(place));
  const __mmask8 there = _mm256_cmpge_epi32_mask(at, _mm256_setzero_si256());
  if constexpr (sizeof(T) == sizeof(f64)) {
    return reinterpret_cast<f64x8>(_mm512_mask_i32gather_pd(reinterpret_cast<__m512d>(none), there, at, p, 8));
  } else {
    const __m256 narrow = _mm256_mmask_i32gather_ps(_mm256_setzero_ps(), there, at, p, 4);
    return reinterpret_cast<f64x8>(_mm512_mask_cvtps_pd(reinterpret_cast<__m512d>(none), there, narrow));
  }
#else
  for (i64 l = 0; l < 8; l++)
    if (place[l] >= 0) none[l] = static_cast<f64>(p[place[l]]);
  return none;
#endif
}

// Entry i % 16 of a table.
[[gnu::always_inline]] inline u64xn lookup(const u64* table, u64xn i) {
#if defined(__AVX512F__)
  const auto *low = table, *high = table + 8;
  return reinterpret_cast<u64xn>(_mm512_permutex2var_epi64(_mm512_loadu_si512(low), reinterpret_cast<__m512i>(i), _mm512_loadu_si512(high)));
#else
  u64xn found;
  for (i64 lane = 0; lane < register_lanes; lane++) found[lane] = table[i[lane] & 15];
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
template <int N> [[gnu::always_inline]] inline void lookup(const Tables<N>& tables, u64xn i, f64xn (&found)[N]) {
#if defined(__AVX512F__)
  for (int n = 0; n < N; n++) {
    const f64* table = tables.entry[n];
    found[n] = reinterpret_cast<f64xn>(_mm512_permutex2var_pd(_mm512_loadu_pd(table), reinterpret_cast<__m512i>(i), _mm512_loadu_pd(table + 8)));
  }
#else
  const auto two = [&](i64 lane, int n) {
    f64x2 v;
    __builtin_memcpy(&v, tables.entry[i[lane] & 15] + n, sizeof v);
    return v;
  };
  for (int n = 0; n < N; n += 2) {
#if defined(__AVX2__)
    const f64xn even = __builtin_shufflevector(two(0, n), two(2, n), 0, 1, 2, 3), odd = __builtin_shufflevector(two(1, n), two(3, n), 0, 1, 2, 3);
    found[n] = __builtin_shufflevector(even, odd, 0, 4, 2, 6);
    found[n + 1] = __builtin_shufflevector(even, odd, 1, 5, 3, 7);
#else
    const f64xn even = two(0, n), odd = two(1, n);
    found[n] = __builtin_shufflevector(even, odd, 0, 2);
    found[n + 1] = __builtin_shufflevector(even, odd, 1, 3);
#endif
  }
#endif
}

// How many of `count` values are at most `limit`.
inline i64 count_at_most(const f64* values, i64 count, f64 limit) {
  i64x8 a{}, b{}, c{}, d{};  // a true comparison is -1
  i64 k = 0, rest = 0;
  for (; count - k >= 32; k += 32) {
    a += less_equal(load<f64x8>(values + k), limit);
    b += less_equal(load<f64x8>(values + k + 8), limit);
    c += less_equal(load<f64x8>(values + k + 16), limit);
    d += less_equal(load<f64x8>(values + k + 24), limit);
  }
  for (; k < count; k++) rest += values[k] <= limit;
  return rest + count_set((a + b) + (c + d));
}
// Which of eight values are above `limit`: a bit each, the first the lowest.
inline u32 which_above(const f64* values, f64 limit) {
#if defined(__AVX512F__)
  constexpr int above = 30;
  return __builtin_ia32_cmppd512_mask(load<f64x8>(values), broadcast<f64x8>(limit), above, 255, 4);
#else
  const auto above = [&](i64 k) -> u32 {
    const f64xn part = load<f64xn>(values + k);
#if defined(__AVX2__)
    return __builtin_ia32_movmskpd256(reinterpret_cast<f64xn>(part > broadcast<f64xn>(limit)));
#elif defined(__SSE2__)
    return __builtin_ia32_movmskpd(reinterpret_cast<f64xn>(part > broadcast<f64xn>(limit)));
#elif defined(__wasm_simd128__)
    return __builtin_wasm_bitmask_i64x2(part > broadcast<f64xn>(limit));
#else
    return u32{part[0] > limit} | u32{part[1] > limit} << 1;
#endif
  };
  u32 bits = 0;
  for (i64 k = 0; k < 8; k += register_lanes) bits |= above(k) << k;
  return bits;
#endif
}
// How many of eight values are at most `limit`.
inline i64 count_eight_at_most(const i64* values, i64 limit) {
#if defined(__AVX512F__)
  typedef long long Eight __attribute__((vector_size(64)));
  Eight eight;
  __builtin_memcpy(&eight, values, sizeof eight);
  constexpr int at_most = 2;
  return __builtin_popcount(static_cast<u8>(__builtin_ia32_cmpq512_mask(eight, Eight{} + limit, at_most, 255)));
#elif defined(__AVX2__)
  const auto above = [&](const i64* p) {
    i64xn four;
    __builtin_memcpy(&four, p, sizeof four);
    return __builtin_ia32_movmskpd256(reinterpret_cast<f64xn>(four > broadcast<i64xn>(limit)));
  };
  return 8 - __builtin_popcount(static_cast<unsigned>(above(values) | above(values + 4) << 4));
#else
  i64 count = 0;
  for (i64 k = 0; k < 8; k++) count += values[k] <= limit;
  return count;
#endif
}

}  // namespace tickforge::TICKFORGE_ISA
