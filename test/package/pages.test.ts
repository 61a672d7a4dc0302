/** What the pages link to and name is there; the tree that opens ARCHITECTURE.md is the tree there is. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { describe, expect, it } from "vitest";
import { packageRoot } from "../../src/addon/addon.js";

const root = packageRoot();
const read = (file: string) => readFileSync(join(root, file), "utf8");
const listed = (folder: string) => readdirSync(join(root, folder), { withFileTypes: true, recursive: true });
const inside = (folder: string) => listed(folder).map((entry) => relative(root, join(entry.parentPath, entry.name)));

/** Top folders whose paths a page may name in code; what a build makes is not among them. */
const tops = ["src", "native", "shaders", "test", "bench", "scripts", "docs", ".github", ".githooks"];
const all = new Set([...tops, ...tops.flatMap(inside)]);
const pages = [
  ...readdirSync(root).filter((name) => name.endsWith(".md") && name !== "CHANGELOG.md"), // which tells of files that are gone
  ...inside("docs").filter((file) => file.endsWith(".md")),
  ...inside(".github").filter((file) => file.endsWith(".md")),
];

const { scripts } = JSON.parse(read("package.json")) as { scripts: Record<string, string> };

const withoutBlocks = (text: string) => text.replace(/^ *```[\s\S]*?^ *```/gm, "");
/** Links to files of the project: all but those to other places. */
const linksOf = (text: string) =>
  [...withoutBlocks(text).matchAll(/\]\(([^)\s]+)\)/g)].map((m) => m[1]!).filter((target) => !/^[a-z]+:/.test(target));
/** Paths in code: `src/bus/ring`, `native/kernels/<family>/<name>.cc`. */
const pathsOf = (text: string) =>
  [...text.matchAll(/`([^`\n]+)`/g)]
    .flatMap((m) => m[1]!.split(/\s+/))
    .filter((word) => tops.some((top) => word.startsWith(`${top}/`)))
    .map((word) => word.replace(/[.,;:/]+$/, ""));
/** As GitHub makes them. */
const anchorsOf = (text: string) =>
  [...withoutBlocks(text).matchAll(/^#+ (.+)$/gm)].map((m) =>
    m[1]!
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, "")
      .replaceAll(" ", "-"),
  );

/** `<name>` stands for one or more folders or a name, `*` for part of a name. */
function isThere(path: string): boolean {
  if (!/[<*]/.test(path)) return all.has(path);
  const pattern = path
    .replace(/[.+(){}[\]]/g, "\\$&")
    .replace(/\*+/g, "[^/]+")
    .replace(/<[^>]+>/g, ".+");
  return [...all].some((file) => new RegExp(`^${pattern}$`).test(file));
}

describe.each(pages)("%s", (page) => {
  const text = read(page);

  it("links to files and headings that are there", () => {
    const broken = linksOf(text).filter((target) => {
      const [path = "", anchor] = target.split("#");
      const file = path === "" ? page : relative(root, join(root, dirname(page), path));
      return !existsSync(join(root, file)) || (anchor !== undefined && !anchorsOf(read(file)).includes(anchor));
    });
    expect(broken).toEqual([]);
  });

  it("names scripts that are there", () => {
    const named = [...text.matchAll(/npm run ([\w:]*\w)/g)].map((m) => m[1]!);
    expect(named.filter((name) => scripts[name] === undefined)).toEqual([]);
  });

  it("names paths that are there", () => {
    expect(pathsOf(text).filter((path) => !isThere(path))).toEqual([]);
  });
});

/** Folders of an indented list, a line each: `  ring/   what is in it`. */
function treeOf(block: string): { path: string; said: string }[] {
  const above: string[] = [];
  return block.split("\n").flatMap((line) => {
    const [, indent, name, said] = /^( *)([\w.]+)\/ +(\S.*)$/.exec(line) ?? [];
    if (indent === undefined || name === undefined) return [];
    above.length = indent.length / 2;
    above.push(name);
    return [{ path: above.join("/"), said: said! }];
  });
}

describe("the tree of ARCHITECTURE.md", () => {
  const block = /^```text\n([\s\S]*?)^```/m.exec(read("ARCHITECTURE.md"))![1]!;
  const told = treeOf(block).map(({ path }) => path);
  // An empty folder is nobody's: version control does not know it.
  const parents = (file: string): string[] => (file === "." ? [] : [...parents(dirname(file)), file]);
  const files = ["src", "native"].flatMap((top) =>
    listed(top)
      .filter((entry) => entry.isFile())
      .map((entry) => relative(root, entry.parentPath)),
  );
  const folders = [...new Set(files.flatMap(parents))];

  it("is read to its last line", () => {
    expect(told.length).toBe(block.trimEnd().split("\n").length);
  });

  it("has every folder of src and native", () => {
    expect(folders.filter((folder) => !told.includes(folder))).toEqual([]);
  });

  it("has no folder that is not there", () => {
    expect(told.filter((folder) => !existsSync(join(root, folder)))).toEqual([]);
  });

  it("names each once", () => {
    expect(told.filter((folder, i) => told.indexOf(folder) !== i)).toEqual([]);
  });
});

describe("CHANGELOG.md", () => {
  const lines = read("CHANGELOG.md")
    .split("\n")
    .filter((line) => /^(#|- )/.test(line));

  it("has each change under an area, and there under New, Changed or Mended", () => {
    const headings: (string | undefined)[] = [];
    const lost = lines.filter((line) => {
      const depth = /^#+/.exec(line)?.[0].length;
      if (depth === undefined) return !["New", "Changed", "Mended"].includes(headings[4] ?? "");
      headings.length = depth;
      headings[depth] = line.slice(depth + 1);
      return false;
    });
    expect(lines.length).toBeGreaterThan(100);
    expect(lost).toEqual([]);
  });

  it("says nothing twice", () => {
    expect(lines.filter((line, i) => line.startsWith("- ") && lines.indexOf(line) !== i)).toEqual([]);
  });
});
