/** Columns of threads and of buses. */
import type { BusLine, Status } from "../../series/wire.js";
import type { Column } from "../base/dom.js";
import { count, rate } from "../base/format.js";
import { busRates, latencyUs, micro, share, type Thread } from "./load.js";

export const threads: readonly Column<Thread>[] = [
  { head: "thread or process", words: true, cell: ({ runner }) => runner },
  { head: "place", words: true, cell: ({ place }) => place },
  { head: "engines", cell: ({ engines }) => count(engines.length) },
  { head: "at work", cell: ({ busy }) => share(busy) },
  { head: "takes/s", cell: ({ engines }) => rate(engines.reduce((sum, one) => sum + one.takenPerSecond, 0)) },
];

export function buses(now: Status, before: Status | undefined): readonly Column<BusLine>[] {
  const earlier = (name: string) => before?.buses.find((one) => one.name === name)?.latencies;
  const on = (name: string) => now.topics.filter(({ bus }) => bus === name);
  const rates = busRates(now);
  const all = [...rates.values()].reduce((sum, one) => sum + one, 0);
  const at =
    (of: number): Column<BusLine>["cell"] =>
    ({ name, latencies }) =>
      micro(latencyUs(latencies, earlier(name), of));
  return [
    { head: "bus", words: true, cell: ({ name }) => name },
    { head: "topics", cell: ({ topics }) => count(topics) },
    { head: "rows/s", cell: ({ name }) => rate(rates.get(name) ?? 0) },
    { head: "of all rows", cell: ({ name }) => share((rates.get(name) ?? 0) / all) },
    { head: "p50", cell: at(0.5) },
    { head: "p99", cell: at(0.99) },
    { head: "times full", cell: ({ name }) => count(on(name).reduce((sum, one) => sum + one.full, 0)) },
  ];
}
