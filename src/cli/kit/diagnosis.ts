/** Why the add-on did not load, told apart, and what to do about each. */
import { readFileSync } from "node:fs";
import { relative } from "node:path";
import { howToBuild, howToInstall, type Loaded, packageRoot } from "../../addon/addon.js";
import { glibcVersion } from "../../addon/platform.js";

export type Cause = "missing" | "libc" | "architecture" | "processor" | "damaged" | "library" | "version" | "other";

export interface Diagnosis {
  cause: Cause;
  /** One clause: "GLIBC_2.38 is not there". */
  what: string;
  /** File and the loader's own words. */
  tried: string;
  here: string;
  fix: string;
}

/** Patterns of the loaders of Linux, macOS and Windows. */
const patterns: readonly (readonly [Cause, RegExp, string])[] = [
  ["missing", /No native build was found|no prebuilt binary|Cannot find module/, "there is no binary for this platform"],
  [
    "libc",
    /GLIBC(XX)?_[\d.]+' not found|GLIBC(XX)?_[\d.]+ not found|CXXABI_[\d.]+' not found|libc\.musl|ld-musl|ld-linux|symbol not found/,
    "it wants another C library",
  ],
  [
    "architecture",
    /wrong ELF class|incompatible architecture|wrong architecture|not a valid Win32|cannot open shared object file: .*machine/i,
    "it is for another architecture",
  ],
  ["version", /^the add-on is .*, this JavaScript is /, "it belongs to another version"],
  ["processor", /cannot run here|none of the instruction sets/, "this processor lacks its instruction sets"],
  [
    "damaged",
    /invalid ELF header|file too short|file too small|not a mach-o|section header|self-register/i,
    "the file is damaged or not a Node add-on",
  ],
];

export function diagnose({ path, cause = "unknown" }: Loaded): Diagnosis {
  const file = path ? relative(packageRoot(), path) : "prebuilds and build/Release";
  const tell = (kind: Cause, what: string, words = cause.replace(`${path}: `, "")): Diagnosis => ({
    cause: kind,
    what,
    tried: `${file}: ${words}`,
    here: machine(),
    fix: fixFor(kind),
  });
  const wanted = /(GLIBC(?:XX)?|CXXABI)_[\d.]+/.exec(cause)?.[0];
  if (wanted) return tell("libc", `${wanted} not found`, `${wanted} not found`);
  // The loader of Linux says of a file for another machine that it is not there.
  const other = path && machineOf(path);
  if (other) return tell("architecture", `it is for ${other}`, `a binary for ${other}`);
  const library = /^(\S+\.so[.\d]*): cannot open shared object file/.exec(cause)?.[1];
  if (library && library !== path) return tell("library", `the library ${library} is not installed`);
  const [kind, , what] = patterns.find(([, pattern]) => pattern.test(cause)) ?? ["other" as const, undefined, cause];
  return tell(kind, what);
}

const machines: Readonly<Record<number, string>> = { 3: "ia32", 40: "arm", 62: "x64", 183: "arm64", 243: "riscv64" };

/** The architecture of an ELF file that is not this one's. */
function machineOf(path: string): string | undefined {
  try {
    const head = readFileSync(path).subarray(0, 20);
    const found = head.subarray(0, 4).toString("latin1") === "\x7fELF" ? machines[head.readUInt16LE(18)] : undefined;
    return found === process.arch ? undefined : found;
  } catch {
    return undefined;
  }
}

function fixFor(cause: Cause): string {
  if (cause === "processor") return `unset TICKFORGE_CPU, or ${howToBuild()}`;
  if (cause === "library") return "install it with the package manager of the system";
  if (cause === "missing" || cause === "version") return howToInstall();
  if (cause === "damaged") return `install the package again, or ${howToBuild()}`;
  if (cause === "architecture") return `install the package with this machine's own Node, or ${howToBuild()}`;
  return howToBuild();
}

/** `linux x64, glibc 2.36, node 20.20.2`. */
export function machine(): string {
  const { platform, arch, versions } = process;
  const glibc = platform === "linux" && glibcVersion();
  const libc = platform !== "linux" ? "" : glibc ? `, glibc ${glibc}` : ", musl";
  return `${platform} ${arch}${libc}, node ${versions.node}`;
}
