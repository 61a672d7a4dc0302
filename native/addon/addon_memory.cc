// Shared memory for JavaScript: shared_memory.h, one function each. Calls that fail throw an Error whose code is the errno's
// name; src/bus/shared/mapped.ts says what it means and what to do.
#include <napi.h>

#include <cerrno>
#include <cstring>
#include <string>

#include "placement.h"
#include "shared_memory.h"

namespace tickforge {
namespace {

const char* name_of(int error) {
  switch (error) {
    case EACCES: return "EACCES";
    case EPERM: return "EPERM";
    case ENOSPC: return "ENOSPC";
    case ENOMEM: return "ENOMEM";
    case EFBIG: return "EFBIG";
    case EDQUOT: return "EDQUOT";
    case EBADF: return "EBADF";
    case EINVAL: return "EINVAL";
    case ENOENT: return "ENOENT";
    case ENOLCK: return "ENOLCK";
    case ENODEV: return "ENODEV";
    case EOPNOTSUPP: return "EOPNOTSUPP";
#if ENOTSUP != EOPNOTSUPP
    case ENOTSUP: return "EOPNOTSUPP";
#endif
    case ENOSYS: return "ENOSYS";
    default: return "EUNKNOWN";
  }
}

Napi::Value fail(Napi::Env env, const char* call, int error) {
  auto made = Napi::Error::New(env, std::string(call) + ": " + std::strerror(error) + " (" + std::to_string(error) + ")");
  made.Set("code", Napi::String::New(env, name_of(error)));
  made.ThrowAsJavaScriptException();
  return env.Undefined();
}

Napi::Value finish(Napi::Env env, const char* call, int error) { return error ? fail(env, call, error) : env.Undefined(); }

int file_of(const Napi::CallbackInfo& info) { return info[0].As<Napi::Number>().Int32Value(); }
std::int64_t second(const Napi::CallbackInfo& info) { return info[1].As<Napi::Number>().Int64Value(); }

Napi::Value allocate(const Napi::CallbackInfo& info) {
  return finish(info.Env(), "posix_fallocate", shared::allocate(file_of(info), static_cast<std::size_t>(second(info))));
}

// An ArrayBuffer over a mapping, which ends when nothing refers to it any more.
Napi::Value mapped(const Napi::CallbackInfo& info, int (*call)(int, std::size_t, void**) noexcept) {
  Napi::Env env = info.Env();
  const auto bytes = static_cast<std::size_t>(second(info));
  void* memory;
  if (const int error = call(file_of(info), bytes, &memory)) return fail(env, "mmap", error);
  napi_value buffer;
  const auto end = [](napi_env, void* data, void* size) { shared::unmap(data, reinterpret_cast<std::size_t>(size)); };
  const napi_status status = napi_create_external_arraybuffer(env, memory, bytes, end, reinterpret_cast<void*>(bytes), &buffer);
  if (status == napi_ok) return Napi::Value(env, buffer);
  shared::unmap(memory, bytes);
  auto made = Napi::Error::New(env, "this runtime allows no ArrayBuffer over memory that is not its own");
  made.Set("code", Napi::String::New(env, "EXTERNAL"));
  made.ThrowAsJavaScriptException();
  return env.Undefined();
}

// view(file, bytes) -> ArrayBuffer over the bytes of a file that was opened to be read; writing to it changes a private copy.
Napi::Value view(const Napi::CallbackInfo& info) { return mapped(info, shared::view); }
// map(file, bytes) -> ArrayBuffer over the bytes of a file that all who map it share.
Napi::Value map(const Napi::CallbackInfo& info) { return mapped(info, shared::map); }

// pin(cores) -> the cores that this thread may run on from then on
Napi::Value pin(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  const auto given = info[0].As<Napi::Int32Array>();
  if (const int error = placement::pin(given.Data(), static_cast<int>(given.ElementLength()))) return fail(env, "sched_setaffinity", error);
  int cores[placement::most_cores], count;
  if (const int error = placement::allowed(cores, &count)) return fail(env, "sched_getaffinity", error);
  auto made = Napi::Array::New(env, static_cast<size_t>(count));
  for (int i = 0; i < count; i++) made[static_cast<uint32_t>(i)] = Napi::Number::New(env, cores[i]);
  return made;
}
Napi::Value real_time(const Napi::CallbackInfo& info) {
  return finish(info.Env(), "sched_setscheduler", placement::real_time(info[0].As<Napi::Number>().Int32Value()));
}

Napi::Value lock(const Napi::CallbackInfo& info) {
  const int error = shared::lock(file_of(info), second(info), info[2].As<Napi::Boolean>().Value());
  return error == 0 || error == EAGAIN ? Napi::Boolean::New(info.Env(), error == 0) : fail(info.Env(), "lock", error);
}
Napi::Value unlock(const Napi::CallbackInfo& info) { return finish(info.Env(), "unlock", shared::unlock(file_of(info), second(info))); }
Napi::Value held(const Napi::CallbackInfo& info) {
  bool taken = false;
  const int error = shared::held(file_of(info), second(info), &taken);
  return error ? fail(info.Env(), "lock", error) : Napi::Boolean::New(info.Env(), taken);
}
Napi::Value make_fifo(const Napi::CallbackInfo& info) {
  return finish(info.Env(), "mkfifo", shared::make_fifo(info[0].As<Napi::String>().Utf8Value().c_str()));
}

// Plain Node-API below: these run for every batch that finds somebody asleep.
std::int32_t* word_of(napi_env env, napi_value view, napi_value index) {
  napi_typedarray_type type;
  size_t length;
  void* data;
  std::int32_t at = 0;
  if (napi_get_typedarray_info(env, view, &type, &length, &data, nullptr, nullptr) != napi_ok || type != napi_int32_array) return nullptr;
  napi_get_value_int32(env, index, &at);
  return at >= 0 && static_cast<size_t>(at) < length ? static_cast<std::int32_t*>(data) + at : nullptr;
}

// wait(words, index, value, milliseconds)
napi_value wait(napi_env env, napi_callback_info info) {
  napi_value given[4];
  size_t count = 4;
  napi_get_cb_info(env, info, &count, given, nullptr, nullptr);
  std::int32_t value = 0;
  double milliseconds = 0;
  std::int32_t* word = count == 4 ? word_of(env, given[0], given[1]) : nullptr;
  if (!word || napi_get_value_int32(env, given[2], &value) != napi_ok || napi_get_value_double(env, given[3], &milliseconds) != napi_ok)
    return napi_throw_type_error(env, "E_ARGUMENT", "wait: expected words, index, value, milliseconds"), nullptr;
  shared::wait(word, value, milliseconds);
  return nullptr;
}

// wake(words, index)
napi_value wake(napi_env env, napi_callback_info info) {
  napi_value given[2];
  size_t count = 2;
  napi_get_cb_info(env, info, &count, given, nullptr, nullptr);
  std::int32_t* word = count == 2 ? word_of(env, given[0], given[1]) : nullptr;
  if (!word) return napi_throw_type_error(env, "E_ARGUMENT", "wake: expected words, index"), nullptr;
  shared::wake_all(word);
  return nullptr;
}

Napi::Value plain(Napi::Env env, const char* name, napi_callback function) {
  napi_value made;
  napi_create_function(env, name, NAPI_AUTO_LENGTH, function, nullptr, &made);
  return Napi::Value(env, made);
}

}  // namespace

Napi::Object memory_functions(Napi::Env env) {
  auto made = Napi::Object::New(env);
  made["allocate"] = Napi::Function::New(env, allocate, "allocate");
  made["map"] = Napi::Function::New(env, map, "map");
  made["view"] = Napi::Function::New(env, view, "view");
  made["pin"] = Napi::Function::New(env, pin, "pin");
  made["realTime"] = Napi::Function::New(env, real_time, "realTime");
  made["lock"] = Napi::Function::New(env, lock, "lock");
  made["unlock"] = Napi::Function::New(env, unlock, "unlock");
  made["held"] = Napi::Function::New(env, held, "held");
  made["makeFifo"] = Napi::Function::New(env, make_fifo, "makeFifo");
  made["wait"] = plain(env, "wait", wait);
  made["wake"] = plain(env, "wake", wake);
  return made;
}

}  // namespace tickforge
