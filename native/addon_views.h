// Reads what JavaScript hands over to be bound or called: the row, one descriptor of numbers and the views. Raw Node-API throughout, since
// for a few rows this is most of what a call takes.
#pragma once
#include <node_api.h>

#include <memory>
#include <string>
#include <vector>

#include "addon_binding.h"

namespace tickforge {

inline const char* const type_names[] = {"f64", "f32", "i64", "i32", "u32", "i8", "u8"};

// The kernels of one table, as a build has them.
struct Kernels {
  std::vector<Row> rows;
  FindBad find_bad;
};

inline bool refuse(napi_env env, const std::string& what) {
  napi_throw_type_error(env, nullptr, ("bind: " + what).c_str());
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

// The row and its descriptor (see Binding); false where an error was thrown.
inline bool read_row(napi_env env, const Kernels& kernels, napi_value index_value, napi_value descriptor, Binding* binding) {
  uint32_t index = 0;
  if (napi_get_value_uint32(env, index_value, &index) != napi_ok || index >= kernels.rows.size()) return refuse(env, "no such kernel");
  const Row* row = binding->row = &kernels.rows[index];
  binding->find_bad = kernels.find_bad;
  size_t length = 0;
  binding->control = numbers_of(env, descriptor, &length);
  const size_t fixed = CONTROL_SIZE + 3 * static_cast<size_t>(row->count);
  const bool fits = binding->control && row->count <= max_args && length >= fixed && (length - fixed) % CHECK_SIZE == 0;
  binding->check_count = fits ? static_cast<int>((length - fixed) / CHECK_SIZE) : 0;
  if (!fits || binding->check_count > row->count) return refuse(env, "arguments do not fit the kernel's row");
  const double* numbers = binding->control + CONTROL_SIZE;
  for (int i = 0; i < row->count; i++) {
    binding->modes[i] = static_cast<i32>(numbers[row->count + i]);
    binding->strides[i] = static_cast<i64>(numbers[2 * row->count + i]);
  }
  for (int i = 0; i < binding->check_count; i++) {
    const double* c = numbers + 3 * row->count + i * CHECK_SIZE;
    const i32 port = static_cast<i32>(c[CHECK_PORT]), last = static_cast<i32>(c[CHECK_LAST]);
    if (port < 0 || port >= row->count || last >= row->count) return refuse(env, "arguments do not fit the kernel's row");
    binding->checks[i] = {port, row->types[port].type, c[CHECK_LOW], c[CHECK_HIGH], c[CHECK_BOUNDED] != 0, c[CHECK_ASCENDING] != 0, last};
  }
  return true;
}

// The arguments of one slot from its views; false where an error was thrown.
inline bool read_slot(napi_env env, const Binding& binding, const napi_value* views, Arg* args) {
  const Row& row = *binding.row;
  for (int i = 0; i < row.count; i++) {
    const ArgType type = row.types[i];
    args[i] = {nullptr, 0, binding.control[CONTROL_SIZE + i]};
    if (type.kind == Kind::I32 || type.kind == Kind::F64 || type.kind == Kind::THREADS) continue;
    if (!read_view(env, views[i], type.type, &args[i]))
      return refuse(env, "argument " + std::to_string(i) + " is not a view of " + type_names[static_cast<int>(type.type)]);
    if (!args[i].data && type.kind != Kind::OPTIONAL_IN && type.kind != Kind::OPTIONAL_OUT)
      return refuse(env, "argument " + std::to_string(i) + " is missing");
  }
  return true;
}

inline napi_value run_bound(napi_env env, napi_callback_info info) {
  size_t count = 1;
  napi_value slot_value;
  void* data;
  napi_get_cb_info(env, info, &count, &slot_value, nullptr, &data);
  auto* binding = static_cast<Binding*>(data);
  int32_t slot = 0;
  if (count > 0) napi_get_value_int32(env, slot_value, &slot);
  if (slot < 0 || slot >= binding->slots) {
    napi_throw_range_error(env, "E_SLOT", "bound call: no such slot");
    return nullptr;
  }
  execute(*binding, slot);
  return nullptr;
}

// bind(row, descriptor, views of all slots) -> (slot?) => undefined
inline napi_value bind_views(napi_env env, napi_callback_info info) {
  napi_value given[3];
  size_t count = 3;
  void* kernels;
  napi_get_cb_info(env, info, &count, given, nullptr, &kernels);
  auto bound = std::make_unique<Bound>();
  if (!read_row(env, *static_cast<const Kernels*>(kernels), given[0], given[1], &bound->binding)) return nullptr;
  const auto step = static_cast<uint32_t>(bound->binding.row->count);
  uint32_t length = 0;
  if (napi_get_array_length(env, given[2], &length) != napi_ok || length == 0 || length % step != 0)
    return refuse(env, "arguments do not fit the kernel's row"), nullptr;
  bound->args.resize(length);
  for (uint32_t slot = 0; slot < length; slot += step) {
    napi_value views[max_args];
    for (uint32_t i = 0; i < step; i++) napi_get_element(env, given[2], slot + i, &views[i]);
    if (!read_slot(env, bound->binding, views, &bound->args[slot])) return nullptr;
  }
  bound->binding.args = bound->args.data();
  bound->binding.slots = static_cast<int>(length / step);
  napi_value function;
  Bound* raw = bound.release();
  napi_create_function(env, "bound", NAPI_AUTO_LENGTH, run_bound, &raw->binding, &function);
  napi_wrap(env, function, &raw->binding, [](napi_env, void*, void* bound) { delete static_cast<Bound*>(bound); }, raw, nullptr);
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
  if (!read_row(env, *static_cast<const Kernels*>(kernels), given[0], given[1], &binding)) return nullptr;
  if (!read_slot(env, binding, given + 2, args)) return nullptr;
  binding.args = args;
  binding.slots = 1;
  execute(binding, 0);
  return nullptr;
}

}  // namespace tickforge
