/** Every number and word of a machine's report, on backends whose errors and times are known; the file itself is test/cli/doctor/doctor.test.ts's. */
import { cpus, release, totalmem, type } from "node:os";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { loadAddon, packageVersion } from "../../../src/addon/addon.js";
import { install } from "../../../src/backends/index.js";
import { asMarkdown, type MachineReport, machineReport } from "../../../src/cli/doctor/machine_report.js";
import { machine } from "../../../src/cli/kit/diagnosis.js";
import type { Backend } from "../../../src/core/backend/backend.js";
import { reference } from "../../../src/core/backend/reference.js";
import { allBackends, use } from "../../../src/core/call/choose.js";
import type { Contract } from "../../../src/core/contract/contract.js";
import { calibrate } from "../../../src/measure/calibrate.js";
import { type AnyKernel, kernels } from "../../../src/measure/cases.js";
import { measure } from "../../../src/measure/measure.js";

const person = { host: "janes-laptop", user: "jane.doe", home: "/home/jane.doe" };
vi.mock("node:os", async (original) => {
  const os = await original<typeof import("node:os")>();
  const mine = {
    hostname: () => person.host,
    homedir: () => person.home,
    userInfo: () => ({ ...os.userInfo(), username: person.user, homedir: person.home }),
  };
  return { ...os, ...mine, default: { ...os, ...mine } };
});
vi.mock("../../../src/measure/measure.js", async (original) => ({ ...(await original<object>()), measure: vi.fn() }));

const kernelNamed = (name: string): AnyKernel => kernels.find(({ contract }) => contract.name === name)!;
const some: AnyKernel[] = ["normal_pdf", "log", "bucket_vpin"].map(kernelNamed);
/** Larger than the reference by this share, in f64; f32 rounds it. */
const offBy: Record<string, number> = { normal_pdf: 3e-6, log: 5e-6, bucket_vpin: 2e-3 };
const allowed = 1e-3;

install();
use({
  name: "off",
  cause: ({ name }) => (name in offBy ? "" : "no such kernel"),
  tolerance: ({ compare }) => Object.fromEntries(Object.keys(compare).map((key) => [key, { relative: allowed }])),
  bind(bound) {
    const program = reference.bind(bound)!;
    const run = (slot: number) => {
      program.run(slot);
      for (const view of bound.slots[slot]!.outs)
        if (view instanceof Float64Array || view instanceof Float32Array)
          for (let i = 0; i < view.length; i++) view[i]! *= 1 + offBy[bound.contract.name]!;
    };
    return { control: program.control, run };
  },
});
const cause = `no library in ${person.home}/lib/x.so on ${person.host}, since it is | another`;
use({ name: "absent", onlyByName: true, cause: () => cause, bind: () => undefined } satisfies Backend);

const checks = [
  { name: "node", status: "ok", text: "node 20 is fine" },
  { name: "kernels", status: "warn", text: `loaded from ${person.home}/x/y.node of ${person.host}`, lines: [`tried   ${person.home}`] },
] as const;

/** Nanoseconds of each kernel at each number of rows: another crossover each, and one that was not measured at all. */
const times: Record<string, [rows: number, reference: number, off: number][]> = {
  normal_pdf: [
    [10, 100, 200],
    [40, 400, 300],
    [90, 1800, 450],
  ],
  log: [
    [10, 100, 200],
    [1000, 9000, 12_000],
    [4000, 80_000, 4000],
  ],
  bucket_vpin: [],
};

let report: MachineReport;
const told: string[] = [];
beforeEach(async () => {
  told.length = 0;
  for (const name of ["USER", "LOGNAME", "USERNAME"]) vi.stubEnv(name, person.user);
  vi.mocked(measure).mockImplementation(({ contract }) => {
    const call = times[contract.name]!.map(([rows, slow, fast]) => ({ work: 16 * rows, rows, times: { reference: slow, off: fast } }));
    return { points: { call, bound: [] }, left: [], cut: false };
  });
  report = await machineReport(checks as never, (what) => (done, total) => void told.push(`${what} ${done} of ${total}`), some);
});

