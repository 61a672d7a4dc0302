// A kernel on its arrays: what a bound call runs. No Node in here, so that any thread may.
#pragma once
#include <vector>

#include "addon_crew.h"

namespace tickforge {

constexpr i64 type_sizes[] = {8, 4, 8, 4, 4, 1, 1};  // by Type

enum Mode : i32 { FIXED = 0, ROWS = 1, PRODUCED = 2 };
enum Control { FROM, TO, OUT_FROM, CODE, PORT, AT_ROW, CONSUMED, PRODUCED_ROWS, COLUMN, DONE_ROWS, CANCEL, CONTROL_SIZE };

constexpr int max_args = 48;

// The descriptor is one block of numbers that JavaScript keeps: control block, then of each argument its number, its mode and its stride
// (elements per row, or per produced row), then the checks. Whoever binds keeps its control block, and the views, alive.
enum CheckField { CHECK_PORT, CHECK_LOW, CHECK_HIGH, CHECK_BOUNDED, CHECK_ASCENDING, CHECK_LAST, CHECK_SIZE };

struct Binding {
  const Row* row;
  FindBad find_bad;
  double* control;
  const Arg* args;  // slot after slot
  int slots, check_count;
  i32 modes[max_args];
  i64 strides[max_args];
  tickforge::Check checks[max_args];
};

// A binding that lives on, with the arguments of its slots.
struct Bound {
  Binding binding;
  std::vector<Arg> args;
};

// Runs one slot from control[FROM] to control[TO] and leaves the outcome in the control block.
inline void execute(const Binding& b, int slot) noexcept {
  const i64 from = static_cast<i64>(b.control[FROM]), to = static_cast<i64>(b.control[TO]);
  const i64 out_from = static_cast<i64>(b.control[OUT_FROM]);
  const int count = b.row->count;
  const Arg* bound = &b.args[static_cast<size_t>(slot) * count];
  Arg args[max_args];
  b.control[DONE_ROWS] = 0;
  Crew crew{run_crew, b.control + DONE_ROWS, b.control + CANCEL};
  for (int i = 0; i < count; i++) {
    args[i] = bound[i];
    if (b.row->types[i].kind == Kind::THREADS) args[i].data = &crew;
    if (b.modes[i] == FIXED || !bound[i].data) continue;
    const i64 start = (b.modes[i] == ROWS ? from : out_from) * b.strides[i];
    args[i].data = static_cast<char*>(bound[i].data) + start * type_sizes[static_cast<int>(b.row->types[i].type)];
    args[i].length = b.modes[i] == ROWS ? (to - from) * b.strides[i] : (start < bound[i].length ? bound[i].length - start : 0);
  }
  Status status{OK, 0, 0, 0, 0};
  i64 column = 0;
  for (int i = 0; i < b.check_count; i++) {
    const tickforge::Check& check = b.checks[i];
    const Arg& a = args[check.port];
    if (!a.data) continue;
    const i64 bad = b.find_bad(check, a.data, a.length, check.last < 0 ? nullptr : args[check.last].data);
    if (bad >= 0) {
      const i64 stride = b.modes[check.port] == ROWS ? b.strides[check.port] : 1;
      status = {check.ascending ? BACKWARDS : BAD_VALUE, check.port, bad / stride, 0, 0};
      column = bad % stride;
      break;
    }
  }
  if (status.code == OK) {
    status = b.row->run(args);
    const i64 stride = b.modes[status.port] == ROWS ? b.strides[status.port] : 1;
    if (status.code != OK && stride > 1) column = status.row % stride, status.row /= stride;  // of a matrix a kernel names the element
  }
  b.control[CODE] = status.code;
  b.control[PORT] = status.port;
  b.control[AT_ROW] = static_cast<double>(status.row);
  b.control[CONSUMED] = static_cast<double>(status.consumed < 0 ? to - from : status.consumed);
  b.control[COLUMN] = static_cast<double>(column);
  b.control[PRODUCED_ROWS] = static_cast<double>(status.produced);
}

}  // namespace tickforge
