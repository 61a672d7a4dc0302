// A kernel on its arrays: what a bound call runs. No Node in here, so that any thread may.
#pragma once
#include "fit.h"
#include "scratch.h"
#if defined(__wasm__)
#include "single_crew.h"
#else
#include "addon_crew.h"
#endif

namespace tickforge {

constexpr i64 type_sizes[] = {8, 4, 8, 4, 4, 1, 1};  // by Type

enum Control { FROM, TO, OUT_FROM, CODE, PORT, AT_ROW, CONSUMED, PRODUCED_ROWS, COLUMN, DONE_ROWS, CANCEL, APPEND, GIVEN, CONTROL_SIZE };

// Outcomes that no kernel has, behind those of kernel.h and of a device; the same numbers as in src/core/backend/backend.ts. Their PORT is an
// index among all arguments.
enum BorderCode : i32 { BAD_ROWS = 8, BAD_STATE = 9 };

// The descriptor is one block of numbers that JavaScript keeps: control block, then the number of each argument, the least of each dimension,
// then the checks. Whoever binds keeps its control block, and the views, alive.
enum CheckField { CHECK_PORT, CHECK_LOW, CHECK_HIGH, CHECK_BOUNDED, CHECK_ASCENDING, CHECK_LAST, CHECK_INTEGER, CHECK_SIZE };
constexpr int max_checks = 2 * max_args;
// State beyond so many values is checked when it is bound; kernels guard where they use it.
constexpr i64 checked_each_call = 256;

struct Slot {
  const Arg* args;
  Extent extent;
};

struct Binding {
  const Row* row;
  const Layout* layout;
  FindBad find_bad;
  double* control;
  const Slot* slots;
  Scratch* fenced = nullptr;  // scratch memory, where tests look at its fences
  int slot_count, check_count, state_checks;
  bool counted;  // the caller says how many rows there are, and all run at once
  double least;  // rows that the method needs
  Steps steps;
  tickforge::Check checks[max_checks];
};

struct Bad {
  i32 code = OK, port = 0;
  i64 row = 0, column = 0;
};

// First value that a check refuses: of the state, whose checks come first, or of the inputs.
inline Bad find_bad_value(const Binding& b, const Arg* args, bool of_state, i64 most) noexcept {
  const int end = of_state ? b.state_checks : b.check_count;
  for (int i = of_state ? 0 : b.state_checks; i < end; i++) {
    const tickforge::Check& check = b.checks[i];
    const Arg& a = args[check.port];
    if (!a.data || a.length > most) continue;
    const i64 bad = b.find_bad(check, a.data, a.length, check.last < 0 ? nullptr : args[check.last].data);
    if (bad < 0) continue;
    const i64 stride = b.steps.modes[check.port] == ROWS ? b.steps.strides[check.port] : 1;
    return {of_state ? static_cast<i32>(BAD_STATE) : check.ascending ? BACKWARDS : BAD_VALUE, check.port, bad / stride, bad % stride};
  }
  return {};
}

inline void refuse_execution(const Binding& b, const Bad& bad) noexcept {
  b.control[CODE] = bad.code;
  b.control[PORT] = bad.port;
  b.control[AT_ROW] = static_cast<double>(bad.row);
  b.control[COLUMN] = static_cast<double>(bad.column);
  b.control[CONSUMED] = b.control[PRODUCED_ROWS] = 0;
}

// Runs one slot from control[FROM] to control[TO] and leaves the outcome in the control block.
inline void execute(const Binding& b, int index) noexcept {
  const Slot& slot = b.slots[index];
  const double asked_from = b.control[FROM], asked_to = b.control[TO], asked_out = b.control[OUT_FROM];
  const auto rows = static_cast<double>(slot.extent.rows), room = static_cast<double>(slot.extent.room);
  const bool inside = asked_from >= 0 && asked_from <= asked_to && asked_to <= rows && asked_out >= 0 && asked_out <= room;
  if (!inside || !(asked_to - asked_from >= b.least) || (b.counted && asked_to - asked_from != rows)) return refuse_execution(b, {BAD_ROWS, 0, 0, 0});
  const i64 from = static_cast<i64>(asked_from), to = static_cast<i64>(asked_to), out_from = static_cast<i64>(asked_out);
  const int count = b.row->count;
  Arg args[max_args];
  b.control[DONE_ROWS] = 0;
  Crew crew{run_crew, b.control + DONE_ROWS, b.control + CANCEL};
  for (int i = 0; i < count; i++) {
    const Arg& bound = slot.args[i];
    args[i] = bound;
    if (b.row->types[i].kind == Kind::THREADS) args[i].data = &crew;
    if (b.steps.modes[i] == FIXED || !bound.data) continue;
    const i64 stride = b.steps.strides[i], start = (b.steps.modes[i] == ROWS ? from : out_from) * stride;
    args[i].data = static_cast<char*>(bound.data) + start * type_sizes[static_cast<int>(b.row->types[i].type)];
    args[i].length = (b.steps.modes[i] == ROWS ? to - from : slot.extent.room - out_from) * stride;
    if (stride == 0) args[i].length = 0;
  }
  // What is appended row for row has no length of its own to stop at.
  if (b.control[APPEND] != 0 && b.layout->produced.kind == SizeKind::NONE && slot.extent.room - out_from < to - from)
    return refuse_execution(b, {OUTPUT_FULL, 0, 0, 0});
  Bad bad = find_bad_value(b, args, true, checked_each_call);
  if (bad.code == OK) bad = find_bad_value(b, args, false, no_limit);
  if (bad.code != OK) return refuse_execution(b, bad);
  const Status status = b.row->run(args);
  if (b.fenced) b.fenced->look();
  i64 row = status.row, column = 0;
  const i64 stride = b.steps.modes[status.port] == ROWS ? b.steps.strides[status.port] : 1;
  if (status.code != OK && stride > 1) column = row % stride, row /= stride;  // of a matrix a kernel names the element
  b.control[CODE] = status.code;
  b.control[PORT] = status.port;
  b.control[AT_ROW] = static_cast<double>(row);
  b.control[CONSUMED] = static_cast<double>(status.consumed < 0 ? to - from : status.consumed);
  b.control[COLUMN] = static_cast<double>(column);
  b.control[PRODUCED_ROWS] = static_cast<double>(status.produced);
}

}  // namespace tickforge