/** The tables of a page in Markdown, without their heads. */
function tables(page: string): string[][][] {
  return page
    .split("\n\n")
    .map((block) => block.trim().split("\n"))
    .filter(([line]) => line!.startsWith("|"))
    .map((lines) =>
      lines
        .filter((line) => line.startsWith("|"))
        .slice(2)
        .map((line) =>
          line
            .slice(2, -2)
            .split(" | ")
            .map((cell) => cell.trim()),
        ),
    );
}

describe("the report of a machine", () => {
  it("has a row of each kernel and dtype on each backend that takes it, with its own error", () => {
    const able = (contract: Contract, real: "f64" | "f32") =>
      allBackends().filter((backend) => backend.name !== "reference" && backend.cause(contract, real) === "");
    const want = some.flatMap(({ contract }) =>
      (["f64", "f32"] as const).flatMap((real) => able(contract, real).map(({ name }) => `${contract.name} ${real} ${name}`)),
    );
    expect(report.parity.map(({ kernel, real, backend }) => `${kernel} ${real} ${backend}`)).toEqual(want);
    const off = report.parity.filter(({ backend }) => backend === "off");
    expect(off).toHaveLength(2 * some.length);
    for (const { kernel, real, error, ratio, cases, of, wrong } of off) {
      const { contract } = kernelNamed(kernel);
      const [least, most] = real === "f64" ? [0.999, 1.001] : [0.9, 2]; // below the normal numbers of f32 it rounds coarser
      expect(of).toBe(contract.parity.length);
      expect(cases).toBe(of);
      expect(error / offBy[kernel]!, `${kernel} ${real}`).toBeGreaterThan(least);
      expect(error / offBy[kernel]!, `${kernel} ${real}`).toBeLessThan(most);
      expect(ratio).toBeCloseTo(error / allowed, 9);
      if (offBy[kernel]! < allowed) expect(wrong).toBeUndefined();
      else expect(wrong).toMatch(/^'vpin' row \d+ is [\d.]+, the reference says [\d.]+$/);
    }
    for (const { error, ratio } of report.parity.filter(({ backend }) => backend === "native")) {
      expect(error).toBeLessThan(1e-5);
      expect(ratio).toBeLessThanOrEqual(1);
    }
  });

  it("names every backend, and why one does not run", () => {
    const named = Object.fromEntries(report.backends.map((row) => [row.name, row]));
    expect(Object.keys(named)).toEqual(allBackends().map(({ name }) => name));
    expect(named.off).toEqual({ name: "off", ready: true, cause: "" });
    expect(named.reference).toEqual({ name: "reference", ready: true, cause: "" });
    expect(named.absent).toEqual({ name: "absent", ready: false, cause: "no library in .../x.so on ..., since it is | another" });
    if (process.platform === "linux") expect(named.metal?.cause).toMatch(/Metal|add-on|binary/); // of the machine, and of no kernel
  });

  it("has the speed of each kernel, with its own crossover, also of one that there was no time for", () => {
    const rows = report.speed.map(({ kernel, real, rows, ns, crossover }) => [kernel, real, rows, ns, crossover]);
    expect(rows).toEqual([
      ["normal_pdf", "f64", 90, { reference: 20, off: 5 }, "reference below 20 rows, off from 20 on"],
      ["log", "f64", 4000, { reference: 20, off: 1 }, "reference below 2000 rows, off from 2000 on"],
      ["bucket_vpin", "f64", 0, {}, null],
    ]);
    expect(report.speed.map(({ unit }) => unit)).toEqual(["value", "value", "bucket"]);
    const limits = vi
      .mocked(measure)
      .mock.calls.slice(-3)
      .map(([, , , of]) => of!.until);
    expect(limits).toEqual(limits.toSorted((a, b) => a - b));
  });

  it("describes this machine", () => {
    const { addon } = loadAddon();
    expect(report).toMatchObject({ schema: 1, tickforge: packageVersion(), date: new Date().toISOString().slice(0, 10) });
    expect(report.machine).toEqual({
      processor: cpus()[0]!.model.trim(),
      cores: cpus().length,
      memoryGiB: Math.round(totalmem() / 2 ** 30),
      os: `${type()} ${release()}`,
      platform: machine(),
      node: process.versions.node,
      build: addon?.cpu ?? "none",
      linalg: addon?.linalg ?? "none",
    });
  });

  it("says the same as Markdown", () => {
    const page = asMarkdown(report);
    const [backends, words, against, speed] = tables(page);
    const { tickforge, date, machine: of } = report;
    expect(page.split("\n")[0]).toBe(`# tickforge ${tickforge} on ${of.processor}`);
    expect(page).toContain(
      `${date}; ${of.cores} cores, ${of.memoryGiB} GiB; ${of.os}; ${of.platform}; native build ${of.build}, linalg ${of.linalg}.`,
    );
    expect(of.platform).toContain(`node ${of.node}`);
    expect(backends).toEqual(report.backends.map(({ name, ready, cause }) => [name, ready ? "yes" : "no", cause.replace("|", "\\|")]));
    expect(words).toEqual(report.checks.map(({ name, status, text }) => [name, status, text]));
    expect(against!.map(([name]) => name)).toEqual([...new Set(report.parity.map(({ backend }) => backend))]);
    for (const [name, right, cases, worst] of against!) {
      const rows = report.parity.filter(({ backend }) => backend === name);
      const most = rows.reduce((a, b) => (b.ratio > a.ratio ? b : a));
      expect(right).toBe(`${rows.filter(({ wrong }) => wrong === undefined).length} of ${rows.length}`);
      expect(cases).toBe(String(rows.reduce((sum, row) => sum + row.cases, 0)));
      expect(worst).toBe(`${most.ratio.toPrecision(2)} (${most.kernel} ${most.real})`);
    }
    expect(against!.find(([name]) => name === "off")).toEqual([
      "off",
      "4 of 6",
      expect.any(String),
      expect.stringMatching(/^2\.0 \(bucket_vpin f(64|32)\)$/),
    ]);
    for (const { kernel, real, backend, wrong } of report.parity.filter(({ wrong }) => wrong !== undefined))
      expect(page).toContain(`\n- ${backend}, ${kernel} ${real}: ${wrong}\n`);
    expect(speed).toEqual([
      ["normal_pdf", "f64", "90 (value)", "20.0", "5.00", "reference below 20 rows, off from 20 on"],
      ["log", "f64", "4000 (value)", "20.0", "1.00", "reference below 2000 rows, off from 2000 on"],
      ["bucket_vpin", "f64", "not measured, the time was over", "", "", ""],
    ]);
    expect(page).toContain("| kernel | columns | rows | reference | off | fastest by size |");
  });

  it("has nothing of a person in it, in either form", () => {
    for (const text of [JSON.stringify(report), asMarkdown(report)])
      for (const secret of [...Object.values(person), "jane", process.cwd()]) expect(text, secret).not.toContain(secret);
  });

  it("tells how far it is, comparing all before it times any", () => {
    const steps = ["comparing", "measuring"].flatMap((what) => some.map((_, i) => `${what} ${i + 1} of ${some.length}`));
    expect(told).toEqual(steps);
  });
});

