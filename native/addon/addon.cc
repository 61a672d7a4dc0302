// The only file that knows Node: hands the table of kernels to JavaScript, binds arrays to a kernel, runs it here or on
// the add-on's own threads. node-addon-api for set-up, raw Node-API on the path of a call.
#include <napi.h>

#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "abi/views.h"
#include "addon_threads.h"
#include "gpu/gpu.h"
#include "kernel_list.h"  // written by CMake from the names of the sources: KERNELS(X) and BUILDS(Y)
#include "processor.h"

namespace tickforge {

Napi::Object memory_functions(Napi::Env env);  // addon_memory.cc

// Every build of every kernel, by the names that KERNEL made.
#define DECLARE(name) extern const Table name##_table;
#define DECLARE_BUILD(isa) namespace isa { KERNELS(DECLARE) extern const FindBad find_bad; extern const Roofline roofline; }
BUILDS(DECLARE_BUILD)
// Kernels that run on a GPU: none but on macOS.
#define DECLARE_GPU(name) extern const GpuKernel name##_gpu;
namespace metal {
GPU_KERNELS(DECLARE_GPU)
}

namespace {

struct Build {
  const char* name;
  std::vector<const Table*> tables;
  FindBad find_bad;
  const Roofline* roofline;
  bool supported;
};

const std::vector<Build>& builds() {
  static const std::vector<Build> all = [] {
    std::vector<Build> made;
#define PUSH_BUILD(isa) made.push_back({#isa, tables_of_##isa(), isa::find_bad, &isa::roofline, processor_runs(#isa)});
#define DEFINE_TABLES(isa) auto tables_of_##isa = [] { using namespace isa; std::vector<const Table*> t; KERNELS(ADD_TABLE) return t; };
#define ADD_TABLE(name) t.push_back(&name##_table);
    BUILDS(DEFINE_TABLES)
    BUILDS(PUSH_BUILD)
    return made;
  }();
  return all;
}

// What a driver does on a device is not ours to leave in the middle.
bool on_device([[maybe_unused]] const Row& row) {
#define SAME_GPU(name) if (metal::name##_gpu.row->run == row.run) return true;
  GPU_KERNELS(SAME_GPU)
  return false;
}

// start(bound, slot, settled) -> the ticket that `end` takes
Napi::Value start(const Napi::CallbackInfo& info) {
  void* data = nullptr;
  if (napi_unwrap(info.Env(), info[0], &data) != napi_ok || !info[1].IsNumber() || !info[2].IsFunction()) {
    Napi::TypeError::New(info.Env(), "start: first argument is not a bound kernel").ThrowAsJavaScriptException();
    return info.Env().Undefined();
  }
  auto& bound = *static_cast<Bound*>(data);
  const int slot = info[1].As<Napi::Number>().Int32Value();
  if (slot < 0 || slot >= bound.binding.slot_count) {
    Napi::RangeError::New(info.Env(), "start: no such slot").ThrowAsJavaScriptException();
    return info.Env().Undefined();
  }
  const Execution what{&bound.binding, slot, !on_device(*bound.binding.row)};
  Threads* threads = info.Env().GetInstanceData<Threads>();
  return Napi::Number::New(info.Env(), threads->start(info[0].As<Napi::Function>(), info[2].As<Napi::Function>(), what));
}

// end(ticket): what `start` began is given up, and settles.
Napi::Value end(const Napi::CallbackInfo& info) {
  info.Env().GetInstanceData<Threads>()->end(info[0].As<Napi::Number>().Uint32Value());
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

// fence(on) -> executions that wrote beside their scratch memory since it was last asked; what is bound or called from now on is fenced or not.
Napi::Value fence(const Napi::CallbackInfo& info) {
  Scratch::wanted = info[0].ToBoolean();
  return Napi::Number::New(info.Env(), static_cast<double>(Scratch::broken.exchange(0)));
}

// roofline(rounds) multiplies and adds, roofline(passes, view) reads f64; returns the operations or bytes of it.
Napi::Value run_roofline(const Napi::CallbackInfo& info, const Roofline& roofline) {
  const i64 repeats = info[0].As<Napi::Number>().Int64Value();
  if (info[1].IsUndefined())
    return roofline.multiply_add(repeats), Napi::Number::New(info.Env(), static_cast<double>(repeats * roofline.flops_per_round));
  const auto view = info[1].As<Napi::Float64Array>();
  roofline.read(view.Data(), static_cast<i64>(view.ElementLength()), repeats);
  return Napi::Number::New(info.Env(), static_cast<double>(repeats) * static_cast<double>(view.ByteLength()));
}

Napi::Object describe(Napi::Env env, const Row& row) {
  auto entry = Napi::Object::New(env);
  entry["name"] = row.name;
  entry["dtype"] = dtype_of(row);
  entry["signature"] = signature(row);
  entry["address"] = Napi::BigInt::New(env, static_cast<uint64_t>(reinterpret_cast<uintptr_t>(row.run)));
  return entry;
}

// `rows`, `declare`, `bind` and `call` of a table.
void put_rows(Napi::Object to, Kernels table) {
  auto list = Napi::Array::New(to.Env());
  for (const Row& row : table.rows) list[list.Length()] = describe(to.Env(), row);
  to["rows"] = list;
  const auto kernels = std::make_shared<Kernels>(std::move(table));
  const auto put = [&](const char* name, napi_callback callback) {
    napi_value function;
    napi_create_function(to.Env(), name, NAPI_AUTO_LENGTH, callback, kernels.get(), &function);
    using Held = std::shared_ptr<Kernels>;
    napi_add_finalizer(to.Env(), function, new Held(kernels), [](napi_env, void* held, void*) { delete static_cast<Held*>(held); }, nullptr, nullptr);
    to[name] = Napi::Value(to.Env(), function);
  };
  put("declare", declare_row);
  put("bind", bind_views);
  put("call", call_views);
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
  opened["device"] = device_name();
  opened["causes"] = causes;
  return opened;
}

Napi::Object gpu_functions(Napi::Env env, const Build& build) {
  std::vector<const GpuKernel*> kernels;
#define PUSH_GPU(name) kernels.push_back(&metal::name##_gpu);
  GPU_KERNELS(PUSH_GPU)
  std::vector<Row> rows;
  for (const GpuKernel* kernel : kernels) rows.push_back(*kernel->row);
  auto made = Napi::Object::New(env);
  put_rows(made, {rows, build.find_bad});
  made["open"] = Napi::Function::New(env, [kernels](const Napi::CallbackInfo& info) { return open_gpu(info, kernels); }, "open");
  made["device"] = Napi::Function::New(env, [](const Napi::CallbackInfo& info) { return Napi::String::New(info.Env(), device_name()); }, "device");
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
  auto built = Napi::Array::New(env), cpus = Napi::Array::New(env);
  for (const Build& build : builds()) {
    built[built.Length()] = build.name;
    if (build.supported) cpus[cpus.Length()] = build.name;
  }
  // First: whoever loads it looks at nothing else where this differs. The border's number is that of src/addon/addon.ts.
  exports["version"] = TICKFORGE_VERSION " border 1";
  exports["builds"] = built;
  exports["cpus"] = cpus;
  if (!chosen) {
    const std::string why = pin && *pin ? "TICKFORGE_CPU=" + std::string(pin) + " cannot run here; builds: " + names
                                        : "this processor has none of the instruction sets: " + names;
    Napi::Error::New(env, why).ThrowAsJavaScriptException();
    return exports;
  }
  exports["cpu"] = chosen->name;
  exports["linalg"] = TICKFORGE_LINALG;
  std::vector<Row> rows;
  for (const Table* table : chosen->tables) rows.insert(rows.end(), table->rows, table->rows + table->count);
  put_rows(exports, {rows, chosen->find_bad});
  exports["metal"] = gpu_functions(env, *chosen);
  exports["roofline"] =
      Napi::Function::New(env, [chosen](const Napi::CallbackInfo& info) { return run_roofline(info, *chosen->roofline); }, "roofline");
  exports["start"] = Napi::Function::New(env, start, "start");
  exports["end"] = Napi::Function::New(env, end, "end");
#if !defined(_WIN32)  // without them the bus between processes says that it is not there
  exports["memory"] = memory_functions(env);
#endif
  exports["fence"] = Napi::Function::New(env, fence, "fence");
  exports["address"] = Napi::Function::New(env, address, "address");
  env.SetInstanceData(new Threads(env));
  return exports;
}

}  // namespace
}  // namespace tickforge

static Napi::Object Init(Napi::Env env, Napi::Object exports) { return tickforge::init(env, exports); }
NODE_API_MODULE(tickforge, Init)
