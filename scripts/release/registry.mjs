// A registry on this machine, so that packages can be installed by name before they are published: tickforge and its platforms' packages come
// from a folder that packages.mjs made, for everything else npm is sent on to its own.
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";

const shell = process.platform === "win32";
const manifestIn = (folder, file) =>
  JSON.parse(execFileSync("tar", ["-xzOf", file, "package/package.json"], { cwd: folder, encoding: "utf8" }));

/** What a registry says of a package with one version. */
const documented = (manifest, file, content) => (url) => {
  const { name, version } = manifest;
  const integrity = `sha512-${createHash("sha512").update(content).digest("base64")}`;
  const dist = { tarball: `${url}-/files/${file}`, integrity };
  return { name, "dist-tags": { latest: version }, versions: { [version]: { ...manifest, dist } } };
};

/** Its `url`, and `close`. A platform that the folder has no file for is known by name, and fits no machine. */
export async function openRegistry(folder) {
  const others = execFileSync("npm", ["config", "get", "registry"], { encoding: "utf8", shell }).trim();
  const files = new Map();
  const known = new Map();
  for (const file of readdirSync(folder).filter((name) => name.endsWith(".tgz"))) {
    const content = readFileSync(join(folder, file));
    const manifest = manifestIn(folder, file);
    files.set(`-/files/${file}`, content);
    known.set(manifest.name, documented(manifest, file, content));
    for (const [name, version] of Object.entries(manifest.optionalDependencies ?? {}))
      if (!known.has(name)) known.set(name, documented({ name, version, os: ["none"] }, `${name}.tgz`, ""));
  }
  if (!known.has("tickforge")) throw new Error(`no packed tickforge lies in ${folder}: npm run packages makes it`);
  const server = createServer((request, response) => {
    const path = decodeURIComponent(request.url.slice(1));
    if (files.has(path)) response.end(files.get(path));
    else if (known.has(path)) response.setHeader("content-type", "application/json").end(JSON.stringify(known.get(path)(url)));
    else response.writeHead(302, { location: new URL(request.url.slice(1), others).href }).end();
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${server.address().port}/`;
  return { url, close: () => server.close() };
}
