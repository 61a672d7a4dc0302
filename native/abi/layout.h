// What a contract says of a row's arguments: sizes, which output goes with which optional input, ranges of options. JavaScript declares it
// once for each row; every call is held against it here, whatever was checked before. No Node in here.
#pragma once
#include <vector>

#include "kernel.h"

namespace tickforge {

// A size of a shape: a number, an option (the index of its argument), or a dimension that the lengths of the inputs tell.
enum class SizeKind : u8 { CONSTANT, OPTION, DIMENSION, NONE };
struct Size {
  SizeKind kind = SizeKind::NONE;
  i64 value = 0;
  bool operator==(const Size&) const = default;
};

struct ArgumentLayout {
  std::vector<Size> shape;
  bool sized = false;     // false: an option, or scratch memory, whose size the kernel tells
  i32 companion = -1;     // an output that is written only where this optional input is given
  double low = 0, high = 0;  // of options
};

struct Layout {
  i32 dimensions = 0;
  Size rows, produced;
  std::vector<ArgumentLayout> arguments;  // empty: not declared yet
};

// Numbers in the order of src/backends/arguments.ts; false where they make no layout of this row.
inline bool read_layout(const double* numbers, size_t length, const Row& row, Layout& layout) {
  size_t at = 0;
  bool whole = true;
  const auto next = [&] {
    if (at < length) return numbers[at++];
    whole = false;
    return 0.0;
  };
  const auto index = [&](double below) {  // -1 where it is none
    const double value = next();
    if (!(value >= -1 && value < below)) return whole = false, -1;
    return static_cast<i32>(value);
  };
  const auto size = [&] {
    const i32 kind = index(4);
    const double value = next();
    if (kind < 0 || !(value >= 0 && value < 0x1p53)) return whole = false, Size{};
    const Size made{static_cast<SizeKind>(kind), static_cast<i64>(value)};
    const i64 below = made.kind == SizeKind::OPTION ? row.count : made.kind == SizeKind::DIMENSION ? layout.dimensions : 0;
    if (below > 0 && made.value >= below) whole = false;
    if (made.kind == SizeKind::OPTION && whole && row.types[made.value].kind != Kind::I32) whole = false;
    return made;
  };
  layout.dimensions = index(64);
  layout.rows = size();
  layout.produced = size();
  layout.arguments.resize(static_cast<size_t>(row.count));
  for (ArgumentLayout& argument : layout.arguments) {
    argument.companion = index(row.count);
    argument.low = next();
    argument.high = next();
    const i32 rank = index(8);
    argument.sized = rank >= 0;
    for (i32 i = 0; i < rank; i++) argument.shape.push_back(size());
  }
  return whole && at == length && layout.dimensions >= 0;
}

}  // namespace tickforge
