/** What doctor says of a sound installation, and of every way in which the add-on does not load. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { cpus, hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { loadAddon, packageRoot } from "../../../src/addon/addon.js";
import { nodeCheck } from "../../../src/cli/doctor/checks.js";
import { impersonal } from "../../../src/cli/doctor/machine_report.js";
import { diagnose } from "../../../src/cli/kit/diagnosis.js";
import { binance, requireBuilt, tape, temporaryFolder, tickforge } from "../../support/cli.js";

const { addon, path } = loadAddon();
const folder = temporaryFolder();
writeFileSync(join(folder, "trades.csv"), binance(tape(3000)));

/** A folder in which the loader finds this file, and nothing else. */
function binary(name: string, content: Uint8Array | undefined): Record<string, string> {
  const place = join(folder, name);
  mkdirSync(join(place, "build/Release"), { recursive: true });
  if (content) writeFileSync(join(place, "build/Release/tickforge.node"), content);
  return { TICKFORGE_PREBUILD: place };
}

/** The add-on with one text in it replaced by another of the same length. */
function patched(from: RegExp, to: (found: string) => string): Uint8Array {
  const text = readFileSync(path!, "latin1");
  expect(from.test(text), `${from} in the add-on`).toBe(true);
  return Buffer.from(text.replace(from, to), "latin1");
}

beforeAll(requireBuilt);

describe("doctor", () => {
  it("of a sound installation", async (context) => {
    if (!addon) context.skip("the add-on is not built");
    const { code, stdout, stderr } = await tickforge(["doctor"]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toMatch(/^ok {4}node [\d.]+ \(needs >= 20\.19\)$/m);
    expect(stdout).toMatch(
      /^ok {4}kernels [\d.]+ \S+, .* build \(built: [\w, -]+\), loaded in \d+ ms; self-test (\d+)\/\1 match references; loads in 2 worker threads$/m,
    );
    expect(stdout).toMatch(/^\d+ warnings?, 0 failures\. {2}For a bug report: tickforge doctor --json$/m);
  });

  it("--json says the same to programs", async () => {
    const { stdout } = await tickforge(["doctor", "--json"]);
    const report = JSON.parse(stdout);
    expect(report).toMatchObject({ schema: 1, command: "doctor", failures: addon ? 0 : 1 });
    expect(report.checks.map((c: { name: string }) => c.name)).toEqual([
      "node",
      "kernels",
      "shm",
      "placement",
      "metal",
      "wasm",
      "cores",
      "optional",
      "choice",
    ]);
  });

  it("tells an old Node", () => {
    for (const version of ["18.20.4", "20.18.1"])
      expect(nodeCheck(version)).toMatchObject({ status: "fail", text: expect.stringContaining("too old") });
    for (const version of ["20.19.0", "22.0.0", "24.1.0"]) expect(nodeCheck(version).status).toBe("ok");
  });
});

describe("doctor --calibrate", () => {
  const TICKFORGE_CALIBRATION = join(folder, "cache", "calibration.json");

  it("measures, keeps what it found for this machine alone, and shows it", async (context) => {
    if (!addon) context.skip("the add-on is not built");
    const env = { TICKFORGE_CALIBRATION };
    expect((await tickforge(["doctor"], { env })).stdout).toMatch(/^skip {2}backends by rule: .*\(not calibrated\)/m);
    const { code, stdout } = await tickforge(["doctor", "--calibrate", "--only", "lag,bucket_vpin"], { env });
    expect(code).toBe(0);
    expect(stdout).toMatch(/^ok {4}backends by size, calibrated [\d-]+ in \d+ s: \d of 2 kernels change with it, the others take native$/m);
    await tickforge(["doctor", "--calibrate", "--only", "tick_rule"], { env });
    const made = JSON.parse(readFileSync(TICKFORGE_CALIBRATION, "utf8"));
    expect(Object.keys(made.kernels).toSorted()).toEqual(["bucket_vpin", "lag", "tick_rule"]);
    writeFileSync(TICKFORGE_CALIBRATION, JSON.stringify({ ...made, fingerprint: { ...made.fingerprint, processor: "another" } }));
    expect((await tickforge(["doctor"], { env })).stdout).toMatch(
      /^skip {2}backends by rule: .*the calibration is of another processor \(another\)/m,
    );
  });

  it("refuses what it does not know", async () => {
    expect(await tickforge(["doctor", "--calibrate", "--only", "bucket_vpim"])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("did you mean bucket_vpin?"),
    });
    expect(await tickforge(["doctor", "--only", "lag"])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("--calibrate or --report"),
    });
    expect(await tickforge(["doctor", "--calibrate", "--only", "lag,"])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("--only lag,vpin"),
    });
    expect(await tickforge(["doctor", "--force"])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("--force goes with --report"),
    });
  });

  it("refuses, before it measures, a place that it could not write to", async () => {
    const taken = join(folder, "taken");
    writeFileSync(taken, "mine");
    const places: [string, number, RegExp][] = [
      ["none", 2, /TICKFORGE_CALIBRATION is none/],
      [folder, 2, /is a directory/],
      [join(taken, "below", "c.json"), 1, /taken.*\[E_WRITE\]/s],
      ...(process.platform === "linux" ? [["/proc/absent/c.json", 1, /\/proc\/absent.*\[E_WRITE\]/s] as [string, number, RegExp]] : []),
    ];
    for (const [place, code, says] of places) {
      const ran = await tickforge(["doctor", "--calibrate", "--only", "lag"], { env: { TICKFORGE_CALIBRATION: place } });
      expect(ran, place).toMatchObject({ code, stdout: "", stderr: expect.stringMatching(says) });
    }
    expect(readFileSync(taken, "utf8")).toBe("mine");
  });

  it("says of a file that is damaged that it is, and goes by rule", async () => {
    const place = join(folder, "damaged.json");
    for (const text of ['{"broken', '{"schema":2,"fingerprint":{},"date":"x","kernels":{}}', "null"]) {
      writeFileSync(place, text);
      const { code, stdout } = await tickforge(["doctor"], { env: { TICKFORGE_CALIBRATION: place } });
      expect(stdout, text).toMatch(/^skip {2}backends by rule: native where it loads \(the calibration .*(cannot be read|damaged)/m);
      expect(code).toBe(addon ? 0 : 4);
    }
  });
});

