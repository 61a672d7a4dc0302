// The only file that knows Node: hands the table of kernels to JavaScript, binds arrays to a kernel, runs it here or on
// the add-on's own threads. node-addon-api for set-up, raw Node-API on the path of a bound call.
#include <napi.h>

#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "addon_threads.h"
#include "gpu.h"
#include "kernel_list.h"  // written by CMake from the names of the sources: KERNELS(X) and BUILDS(Y)

namespace tickforge {

Napi::Object memory_functions(Napi::Env env);  // addon_memory.cc

// Every build of every kernel, by the names that KERNEL made.
#define DECLARE(name) extern const Table name##_table;
#define DECLARE_BUILD(isa) namespace isa { KERNELS(DECLARE) extern const FindBad find_bad; extern const Roofline roofline; }
BUILDS(DECLARE_BUILD)
// Kernels that run on a GPU.
#define DECLARE_GPU(name) extern const GpuKernel name##_gpu;
namespace metal { GPU_KERNELS(DECLARE_GPU) }

namespace {

struct Build {
  const char* name;
  std::vector<const Table*> tables;
  FindBad find_bad;
  const Roofline* roofline;
  bool supported;
};

bool supported(const std::string& isa) {
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (isa == "v3") return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("bmi2");
  if (isa == "v4")
    return supported("v3") && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
           __builtin_cpu_supports("avx512cd") && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
  return __builtin_cpu_supports("sse4.2") && __builtin_cpu_supports("popcnt");
#else
  return isa == "base";
#endif
}

const std::vector<Build>& builds() {
  static const std::vector<Build> all = [] {
    std::vector<Build> made;
#define PUSH_BUILD(isa) made.push_back({#isa, tables_of_##isa(), isa::find_bad, &isa::roofline, supported(#isa)});
#define DEFINE_TABLES(isa) auto tables_of_##isa = [] { using namespace isa; std::vector<const Table*> t; KERNELS(ADD_TABLE) return t; };
#define ADD_TABLE(name) t.push_back(&name##_table);
    BUILDS(DEFINE_TABLES)
    BUILDS(PUSH_BUILD)
    return made;
  }();
  return all;
}

const char* const type_names[] = {"f64", "f32", "i64", "i32", "u32", "i8", "u8"};

// The string that src/contract.ts derives from the contract.
std::string signature(const Row& row) {
  std::string text = "(";
  const char* separator = "";
  bool state = false, out = false;
  for (int i = 0; i < row.count; i++) {
    const ArgType t = row.types[i];
    if (t.kind == Kind::STATE && !state) separator = ";", state = true;
    if (t.kind == Kind::WORKSPACE || t.kind == Kind::THREADS) {
      text += t.kind == Kind::WORKSPACE ? ";workspace" : ";threads";
      continue;
    }
    if ((t.kind == Kind::OUT || t.kind == Kind::OPTIONAL_OUT) && !out) separator = ")->(", out = true;
    text.append(separator).append(type_names[static_cast<int>(t.type)]);
    if (t.kind != Kind::I32 && t.kind != Kind::F64) text += "[]";
    if (t.kind == Kind::OPTIONAL_IN || t.kind == Kind::OPTIONAL_OUT) text += "?";
    separator = ",";
  }
  return text + ")";
}

napi_value run_bound(napi_env env, napi_callback_info info) {
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

bool read_view(Napi::Value value, Type want, Arg& arg) {
  if (value.IsUndefined() || value.IsNull()) return arg = {nullptr, 0, 0}, true;
  napi_typedarray_type type;
  size_t length;
  void* data;
  if (napi_get_typedarray_info(value.Env(), value, &type, &length, &data, nullptr, nullptr) != napi_ok) return false;
  static constexpr napi_typedarray_type wanted[] = {napi_float64_array, napi_float32_array, napi_bigint64_array, napi_int32_array,
                                                    napi_uint32_array,  napi_int8_array,    napi_uint8_array};
  static double nothing[8];  // an empty view has no address, and null means absent
  arg = {length ? data : nothing, static_cast<i64>(length), 0};
  return type == wanted[static_cast<int>(want)];
}

// Reads (row, views[], numbers, modes, strides, checks[], control, slots); false where an error was thrown.
bool read_binding(const Napi::CallbackInfo& info, const Build& build, const std::vector<Row>& rows, Binding* binding) {
  const auto fail = [&](const std::string& what) {
    Napi::TypeError::New(info.Env(), "bind: " + what).ThrowAsJavaScriptException();
    return false;
  };
  const uint32_t index = info[0].As<Napi::Number>().Uint32Value();
  if (index >= rows.size()) return fail("no such kernel");
  binding->row = &rows[index];
  binding->find_bad = build.find_bad;
  const int count = binding->row->count;
  const auto views = info[1].As<Napi::Array>();
  const auto numbers = info[2].As<Napi::Float64Array>(), strides = info[4].As<Napi::Float64Array>();
  auto control = info[6].As<Napi::Float64Array>();
  const auto modes = info[3].As<Napi::Int32Array>();
  const auto checks = info[5].As<Napi::Array>();
  binding->slots = info[7].As<Napi::Number>().Int32Value();
  if (count > max_args || binding->slots < 1 || views.Length() != static_cast<uint32_t>(count * binding->slots) ||
      numbers.ElementLength() != static_cast<size_t>(count) || modes.ElementLength() != numbers.ElementLength() ||
      strides.ElementLength() != numbers.ElementLength() || control.ElementLength() != CONTROL_SIZE)
    return fail("arguments do not fit the kernel's row");
  binding->control = control.Data();
  binding->modes.reserve(static_cast<size_t>(count));
  binding->strides.reserve(static_cast<size_t>(count));
  binding->args.reserve(views.Length());
  for (int i = 0; i < count; i++) {
    binding->modes.push_back(modes[i]);
    binding->strides.push_back(static_cast<i64>(strides[i]));
  }
  for (uint32_t i = 0; i < views.Length(); i++) {
    const ArgType type = binding->row->types[i % count];
    Arg arg{nullptr, 0, numbers[i % count]};
    const bool number = type.kind == Kind::I32 || type.kind == Kind::F64 || type.kind == Kind::THREADS;
    if (!number && !read_view(views.Get(i), type.type, arg)) return fail("argument " + std::to_string(i % count) + " is not a view of " + type_names[static_cast<int>(type.type)]);
    if (!number && !arg.data && type.kind != Kind::OPTIONAL_IN && type.kind != Kind::OPTIONAL_OUT) return fail("argument " + std::to_string(i % count) + " is missing");
    binding->args.push_back(arg);
  }
  for (uint32_t i = 0; i < checks.Length(); i++) {
    const auto c = checks.Get(i).As<Napi::Float64Array>();  // argument, low, high, bounded, ascending, last
    const i32 port = static_cast<i32>(c[0]);
    binding->checks.push_back({port, binding->row->types[port].type, c[1], c[2], c[3] != 0, c[4] != 0, static_cast<i32>(c[5])});
  }
  return true;
}

// bind(...) -> (slot?) => undefined
Napi::Value bind_views(const Napi::CallbackInfo& info, const Build& build, const std::vector<Row>& rows) {
  Napi::Env env = info.Env();
  auto binding = std::make_unique<Binding>();
  if (!read_binding(info, build, rows, binding.get())) return env.Undefined();
  napi_value function;
  Binding* raw = binding.release();
  napi_create_function(env, "bound", NAPI_AUTO_LENGTH, run_bound, raw, &function);
  napi_wrap(env, function, raw, [](napi_env, void* data, void*) { delete static_cast<Binding*>(data); }, nullptr, nullptr);
  return Napi::Value(env, function);
}

// call(...): what a bound function of slot 0 would do, without making one: that takes longer than a kernel of few rows.
Napi::Value call_views(const Napi::CallbackInfo& info, const Build& build, const std::vector<Row>& rows) {
  Binding binding;
  if (read_binding(info, build, rows, &binding)) execute(binding, 0);
  return info.Env().Undefined();
}

Napi::Value start(const Napi::CallbackInfo& info) {
  void* binding = nullptr;
  if (napi_unwrap(info.Env(), info[0], &binding) != napi_ok || !info[2].IsFunction()) {
    Napi::TypeError::New(info.Env(), "start: first argument is not a bound kernel").ThrowAsJavaScriptException();
    return info.Env().Undefined();
  }
  const int slot = info[1].As<Napi::Number>().Int32Value();
  info.Env().GetInstanceData<Threads>()->start(info[0].As<Napi::Function>(), static_cast<Binding*>(binding), slot, info[2].As<Napi::Function>());
  return info.Env().Undefined();
}

// Address of a view's first element: lets tests prove that parser and kernel share memory, and the bus align its slots.
Napi::Value address(const Napi::CallbackInfo& info) {
  napi_typedarray_type type;
  size_t length;
  void* data = nullptr;
  if (napi_get_typedarray_info(info.Env(), info[0], &type, &length, &data, nullptr, nullptr) != napi_ok) {
    Napi::TypeError::New(info.Env(), "address: not a typed array").ThrowAsJavaScriptException();
    return info.Env().Undefined();
  }
  return Napi::BigInt::New(info.Env(), static_cast<uint64_t>(reinterpret_cast<uintptr_t>(data)));
}

// roofline(rounds) multiplies and adds, roofline(passes, view) reads f64; returns the operations or bytes of it.
Napi::Value run_roofline(const Napi::CallbackInfo& info, const Roofline& roofline) {
  const i64 repeats = info[0].As<Napi::Number>().Int64Value();
  if (info[1].IsUndefined()) return roofline.multiply_add(repeats), Napi::Number::New(info.Env(), static_cast<double>(repeats * roofline.flops_per_round));
  const auto view = info[1].As<Napi::Float64Array>();
  roofline.read(view.Data(), static_cast<i64>(view.ElementLength()), repeats);
  return Napi::Number::New(info.Env(), static_cast<double>(repeats) * static_cast<double>(view.ByteLength()));
}

Napi::Object describe(Napi::Env env, const Row& row) {
  auto entry = Napi::Object::New(env);
  entry["name"] = row.name;
  entry["dtype"] = row.any ? "any" : type_names[static_cast<int>(row.real)];
  entry["signature"] = signature(row);
  entry["address"] = Napi::BigInt::New(env, static_cast<uint64_t>(reinterpret_cast<uintptr_t>(row.run)));
  return entry;
}

using Rows = std::shared_ptr<std::vector<Row>>;

// `rows`, `bind` and `call` of a table.
void put_rows(Napi::Object to, const Build& build, const Rows& rows) {
  auto list = Napi::Array::New(to.Env());
  for (const Row& row : *rows) list[list.Length()] = describe(to.Env(), row);
  to["rows"] = list;
  to["bind"] = Napi::Function::New(to.Env(), [&build, rows](const Napi::CallbackInfo& info) { return bind_views(info, build, *rows); }, "bind");
  to["call"] = Napi::Function::New(to.Env(), [&build, rows](const Napi::CallbackInfo& info) { return call_views(info, build, *rows); }, "call");
}

// open(source) -> the device's name, and why each row cannot run on it: "" where it can. Throws where there is no device.
Napi::Value open_gpu(const Napi::CallbackInfo& info, const std::vector<const GpuKernel*>& kernels) {
  Napi::Env env = info.Env();
  if (const std::string cause = open_device(info[0].As<Napi::String>().Utf8Value()); !cause.empty()) {
    Napi::Error::New(env, cause).ThrowAsJavaScriptException();
    return env.Undefined();
  }
  auto causes = Napi::Array::New(env);
  for (const GpuKernel* kernel : kernels) causes[causes.Length()] = missing_shaders(*kernel);
  auto opened = Napi::Object::New(env);
  opened["device"] = device().name();
  opened["causes"] = causes;
  return opened;
}

Napi::Object gpu_functions(Napi::Env env, const Build& build) {
  std::vector<const GpuKernel*> kernels;
#define PUSH_GPU(name) kernels.push_back(&metal::name##_gpu);
  GPU_KERNELS(PUSH_GPU)
  auto rows = std::make_shared<std::vector<Row>>();
  for (const GpuKernel* kernel : kernels) rows->push_back(*kernel->row);
  auto made = Napi::Object::New(env);
  put_rows(made, build, rows);
  made["open"] = Napi::Function::New(env, [kernels](const Napi::CallbackInfo& info) { return open_gpu(info, kernels); }, "open");
  made["failure"] = Napi::Function::New(env, [](const Napi::CallbackInfo& info) { return Napi::String::New(info.Env(), last_failure()); }, "failure");
  return made;
}

Napi::Object init(Napi::Env env, Napi::Object exports) {
  const char* pin = std::getenv("TICKFORGE_CPU");
  const Build* chosen = nullptr;
  std::string names;
  for (const Build& build : builds()) {
    names += (names.empty() ? "" : ", ") + std::string(build.name) + (build.supported ? "" : " (not on this processor)");
    if (build.supported && (!pin || !*pin || pin == std::string(build.name))) chosen = &build;
  }
  auto cpus = Napi::Array::New(env);
  for (const Build& build : builds())
    if (build.supported) cpus[cpus.Length()] = build.name;
  exports["cpus"] = cpus;
  if (!chosen) {
    const std::string why = pin && *pin ? "TICKFORGE_CPU=" + std::string(pin) + " cannot run here; builds: " + names : "this processor has none of the instruction sets: " + names;
    Napi::Error::New(env, why).ThrowAsJavaScriptException();
    return exports;
  }
  exports["cpu"] = chosen->name;
  exports["linalg"] = TICKFORGE_LINALG;
  auto rows = std::make_shared<std::vector<Row>>();
  for (const Table* table : chosen->tables) rows->insert(rows->end(), table->rows, table->rows + table->count);
  put_rows(exports, *chosen, rows);
  exports["metal"] = gpu_functions(env, *chosen);
  exports["roofline"] = Napi::Function::New(env, [chosen](const Napi::CallbackInfo& info) { return run_roofline(info, *chosen->roofline); }, "roofline");
  exports["start"] = Napi::Function::New(env, start, "start");
  exports["memory"] = memory_functions(env);
  exports["address"] = Napi::Function::New(env, address, "address");
  env.SetInstanceData(new Threads(env));
  return exports;
}

}  // namespace
}  // namespace tickforge

static Napi::Object Init(Napi::Env env, Napi::Object exports) { return tickforge::init(env, exports); }
NODE_API_MODULE(tickforge, Init)
