// The only file that knows Metal: a device of device.h. The shaders come as text and are compiled when the device is opened: no part of
// Xcode is needed to build or install, each GPU gets code for itself, and the system keeps what it compiled.
#import <Foundation/Foundation.h>
#import <Metal/Metal.h>

#include "device.h"

namespace tickforge {

namespace {

std::string text_of(NSString* text) { return text ? std::string(text.UTF8String) : std::string(); }
std::string text_of(NSError* error, const char* otherwise) { return error ? text_of(error.localizedDescription) : std::string(otherwise); }

id<MTLBuffer> buffer_of(Memory memory) { return (__bridge id<MTLBuffer>)memory; }
Memory memory_of(id<MTLBuffer> buffer) { return buffer ? (__bridge_retained void*)buffer : nullptr; }

class MetalDevice final : public Device {
 public:
  std::string open(const std::string& source) override {
    @autoreleasepool {
      if (@available(macOS 13.0, *)) {
        find();
        if (!device_) return "this machine has no GPU that Metal can use";
        NSError* error = nil;
        library_ = [device_ newLibraryWithSource:[NSString stringWithUTF8String:source.c_str()] options:exact_rounding() error:&error];
        if (!library_) return "the shaders do not compile: " + text_of(error, "no cause is told");
        queue_ = [device_ newCommandQueue];
        pipelines_ = [NSMutableDictionary dictionary];
        return queue_ ? "" : "Metal makes no command queue";
      }
      return "Metal is used from macOS 13 on";
    }
  }

  std::string name() override {
    @autoreleasepool {
      find();
      return text_of(device_.name);
    }
  }

  Reflection reflect(const char* shader) override {
    @autoreleasepool {
      if (@available(macOS 13.0, *)) {
        NSString* name = [NSString stringWithUTF8String:shader];
        id<MTLFunction> function = [library_ newFunctionWithName:name];
        if (!function) return {{}, 0, "is not in the library"};
        NSError* error = nil;
        MTLComputePipelineReflection* found = nil;
        const MTLPipelineOption wanted = MTLPipelineOptionArgumentInfo | MTLPipelineOptionBufferTypeInfo;
        id<MTLComputePipelineState> pipeline = [device_ newComputePipelineStateWithFunction:function options:wanted reflection:&found error:&error];
        if (!pipeline) return {{}, 0, text_of(error, "makes no pipeline")};
        pipelines_[name] = pipeline;
        Reflection made;
        made.most_threads = static_cast<i32>(pipeline.maxTotalThreadsPerThreadgroup);
        for (id<MTLBinding> binding in found.bindings) {
          if (binding.type != MTLBindingTypeBuffer) continue;
          const size_t index = binding.index;
          if (made.arguments.size() <= index) made.arguments.resize(index + 1);
          made.arguments[index] = {binding.access != MTLBindingAccessReadOnly, static_cast<i32>(((id<MTLBufferBinding>)binding).bufferDataSize)};
        }
        return made;
      }
      return {{}, 0, "Metal is used from macOS 13 on"};
    }
  }

  Memory make(i64 bytes) override {
    @autoreleasepool {
      return memory_of([device_ newBufferWithLength:static_cast<NSUInteger>(bytes) options:MTLResourceStorageModeShared]);
    }
  }
  Memory wrap(void* pages, i64 bytes) override {
    @autoreleasepool {
      return memory_of([device_ newBufferWithBytesNoCopy:pages
                                                  length:static_cast<NSUInteger>(bytes)
                                                 options:MTLResourceStorageModeShared
                                             deallocator:nil]);
    }
  }
  void* contents(Memory memory) override { return buffer_of(memory).contents; }
  void drop(Memory memory) override { (void)(__bridge_transfer id<MTLBuffer>)memory; }

  std::string run(const std::vector<Launch>& launches) override {
    @autoreleasepool {
      id<MTLCommandBuffer> commands = [queue_ commandBuffer];
      id<MTLComputeCommandEncoder> encoder = [commands computeCommandEncoder];
      if (!encoder) return "Metal makes no command encoder";
      for (const Launch& launch : launches) encode(encoder, launch);  // one after the other, each seeing what those before it wrote
      [encoder endEncoding];
      [commands commit];
      [commands waitUntilCompleted];
      return commands.status == MTLCommandBufferStatusCompleted ? "" : text_of(commands.error, "the command buffer did not complete");
    }
  }

 private:
  void find() {
    if (!device_) device_ = MTLCreateSystemDefaultDevice();
    if (!device_) device_ = MTLCopyAllDevices().firstObject;  // a program without a window has no default on some machines with several
  }

  static MTLCompileOptions* exact_rounding() {
    MTLCompileOptions* options = [[MTLCompileOptions alloc] init];
#if __MAC_OS_X_VERSION_MAX_ALLOWED >= 150000
    if (@available(macOS 15.0, *)) {
      options.mathMode = MTLMathModeSafe;
      return options;
    }
#endif
    options.fastMathEnabled = NO;
    return options;
  }

  void encode(id<MTLComputeCommandEncoder> encoder, const Launch& launch) {
    [encoder setComputePipelineState:pipelines_[[NSString stringWithUTF8String:launch.shader]]];
    for (size_t i = 0; i < launch.arguments.size(); i++) {
      const LaunchArgument& argument = launch.arguments[i];
      if (argument.memory) [encoder setBuffer:buffer_of(argument.memory) offset:static_cast<NSUInteger>(argument.offset) atIndex:i];
      else [encoder setBytes:argument.constants.data() length:argument.constants.size() atIndex:i];
    }
    [encoder dispatchThreadgroups:MTLSizeMake(static_cast<NSUInteger>(launch.groups), 1, 1)
            threadsPerThreadgroup:MTLSizeMake(static_cast<NSUInteger>(launch.threads), 1, 1)];
  }

  id<MTLDevice> device_;
  id<MTLLibrary> library_;
  id<MTLCommandQueue> queue_;
  NSMutableDictionary<NSString*, id<MTLComputePipelineState>>* pipelines_;
};

}  // namespace

Device& device() {
  static MetalDevice one;
  return one;
}

}  // namespace tickforge
