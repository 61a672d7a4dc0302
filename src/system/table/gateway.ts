import type { Topic } from "../../bus/bus.js";
import { healthAnswer, metricsAnswer } from "../../bus/metrics/answers.js";
import type { Sample } from "../../bus/metrics/exposition.js";
import { checksum } from "../../engines/checksum.js";
import { Gateway } from "../../gateway/gateway.js";
import { defineEngine, type EngineHealth } from "../kit/engine.js";
import { Pushed } from "./pushed.js";

const options = {
  port: { type: "number", integer: true, min: 0, max: 65_535, default: 8600, doc: "0 takes one that is free; the log says which" },
  free: { type: "flag", default: false, doc: "where the port is taken, one that is free instead of an error" },
  host: { type: "text", default: "127.0.0.1", doc: "any address but this machine's own needs a token" },
  token: { type: "text", optional: true, doc: "clients show it as Authorization: Bearer, or as ?token=" },
  origins: { type: "texts", default: [], doc: "pages that may read beside those of this machine, such as https://desk.example" },
  never: { type: "texts", default: [], doc: "topics of which nothing is left out: a client too slow for them is closed" },
  keep: { type: "number", integer: true, min: 1, max: 1000, default: 1, doc: "rows of each instrument that a client is given first" },
} as const;

export const gateway = defineEngine({
  name: "gateway",
  doc: "Topics for programs outside, over WebSocket and server-sent events; /metrics for Prometheus and /healthz beside them.",
  options,
  live: true,
  loop: "events",
  takes: () => ({ topics: { doc: "what clients may ask for", topic: "*", columns: {}, many: true } }),
  gives: () => ({}),
  stateBytes: () => 0,
  async begin({ options: { token, ...others }, takes, instruments, health, log }) {
    const pushed = new Map(Object.entries(takes).map(([port, { topic, symbols }]) => [port, new Pushed<any>(topic, symbols)]));
    const byTopic = new Map([...pushed.values()].map((one) => [one.topic.name, one]));
    const since = new Date().toISOString();
    const gateway: Gateway = new Gateway({
      ...others,
      ...(token !== undefined && { token }),
      ...{ instruments, crc32c: checksum(), topics: [...pushed.values()].map(({ topic }): Topic<any> => topic) },
      subscribe: ({ name }) => byTopic.get(name)!,
      routes: {
        "/metrics": metricsAnswer(
          () => samplesOf(health()),
          () => gateway.samples(),
        ),
        "/healthz": healthAnswer(() => {
          const engines = health().map(({ name, state }) => ({ name, state, since }));
          return { ok: engines.every(({ state }) => state === "running" || state === "ended"), engines };
        }),
      },
    });
    const { url, port } = await gateway.listen();
    const instead = others.port !== 0 && port !== others.port ? `, for port ${others.port} is taken` : "";
    log(`listens at ${url}${instead} (/topics, /events, /ws, /metrics, /healthz)`);
    return {
      take: (port, batch, from) => pushed.get(port)!.push(batch, from),
      async close() {
        for (const one of pushed.values()) one.end();
        await gateway.close();
      },
    };
  },
});

/** What is counted of every engine, for Prometheus. */
function samplesOf(engines: readonly EngineHealth[]): Sample[] {
  const of = (name: string, type: Sample["type"], help: string, value: (one: EngineHealth) => number): Sample[] =>
    engines.map((one) => ({ name: `tickforge_engine_${name}`, type, help, labels: { engine: one.name }, value: value(one) }));
  return [
    ...of("up", "gauge", "1 while the engine runs.", ({ state }) => Number(state === "running")),
    ...of("taken_rows_total", "counter", "Rows that it took.", ({ taken }) => taken),
    ...of("given_rows_total", "counter", "Rows that it gave.", ({ given }) => given),
    ...of("refused_rows_total", "counter", "Rows refused because a value was wrong.", ({ refused }) => refused),
    ...of("lost_rows_total", "counter", "Rows lost before they were read.", ({ lost }) => lost),
    ...of("lag_rows", "gauge", "Rows given to it and not taken yet.", ({ lag }) => lag),
    ...of("memory_bytes", "gauge", "Heap and buffers of its thread.", ({ memoryBytes }) => memoryBytes),
    ...of("restarts_total", "counter", "Times that it was begun again.", ({ begun }) => Math.max(0, begun - 1)),
    ...of(
      "latency_p99_seconds",
      "gauge",
      "Upper bound of 99 % of its batches, from their commit to their end.",
      ({ p99Us }) => p99Us / 1e6,
    ),
  ];
}
