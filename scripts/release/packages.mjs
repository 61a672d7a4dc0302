// What a release publishes: node scripts/release/packages.mjs [PREBUILDS [INTO]] makes of prebuilds/ a package for each platform whose binary
// is there, and tickforge itself, which holds none and names all of them as optional dependencies, packed in INTO (out/packages). The packages
// of platforms come first in the list that it prints, since tickforge is of no use before them.
import { execFileSync } from "node:child_process";
import { copyFileSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { platforms } from "./platforms.mjs";

const root = fileURLToPath(new URL("../..", import.meta.url));
const [prebuilds, into] = ["prebuilds", "out/packages"].map((usual, i) => resolve(process.argv[2 + i] ?? usual)); // npm packs elsewhere
const own = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
const { version, license, homepage, repository, bugs, engines } = own;
const room = mkdtempSync(join(tmpdir(), "tickforge-packages-"));

/** npm's own words of a folder that it packs, or would pack. */
function pack(folder, ...how) {
  const options = { cwd: folder, encoding: "utf8", shell: process.platform === "win32", stdio: ["ignore", "pipe", "ignore"] };
  return JSON.parse(execFileSync("npm", ["pack", "--json", "--ignore-scripts", ...how], options))[0];
}
const packed = (folder) => pack(folder, "--pack-destination", into).filename;

const write = (folder, content) => writeFileSync(join(folder, "package.json"), `${JSON.stringify(content, null, 2)}\n`);

function packPlatform({ name, file, fits }) {
  const folder = join(room, name);
  mkdirSync(folder);
  const description = `The native kernels of tickforge for ${name.replace("tickforge-", "")}. It is installed with tickforge, not by itself.`;
  write(folder, { name, version, description, license, homepage, repository, bugs, engines, ...fits, main: "tickforge.node" });
  writeFileSync(join(folder, "README.md"), `# ${name}\n\n${description}\n`);
  for (const text of ["LICENSE", "NOTICE"]) copyFileSync(join(root, text), join(folder, text));
  copyFileSync(join(prebuilds, file), join(folder, "tickforge.node"));
  return packed(folder);
}

/** Links of a page to files that the package does not hold lead to those of its tag. */
function linked(text, folder) {
  const place = repository.url.replace(/^git\+|\.git$/g, "");
  return text.replace(/(!?)\[([^\]]*)\]\((?!\w+:|#)([^)#\s]+)/g, (whole, image, words, path) =>
    existsSync(join(folder, path)) ? whole : `${image}[${words}](${place}/${image ? "raw" : "blob"}/v${version}/${path}`,
  );
}

/** The files that npm packs of the checkout, less the binaries, with what a user's npm needs of package.json. */
function packMain() {
  const folder = join(room, "tickforge");
  for (const { path } of pack(root, "--dry-run").files) if (!path.startsWith("prebuilds/")) cpSync(join(root, path), join(folder, path));
  for (const page of ["README.md", "CHANGELOG.md"].map((name) => join(folder, name)))
    writeFileSync(page, linked(readFileSync(page, "utf8"), folder));
  const { scripts: _, devDependencies: __, ...kept } = own;
  write(folder, { ...kept, optionalDependencies: Object.fromEntries(platforms.map(({ name }) => [name, version])) });
  return packed(folder);
}

try {
  const there = platforms.filter(({ file }) => existsSync(join(prebuilds, file)));
  if (there.length === 0) throw new Error(`no binary lies in ${prebuilds}: npm run prebuild makes this machine's`);
  rmSync(into, { recursive: true, force: true });
  mkdirSync(into, { recursive: true });
  const files = [...there.map(packPlatform), packMain()];
  writeFileSync(join(into, "packages.txt"), files.map((file) => `${file}\n`).join(""));
  console.log(files.join("\n"));
} catch (error) {
  console.error(`tickforge: no packages: ${error.message}`);
  process.exitCode = 1;
} finally {
  rmSync(room, { recursive: true, force: true });
}
