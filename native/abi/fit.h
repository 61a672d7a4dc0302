// Holds the arguments of a slot against the layout of their row: presence, lengths, ranges of options; and finds how many rows there are
// and how much room for results. What does not fit is refused with the argument's index. No Node in here.
#pragma once
#include <string>

#include "layout.h"

namespace tickforge {

constexpr int max_args = 80;
constexpr int max_dimensions = 64;
constexpr i64 no_limit = i64{1} << 62;

// Arguments that JavaScript gives as an array.
inline bool is_view(Kind kind) { return kind != Kind::I32 && kind != Kind::F64 && kind != Kind::WORKSPACE && kind != Kind::THREADS; }

enum Mode : i32 { FIXED = 0, ROWS = 1, PRODUCED = 2 };

struct Misfit {
  const char* code = nullptr;  // null: all fits
  int argument = 0;
  std::string what;
  explicit operator bool() const { return code != nullptr; }
};

// Steps of the arguments: the same for all slots of a binding.
struct Steps {
  i32 modes[max_args];
  i64 strides[max_args];  // elements per row, or per row of results
};
// What a call asks for beside its arrays.
struct Demand {
  const double* least;  // of each dimension
  double given;         // a bit for each input that the contract was asked about
  bool append;
};
struct Extent {
  i64 rows, room;   // room: rows of results, as many as the shortest output has
  i64 scratch = 0;  // f64 values of scratch memory
};

// A size beyond any length stays beyond it.
inline i64 times(i64 a, i64 b) {
  i64 product;
  return __builtin_mul_overflow(a, b, &product) ? no_limit : product;
}

class Fit {
 public:
  Fit(const Row& row, const Layout& layout, Arg* args, const Demand& demand) : row_(row), layout_(layout), args_(args), demand_(demand) {
    for (i64& size : dimensions_) size = -1;
  }

  Misfit run(Steps& steps, Extent& extent) {
    Misfit wrong;
    if (!options(wrong) || !inputs(wrong) || !presence(wrong) || !measure(steps, extent, wrong)) return wrong;
    if (row_.scratch) extent.scratch = row_.scratch(args_);
    return {};
  }

 private:
  static bool refuse(Misfit& wrong, const char* code, int argument, std::string what) {
    wrong = {code, argument, std::move(what)};
    return false;
  }
  Kind kind(int i) const { return row_.types[i].kind; }
  const ArgumentLayout& layout(int i) const { return layout_.arguments[static_cast<size_t>(i)]; }
  bool is_input(int i) const { return kind(i) == Kind::IN || kind(i) == Kind::OPTIONAL_IN; }
  bool is_output(int i) const { return kind(i) == Kind::OUT || kind(i) == Kind::OPTIONAL_OUT; }

  // -1 where it is not known.
  i64 value(const Size& size) const {
    if (size.kind == SizeKind::CONSTANT) return size.value;
    if (size.kind == SizeKind::OPTION) return static_cast<i64>(args_[size.value].number);
    return size.kind == SizeKind::DIMENSION ? dimensions_[size.value] : -1;
  }

  bool options(Misfit& wrong) const {
    for (int i = 0; i < row_.count; i++) {
      if (kind(i) != Kind::I32 && kind(i) != Kind::F64) continue;
      const double value = args_[i].number;
      const bool inside = value >= layout(i).low && value <= layout(i).high;
      if (!inside || (kind(i) == Kind::I32 && value != static_cast<double>(static_cast<i32>(value))))
        return refuse(wrong, "E_OPTION_RANGE", i, "is " + std::to_string(value));
    }
    return true;
  }

  // Dimensions from the lengths of the inputs, one after the other as soon as one is all that is unknown of an input.
  bool inputs(Misfit& wrong) {
    bool solved[max_args] = {};
    for (bool moved = true; moved;) {
      moved = false;
      for (int i = 0; i < row_.count; i++) {
        if (solved[i] || !is_input(i) || !args_[i].data) continue;
        i64 product = 1;
        const Size* open = nullptr;
        int unknown = 0;
        for (const Size& size : layout(i).shape) {
          const i64 known = value(size);
          if (known >= 0) product = times(product, known);
          else unknown++, open = &size;
        }
        if (unknown > 1) continue;
        const i64 length = args_[i].length;
        if (unknown == 0 ? length != product : product == 0 || length % product != 0) return wrong_length(wrong, i, product);
        if (open) dimensions_[open->value] = length / product;
        solved[i] = moved = true;
      }
    }
    for (int i = 0; i < row_.count; i++)
      if (is_input(i) && args_[i].data && !solved[i]) return refuse(wrong, "E_SHAPE", i, "has a shape that lengths do not tell");
    for (i32 d = 0; d < layout_.dimensions; d++)
      if (dimensions_[d] >= 0 && static_cast<double>(dimensions_[d]) < demand_.least[d]) return too_few(wrong, d);
    return true;
  }