describe("a calibration", () => {
  it("keeps each kernel's own crossovers, as a call and bound, what was wrong and how many were cut short", () => {
    vi.mocked(measure).mockImplementation(({ contract }, real) => {
      const points = (rows: number) => [
        { work: rows, rows, times: { reference: 1, off: 2 } },
        { work: 4 * rows, rows: 4 * rows, times: { reference: 4, off: 2 } },
      ];
      const [call, bound] = contract.name === "log" ? [points(100), points(300)] : [points(10), []];
      return { points: { call, bound }, left: [{ kernel: contract.name, backend: "worse", cause: real }], cut: contract.name === "log" };
    });
    const { kernels: found, cut, left } = calibrate(() => {}, some);
    const crossover = (rows: number) => [
      { work: 0, rows: 0, backend: "reference" },
      { work: 2 * rows, rows: 2 * rows, backend: undefined },
    ];
    const [plain, log] = [{ call: crossover(10) }, { call: crossover(100), bound: crossover(300) }];
    expect(found).toEqual({
      normal_pdf: { f64: plain, f32: plain },
      log: { f64: log, f32: log },
      bucket_vpin: { f64: plain, f32: plain },
    });
    expect(cut).toBe(2); // in both dtypes
    expect(left).toEqual(
      some.flatMap(({ contract: { name } }) => ["f64", "f32"].map((cause) => ({ kernel: name, backend: "worse", cause }))),
    );
  });
});
