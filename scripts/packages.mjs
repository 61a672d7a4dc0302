// The packages of npm: whether they are here, and how they come.
import { spawnSync } from "node:child_process";
import { accessSync, constants, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const packagesOf = (file) => {
  try {
    return JSON.parse(readFileSync(join(root, file), "utf8")).packages ?? {};
  } catch {
    return {};
  }
};

/** Whether node_modules holds the lock file's packages; of optional ones a machine has its own. */
function complete(chosen = () => true) {
  const here = packagesOf("node_modules/.package-lock.json");
  return Object.entries(packagesOf("package-lock.json")).every(
    ([path, { version, optional, devOptional, peer, ...entry }]) =>
      path === "" || optional || devOptional || peer || !chosen(path, entry) || here[path]?.version === version,
  );
}

/** What npm said, in the words of what to do. */
const causes = [
  [
    /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|ERR_SOCKET_TIMEOUT/,
    "npm does not reach its registry",
    "look at the network, or at npm config get registry and proxy, and run this again",
  ],
  [/EROFS|EACCES|EPERM/, "npm cannot write here", "copy the checkout to a folder of yours, or change whose it is"],
  [/ENOSPC/, "no space is left on the disk", "make room and run this again"],
];

/** Runs npm, which Node's own installations bring; on failure the sentence on stderr, and its exit code. */
export function npm(...args) {
  const quick = ["--fetch-retries=2", "--fetch-retry-mintimeout=1000", "--fetch-retry-maxtimeout=5000"];
  const all = args[0] === "run" ? args : [...args, ...quick];
  const stdio = args[0] === "run" ? "inherit" : ["ignore", "ignore", "pipe"];
  const { status, stderr, error } = spawnSync("npm", all, { cwd: root, encoding: "utf8", stdio, shell: process.platform === "win32" });
  if (status === 0) return 0;
  if (error?.code === "ENOENT") {
    process.stderr.write("tickforge: npm is not installed\n  fix     install Node with its npm: https://nodejs.org/en/download\n");
    return 1;
  }
  if (args[0] !== "run") {
    const [, what, fix] = causes.find(([pattern]) => pattern.test(stderr)) ?? [
      undefined,
      `npm ${args[0]} failed`,
      "its own words stand above",
    ];
    process.stderr.write(`${stderr.trimEnd()}\ntickforge: ${what}\n  fix     ${fix}\n`);
  }
  return status || 1;
}

/** Says why nothing can be written here, or nothing. */
export function unwritable() {
  try {
    accessSync(root, constants.W_OK);
    return false;
  } catch {
    process.stderr.write(`tickforge: ${root} cannot be written\n  fix     copy the checkout to a folder of yours and start there\n`);
    return true;
  }
}

/** Every package, unless all are here; 0, or an exit code. */
export function installPackages() {
  if (complete()) return 0;
  process.stderr.write("packages: npm ci\n");
  return unwritable() ? 1 : npm("ci");
}

/** What compiles the sources, and what makes the page's files of them: of the packages for development these alone. */
const compilers = ["typescript"];
const pageTools = ["rolldown", "uplot"];

/** What runs and compiles the sources, and with `page` bundles the page, without what tests and builds take: a tenth of the bytes. */
export function installFirstPackages({ page = false } = {}) {
  const wanted = [...compilers, ...(page ? pageTools : [])];
  const versions = Object.fromEntries(
    Object.entries(packagesOf("package-lock.json")).map(([path, { version }]) => [path.replace("node_modules/", ""), version]),
  );
  const needed = (path, { dev }) => !dev || wanted.some((name) => path === `node_modules/${name}`);
  if (complete(needed)) return 0;
  process.stderr.write(`packages: what the command line needs, and the compiler${page ? ", and what makes the page" : ""}\n`);
  // Asked for as dependencies, since all those for development are left out.
  const named = wanted.map((name) => `${name}@${versions[name]}`);
  return npm("install", "--no-save", "--save-prod", "--omit=dev", "--omit=peer", ...named);
}
