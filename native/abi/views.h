// Reads what JavaScript hands over to be declared, bound or called: the row, a block of numbers and the views. Raw Node-API throughout,
// since for a few rows this is most of what a call takes.
#pragma once
#include <node_api.h>

#include <memory>
#include <string>
#include <vector>

#include "descriptor.h"
#include "signature.h"

namespace tickforge {

// A binding that lives on, with what it needs of its slots. Whoever calls it has looked whether its views are still there: see src/core/call/bind.ts.
struct Bound {
  Binding binding;
  std::vector<Slot> slots;
  std::vector<Arg> args;
  Scratch scratch;
};

inline bool refuse(napi_env env, const std::string& what) {
  napi_throw_type_error(env, nullptr, ("bind: " + what).c_str());
  return false;
}
// What JavaScript turns into an error that names the argument: its index, a space, what is wrong with it.
inline bool refuse(napi_env env, const Misfit& wrong) {
  napi_throw_type_error(env, wrong.code, (std::to_string(wrong.argument) + " " + wrong.what).c_str());
  return false;
}

// Where the numbers of a Float64Array lie, and how many they are.
inline double* numbers_of(napi_env env, napi_value value, size_t* length) {
  napi_typedarray_type type;
  void* data = nullptr;
  if (napi_get_typedarray_info(env, value, &type, length, &data, nullptr, nullptr) != napi_ok || type != napi_float64_array) return nullptr;
  return static_cast<double*>(data);
}

inline bool read_view(napi_env env, napi_value value, Type want, Arg* arg) {
  napi_typedarray_type type;
  size_t length;
  void* data;
  if (napi_get_typedarray_info(env, value, &type, &length, &data, nullptr, nullptr) != napi_ok) {
    napi_valuetype kind = napi_object;
    napi_typeof(env, value, &kind);
    return kind == napi_undefined || kind == napi_null;
  }
  static constexpr napi_typedarray_type wanted[] = {napi_float64_array, napi_float32_array, napi_bigint64_array, napi_int32_array,
                                                    napi_uint32_array,  napi_int8_array,    napi_uint8_array};
  static double nothing[8];  // an empty view has no address, and null means absent
  arg->data = length ? data : nothing;
  arg->length = static_cast<i64>(length);
  return type == wanted[static_cast<int>(want)];
}

// Scratch memory for the slots of a binding: as much as the slot that needs most; false where an error was thrown.
inline bool take_scratch(napi_env env, Binding& binding, Scratch& scratch, Arg* args, int slots) {
  const Row& row = *binding.row;
  if (!row.scratch) return true;
  int at = 0;
  while (row.types[at].kind != Kind::WORKSPACE) at++;
  i64 most = 0;
  for (int i = 0; i < slots; i++) most = binding.slots[i].extent.scratch > most ? binding.slots[i].extent.scratch : most;
  if (!scratch.take(most)) return refuse(env, Misfit{"E_MEMORY", at, "of " + std::to_string(most) + " values is more than there is"});
  for (int i = 0; i < slots; i++) args[i * row.count + at] = {scratch.data(), most, 0};
  if (scratch.fenced()) binding.fenced = &scratch;
  return true;
}

// The row and its descriptor; false where an error was thrown.
inline bool read_row(napi_env env, const Kernels& kernels, napi_value index_value, napi_value descriptor, Binding* binding) {
  uint32_t index = 0;
  size_t length = 0;
  if (napi_get_value_uint32(env, index_value, &index) != napi_ok) return refuse(env, "no such kernel");
  double* numbers = numbers_of(env, descriptor, &length);
  const char* wrong = read_descriptor(kernels, index, numbers, length, *binding);
  return wrong ? refuse(env, wrong) : true;
}

// The arguments of one slot from its views, held against the layout; false where an error was thrown.
inline bool read_slot(napi_env env, Binding& binding, const napi_value* views, Arg* args, Extent* extent) {
  const Row& row = *binding.row;
  for (int i = 0; i < row.count; i++) {
    const ArgType type = row.types[i];
    args[i] = {nullptr, 0, binding.control[CONTROL_SIZE + i]};
    if (!is_view(type.kind)) continue;
    if (!read_view(env, views[i], type.type, &args[i]))
      return refuse(env, Misfit{"E_DTYPE", i, std::string("is not a view of ") + type_names[static_cast<int>(type.type)]});
  }
  const double* least = binding.control + CONTROL_SIZE + row.count;
  const Demand demand{.least = least, .given = binding.control[GIVEN], .append = binding.control[APPEND] != 0};
  const Misfit wrong = Fit(row, *binding.layout, args, demand).run(binding.steps, *extent);
  return wrong ? refuse(env, wrong) : true;
}

// What a binding holds counts for the collector of garbage as its arrays do.
inline void weigh(napi_env env, i64 bytes) {
  int64_t all;
  if (bytes != 0) napi_adjust_external_memory(env, bytes, &all);
}

inline napi_value run_bound(napi_env env, napi_callback_info info) {
  size_t count = 1;
  napi_value slot_value;
  void* data;
  napi_get_cb_info(env, info, &count, &slot_value, nullptr, &data);
  const auto& bound = *static_cast<Bound*>(data);
  int32_t slot = 0;
  if (count > 0) napi_get_value_int32(env, slot_value, &slot);
  if (slot < 0 || slot >= bound.binding.slot_count) {
    napi_throw_range_error(env, "E_SLOT", "bound call: no such slot");
    return nullptr;
  }
  execute(bound.binding, slot);
  return nullptr;
}

// bind(row, descriptor, views of all slots) -> (slot?) => undefined
inline napi_value bind_views(napi_env env, napi_callback_info info) {
  napi_value given[3];
  size_t count = 3;
  void* kernels;
  napi_get_cb_info(env, info, &count, given, nullptr, &kernels);
  auto bound = std::make_unique<Bound>();
  Binding& binding = bound->binding;
  if (!read_row(env, *static_cast<const Kernels*>(kernels), given[0], given[1], &binding)) return nullptr;
  const auto step = static_cast<uint32_t>(binding.row->count);
  uint32_t length = 0;
  if (napi_get_array_length(env, given[2], &length) != napi_ok || length == 0 || length % step != 0)
    return refuse(env, "arguments do not fit the kernel's row"), nullptr;
  bound->args.resize(length);
  for (uint32_t at = 0; at < length; at += step) {
    napi_value views[max_args];
    napi_handle_scope scope;  // thousands of slots would pile up handles
    napi_open_handle_scope(env, &scope);
    for (uint32_t i = 0; i < step; i++) napi_get_element(env, given[2], at + i, &views[i]);
    Arg* const args = &bound->args[at];
    const Steps before = binding.steps;
    Extent extent;
    bool fits = read_slot(env, binding, views, args, &extent);
    for (int i = 0; fits && at > 0 && i < binding.row->count; i++)
      if (before.modes[i] != binding.steps.modes[i] || before.strides[i] != binding.steps.strides[i])
        fits = refuse(env, Misfit{"E_LENGTH", i, "has rows of another width than in slot 0"});
    if (fits) {
      bound->slots.push_back({args, extent});
      const Bad bad = find_bad_value(binding, args, true, no_limit);
      if (bad.code != OK) fits = refuse(env, Misfit{"E_STATE", bad.port, std::to_string(bad.row)});
    }
    napi_close_handle_scope(env, scope);
    if (!fits) return nullptr;
  }
  binding.slots = bound->slots.data();
  binding.slot_count = static_cast<int>(bound->slots.size());
  if (!take_scratch(env, binding, bound->scratch, bound->args.data(), binding.slot_count)) return nullptr;
  napi_value function;
  Bound* raw = bound.release();
  napi_create_function(env, "bound", NAPI_AUTO_LENGTH, run_bound, raw, &function);
  weigh(env, raw->scratch.bytes());
  napi_wrap(
      env, function, raw,
      [](napi_env env, void* data, void*) {
        const auto bound = static_cast<Bound*>(data);
        weigh(env, -bound->scratch.bytes());
        delete bound;
      },
      nullptr, nullptr);
  return function;
}

// call(row, descriptor, ...views of one slot): what a bound function would do, without making one.
inline napi_value call_views(napi_env env, napi_callback_info info) {
  napi_value given[2 + max_args];
  size_t count = 2 + max_args;
  void* kernels;
  napi_get_cb_info(env, info, &count, given, nullptr, &kernels);  // those not given are undefined
  Binding binding;
  Arg args[max_args];
  Slot slot{args, {}};
  if (!read_row(env, *static_cast<const Kernels*>(kernels), given[0], given[1], &binding)) return nullptr;
  if (!read_slot(env, binding, given + 2, args, &slot.extent)) return nullptr;
  binding.slots = &slot;
  binding.slot_count = 1;
  Scratch scratch;
  if (take_scratch(env, binding, scratch, args, 1)) execute(binding, 0);
  return nullptr;
}

// declare(row, numbers): what the row's contract says of its arguments.
inline napi_value declare_row(napi_env env, napi_callback_info info) {
  napi_value given[2];
  size_t count = 2;
  void* data;
  napi_get_cb_info(env, info, &count, given, nullptr, &data);
  auto& kernels = *static_cast<Kernels*>(data);
  uint32_t index = 0;
  size_t length = 0;
  Layout layout;
  if (napi_get_value_uint32(env, given[0], &index) != napi_ok || index >= kernels.rows.size()) return refuse(env, "no such kernel"), nullptr;
  const double* numbers = numbers_of(env, given[1], &length);
  if (!numbers || !read_layout(numbers, length, kernels.rows[index], layout)) return refuse(env, "this is no layout of the row"), nullptr;
  kernels.layouts[index] = std::move(layout);
  return nullptr;
}

}  // namespace tickforge
