// The border of the WebAssembly module: what views.h and addon.cc are to Node. JavaScript copies what an execution works on into one
// block of memory, which every execution uses anew, so nothing but a binding of a few kB outlives it.
//
// One execution: `plan` tells which part of each array it takes, JavaScript lays those parts out in what `take` gives, `run` computes.
#include <cstdlib>
#include <memory>
#include <string>

#include "abi/descriptor.h"
#include "abi/signature.h"
#include "kernel_list.h"  // written by CMake from the names of the sources: KERNELS(X)

#define EXPORT(name) extern "C" __attribute__((export_name(#name)))

namespace tickforge {

#define DECLARE(name) extern const Table name##_table;
namespace wasm {
KERNELS(DECLARE)
extern const FindBad find_bad;
}  // namespace wasm

namespace {

Kernels kernels_of_module() {
  std::vector<Row> rows;
#define ADD_TABLE(name) rows.insert(rows.end(), wasm::name##_table.rows, wasm::name##_table.rows + wasm::name##_table.count);
  KERNELS(ADD_TABLE)
  return {rows, wasm::find_bad};
}
Kernels& kernels() {
  static Kernels all = kernels_of_module();
  return all;
}

// Of an argument in one execution, as JavaScript reads and completes it; the same order as in src/backends/wasm_program.ts.
struct Part {
  double start, length;  // elements of its array; length -1: it is not there
  double mode, stride;
  double address;  // where JavaScript has put it
};

struct Held {
  Binding binding{};
  std::vector<double> numbers;
  std::vector<Slot> slots;
  std::vector<Arg> args;
  std::vector<Part> parts;
  Slot now{};  // what runs: the parts
  std::vector<Arg> cut;
};

std::string said;  // what was wrong last, "E_CODE argument what" or "what"

Held* refuse(std::string what) {
  said = std::move(what);
  return nullptr;
}
std::string text_of(const Misfit& wrong) { return std::string(wrong.code) + " " + std::to_string(wrong.argument) + " " + wrong.what; }

// An array that is there must have an address; none is read before it has its own.
void* const somewhere = reinterpret_cast<void*>(8);

}  // namespace

// Version of the package and of this border, which src/backends/wasm_module.ts has too.
EXPORT(version) const char* version() { return TICKFORGE_VERSION " border 1"; }

// Name, dtype and signature of each row, line by line.
EXPORT(describe) const char* describe() {
  static const std::string text = [] {
    std::string lines;
    for (const Row& row : kernels().rows) lines += std::string(row.name) + " " + dtype_of(row) + " " + signature(row) + "\n";
    return lines;
  }();
  return text.c_str();
}

EXPORT(failure) const char* failure() { return said.c_str(); }

EXPORT(declare) bool declare(u32 row, const double* numbers, u32 length) {
  Layout layout;
  if (row >= kernels().rows.size() || !read_layout(numbers, length, kernels().rows[row], layout)) return false;
  kernels().layouts[row] = std::move(layout);
  return true;
}

// Memory for one execution, whose contents last until the next `take`; null where there is no more.
EXPORT(take) void* take(u32 bytes) {
  static void* block = nullptr;
  static u32 size = 0;
  if (bytes <= size) return block;
  std::free(block);  // first: what it leaves is part of what is asked for
  size = 0;
  const u32 roomy = bytes < (1u << 30) ? bytes + bytes / 4 : bytes;
  for (const u32 wanted : {roomy, bytes})
    if ((block = std::aligned_alloc(64, (wanted + 63) & ~63u))) return size = wanted, block;
  return nullptr;
}

// `lengths`: of the arrays of every slot, -1 where there is none; `state`: addresses of its ports, in their order. Null: see failure().
EXPORT(bind) Held* bind(u32 index, const double* numbers, u32 count, const double* lengths, const double* state, u32 slots) {
  auto held = std::make_unique<Held>();
  Binding& binding = held->binding;
  held->numbers.assign(numbers, numbers + count);
  if (const char* wrong = read_descriptor(kernels(), index, held->numbers.data(), count, binding)) return refuse(wrong);
  const Row& row = *binding.row;
  held->args.resize(slots * static_cast<u32>(row.count));
  held->parts.resize(static_cast<u32>(row.count));
  held->cut.resize(static_cast<u32>(row.count));
  for (u32 slot = 0; slot < slots; slot++, lengths += row.count) {
    Arg* const args = &held->args[slot * static_cast<u32>(row.count)];
    int port = 0;
    for (int i = 0; i < row.count; i++) {
      args[i] = {nullptr, 0, binding.control[CONTROL_SIZE + i]};
      if (!is_view(row.types[i].kind) || lengths[i] < 0) continue;
      const bool kept = row.types[i].kind == Kind::STATE;
      args[i].data = kept ? reinterpret_cast<void*>(static_cast<u32>(state[port++])) : somewhere;
      args[i].length = static_cast<i64>(lengths[i]);
    }
    const Demand demand{.least = binding.control + CONTROL_SIZE + row.count, .given = binding.control[GIVEN], .append = binding.control[APPEND] != 0};
    const Steps before = binding.steps;
    Extent extent;
    if (const Misfit wrong = Fit(row, *binding.layout, args, demand).run(binding.steps, extent)) return refuse(text_of(wrong));
    for (int i = 0; slot > 0 && i < row.count; i++)
      if (before.modes[i] != binding.steps.modes[i] || before.strides[i] != binding.steps.strides[i])
        return refuse(text_of({"E_LENGTH", i, "has rows of another width than in slot 0"}));
    const Bad bad = find_bad_value(binding, args, true, no_limit);
    if (bad.code != OK) return refuse(text_of({"E_STATE", bad.port, std::to_string(bad.row)}));
    held->slots.push_back({args, extent});
  }
  binding.slots = &held->now;
  binding.slot_count = 1;
  return held.release();
}

EXPORT(drop) void drop(Held* held) { delete held; }

EXPORT(control) double* control(Held* held) { return held->binding.control; }
EXPORT(parts) Part* parts(Held* held) { return held->parts.data(); }

// What the rows of the control block take of each array; false where they are refused, as the control block then says.
EXPORT(plan) bool plan(Held* held, u32 index) {
  const Binding& b = held->binding;
  const Slot& slot = held->slots[index];
  const double from = b.control[FROM], to = b.control[TO], out_from = b.control[OUT_FROM];
  const bool inside =
      from >= 0 && from <= to && to <= static_cast<double>(slot.extent.rows) && out_from >= 0 && out_from <= static_cast<double>(slot.extent.room);
  if (!inside || (b.counted && to - from != static_cast<double>(slot.extent.rows))) return refuse_execution(b, {BAD_ROWS, 0, 0, 0}), false;
  held->now.extent = {static_cast<i64>(to - from), slot.extent.room - static_cast<i64>(out_from), slot.extent.scratch};
  for (int i = 0; i < b.row->count; i++) {
    const Arg& whole = slot.args[i];
    const i32 mode = b.steps.modes[i];
    const auto stride = static_cast<double>(b.steps.strides[i]);
    Part& part = held->parts[static_cast<u32>(i)];
    part = {0, static_cast<double>(whole.length), static_cast<double>(mode), stride, 0};
    if (b.row->types[i].kind == Kind::WORKSPACE) part.length = static_cast<double>(slot.extent.scratch);
    else if (!whole.data) part.length = -1;
    else if (mode == ROWS) part.start = from * stride, part.length = (to - from) * stride;
    else if (mode == PRODUCED) part.start = out_from * stride, part.length = static_cast<double>(held->now.extent.room) * stride;
    held->cut[static_cast<u32>(i)] = whole;
  }
  return true;
}

// Runs the parts where JavaScript has put them; the outcome is in the control block.
EXPORT(run) void run(Held* held) {
  const Binding& b = held->binding;
  for (int i = 0; i < b.row->count; i++) {
    const Part& part = held->parts[static_cast<u32>(i)];
    Arg& arg = held->cut[static_cast<u32>(i)];
    if (part.length < 0) continue;
    const Kind kind = b.row->types[i].kind;
    if (!is_view(kind) && kind != Kind::WORKSPACE) continue;
    arg.data = reinterpret_cast<void*>(static_cast<u32>(part.address));
    arg.length = static_cast<i64>(part.length);
  }
  held->now.args = held->cut.data();
  b.control[TO] -= b.control[FROM];
  b.control[FROM] = b.control[OUT_FROM] = 0;
  execute(b, 0);
}

}  // namespace tickforge
