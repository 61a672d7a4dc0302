import type { Entry } from "./entry.js";

export const addon: readonly Entry[] = [
  [
    "E_NATIVE_MISSING",
    "The native kernels could not be loaded: there is no binary for this platform, it wants a newer C library, it is for another architecture, or the file is damaged. Everything still works on the reference, about ten times slower.",
    "tickforge doctor tells the causes apart, and which command builds the add-on here, with CMake and a C++20 compiler.",
  ],
  [
    "E_BACKEND_MISSING",
    "The backend that was asked for by name cannot run this kernel here; the message lists every cause.",
    "tickforge doctor tells more. Without --backend the fastest one that loads is taken.",
  ],
  [
    "E_BACKEND_UNKNOWN",
    "No backend has this name.",
    "The backends are native and reference; tfjs, in f32, for kernels that have a tensor form, after await useTfjs(); metal, for kernels that have a shader, on a Mac.",
    "usage",
  ],
  [
    "E_DEVICE",
    "The GPU could not run a kernel that it has: it had no memory left, or gave the work up; the message says which.",
    "Give fewer rows at a time, or use another backend. tickforge doctor tells which device there is.",
    "failed",
  ],
  ["E_BACKEND_REQUIRED", "TICKFORGE_REQUIRE and TICKFORGE_BACKEND name different backends.", "Unset one of them.", "usage"],
];
