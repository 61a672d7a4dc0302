/** How the system is: the score, its wiring, engines, threads, buses and topics; of recordings, the files. */
import type { EngineLine, FileLine, Status, TopicLine } from "../../series/wire.js";
import type { App, View } from "../base/app.js";
import { type Column, h, replace, table } from "../base/dom.js";
import { bytes, count, fixed, none, rate, span } from "../base/format.js";
import type { Rates } from "../base/rates.js";
import { refresh } from "../base/refresh.js";
import { spark } from "../base/spark.js";
import { balance, busBalance, costOf, latencyUs, micro, share, threadsOf } from "./load.js";
import { buses, threads } from "./load_tables.js";
import { Wiring } from "./wiring.js";

const engines = (now: Status, rates: Rates): readonly Column<EngineLine>[] => [
  { head: "engine", words: true, cell: ({ name }) => name },
  {
    head: "state",
    words: true,
    cell: ({ state, stale }) =>
      mark(`${state === "absent" ? "starting" : state}${stale.length > 0 && state === "running" ? ", stale" : ""}`, state),
  },
  { head: "why", words: true, cell: ({ why }) => h("span", { class: "words" }, why ?? "") },
  { head: "place", words: true, cell: ({ place, runner }) => `${place} ${runner}` },
  { head: "pid", cell: ({ pid }) => String(pid) },
  { head: "takes/s", cell: ({ takenPerSecond }) => rate(takenPerSecond) },
  { head: "gives/s", cell: ({ givenPerSecond }) => rate(givenPerSecond) },
  {
    head: "last minutes",
    words: true,
    cell: ({ name, takenPerSecond }) => {
      const what = takenPerSecond > 0 ? "takes" : "gives";
      return spark(rates.of(what, name), `${name} ${what} rows a second,`);
    },
  },
  { head: "a call", cell: ({ name }) => micro(1000 * costOf(now, rates.before, name).callMs) },
  { head: "at work", cell: ({ name }) => share(costOf(now, rates.before, name).busy) },
  { head: "lag", cell: ({ lag }) => count(lag) },
  { head: "p50", cell: latency(0.5, rates) },
  { head: "p99", cell: latency(0.99, rates) },
  { head: "memory", cell: ({ memoryBytes }) => bytes(memoryBytes) },
  { head: "restarts", cell: ({ restarts }) => count(restarts) },
  { head: "refused", cell: ({ refused }) => count(refused) },
  { head: "lost", cell: ({ lost }) => count(lost) },
];
/** From the commit of a batch to its end in the engine. */
function latency(of: number, rates: Rates): Column<EngineLine>["cell"] {
  const before = new Map(rates.before?.engines.map((one) => [one.name, one.latencies]));
  return ({ name, latencies }) => micro(latencyUs(latencies, before.get(name), of));
}
const topics = (rates: Rates): readonly Column<TopicLine>[] => [
  { head: "topic", words: true, cell: ({ name }) => name },
  { head: "bus", words: true, cell: ({ bus }) => bus },
  { head: "from", words: true, cell: ({ giver }) => giver },
  { head: "to", words: true, cell: ({ takers }) => takers.join(", ") || none },
  { head: "rows", cell: ({ rows }) => count(rows) },
  { head: "rows/s", cell: ({ rowsPerSecond }) => rate(rowsPerSecond) },
  { head: "last minutes", words: true, cell: ({ name }) => spark(rates.of("rows", name), `${name}, rows a second,`) },
  { head: "when full", words: true, cell: ({ backpressure }) => backpressure },
  { head: "times full", cell: ({ full }) => count(full) },
  { head: "missed by this page", cell: ({ missed }) => count(missed) },
];
const made: Readonly<Record<FileLine["index"], string>> = {
  making: "being made",
  made: "made now, lies beside it",
  beside: "lay beside it",
  memory: "in memory alone: its folder cannot be written to",
};
const files: readonly Column<FileLine>[] = [
  { head: "file", words: true, cell: ({ path }) => path },
  { head: "topic", words: true, cell: ({ topic }) => topic ?? none },
  { head: "rows", cell: ({ rows }) => count(rows) },
  { head: "read", cell: ({ read }) => `${fixed(100 * read, 0)} %` },
  { head: "index", words: true, cell: ({ index, error, topic }) => (error && !topic ? none : made[index]) },
  { head: "without a number", cell: ({ holes }) => count(holes) },
  {
    head: "what is wrong",
    words: true,
    cell: ({ error, rows, read }) =>
      h("span", { class: "words" }, error ? error.message : rows === 0 && read === 1 ? "it holds no row" : ""),
  },
];
const mark = (text: string, state: string): Node =>
  state === "failed" || state === "held" ? h("strong", { class: "alarm" }, text) : document.createTextNode(text);

export class SystemView implements View {
  readonly element = h("div", {});
  readonly series = [];
  readonly columns = 64;

  private readonly head = h("div", {});
  private readonly wiring = new Wiring();
  private readonly tables = h("div", {});

  constructor(private readonly app: App) {
    this.update();
  }
  update(): void {
    const { system, files: read, hello, rates } = this.app.store;
    if (read) {
      replace(this.element, table(`${count(read.length)} recording${read.length === 1 ? "" : "s"}`, files, read));
      return;
    }
    if (!system) {
      replace(this.element, h("p", { class: "empty" }, hello ? "The system has not said yet how it is." : "Nothing is known yet."));
      return;
    }
    const { score, state, seconds } = system;
    const words =
      score === undefined
        ? [h("p", { class: "soft" }, "No score: the system has no engine monitor.")]
        : [
            h("p", { class: "answer" }, `score ${fixed(score, 0)} of 100`),
            h(
              "p",
              { class: "soft" },
              "100 times the mean over all engines of what each is worth: 1 where nothing is wrong with it; 0 failed or held, 0.5 lost rows, 0.7 behind, 0.8 begun again, 0.9 refused rows, since the look before. The worst counts.",
            ),
          ];
    const restarts = system.engines.reduce((sum, one) => sum + one.restarts, 0);
    if (!this.head.isConnected) this.element.replaceChildren(this.head, this.wiring.element, this.tables);
    replace(
      this.head,
      h("p", {}, `${state} for ${span(1000 * seconds)}, ${count(system.engines.length)} engines, ${count(restarts)} restarts`),
      ...words,
    );
    this.wiring.update(system);
    const shared = threadsOf(system, rates.before);
    refresh(
      this.tables,
      table("Engines; latencies, calls and shares of the last ten seconds", engines(system, rates), system.engines),
      h("p", { class: "soft" }, balance(shared)),
      table("Work of threads and processes", threads, shared),
      h("p", { class: "soft" }, busBalance(system)),
      table(
        "Buses in memory; latencies from the commit of a batch to its end in whoever takes it",
        buses(system, rates.before),
        system.buses,
      ),
      table("Topics", topics(rates), system.topics),
    );
  }
  restyle(): void {}
  close(): void {}
}
