/** The page's server in a process of its own, which says when asked what it cost: `node serve.js JOB`, JSON of a `PageJob["of"]`. */
import { install } from "../../src/backends/index.js";
import { checksum } from "../../src/engines/checksum.js";
import { LiveSource } from "../../src/page/server/live_source.js";
import type { PageJob } from "../../src/page/server/page_job.js";
import { PageServer } from "../../src/page/server/page_server.js";
import { RecordingSource } from "../../src/page/server/recording_source.js";

/** Since it was asked before: of its process, and milliseconds of single calls. */
export interface Cost {
  readonly processorMs: number;
  /** After a collection: heap, buffers, and all that is resident. */
  readonly heapBytes: number;
  readonly residentBytes: number;
  readonly takes: readonly number[];
  readonly draws: readonly number[];
  readonly missed: number;
}
export type Said = { readonly url: string } | { readonly whole: true } | { readonly cost: Cost };

install();
const job = JSON.parse(process.argv[2]!) as PageJob["of"];
const say = (said: Said) => process.send!(said);
const live = "live" in job ? new LiveSource(job.live) : undefined;
const source = live ?? new RecordingSource((job as { recordings: string[] }).recordings, () => say({ whole: true }));
let [takes, draws]: [number[], number[]] = [[], []];
const timed = <T>(into: () => number[], run: () => T): T => {
  const from = performance.now();
  const result = run();
  into().push(performance.now() - from);
  return result;
};
const [turn, draw] = [source.turn.bind(source), source.draw.bind(source)];
source.turn = () => timed(() => takes, turn);
source.draw = (...given) =>
  timed(
    () => draws,
    () => draw(...given),
  );
const told = { state: "running", seconds: 1, engines: [], buses: [] };
const topics = "live" in job ? job.live.topics : [];
live?.hear({
  ...told,
  topics: topics.map(({ topic: { name, backpressure }, bus }) => ({
    ...{ name, bus, giver: "feed", takers: [], rows: 0, rowsPerSecond: 0, full: 0, backpressure, missed: 0 },
  })),
});
const server = new PageServer(source, { host: "127.0.0.1", port: 0, token: undefined, reserved: [] }, checksum());
say({ url: await server.listen() });
let before = process.cpuUsage();
process.on("message", () => {
  globalThis.gc?.();
  const { user, system } = process.cpuUsage(before);
  before = process.cpuUsage();
  const { heapUsed, arrayBuffers, rss } = process.memoryUsage();
  const missed = live?.status().system?.topics.reduce((sum, one) => sum + one.missed, 0) ?? 0;
  say({ cost: { processorMs: (user + system) / 1000, heapBytes: heapUsed + arrayBuffers, residentBytes: rss, takes, draws, missed } });
  [takes, draws] = [[], []];
});
process.on("disconnect", () => process.exit());