describe("doctor --report", () => {
  it.each(["md", "json"])("writes .%s: machine, backends, parity, speed, and nothing personal", async (ending) => {
    const file = join(folder, `machine.${ending}`);
    // a home with a name in it, and an add-on that is not there
    const home = join(folder, "home", "jane.doe");
    mkdirSync(home, { recursive: true });
    const env = { HOME: home, ...binary("absent jane.doe", undefined) };
    for (const more of [{}, env]) {
      const { code, stderr } = await tickforge(["doctor", "--report", file, "--only", "lag,exp,bucket_vpin", "--force"], { env: more });
      expect(code, stderr).toBe(more === env || !addon ? 4 : 0);
      const text = readFileSync(file, "utf8");
      for (const secret of [hostname(), home, "jane.doe", packageRoot(), tmpdir()].filter((one) => one.length > 4))
        expect(text, secret).not.toContain(secret);
      expect(text).toContain(cpus()[0]!.model.trim());
      expect(text).toContain(process.versions.node);
      if (ending === "json") {
        const report = JSON.parse(text);
        const backends = Object.fromEntries(report.backends.map((row: { name: string }) => [row.name, row]));
        expect(backends.native.ready).toBe(more !== env && addon !== undefined);
        if (more === env) expect(backends.native.cause).not.toBe("");
        expect(report.checks).toHaveLength(9);
        const native = report.parity.filter((row: { backend: string }) => row.backend === "native");
        expect(native).toHaveLength(backends.native.ready ? 6 : 0);
        for (const row of native) {
          expect(row.cases).toBeGreaterThan(0);
          expect(row.ratio).toBeLessThanOrEqual(1);
        }
        expect(report.speed.map((row: { kernel: string }) => row.kernel)).toEqual(["lag", "exp", "bucket_vpin"]);
        for (const row of report.speed) for (const time of Object.values(row.ns)) expect(time).toBeGreaterThan(0);
      } else expect(text).toMatch(/^# tickforge .*\| `?lag/s);
    }
  });

  it("takes folders out of the words of a loader", () => {
    const words =
      "/Users/jane/app/node_modules/tickforge/prebuilds/x.node: GLIBC_2.38 not found; C:\\Users\\jane\\x.node; file:///home/jane/y.js";
    expect(impersonal(words)).not.toMatch(/jane|Users|home/);
    expect(impersonal(words)).toContain("GLIBC_2.38 not found");
    expect(impersonal("needs 3 / 4 of it, and/or f64")).toBe("needs 3 / 4 of it, and/or f64");
  });

  it("names its formats, and does not overwrite unasked", async () => {
    expect(await tickforge(["doctor", "--report", join(folder, "machine.txt")])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining(".md or .json"),
    });
    expect(await tickforge(["doctor", "--report", join(folder, "trades.csv", "machine.md")])).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/there is no folder .*\n {2}mkdir -p .*\[E_WRITE\]/),
    });
    writeFileSync(join(folder, "there.md"), "mine");
    expect(await tickforge(["doctor", "--report", join(folder, "there.md")])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("E_EXISTS"),
    });
  });
});

