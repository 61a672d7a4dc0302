import type { Entry } from "./entry.js";

export const addon: readonly Entry[] = [
  [
    "E_NATIVE_MISSING",
    "The native kernels could not be loaded: there is no binary for this platform, it wants a newer C library, it is for another architecture, or the file is damaged. Everything still works as WebAssembly, about twice slower, or on the reference, about ten times slower.",
    "tickforge doctor tells the causes apart, and which command brings the add-on here: npm install of this platform's package, or a build with CMake and a C++20 compiler.",
  ],
  [
    "E_NATIVE_VERSION",
    "The binary of the native kernels belongs to another version of the package than the JavaScript that loads it: an older build, or a platform's package that was not updated with the rest. It is not used; everything still works as WebAssembly or on the reference.",
    "In a checkout: npm run build. Where the package is installed: install the package of this platform in the same version, which tickforge doctor names.",
  ],
  [
    "E_BACKEND_MISSING",
    "The backend that was asked for by name cannot run this kernel here; the message lists every cause.",
    "tickforge doctor tells more. Without --backend the fastest one that loads is taken.",
  ],
  [
    "E_BACKEND_UNKNOWN",
    "No backend has this name.",
    "The backends are native, wasm and reference; tfjs, in f32, for kernels that have a tensor form, after await useTfjs(); metal, for kernels that have a shader, on a Mac.",
    "usage",
  ],
  [
    "E_DEVICE",
    "The GPU could not run a kernel that it has: it had no memory left, or gave the work up; the message says which.",
    "Give fewer rows at a time, or use another backend. tickforge doctor tells which device there is.",
    "failed",
  ],
  [
    "E_WASM_MISSING",
    "A WebAssembly module is not there or could not be read: it was not built here, it was not loaded, it is not served where the page looks, or the engine has no WebAssembly.",
    "In a checkout: npm run build:wasm, which names the packages it takes. In a page: serve the modules tickforge-<family>.wasm, or give loadWasm() their addresses. Without it the reference computes everything.",
  ],
  [
    "E_WASM_SIMD",
    "The engine has WebAssembly without vectors of 128 bits.",
    "Use Chrome 91, Firefox 89, Safari 16.4, Node 20 or newer. Without them the reference computes everything.",
  ],
  [
    "E_WASM_CSP",
    "The Content-Security-Policy of the page forbids WebAssembly.",
    "Add 'wasm-unsafe-eval' to its script-src. Without it the reference computes everything.",
  ],
  [
    "E_WASM_VERSION",
    "A WebAssembly module belongs to another version of the package than the JavaScript that loads it.",
    "Serve the modules that came with the package; a cache may have kept older ones.",
  ],
  [
    "E_WASM_TRAP",
    "A kernel ended in a trap of WebAssembly: a fault of this package. The state is as it was before the call, and the next call runs in a new instance.",
    "Report it with the arrays of the call; { backend: 'reference' } computes the same.",
    "failed",
  ],
  ["E_BACKEND_REQUIRED", "TICKFORGE_REQUIRE and TICKFORGE_BACKEND name different backends.", "Unset one of them.", "usage"],
];
