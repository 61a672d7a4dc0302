/** The workflows of a push and of a release, held as far as they can be without running them: what they name exists, what is published was tried. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parseDocument } from "yaml";
import { packageRoot } from "../../src/addon/addon.js";
import { platforms } from "../../src/addon/platform.js";

interface Step {
  readonly uses?: string;
  readonly run?: string;
  readonly with?: Readonly<Record<string, unknown>>;
}
type Cell = Readonly<Record<string, unknown>>;
interface Job {
  readonly "runs-on"?: string;
  readonly uses?: string;
  readonly needs?: string | readonly string[];
  readonly container?: unknown;
  readonly permissions?: Readonly<Record<string, string>>;
  readonly "timeout-minutes"?: number;
  readonly strategy?: { readonly matrix: Readonly<Record<string, unknown>> & { readonly include?: readonly Cell[] } };
  readonly steps?: readonly Step[];
}
interface Workflow {
  readonly on: Readonly<Record<string, unknown>>;
  readonly permissions: Readonly<Record<string, string>>;
  readonly jobs: Readonly<Record<string, Job>>;
}

const root = packageRoot();
const folder = join(root, ".github/workflows");
const texts = new Map(readdirSync(folder).map((file) => [file, readFileSync(join(folder, file), "utf8")]));
const workflows = new Map(
  [...texts].map(([file, text]) => {
    const document = parseDocument(text, { uniqueKeys: true });
    expect([...document.errors, ...document.warnings].map(String), file).toEqual([]);
    return [file, document.toJS() as Workflow];
  }),
);
const jobs = [...workflows].flatMap(([file, { jobs }]) => Object.entries(jobs).map(([name, job]) => ({ file, name, job })));
const { release, binaries, ci } = Object.fromEntries([...workflows].map(([file, flow]) => [file.replace(".yml", ""), flow.jobs]));
const listed = (one: string | readonly string[] | undefined) => (typeof one === "string" ? [one] : (one ?? []));
const commandsOf = ({ steps }: Job) => (steps ?? []).map(({ run }) => run ?? "").join("\n");
const scripts = (JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { scripts: Record<string, string> }).scripts;

/** The cells of a matrix. */
function cellsOf({ strategy }: Job): Cell[] {
  const { include = [], ...axes } = strategy?.matrix ?? {};
  const made = Object.entries(axes).reduce<Cell[]>(
    (cells, [axis, values]) => cells.flatMap((cell) => (values as unknown[]).map((value) => ({ ...cell, [axis]: value }))),
    [{}],
  );
  return Object.keys(axes).length > 0 ? [...made, ...include] : [...include];
}

/** `${{ matrix.a.b }}` of a cell. */
const filled = (text: string, cell: Cell) =>
  text.replace(/\$\{\{ matrix\.([\w.]+) \}\}/g, (_, path: string) =>
    String(path.split(".").reduce<unknown>((value, key) => (value as Cell)[key], cell)),
  );

/** All jobs of a workflow that one waits for. */
function awaited(all: Readonly<Record<string, Job>>, name: string, found = new Set<string>()): Set<string> {
  for (const other of listed(all[name]!.needs)) if (!found.has(other)) awaited(all, other, found.add(other));
  return found;
}

