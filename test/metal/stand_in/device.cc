// A device of native/gpu/device.h whose shaders run in a program that test/metal/stand_in/run.cc was built into: STAND_IN names it. It has memory of
// its own, so nothing but what a launch hands over gets there or back, and a sanitizer that ends it is a device that fails.
#include "gpu/device.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <map>

extern char** environ;

namespace tickforge {

namespace {

struct Block {
  char* data;
  bool wrapped;
};

class StandIn final : public Device {
 public:
  std::string open(const std::string& source) override {
    return source.find("kernel void") == std::string::npos ? "the source holds no shader" : follow();
  }
  // A calibration is held to the name: then it is that of STAND_IN_NAME, and counts nothing.
  std::string name() override {
    const char* named = std::getenv("STAND_IN_NAME");
    return named ? named : "stand-in of a GPU, " + std::to_string(wrapped_) + " bytes in place";
  }

  Reflection reflect(const char* shader) override {
    Reflection found;
    send_name(1, shader);
    const u32 count = number();
    if (count == ~u32{0} || broken_) return {{}, 0, "is not in the library"};
    for (u32 i = 0; i < count; i++) {
      const bool written = number() != 0;
      found.arguments.push_back({written, static_cast<i32>(number())});
    }
    found.most_threads = 1024;
    return found;
  }

  Memory make(i64 bytes) override {
    const char* most = std::getenv("STAND_IN_BYTES");
    if (most && bytes > std::atoll(most)) return nullptr;
    return new Block{static_cast<char*>(std::calloc(static_cast<size_t>(bytes), 1)), false};
  }
  Memory wrap(void* pages, i64 bytes) override {
    wrapped_ += bytes;
    return new Block{static_cast<char*>(pages), true};
  }
  void* contents(Memory memory) override { return static_cast<Block*>(memory)->data; }
  void drop(Memory memory) override {
    auto* block = static_cast<Block*>(memory);
    if (!block->wrapped) std::free(block->data);
    delete block;
  }

  std::string run(const std::vector<Launch>& launches) override {
    if (std::string cause = follow(); !cause.empty()) return cause;
    for (const Launch& launch : launches) {
      send_name(0, launch.shader);
      for (const i64 value : {launch.groups, i64{launch.threads}, i64{0}, static_cast<i64>(launch.arguments.size())}) send(static_cast<u32>(value));
      for (size_t i = 0; i < launch.arguments.size(); i++) {
        const LaunchArgument& a = launch.arguments[i];
        for (const i64 value : {i64{0}, static_cast<i64>(i), a.bytes}) send(static_cast<u32>(value));
        write_all(a.memory ? at(a) : reinterpret_cast<const char*>(a.constants.data()), static_cast<size_t>(a.bytes));
      }
      for (const LaunchArgument& a : launch.arguments) {
        std::vector<char> bytes(static_cast<size_t>(a.bytes));
        read_all(bytes.data(), bytes.size());
        if (!broken_ && a.written) std::memcpy(at(a), bytes.data(), bytes.size());
        const char* before = a.memory ? at(a) : reinterpret_cast<const char*>(a.constants.data());
        if (!broken_ && std::memcmp(before, bytes.data(), bytes.size()) != 0) return std::string(launch.shader) + " wrote to what it may only read";
      }
      if (broken_) return std::string("the stand-in ended in ") + launch.shader;
    }
    return "";
  }

 private:
  // The program that STAND_IN names now.
  std::string follow() {
    const char* program = std::getenv("STAND_IN");
    if (!program) return "STAND_IN names no program";
    std::string mutant = "MUTANT=", reached = "REACHED=";
    if (const char* number = std::getenv("MUTANT")) mutant += number;
    if (const char* file = std::getenv("REACHED")) reached += file;
    if (program_ == program + mutant) return "";
    if (in_ >= 0) close(in_), close(out_), kill(child_, SIGKILL), waitpid(child_, nullptr, 0);
    program_ = program + mutant;
    broken_ = false;
    int to[2], from[2];
    if (pipe2(to, O_CLOEXEC) != 0 || pipe2(from, O_CLOEXEC) != 0) return "no pipe";
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, to[0], 0);
    posix_spawn_file_actions_adddup2(&actions, from[1], 1);
    std::string options = "ASAN_OPTIONS=detect_leaks=0", preload = "LD_PRELOAD=";
    char* environment[] = {options.data(), preload.data(), mutant == "MUTANT=" ? nullptr : mutant.data(), reached.data(), nullptr};
    char* arguments[] = {const_cast<char*>(program), nullptr};
    const int error = posix_spawn(&child_, program, &actions, nullptr, arguments, environment);
    posix_spawn_file_actions_destroy(&actions);
    close(to[0]), close(from[1]);
    in_ = from[0], out_ = to[1];
    return error ? std::string("the stand-in does not start: ") + std::strerror(error) : "";
  }
  static char* at(const LaunchArgument& a) { return static_cast<Block*>(a.memory)->data + a.offset; }
  void send_name(u32 kind, const char* name) {
    send(kind), send(static_cast<u32>(std::strlen(name)));
    write_all(name, std::strlen(name));
  }
  void send(u32 value) { write_all(reinterpret_cast<const char*>(&value), sizeof value); }
  u32 number() {
    u32 value = 0;
    read_all(reinterpret_cast<char*>(&value), sizeof value);
    return value;
  }
  void write_all(const char* data, size_t bytes) {
    while (bytes > 0 && !broken_) {
      const ssize_t done = ::write(out_, data, bytes);
      if (done <= 0) broken_ = true;
      else data += done, bytes -= static_cast<size_t>(done);
    }
  }
  void read_all(char* data, size_t bytes) {
    while (bytes > 0 && !broken_) {
      const ssize_t done = ::read(in_, data, bytes);
      if (done <= 0) broken_ = true;
      else data += done, bytes -= static_cast<size_t>(done);
    }
  }
  pid_t child_ = 0;
  int in_ = -1, out_ = -1;
  bool broken_ = false;
  std::string program_;
  i64 wrapped_ = 0;
};

}  // namespace

Device& device() {
  static StandIn one;
  return one;
}

}  // namespace tickforge