  bool too_few(Misfit& wrong, i32 dimension) const {
    int shown = 0;
    for (int i = 0; i < row_.count; i++)
      for (const Size& size : layout(i).shape)
        if (is_input(i) && args_[i].data && size == Size{SizeKind::DIMENSION, dimension}) shown = i;
    return refuse(wrong, "E_TOO_FEW", shown, "has " + std::to_string(dimensions_[dimension]) + " rows, fewer than the method needs");
  }

  bool wrong_length(Misfit& wrong, int i, i64 expected) const {
    return refuse(wrong, "E_LENGTH", i,
                  "has " + std::to_string(args_[i].length) + " values, not as its shape says (" + std::to_string(expected) + ")");
  }

  // An option that may be 0, and is not, says how many of an optional input there are.
  bool counted(int i) const {
    if (kind(i) != Kind::OPTIONAL_IN) return false;
    for (const Size& size : layout(i).shape)
      if (size.kind == SizeKind::OPTION && layout(static_cast<int>(size.value)).low == 0 && value(size) > 0) return true;
    return false;
  }

  // What must be there is, and of what may be left out just that which the contract was asked about; an output whose input is not given is
  // not written.
  bool presence(Misfit& wrong) const {
    double given = 0, bit = 1;
    for (int i = 0; i < row_.count && is_input(i); i++, bit *= 2)
      if (args_[i].data) given += bit;
    if (given != demand_.given) return refuse(wrong, "E_PORT_MISSING", 0, "and the other inputs are not those that were checked");
    for (int i = 0; i < row_.count; i++) {
      if (!is_view(kind(i))) continue;
      const i32 companion = layout(i).companion;
      if (companion >= 0 && !args_[companion].data) args_[i].data = nullptr, args_[i].length = 0;
      const bool needed = kind(i) == Kind::OPTIONAL_OUT ? companion < 0 || args_[companion].data : kind(i) != Kind::OPTIONAL_IN;
      if ((needed || counted(i)) && !args_[i].data) return refuse(wrong, "E_PORT_MISSING", i, "is missing");
    }
    return true;
  }

  // Lengths of state and outputs, and the steps of every argument.
  bool measure(Steps& steps, Extent& extent, Misfit& wrong) const {
    extent = {.rows = value(layout_.rows) < 0 ? 0 : value(layout_.rows), .room = no_limit};
    for (int i = 0; i < row_.count; i++) {
      steps.modes[i] = FIXED;
      steps.strides[i] = 0;
      const ArgumentLayout& of = layout(i);
      if (!of.sized || of.shape.empty()) continue;
      const Size& first = of.shape[0];
      i64 stride = 1;
      for (size_t k = 1; k < of.shape.size(); k++) {
        const i64 size = value(of.shape[k]);
        if (size < 0 && args_[i].data) return refuse(wrong, "E_SHAPE", i, "has a shape that lengths do not tell");
        stride = times(stride, size < 0 ? 0 : size);
      }
      const bool along = first == layout_.rows, piles = first == layout_.produced || (along && demand_.append && is_output(i));
      if (piles || along) steps.modes[i] = piles ? PRODUCED : ROWS, steps.strides[i] = stride;
      if (!args_[i].data || is_input(i)) continue;
      if (piles) {
        const i64 room = stride > 0 ? args_[i].length / stride : no_limit;
        extent.room = room < extent.room ? room : extent.room;
        continue;
      }
      const i64 size = along ? extent.rows : value(first);
      if (size < 0) return refuse(wrong, "E_SHAPE", i, "has a shape that lengths do not tell");
      if (args_[i].length != times(size, stride)) return wrong_length(wrong, i, times(size, stride));
    }
    return true;
  }

  const Row& row_;
  const Layout& layout_;
  Arg* args_;
  const Demand& demand_;
  i64 dimensions_[max_dimensions];
};

}  // namespace tickforge
