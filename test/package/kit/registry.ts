/** A registry on this machine: tickforge and its packages from a folder of packed files; for everything else it sends on to npm's own. */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}
export interface LocalRegistry {
  readonly url: string;
  close(): void;
}

const manifestIn = (file: string): Manifest =>
  JSON.parse(execFileSync("tar", ["xzOf", file, "package/package.json"], { encoding: "utf8" })) as Manifest;

/** `folder`: what scripts/release/packages.mjs has made. A platform that it has no file for is known by name, and fits no machine. */
export async function openRegistry(folder: string): Promise<LocalRegistry> {
  const others = execFileSync("npm", ["config", "get", "registry"], { encoding: "utf8" }).trim();
  const files = new Map<string, Buffer>();
  const known = new Map<string, (url: string) => object>();
  const documented = (manifest: Manifest, file: string, content: Buffer) => (url: string) => {
    const integrity = `sha512-${createHash("sha512").update(content).digest("base64")}`;
    const dist = { tarball: `${url}-/files/${file}`, integrity };
    return { name: manifest.name, "dist-tags": { latest: manifest.version }, versions: { [manifest.version]: { ...manifest, dist } } };
  };
  for (const file of readdirSync(folder).filter((name) => name.endsWith(".tgz"))) {
    const content = readFileSync(join(folder, file));
    files.set(file, content);
    const manifest = manifestIn(join(folder, file));
    known.set(manifest.name, documented(manifest, file, content));
  }
  const main = manifestIn(join(folder, readdirSync(folder).find((name) => /^tickforge-\d/.test(name))!));
  for (const [name, version] of Object.entries(main.optionalDependencies ?? {}))
    if (!known.has(name)) known.set(name, documented({ name, version, os: ["none"] } as Manifest, `${name}.tgz`, Buffer.of()));

  const json = (response: ServerResponse, content: object) =>
    response.setHeader("content-type", "application/json").end(JSON.stringify(content));
  const server = createServer((request, response) => {
    const path = decodeURIComponent(request.url!.slice(1));
    const file = files.get(path.replace("-/files/", ""));
    const document = known.get(path);
    if (file) response.end(file);
    else if (document) json(response, document(url));
    else response.writeHead(302, { location: new URL(request.url!.slice(1), others).href }).end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  return { url, close: () => server.close() };
}
