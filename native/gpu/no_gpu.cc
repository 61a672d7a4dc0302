// gpu.h where there is no Metal: no kernel has a shader there, so that nothing else of it is asked for.
#include "gpu.h"

namespace tickforge {

std::string open_device(const std::string&) { return "this build has no Metal, which macOS alone has"; }
std::string device_name() { return ""; }
std::string missing_shaders(const GpuKernel&) { return "there is no device"; }
std::string last_failure() { return ""; }

}  // namespace tickforge
