/** How the system is: engines, topics and the score; of recordings, the files. */
import type { EngineLine, FileLine, TopicLine } from "../../series/wire.js";
import type { App, View } from "../base/app.js";
import { type Column, h, replace, table } from "../base/dom.js";
import { bytes, count, fixed, none, rate, span } from "../base/format.js";

const micro = (value: number) =>
  !Number.isFinite(value) || value === 0 ? none : value < 1000 ? `${value} \u00b5s` : `${fixed(value / 1000, 0)} ms`;
const engines: readonly Column<EngineLine>[] = [
  { head: "engine", words: true, cell: ({ name }) => name },
  {
    head: "state",
    words: true,
    cell: ({ state, stale }) =>
      mark(`${state === "absent" ? "starting" : state}${stale.length > 0 && state === "running" ? ", stale" : ""}`, state),
  },
  { head: "place", words: true, cell: ({ place, runner }) => `${place} ${runner}` },
  { head: "pid", cell: ({ pid }) => String(pid) },
  { head: "takes/s", cell: ({ takenPerSecond }) => rate(takenPerSecond) },
  { head: "gives/s", cell: ({ givenPerSecond }) => rate(givenPerSecond) },
  { head: "lag", cell: ({ lag }) => count(lag) },
  { head: "p99", cell: ({ p99Us }) => micro(p99Us) },
  { head: "memory", cell: ({ memoryBytes }) => bytes(memoryBytes) },
  { head: "restarts", cell: ({ restarts }) => count(restarts) },
  { head: "refused", cell: ({ refused }) => count(refused) },
  { head: "lost", cell: ({ lost }) => count(lost) },
  { head: "why", words: true, cell: ({ why }) => h("span", { class: "words" }, why ?? "") },
];
const topics: readonly Column<TopicLine>[] = [
  { head: "topic", words: true, cell: ({ name }) => name },
  { head: "bus", words: true, cell: ({ bus }) => bus },
  { head: "from", words: true, cell: ({ giver }) => giver },
  { head: "to", words: true, cell: ({ takers }) => takers.join(", ") || none },
  { head: "rows", cell: ({ rows }) => count(rows) },
  { head: "rows/s", cell: ({ rowsPerSecond }) => rate(rowsPerSecond) },
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

  constructor(private readonly app: App) {
    this.update();
  }
  update(): void {
    const { system, files: read, hello } = this.app.store;
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
    replace(
      this.element,
      h("p", {}, `${state} for ${span(1000 * seconds)}, ${count(system.engines.length)} engines, ${count(restarts)} restarts`),
      ...words,
      table("Engines", engines, system.engines),
      table("Topics", topics, system.topics),
    );
  }
  restyle(): void {}
  close(): void {}
}
