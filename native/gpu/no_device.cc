// Where there is no Metal.
#include "device.h"

namespace tickforge {

namespace {

struct NoDevice final : Device {
  std::string open(const std::string&) override { return "this build has no Metal, which macOS alone has"; }
  std::string name() override { return ""; }
  Reflection reflect(const char*) override { return {{}, 0, "there is no device"}; }
  Memory make(i64) override { return nullptr; }
  Memory wrap(void*, i64) override { return nullptr; }
  void* contents(Memory) override { return nullptr; }
  void drop(Memory) override {}
  std::string run(const std::vector<Launch>&) override { return "there is no device"; }
};

}  // namespace

Device& device() {
  static NoDevice none;
  return none;
}

}  // namespace tickforge
