// The vectors of the add-on, and a scalar in all lanes of one.
// ..._x8: eight lanes whatever the processor has, so that every build adds in the same order.
// ..._xn: as many lanes as a register holds, for work in which lanes never meet: every width gives the same bits. Where registers hold
// eight, the two are one type.
#pragma once
#include "abi/kernel.h"

namespace tickforge::TICKFORGE_ISA {

#if defined(__AVX512F__)
inline constexpr i64 register_lanes = 8;
#elif defined(__AVX2__)
inline constexpr i64 register_lanes = 4;
#else
inline constexpr i64 register_lanes = 2;
#endif

typedef f64 f64x8 __attribute__((vector_size(64)));
typedef f64 f64x4 __attribute__((vector_size(32)));
typedef f64 f64x2 __attribute__((vector_size(16)));
typedef i64 i64x8 __attribute__((vector_size(64)));
typedef f32 f32x8 __attribute__((vector_size(32)));
typedef i32 i32x8 __attribute__((vector_size(32)));

typedef f64 f64xn __attribute__((vector_size(8 * register_lanes)));
typedef u64 u64xn __attribute__((vector_size(8 * register_lanes)));
typedef i64 i64xn __attribute__((vector_size(8 * register_lanes)));
typedef f32 f32xn __attribute__((vector_size(4 * register_lanes)));

template <class V>
concept SimdVector = requires(V v) { v[0], v + v; };

template <SimdVector V> using LaneOf = decltype(V{}[0] + 0);
// What a comparison of two V makes: -1 in the lanes where it holds, else 0.
template <SimdVector V> using MaskOf = decltype(V{} > V{});
// Of two operands of which one may be a scalar, meant for all lanes, the vector.
template <class A, class B> using VectorOf = decltype(A{} + B{});

template <SimdVector V, class X> [[gnu::always_inline]] inline V broadcast(X x) {
  if constexpr (__is_same(X, V)) return x;
  else return static_cast<LaneOf<V>>(x) - V{};
}

// The same bits under another type.
[[gnu::always_inline]] inline f64 as_f64(u64 bits) { return __builtin_bit_cast(f64, bits); }
[[gnu::always_inline]] inline u64 as_u64(f64 x) { return __builtin_bit_cast(u64, x); }
[[gnu::always_inline]] inline f64xn as_f64(u64xn bits) { return reinterpret_cast<f64xn>(bits); }
[[gnu::always_inline]] inline u64xn as_u64(f64xn x) { return reinterpret_cast<u64xn>(x); }

// A vector as the registers that hold it: gcc takes comparisons and choices of wider vectors apart lane by lane.
template <SimdVector V> union Registers {
  typedef LaneOf<V> Register __attribute__((vector_size(8 * register_lanes)));
  static constexpr int count = sizeof(V) / sizeof(Register);
  V whole;
  Register part[count];
};
template <SimdVector Made, SimdVector V, class Operation> [[gnu::always_inline]] inline Made by_registers(V a, V b, Operation operation) {
  Registers<V> x, y;
  Registers<Made> made;
  x.whole = a;
  y.whole = b;
#pragma GCC unroll 4
  for (int k = 0; k < Registers<V>::count; k++) made.part[k] = operation(x.part[k], y.part[k]);
  return made.whole;
}

}  // namespace tickforge::TICKFORGE_ISA
