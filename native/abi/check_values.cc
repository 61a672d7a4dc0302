// Looks for the first value of an input that its contract refuses; runs before the kernel, on rows that are then in cache.
// The bits of a range's values are a range of integers, so one wrapped subtraction and a running maximum tell whether all
// lie inside; where they may not, the values themselves are compared.
#include "kernel.h"

namespace tickforge::TICKFORGE_ISA {

constexpr i64 block = 1024;

template <int Bytes> struct Word;
template <> struct Word<1> {
  using U = u8;
  using I = i8;
};
template <> struct Word<4> {
  using U = u32;
  using I = i32;
};
template <> struct Word<8> {
  using U = u64;
  using I = i64;
};

// Bits b are inside when (b & mask) - start, with its top bit flipped, is at most `most` as a signed number.
template <class T> struct Inside {
  typename Word<sizeof(T)>::U mask, start;
  typename Word<sizeof(T)>::I most;
};

template <class T> static Inside<T> inside(T low, T high) {
  using W = Word<sizeof(T)>;
  using U = typename W::U;
  using I = typename W::I;
  constexpr U top = static_cast<U>(static_cast<U>(1) << (sizeof(T) * 8 - 1));
  constexpr bool real = static_cast<T>(0.5) != static_cast<T>(0);
  const U first = low == 0 ? 0 : __builtin_bit_cast(U, low), last = high == 0 ? 0 : __builtin_bit_cast(U, high);
  constexpr U all = static_cast<U>(~static_cast<U>(0));
  if (!real || low >= 0) return {all, static_cast<U>(first + top), static_cast<I>(static_cast<U>(last - first + top))};
  if (low == -high) return {static_cast<U>(all ^ top), top, static_cast<I>(static_cast<U>(last + top))};
  return {0, 0, -1};  // no such range: every block is compared value by value
}

template <class T> static i64 outside(const T* data, i64 rows, T low, T high) {
  using U = typename Word<sizeof(T)>::U;
  using I = typename Word<sizeof(T)>::I;
  if (!(low <= high)) return rows > 0 ? 0 : -1;
  const Inside<T> range = inside(low, high);
  for (i64 start = 0; start < rows; start += block) {
    const i64 end = start + block < rows ? start + block : rows;
    I worst = range.most;
    for (i64 i = start; i < end; i++) {
      const I at = static_cast<I>(static_cast<U>((__builtin_bit_cast(U, data[i]) & range.mask) - range.start));
      worst = at > worst ? at : worst;
    }
    if (worst > range.most)
      for (i64 i = start; i < end; i++)
        if (!(data[i] >= low && data[i] <= high)) return i;
  }
  return -1;
}

// Bounds come as f64; rounding them inward into T refuses exactly the T values that the f64 bound refuses.
template <class T> static i64 bounded(const Check& check, const void* data, i64 rows) {
  constexpr bool real = static_cast<T>(0.5) != static_cast<T>(0);
  T low, high;
  if constexpr (real) {
    low = static_cast<T>(check.low), high = static_cast<T>(check.high);
    if (static_cast<f64>(low) < check.low)
      low = sizeof(T) == 4 ? static_cast<T>(__builtin_nextafterf(static_cast<f32>(low), __builtin_huge_valf())) : low;
    if (static_cast<f64>(high) > check.high)
      high = sizeof(T) == 4 ? static_cast<T>(__builtin_nextafterf(static_cast<f32>(high), -__builtin_huge_valf())) : high;
  } else {
    constexpr T bottom = static_cast<T>(-1) < 0 ? static_cast<T>(static_cast<T>(1) << (sizeof(T) * 8 - 1)) : 0;
    constexpr T top = static_cast<T>(~bottom);
    low = check.low <= static_cast<f64>(bottom) ? bottom : static_cast<T>(check.low);
    high = check.high >= static_cast<f64>(top) ? top : static_cast<T>(check.high);
    if (check.high < static_cast<f64>(bottom)) return rows > 0 ? 0 : -1;
  }
  return outside<T>(static_cast<const T*>(data), rows, low, high);
}

static i64 falling(const i64* data, i64 rows, const i64* last) {
  if (rows == 0) return -1;
  if (last && data[0] < *last) return 0;
  for (i64 start = 1; start < rows; start += block) {
    const i64 end = start + block < rows ? start + block : rows;
    i64 bad = 0;  // as wide as the values, so that the comparisons stay in vectors
    for (i64 i = start; i < end; i++) bad |= data[i] < data[i - 1] ? -1 : 0;
    if (bad)
      for (i64 i = start; i < end; i++)
        if (data[i] < data[i - 1]) return i;
  }
  return -1;
}

static i64 fractional(const f64* data, i64 rows) {
  for (i64 i = 0; i < rows; i++)
    if (data[i] != __builtin_trunc(data[i])) return i;
  return -1;
}

static i64 whole(const Check& check, const f64* data, i64 rows) {
  const i64 bad = bounded<f64>(check, data, rows);
  const i64 part = check.integer ? fractional(data, bad < 0 ? rows : bad) : -1;
  return part < 0 ? bad : part;
}

extern const FindBad find_bad;
const FindBad find_bad = [](const Check& check, const void* data, i64 rows, const void* last) noexcept -> i64 {
  if (check.ascending) return falling(static_cast<const i64*>(data), rows, static_cast<const i64*>(last));
  switch (check.type) {
    case Type::f64: return whole(check, static_cast<const f64*>(data), rows);
    case Type::f32: return bounded<f32>(check, data, rows);
    case Type::i32: return bounded<i32>(check, data, rows);
    case Type::u32: return bounded<u32>(check, data, rows);
    case Type::i8: return bounded<i8>(check, data, rows);
    case Type::u8: return bounded<u8>(check, data, rows);
    default: return -1;
  }
};

}  // namespace tickforge::TICKFORGE_ISA