describe("workflows", () => {
  it("name jobs, files, scripts and tests that exist", () => {
    for (const { file, name, job } of jobs) {
      const at = `${file}: ${name}`;
      const needed = listed(job.needs);
      expect(
        needed.filter((other) => !(other in workflows.get(file)!.jobs)),
        at,
      ).toEqual([]);
      expect(awaited(workflows.get(file)!.jobs, name).has(name), `${at} waits for itself`).toBe(false);
      if (job.uses !== undefined)
        expect(workflows.get(job.uses.replace("./.github/workflows/", ""))?.on, at).toHaveProperty("workflow_call");
      else expect(job["timeout-minutes"], `${at} has no end`).toBeLessThanOrEqual(360);
      const commands = commandsOf(job);
      const files = [...commands.matchAll(/(?<![\w/.-])((?:scripts|test)\/[\w/.-]+\.\w+)/g)].map((m) => m[1]!);
      expect(
        files.filter((path) => !existsSync(join(root, path))),
        at,
      ).toEqual([]);
      const run = [...commands.matchAll(/npm run (?:-s )?([\w:]+)/g)].map((m) => m[1]!);
      expect(
        run.filter((script) => !(script in scripts)),
        at,
      ).toEqual([]);
    }
    expect(jobs.length).toBeGreaterThan(10);
  });

  it("run no action inside a container: an Alpine has no C library for them", () => {
    expect(jobs.filter(({ job }) => job.container !== undefined).map(({ file, name }) => `${file}: ${name}`)).toEqual([]);
  });

  it("hold no secret, name no registry, and may only read, but for what a release writes", () => {
    for (const [file, text] of texts) {
      expect(text, file).not.toMatch(/secrets\.|_TOKEN: (?!\$\{\{ github\.token \}\})|registry\.|quay\.io|ghcr\.io/);
      expect(workflows.get(file)!.permissions, file).toEqual({ contents: "read" });
    }
    const more = jobs.flatMap(({ file, name, job }) =>
      Object.entries(job.permissions ?? {}).flatMap(([what, how]) => (how === "read" ? [] : [`${file} ${name} ${what}`])),
    );
    expect(more).toEqual(["release.yml publish id-token", "release.yml benchmark contents"]);
  });

  it("compile with a cache where they compile", () => {
    const compiling = jobs.filter(({ job }) => /npm run (build(:all)?|prebuild)\b(?!:)|in_container/.test(commandsOf(job)));
    const without = compiling.filter(
      ({ file, job }) => !/cache/.test(String(job.steps!.map(({ uses }) => uses))) && file !== "nightly.yml",
    );
    expect(compiling.length).toBeGreaterThan(4);
    // The sanitizers' objects and Windows' are of a kind that is compiled there alone.
    expect(without.map(({ name }) => name)).toEqual(["windows", "sanitizers"]);
  });

  it("fail on a Mac where no GPU was compared", () => {
    expect(commandsOf(ci!.metal!)).toMatch(/grep "\^ok {4}metal" doctor\.txt \|\| \{.*exit 1; \}/);
    expect(commandsOf(ci!.test!)).toContain("bench:compare");
  });
});

describe("a release", () => {
  it("is published after every test, and after its packages ran where they are to run", () => {
    expect([...awaited(release!, "publish")].sort()).toEqual(["binaries", "test"]);
    expect(release!.test!.uses).toBe("./.github/workflows/ci.yml");
    expect(release!.binaries!.uses).toBe("./.github/workflows/binaries.yml");
    expect([...awaited(binaries!, "packages")].sort()).toEqual(["linux", "macos", "windows"]);
    for (const name of ["oldest", "runtimes", "others"]) expect(listed(binaries![name]!.needs), name).toEqual(["packages"]);
    expect(commandsOf(release!.publish!)).toMatch(/npm stage publish .*--provenance/);
  });

  it("has a binary from a job for each platform that has a package", () => {
    const made = ["linux", "macos", "windows"].flatMap((name) => {
      const upload = binaries![name]!.steps!.find(({ uses }) => uses?.startsWith("actions/upload-artifact"))!;
      return cellsOf(binaries![name]!).map((cell) => filled(String(upload.with!.name), cell));
    });
    const names = made.map((name) => name.replace("prebuild-", "").replace("-glibc", ""));
    expect(names.sort()).toEqual([...platforms].sort());
  });

  it("is built on an old base, in containers, and loaded on the oldest systems of both processors", () => {
    const images = cellsOf(binaries!.linux!).map(({ arch, base }) => `${arch} ${(base as { image: string }).image}`);
    expect(images).toEqual(["x64 node:20-bookworm", "x64 node:20-alpine", "arm64 node:20-bookworm", "arm64 node:20-alpine"]);
    const oldest = cellsOf(binaries!.oldest!).map(({ arch, image }) => `${arch} ${image}`);
    for (const arch of ["x64", "arm64"])
      for (const image of ["debian:bullseye", "ubuntu:22.04", "rockylinux:9", "node:20-alpine"])
        expect(oldest).toContain(`${arch} ${image}`);
    expect(commandsOf(binaries!.oldest!)).toMatch(/-e "require\('tickforge'\)"\n.*smoke\.mjs$/m);
    expect(readFileSync(join(root, "scripts/release/in_container.sh"), "utf8")).toContain("linux-headers");
  });

  it("runs on Node 20 to 26 of each system, on Bun and on Deno", () => {
    const cells = cellsOf(binaries!.runtimes!).map(({ os, node }) => `${os} ${node}`);
    expect(cells.length).toBe(24);
    for (const node of [20, 22, 24, 26]) expect(cells).toContain(`windows-11-arm ${node}`);
    expect(cellsOf(binaries!.others!).map(({ runtime }) => runtime)).toEqual(["bun", "deno"]);
  });
});
