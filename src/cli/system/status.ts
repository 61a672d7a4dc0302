/** tickforge status: what a running system says of itself, as a table. */
import { request } from "../../system/supervisor/control.js";
import type { EngineStatus, SystemStatus, TopicStatus } from "../../system/supervisor/status.js";
import type { Given } from "../kit/command.js";
import { exit } from "../kit/exit.js";
import { columns, count, none, plural, seconds, short } from "../kit/format.js";
import { running, whichOf } from "./which.js";

export async function status(given: Given): Promise<number> {
  const { terminal, values } = given;
  const { owner } = running(whichOf(given));
  const found = await request<SystemStatus>(owner.control, { ask: "status" });
  if (values.json === true) terminal.answer(`${JSON.stringify(found)}\n`);
  else
    terminal.answer(
      `${[headOf(found), "", enginesOf(found), "", topicsOf(found, values.hash === true), ...pageOf(found), ...addressesOf(found), ...remarks(found)].join("\n")}\n`,
    );
  return exit.ok;
}

const headOf = ({ name, state, pid, seconds: age, engines, file }: SystemStatus): string => {
  const restarts = engines.reduce((sum, engine) => sum + engine.restarts, 0);
  return `${name}   ${state} for ${seconds(age)}   process ${pid}   ${plural(engines.length, "engine")}   ${plural(restarts, "restart")}${file ? `   ${file}` : ""}`;
};

const rate = (perSecond: number) => (perSecond === 0 ? none : short(perSecond));
const megabytes = (bytes: number) => (bytes === 0 ? none : `${(bytes / 2 ** 20).toFixed(0)} MB`);
const micro = (value: number | null) =>
  value === null || !Number.isFinite(value) ? none : value < 1000 ? `${value} us` : `${(value / 1000).toFixed(0)} ms`;

const wordOf = ({ state }: EngineStatus) => (state === "absent" ? "starting" : state);
const stateOf = (one: EngineStatus) => `${wordOf(one)}${one.stale.length > 0 && one.state === "running" ? ", stale" : ""}`;

const enginesOf = ({ engines }: SystemStatus): string =>
  columns(
    [
      ["engine", "state", "place", "pid", "takes/s", "gives/s", "lag", "p50", "p99", "memory", "restarts"],
      ...engines.map((one: EngineStatus) => [
        one.name,
        stateOf(one),
        `${one.place} ${one.runner}`,
        String(one.pid),
        rate(one.takenPerSecond),
        rate(one.givenPerSecond),
        count(one.lag),
        micro(one.p50Us),
        micro(one.p99Us),
        megabytes(one.memoryBytes),
        count(one.restarts),
      ]),
    ],
    [3, 4, 5, 6, 7, 8, 9, 10],
  );

const topicsOf = ({ topics }: SystemStatus, hash: boolean): string =>
  columns(
    [
      ["topic", "from", "to", "rows", "rows/s", "when full", ...(hash ? ["hash", "of rows"] : [])],
      ...topics.map((one: TopicStatus) => [
        one.name,
        one.giver,
        one.takers.join(", ") || none,
        count(one.rows),
        rate(one.rowsPerSecond),
        one.backpressure,
        ...(hash ? [one.hash?.crc32c ?? none, one.hash ? count(one.hash.rows) : none] : []),
      ]),
    ],
    [3, 4, 7],
  );

/** What somebody should know: engines that do not run, rows that were refused or lost, inputs that are old. */
export function remarks({ engines }: SystemStatus): string[] {
  return engines.flatMap((one) => [
    ...(one.why !== undefined ? [`${one.name}: ${one.why}`] : []),
    ...(one.refused > 0 ? [`${one.name}: ${plural(one.refused, "row")} refused, see tickforge logs --engine ${one.name}`] : []),
    ...(one.lost > 0 ? [`${one.name}: ${plural(one.lost, "row")} lost before they were read`] : []),
    ...(one.stale.length > 0 ? [`${one.name}: ${one.stale.join(", ")} is stale, its giver does not run`] : []),
  ]);
}

/** Engines that do not run, by what they do instead: `starting: risk, monitor`. */
export function oddOf({ engines }: SystemStatus): string[] {
  const odd = engines.filter(({ state }) => state !== "running" && state !== "ended");
  return [...new Set(odd.map(wordOf))].map((word) => `${word}: ${odd.flatMap((one) => (wordOf(one) === word ? one.name : [])).join(", ")}`);
}

/** The engines on one line. */
export function runsOf({ engines, topics }: SystemStatus): string {
  const running = engines.filter(({ state }) => state === "running").length;
  const perSecond = topics.reduce((sum, topic) => sum + topic.rowsPerSecond, 0);
  const restarts = engines.reduce((sum, engine) => sum + engine.restarts, 0);
  return `${running} of ${plural(engines.length, "engine")} ${running === 1 ? "runs" : "run"}   ${short(perSecond)} rows/s   ${plural(restarts, "restart")}`;
}

const pageOf = ({ page }: SystemStatus): string[] => (page === undefined ? [] : [`page at ${page}`]);

/** Where engines that are servers listen, as they say it. */
export const addressesOf = ({ engines }: SystemStatus): string[] =>
  engines.flatMap(({ name, state, says }) =>
    state === "running" && says?.startsWith("listens at ") ? [`${name} ${says.split(" (")[0]}`] : [],
  );
