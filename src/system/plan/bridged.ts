/** The engines that carry topics from host to host: one for each topic that leaves this host or comes to it, all in a thread of their own. */
import type { Bridge, Plan, PlannedEngine, PlannedRunner, PlannedTopic } from "./plan.js";

/** Bytes of the state of a bridge: what Redis has of the topic, or what was read of it. */
export const BRIDGE_BYTES = 64;

type Parts = Pick<Plan, "engines" | "topics" | "runners">;

/** `parts` of one host, with its bridges: engines have no dots in their names, so that nobody else is called as they are. */
export function bridged(parts: Parts, { bridges, host }: { readonly bridges: readonly Bridge[]; readonly host: string }): Parts {
  if (bridges.length === 0) return parts;
  const names = (of: readonly Bridge[]) => new Set(of.map(({ topic }) => topic));
  const leave = names(bridges.filter(({ from }) => from === host));
  const come = names(bridges.filter(({ to }) => to === host));
  const runner = parts.runners.length;
  const careOf = (engine: string): PlannedEngine["care"] => ({
    ...parts.engines.find(({ name }) => name === engine)!.care,
    // After an interruption all that waited comes at once.
    rate: Number.MAX_SAFE_INTEGER,
  });
  const common = { engine: "bridge", options: {}, runner, stateBytes: BRIDGE_BYTES, hashed: true, spin: 0 };
  const made: PlannedEngine[] = [];
  const topics = parts.topics.map((planned): PlannedTopic => {
    const { topic, giver, takers } = planned;
    const wire = { port: topic.name, topic: topic.name };
    if (leave.has(topic.name)) {
      const name = `out.${topic.name}`;
      made.push({ ...common, name, bridge: "out", takes: [wire], gives: [], care: careOf(giver) });
      return { ...planned, takers: [...takers, { engine: name, port: topic.name }] };
    }
    if (!come.has(topic.name)) return planned;
    const name = `in.${topic.name}`;
    made.push({ ...common, name, bridge: "in", takes: [], gives: [wire], care: careOf(takers[0]!.engine) });
    return { ...planned, giver: name };
  });
  const thread: PlannedRunner = {
    name: made.length === 1 ? made[0]!.name : `${made[0]!.name}..${made.at(-1)!.name}`,
    place: "thread",
    loop: "events",
    engines: made.map(({ name }) => name),
  };
  return { engines: [...parts.engines, ...made], topics, runners: [...parts.runners, thread] };
}
