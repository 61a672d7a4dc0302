// How the threads of a group meet, as a shader's functions need it; fibres.h does it.
#pragma once
#include <cstddef>
#include <source_location>

namespace fibres {

constexpr unsigned simd_width = 32;

enum class Wait { none, simd, threadgroup, ended };

unsigned lane();
void wait(Wait kind, std::source_location where);
// Offers a value to the lanes of this SIMD group and takes theirs. Lanes that have ended are not active.
void exchange(const void* value, std::size_t bytes, void* values, bool* active, std::source_location where);

template <class T>
struct Lanes {
  T value[simd_width];
  bool active[simd_width];
};
template <class T>
Lanes<T> exchange(T value, std::source_location where) {
  static_assert(sizeof(T) <= 16);
  Lanes<T> lanes{};
  exchange(&value, sizeof value, lanes.value, lanes.active, where);
  return lanes;
}

}  // namespace fibres
