/** What a plan would run, for people and for programs. */
import type { PagePlace, Plan, PlannedTopic } from "./plan.js";
import { inWords } from "./room.js";
import { listed } from "./wires.js";

/** The plan with its totals, as `--json` prints it: typed arrays of options are lists. */
export function planObject(plan: Plan): Readonly<Record<string, unknown>> & { readonly ringBytes: number; readonly stateBytes: number } {
  const plain = (value: unknown) => (ArrayBuffer.isView(value) ? Array.from(value as Float64Array) : value);
  const engines = plan.engines.map((engine) => ({
    ...engine,
    options: Object.fromEntries(Object.entries(engine.options).map(([name, value]) => [name, plain(value)])),
    runner: plan.runners[engine.runner]!.name,
  }));
  const ringBytes = sum(plan.topics.map((topic) => topic.ringBytes));
  const stateBytes = sum(plan.engines.map((engine) => engine.stateBytes));
  return { schema: 1, ...plan, engines, ringBytes, stateBytes };
}

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
const count = (number: number, what: string) => `${number} ${what}${number === 1 ? "" : "s"}`;

export function explain(plan: Plan): string {
  const { name, file, folder, instruments, topology, engines, topics, runners, bridges, redis, host, cores, page } = plan;
  const { ringBytes, stateBytes } = planObject(plan);
  const lines = [
    `system ${name}${file === undefined ? "" : ` (${file})`}`,
    `  ${count(engines.length, "engine")}, ${count(topics.length, "topic")}, ${count(runners.length, "runner")} for ${count(cores, "core")}, topology ${topology}`,
    `  instruments  ${instruments.slice(0, 12).join(", ")}${instruments.length > 12 ? ` and ${instruments.length - 12} more` : ""}`,
    `  folder       ${folder}`,
    `  memory       ${inWords(ringBytes)} of rings, ${inWords(stateBytes)} of state`,
    ...(page === undefined ? [] : [`  page         ${pageText(page)}`]),
    ...(bridges.length > 0 ? [`  host         ${host}, others through ${withoutPassword(redis!)}`] : []),
  ];
  for (const runner of runners) {
    const why = runner.shared ? ", shared: fewer cores than engines" : "";
    lines.push("", `${runner.place} ${runner.name}${runner.loop === "events" ? ", event loop" : ""}${why}`);
    for (const engine of engines.filter((one) => runner.engines.includes(one.name))) {
      lines.push(
        `  ${engine.name} (${engine.bridge ? `bridge ${engine.bridge}` : (engine.module ?? engine.engine)}), state ${inWords(engine.stateBytes)}${engine.hashed ? "" : ", live"}`,
      );
      for (const { port, topic } of engine.takes) lines.push(`    takes ${wire(port, topic)}`);
      for (const { port, topic } of engine.gives) lines.push(`    gives ${wire(port, topic)}`);
    }
  }
  for (const topic of topics) lines.push("", ...topicLines(topic));
  if (bridges.length > 0) lines.push("", ...bridges.map(({ topic, from, to }) => `bridge ${topic}: ${from} -> ${to}`));
  return `${lines.join("\n")}\n`;
}

function pageText(page: PagePlace | false): string {
  if (!page) return "none";
  const { host, port, tokenFrom, control } = page;
  const token = tokenFrom === undefined ? "" : `, token from $${tokenFrom}`;
  return `${host}, port ${port ?? "8600 or the next that is free"}${token}${control ? ", alarms are acknowledged there" : ""}`;
}

const wire = (port: string, topic: string) => (port === topic ? topic : `${topic} (port ${port})`);
/** Addresses may carry one. */
export const withoutPassword = (address: string) => address.replace(/\/\/[^/]*@/, "//");

function topicLines({ topic, giver, takers, bus, ringBytes }: PlannedTopic): string[] {
  const to = takers.length > 0 ? takers.map(({ engine }) => engine).join(", ") : "nobody";
  return [
    `topic ${topic.name} on bus ${bus}: ${giver} -> ${to}`,
    `  ${topic.slots} slots of ${topic.rows} rows, ${topic.backpressure}, ${inWords(ringBytes)}`,
    `  ${listed(topic.columns)}`,
  ];
}
