// What describes a call, read into a binding: the row, and the numbers of src/backends/arguments.ts. No Node in here.
#pragma once
#include <vector>

#include "binding.h"

namespace tickforge {

// The kernels of one table, as a build has them, and what was declared of each.
struct Kernels {
  std::vector<Row> rows;
  FindBad find_bad;
  std::vector<Layout> layouts = std::vector<Layout>(rows.size());
};

// The binding of a row with what its descriptor says (see binding.h), which it keeps using; null, or what is wrong with it.
inline const char* read_descriptor(const Kernels& kernels, u32 index, double* numbers, size_t length, Binding& binding) {
  constexpr const char* unfit = "arguments do not fit the kernel's row";
  if (index >= kernels.rows.size()) return "no such kernel";
  const Row* row = binding.row = &kernels.rows[index];
  const Layout& layout = kernels.layouts[index];
  binding.layout = &layout;
  binding.find_bad = kernels.find_bad;
  if (layout.arguments.empty()) return "the kernel's arguments were not declared";
  binding.control = numbers;
  const auto fixed = static_cast<size_t>(CONTROL_SIZE + row->count + layout.dimensions);
  const bool fits = numbers && row->count <= max_args && length >= fixed && (length - fixed) % CHECK_SIZE == 0;
  binding.check_count = fits ? static_cast<int>((length - fixed) / CHECK_SIZE) : 0;
  if (!fits || binding.check_count > max_checks) return unfit;
  const double* checks = numbers + fixed;
  binding.state_checks = 0;
  for (int i = 0; i < binding.check_count; i++) {
    const double* c = checks + i * CHECK_SIZE;
    const i32 port = static_cast<i32>(c[CHECK_PORT]), last = static_cast<i32>(c[CHECK_LAST]);
    const auto wrong = [&](i32 at) { return at >= row->count || row->types[at < 0 ? 0 : at].kind == Kind::I32; };
    if (port < 0 || wrong(port) || wrong(last)) return unfit;
    const Type type = row->types[port].type;
    const bool ascending = c[CHECK_ASCENDING] != 0;
    if (ascending && (type != Type::i64 || (last >= 0 && row->types[last].type != Type::i64))) return "only i64 arguments ascend";
    if (row->types[port].kind == Kind::STATE && i > binding.state_checks++) return "checks of the state come first";
    binding.checks[i] = {port, type, c[CHECK_LOW], c[CHECK_HIGH], c[CHECK_BOUNDED] != 0, ascending, last, c[CHECK_INTEGER] != 0};
  }
  binding.counted = layout.rows.kind == SizeKind::OPTION;
  binding.least = layout.rows.kind == SizeKind::DIMENSION ? numbers[CONTROL_SIZE + row->count + layout.rows.value] : 0;
  return nullptr;
}

}  // namespace tickforge
