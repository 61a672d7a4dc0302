#include "gpu.h"

#include <cstring>
#include <mutex>

#include "addon/shared_memory.h"

namespace tickforge {

namespace {

std::mutex one_at_a_time;  // runs, and what is told of them
std::string failure;
bool is_open = false;

std::string describe(const ShaderArgument& argument) {
  return (argument.written ? "written" : "read") + std::string(" by ") + std::to_string(argument.bytes) + " bytes";
}

std::string missing_shader(const Shader& shader) {
  const Reflection found = device().reflect(shader.name);
  const std::string name = std::string("shader ") + shader.name;
  if (!found.cause.empty()) return name + ": " + found.cause;
  if (static_cast<int>(found.arguments.size()) != shader.count)
    return name + " takes " + std::to_string(found.arguments.size()) + " buffers, its row says " + std::to_string(shader.count);
  for (int i = 0; i < shader.count; i++)
    if (found.arguments[static_cast<size_t>(i)] != shader.arguments[i])
      return name + ": buffer " + std::to_string(i) + " is " + describe(found.arguments[static_cast<size_t>(i)]) + ", its row says " +
             describe(shader.arguments[i]);
  if (found.most_threads < shader.threads)
    return name + " runs " + std::to_string(found.most_threads) + " threads a group here, its row says " + std::to_string(shader.threads);
  return "";
}

}  // namespace

std::string open_device(const std::string& source) {
  std::lock_guard lock(one_at_a_time);
  if (is_open) return "";
  std::string cause = device().open(source);
  is_open = cause.empty();
  return cause;
}

std::string device_name() {
  std::lock_guard lock(one_at_a_time);
  return device().name();
}

std::string missing_shaders(const GpuKernel& kernel) {
  std::lock_guard lock(one_at_a_time);
  for (int i = 0; i < kernel.count; i++)
    if (std::string cause = missing_shader(*kernel.shaders[i]); !cause.empty()) return cause;
  return "";
}

std::string last_failure() {
  std::lock_guard lock(one_at_a_time);
  return failure;
}

bool pages_around(const void* data, i64 bytes, Pages& pages) {
  static const std::uintptr_t page = shared::page_bytes();
  const std::uintptr_t from = reinterpret_cast<std::uintptr_t>(data), to = from + static_cast<std::uintptr_t>(bytes);
  if (bytes <= 0 || !shared::is_mapped(data, static_cast<std::size_t>(bytes))) return false;
  const std::uintptr_t start = from / page * page, end = (to + page - 1) / page * page;
  pages = {reinterpret_cast<char*>(start), static_cast<i64>(end - start)};
  return true;
}

struct Work::Held {
  Memory memory;
  void* back;  // where results go; null: nowhere, or they are there already
  i64 bytes;
};

Work::Work() = default;
Work::~Work() {
  for (const Held& held : held_)
    if (held.memory) device().drop(held.memory);
}

LaunchArgument Work::own(i64 bytes, void*& seen) {
  Memory memory = device().make(bytes > 16 ? bytes : 16);
  if (!memory && cause_.empty()) cause_ = "the device has no memory for " + std::to_string(bytes) + " bytes more";
  if (memory) {
    held_.push_back({memory, nullptr, bytes});
    seen = device().contents(memory);
  } else {
    nowhere_.resize(static_cast<size_t>(bytes) > nowhere_.size() ? static_cast<size_t>(bytes) : nowhere_.size());
    seen = nowhere_.data();
  }
  return {memory, 0, bytes, true, {}};
}

LaunchArgument Work::column(void* data, i64 bytes, bool written) {
  Pages pages;
  if (pages_around(data, bytes, pages))
    if (Memory memory = device().wrap(pages.start, pages.bytes)) {
      held_.push_back({memory, nullptr, bytes});
      return {memory, static_cast<char*>(data) - pages.start, bytes, written, {}};
    }
  void* seen;
  LaunchArgument made = own(bytes, seen);
  made.written = written;
  if (!made.memory) return made;
  if (written) held_.back().back = data;
  else if (bytes > 0) std::memcpy(seen, data, static_cast<size_t>(bytes));
  return made;
}

void Work::launch(const Shader& shader, i64 elements, std::vector<LaunchArgument> arguments) {
  if (elements <= 0) return;
  for (size_t i = 0; i < arguments.size(); i++) arguments[i].written &= shader.arguments[i].written;
  launches_.push_back({shader.name, (elements + shader.threads - 1) / shader.threads, shader.threads, std::move(arguments)});
}

bool Work::finish() {
  std::lock_guard lock(one_at_a_time);
  if (cause_.empty() && !launches_.empty()) cause_ = device().run(launches_);
  launches_.clear();
  if (!cause_.empty()) return failure = cause_, false;
  for (const Held& held : held_)
    if (held.back && held.bytes > 0) std::memcpy(held.back, device().contents(held.memory), static_cast<size_t>(held.bytes));
  return true;
}

}  // namespace tickforge
