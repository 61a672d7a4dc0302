/** tickforge doctor: what works here, and what to do about what does not. */
import { accessSync, constants } from "node:fs";
import { cpus } from "node:os";
import { dirname } from "node:path";
import { packageVersion } from "../../addon/addon.js";
import { calibrationPath, findCalibration, makeFolder, writeCalibration } from "../../backends/calibration.js";
import { install } from "../../backends/index.js";
import { didYouMean } from "../../core/contract/errors.js";
import { calibrate } from "../../measure/calibrate.js";
import { type AnyKernel, kernels } from "../../measure/cases.js";
import { text } from "../kit/args.js";
import { foreignFlag, type Given } from "../kit/command.js";
import { exit, UsageError } from "../kit/exit.js";
import { checkTargets, guarded, isFolder, writeWhole } from "../kit/files.js";
import { plural } from "../kit/format.js";
import type { Terminal } from "../kit/terminal.js";
import {
  type Check,
  choiceCheck,
  coresCheck,
  kernelsCheck,
  machine,
  memoryCheck,
  metalCheck,
  nodeCheck,
  packagesCheck,
  placementCheck,
  wasmCheck,
} from "./checks.js";
import { asMarkdown, machineReport, reportFormats } from "./machine_report.js";

const colors = { ok: "green", warn: "yellow", fail: "red", skip: "dim" } as const;

export async function doctor(given: Given): Promise<number> {
  const { values, words, terminal } = given;
  if (words[0] === "feed") return feedOnly(given);
  if (words.length > 0)
    throw new UsageError("doctor takes no words but feed FILE or SOURCE", "tickforge doctor, or tickforge doctor feed FILE");
  for (const flag of ["venue", "for", "url"])
    if (values[flag] !== undefined) throw new UsageError(`--${flag} goes with feed`, "tickforge doctor feed FILE or SOURCE");
  const report = text(values.report);
  const measured = values.calibrate === true;
  const some = chosenKernels(text(values.only), measured || report !== undefined);
  if (report !== undefined) checkReport(report, values.force === true);
  else if (values.force) throw new UsageError("--force goes with --report", "tickforge doctor --report machine.md --force");
  if (measured) checkCalibration();
  if (measured) calibrated(terminal, some);
  const addon = await kernelsCheck(packageVersion());
  const loaded = addon.details?.loaded === true;
  const ofAddon = [placementCheck(loaded), metalCheck(loaded), wasmCheck()];
  const checks = [nodeCheck(process.versions.node), addon, memoryCheck(), ...ofAddon, coresCheck(), packagesCheck(), choiceCheck()];
  const count = (status: Check["status"]) => checks.filter((check) => check.status === status).length;
  const [warnings, failures] = [count("warn"), count("fail")];
  if (values.json) {
    const about = { schema: 1, command: "doctor", version: packageVersion(), machine: machine(), processor: cpus()[0]?.model ?? null };
    terminal.answer(`${JSON.stringify({ ...about, warnings, failures, checks }, null, 2)}\n`);
  } else {
    for (const { status, text, lines = [] } of checks) {
      terminal.answer(`${terminal.style(colors[status], status.padEnd(4), terminal.stdout)}  ${text}\n`);
      for (const line of lines) terminal.answer(`      ${line}\n`);
    }
    terminal.answer(`${plural(warnings, "warning")}, ${plural(failures, "failure")}.  For a bug report: tickforge doctor --json\n`);
  }
  if (report !== undefined) await writeReport(report, checks, terminal, some);
  if (failures === 0) return exit.ok;
  return addon.details?.loaded === false ? exit.noAddon : exit.badData;
}

async function feedOnly(given: Given): Promise<number> {
  const foreign = foreignFlag(given, ["feed", "output"]);
  if (foreign) throw new UsageError(`--${foreign.name} does not go with feed`, "tickforge doctor feed FILE");
  return (await import("./feed.js")).doctorFeed(given);
}

function chosenKernels(only: string | undefined, used: boolean): readonly AnyKernel[] {
  if (only === undefined) return kernels;
  if (!used) throw new UsageError("--only goes with --calibrate or --report", "tickforge doctor --calibrate --only vpin");
  return only.split(",").map((text) => {
    const name = text.trim();
    const found = kernels.find(({ contract }) => contract.name === name);
    if (found) return found;
    const near = didYouMean(
      name,
      kernels.map(({ contract }) => contract.name),
    );
    throw new UsageError(
      `--only: no kernel is called '${name}'`,
      near ? `did you mean ${near}?` : "names with commas, such as --only lag,vpin",
    );
  });
}

function checkReport(path: string, force: boolean): void {
  if (!reportFormats.some((ending) => path.endsWith(ending)))
    throw new UsageError(
      `--report ${path}: the ending says the format, expected ${reportFormats.join(" or ")}`,
      `such as --report ${path}.md`,
    );
  checkTargets({ report: path }, [], force);
}

/** Throws before the measuring where its result could not be kept. */
function checkCalibration(): void {
  const path = calibrationPath();
  if (path === "none")
    throw new UsageError("--calibrate: TICKFORGE_CALIBRATION is none, so that no file would be kept", "unset it, or name a file in it");
  if (isFolder(path)) throw new UsageError(`--calibrate: TICKFORGE_CALIBRATION=${path} is a directory`, "name a file in it");
  guarded(path, () => {
    makeFolder(dirname(path));
    accessSync(dirname(path), constants.W_OK);
  });
}

/** Says on a terminal's last line how far the measuring is; nothing else runs meanwhile, so that no timer could. */
function watch(what: string, { stderr }: Terminal): (done: number, total: number) => void {
  const live = stderr.isTTY === true && process.env.TERM !== "dumb";
  return (done, total) => void (live && stderr.write(done < total ? `\r${what} ${done} of ${total} kernels\x1b[K` : "\r\x1b[K"));
}

/** Kernels that are not measured now keep what was measured before. */
function calibrated(terminal: Terminal, some: readonly AnyKernel[]): void {
  install();
  const before = findCalibration().calibration;
  const made = calibrate(watch("calibrating", terminal), some);
  const left = before?.left.filter(({ kernel }) => !(kernel in made.kernels)) ?? [];
  const backends = [...new Set([...(before?.backends ?? []), ...made.backends])];
  const whole = { ...made, backends, kernels: { ...before?.kernels, ...made.kernels }, left: [...left, ...made.left] };
  guarded(calibrationPath(), () => writeCalibration(whole));
}

async function writeReport(path: string, checks: readonly Check[], terminal: Terminal, some: readonly AnyKernel[]): Promise<void> {
  const made = await machineReport(checks, (what) => watch(what, terminal), some);
  writeWhole([[path, path.endsWith(".json") ? `${JSON.stringify(made, null, 2)}\n` : asMarkdown(made)]]);
  terminal.note(`wrote ${path}\n`);
}