describe("an add-on that does not load", () => {
  const linux = process.platform === "linux" && addon !== undefined;
  const broken: [string, () => Uint8Array | undefined, string, RegExp][] = [
    ["missing", () => undefined, "missing", /there is no binary for this platform/],
    ["damaged", () => Buffer.from("not a library, just some text that is long enough"), "damaged", /the file is damaged/],
    ["truncated", () => readFileSync(path!).subarray(0, 5000), "damaged", /loading it ends the process with SIG|the file is damaged/],
    ["of a newer C library", () => patched(/GLIBC_2\.[0-9]+\0/, (v) => v.replace("2.", "9.")), "libc", /GLIBC_9\.[0-9]+ not found/],
    [
      "of another architecture",
      () => readFileSync(path!).map((byte, i) => (i === 18 ? 0xb7 : i === 19 ? 0 : byte)),
      "architecture",
      /not loaded, it is for arm64/,
    ],
  ];
  for (const [what, content, cause, says] of broken)
    it(`${what}: doctor tells it and what to do`, async (context) => {
      if (!linux) context.skip("a Linux with the add-on built");
      const env = binary(what.replaceAll(" ", "-"), content());
      const { code, stdout } = await tickforge(["doctor"], { env });
      expect(stdout).toMatch(says);
      expect(stdout).toMatch(/^fail {2}kernels /m);
      expect(stdout).toMatch(/^ {6}fix {5}/m);
      expect(code).toBe(4);
      const { checks } = JSON.parse((await tickforge(["doctor", "--json"], { env })).stdout);
      expect(checks[1].details.cause).toBe(cause);
    });

  const stale: [string, RegExp, string][] = [
    ["of an older version", /\d+(?=\.\d+\.\d+ border \d+\0)/, "tickforge"],
    ["with another border", /(?<=\d border )\d+(?=\0)/, "border"],
    ["of before versions were told", /version(?=\0)/, "of a version that tells none"],
  ];
  for (const [what, from, says] of stale)
    it(`${what}: both versions are told, and everything goes on without it`, async (context) => {
      if (!linux) context.skip("a Linux with the add-on built");
      const env = binary(
        what.replaceAll(" ", "-"),
        patched(from, (found) => found.replace(/^./, "7")),
      );
      const ran = await tickforge(["replay", join(folder, "trades.csv"), "--bucket-volume", "20"], { env });
      expect(ran.code).toBe(0);
      expect(ran.stderr).toMatch(/tried .*: the add-on is .*, this JavaScript is tickforge [\d.]+ border \d+ {6}here/);
      expect(ran.stderr).toContain(says);
      expect(ran.stderr).toContain("[E_NATIVE_VERSION]");
    });

  it("of an older version: doctor tells it and what to do", async (context) => {
    if (!linux) context.skip("a Linux with the add-on built");
    const { code, stdout } = await tickforge(["doctor"], { env: { TICKFORGE_PREBUILD: join(folder, "of-an-older-version") } });
    expect(stdout).toMatch(/^fail {2}kernels .*: not loaded, it belongs to another version$/m);
    expect(stdout).toMatch(/fix .*\[E_NATIVE_VERSION\]$/m);
    expect(code).toBe(4);
  });

  it("of which a row is named otherwise: its rows differ from the contracts", async (context) => {
    if (!linux) context.skip("a Linux with the add-on built");
    const env = binary(
      "renamed",
      patched(/bucket_vpin\0/, () => "buckex_vpin\0"), // its end is that of other names too
    );
    const { stdout } = await tickforge(["doctor"], { env });
    expect(stdout).toMatch(/^warn {2}kernels .*self-test/m);
    expect(stdout).toMatch(/^ {6}not in the binary, on the reference only: .*bucket_vpin/m);
  });

  it("is told once, and the run goes on; with --quiet not at all; with --backend native it ends", async () => {
    const env = binary("none", undefined);
    const args = ["replay", join(folder, "trades.csv"), "--bucket-volume", "20"];
    const ran = await tickforge(args, { env });
    expect(ran.code).toBe(0);
    expect(ran.stderr.match(/could not be loaded, continuing on (?:the reference|WebAssembly) \(about \d+x slower\)/g)).toHaveLength(1);
    expect(ran.stderr).toMatch(/\n {2}tried .* here: .*\n {2}fix .*\[E_NATIVE_MISSING\] {2}details: tickforge doctor\n$/s);
    expect((await tickforge([...args, "--quiet"], { env })).stderr).toBe("");
    expect(await tickforge([...args, "--backend", "native"], { env })).toMatchObject({ code: 4, stdout: "" });
    expect((await tickforge([...args, "--backend", "reference"], { env })).stderr).toBe("");
  });

  it("words of loaders are told apart", () => {
    const words: [string, string][] = [
      ["/lib/x86_64-linux-gnu/libc.so.6: version `GLIBC_2.38' not found (required by /p/tickforge.node)", "libc"],
      ["/lib/libstdc++.so.6: version `GLIBCXX_3.4.32' not found (required by /p/tickforge.node)", "libc"],
      ["Error loading shared library ld-linux-x86-64.so.2: No such file or directory (needed by /p/tickforge.node)", "libc"],
      ["libgomp.so.1: cannot open shared object file: No such file or directory", "library"],
      ["/p/tickforge.node: wrong ELF class: ELFCLASS32", "architecture"],
      [
        "dlopen(/p/tickforge.node, 0x0001): tried: '/p/tickforge.node' (mach-o file, but is an incompatible architecture (have 'x86_64', need 'arm64'))",
        "architecture",
      ],
      ["\\\\?\\C:\\p\\tickforge.node is not a valid Win32 application.", "architecture"],
      ["/p/tickforge.node: invalid ELF header", "damaged"],
      ["/p/tickforge.node: file too short", "damaged"],
      ["no prebuilt binary for linux-x64 in the package", "missing"],
      ["TICKFORGE_CPU=v4 cannot run here; builds: v2, v3, v4 (not on this processor)", "processor"],
      ["the add-on is 0.0.9 border 1, this JavaScript is tickforge 0.1.0 border 1", "version"],
      ["something else altogether", "other"],
    ];
    for (const [cause, want] of words) expect(diagnose({ path: "/p/tickforge.node", cause, milliseconds: 1 }).cause, cause).toBe(want);
  });
});
