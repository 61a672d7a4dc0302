// Which tools the native kernels and the tests need, which of them are missing here, and the one command that installs them.
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";

/** By package manager: how it installs, what the build needs, what the tests need besides. */
const managers = {
  apt: {
    install: "apt-get install -y --no-install-recommends",
    before: "apt-get update",
    build: "cmake ninja-build g++",
    test: "ca-certificates redis-server",
  },
  dnf: { install: "dnf install -y", build: "cmake ninja-build gcc-c++ libstdc++-static", test: "redis" },
  apk: { install: "apk add", build: "cmake ninja g++ linux-headers", test: "redis" },
  pacman: { install: "pacman -S --needed --noconfirm", build: "cmake ninja gcc", test: "redis" },
  zypper: { install: "zypper install -y", build: "cmake ninja gcc-c++", test: "redis" },
  brew: { install: "brew install", build: "cmake ninja", test: "redis", alone: true },
};

const families = [
  ["apt", ["debian", "ubuntu"]],
  ["dnf", ["fedora", "rhel", "centos"]],
  ["apk", ["alpine"]],
  ["pacman", ["arch"]],
  ["zypper", ["suse", "opensuse", "sles"]],
];

/** The package manager of a system, by the text of /etc/os-release; undefined where it is none of those known. */
export function managerOf(platform, release) {
  if (platform === "darwin") return "brew";
  const value = (key) => new RegExp(`^${key}=["']?([^"'\\n]*)`, "m").exec(release)?.[1] ?? "";
  const names = `${value("ID")} ${value("ID_LIKE")}`.toLowerCase().split(/\s+/);
  return families.find(([, members]) =>
    members.some((member) => names.some((name) => name === member || name.startsWith(`${member}-`))),
  )?.[0];
}

const textOf = (path) => {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
};

const runs = (command, ...args) => spawnSync(command, args.length > 0 ? args : ["--version"], { stdio: "ignore" }).status === 0;

/** What of this machine decides about commands. */
export const thisSystem = () => ({
  manager: managerOf(process.platform, textOf("/etc/os-release")),
  prefix: process.getuid?.() === 0 ? "" : (["sudo", "doas"].find((name) => runs("sh", "-c", `command -v ${name}`)) ?? ""),
  platform: process.platform,
});

/** One line for a shell that installs what `kind` ("build" or "test") needs. */
export function installCommand(kind, { manager, prefix, platform }, missing = []) {
  const { install, before, build, test, alone } = managers[manager] ?? {};
  if (!install) return undefined;
  const lead = prefix && !alone ? `${prefix} ` : "";
  const packages = kind === "test" ? `${build} ${test}` : build;
  const compiler = platform === "darwin" && missing.includes("a C++20 compiler") ? ["xcode-select --install"] : [];
  return [...compiler, ...[before, `${install} ${packages}`].filter(Boolean).map((step) => `${lead}${step}`)].join(" && ");
}

function cmakeRuns() {
  const { status, stdout } = spawnSync("cmake", ["--version"], { encoding: "utf8" });
  const [major, minor] = (/version (\d+)\.(\d+)/.exec(stdout ?? "") ?? []).slice(1).map(Number);
  return status === 0 && (major > 3 || (major === 3 && minor >= 20));
}

/** A compiler may be there without its library. */
function compilerRuns() {
  const named = process.env.CXX?.split(" ")[0];
  const command = named || ["c++", "g++", "clang++"].find((name) => runs(name));
  const input = "#include <atomic>\n#include <concepts>\nint main() {}\n";
  return command !== undefined && spawnSync(command, ["-std=c++20", "-x", "c++", "-fsyntax-only", "-"], { input }).status === 0;
}

export const hasNinja = () => runs("ninja");

/** What is missing here, in words. */
export function missingTools(kind) {
  return [
    [cmakeRuns, "CMake 3.20"],
    [compilerRuns, "a C++20 compiler"],
    [() => hasNinja() || runs("make"), "Ninja"],
    [() => kind !== "test" || runs("redis-server"), "redis-server"],
  ].flatMap(([there, name]) => (there() ? [] : [name]));
}

/** The sentence for whoever lacks them, and what to do. */
export function toldMissing(missing, system, then, kind = "build") {
  const command = installCommand(kind, system, missing);
  const asRoot = system.prefix === "" && !(process.getuid?.() === 0) && system.manager !== "brew" ? "as root: " : "";
  return `not found here: ${missing.join(", ")}\n  fix     ${command === undefined ? `install them, then: ${then}` : `${asRoot}${command} && ${then}`}\n`;
}
