// What a kernel needs of a GPU: memory that both sides see, and shaders run over it. metal.mm is one, on Apple's machines; no_gpu.cc
// stands elsewhere and says so. Everything else about a shader is decided in gpu.h, which knows no GPU.
#pragma once
#include <string>
#include <vector>

#include "abi/kernel.h"

namespace tickforge {

using Memory = void*;  // a buffer of the device

// What a shader reads or writes at one index: element after element, or, of constants, one struct.
struct ShaderArgument {
  bool written;
  i32 bytes;  // of an element
  bool operator==(const ShaderArgument&) const = default;
};

// What a device found in a compiled shader.
struct Reflection {
  std::vector<ShaderArgument> arguments;  // by index
  i32 most_threads = 0;                   // of a group
  std::string cause;                      // why there is none
};

struct LaunchArgument {
  Memory memory;  // null: `constants` are handed over with the launch
  i64 offset, bytes;
  bool written;
  std::vector<u8> constants;
};
struct Launch {
  const char* shader;
  i64 groups;
  i32 threads;  // of a group
  std::vector<LaunchArgument> arguments;
};

class Device {
 public:
  virtual ~Device() = default;
  // Makes the device ready and compiles the text of all shaders; why it cannot, or nothing.
  virtual std::string open(const std::string& source) = 0;
  // Found without making it ready; nothing where there is none.
  virtual std::string name() = 0;
  virtual Reflection reflect(const char* shader) = 0;
  // Memory of the device; null where there is none left.
  virtual Memory make(i64 bytes) = 0;
  // Memory of the device over whole pages of this process, which must be one mapping; null where it refuses them.
  virtual Memory wrap(void* pages, i64 bytes) = 0;
  virtual void* contents(Memory memory) = 0;
  virtual void drop(Memory memory) = 0;
  // Runs one after the other and waits; why that failed, or nothing.
  virtual std::string run(const std::vector<Launch>& launches) = 0;
};

// The one of this build.
Device& device();

}  // namespace tickforge
