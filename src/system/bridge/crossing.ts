/** A topic on its way between hosts: which, from where to where, and the bus between. */
import { setTimeout as pause } from "node:timers/promises";
import type { Topic } from "../../bus/bus.js";
import { RedisBus } from "../../bus/redis/redis_bus.js";
import { isFinal } from "../../bus/redis/redis_link.js";
import type { BusError } from "../../core/contract/errors.js";
import { withoutPassword } from "../plan/explain.js";
import type { Plan, PlannedEngine } from "../plan/plan.js";

export interface Crossing {
  readonly topic: Topic;
  readonly system: string;
  /** This host. */
  readonly here: string;
  readonly from: string;
  readonly to: readonly string[];
  /** Without a password. */
  readonly address: string;
  /** Milliseconds after which who holds it up is told. */
  readonly patience: number;
  /** It holds the publisher back until it is read. */
  readonly blocks: boolean;
  open(): RedisBus;
}

export const busOf = ({ redis, name }: Plan): RedisBus => new RedisBus({ url: redis!, namespace: `tickforge.system.${name}` });

export function crossingOf(plan: Plan, { takes, gives, care }: PlannedEngine): Crossing {
  const name = [...takes, ...gives][0]!.topic;
  const bridges = plan.bridges.filter(({ topic }) => topic === name);
  const { topic } = plan.topics.find((one) => one.topic.name === name)!;
  return {
    ...{ topic, system: plan.name, here: plan.host, from: bridges[0]!.from, to: bridges.map(({ to }) => to) },
    ...{ address: withoutPassword(plan.redis!), patience: care.lagSeconds * 1000, blocks: topic.backpressure === "block" },
    open: () => busOf(plan),
  };
}

/** The place of a host in a topic on Redis: what it has not kept is not thrown away there. */
export const holdOf = (host: string): string => `host.${host}`;

const AGAIN_MS = 100;
/** Again and again until Redis lets it be done, or says that it never will. */
export async function persist<T>(attempt: () => Promise<T>, isOver: () => boolean): Promise<T> {
  for (;;) {
    try {
      return await attempt();
    } catch (cause) {
      if (isOver() || isFinal(cause as BusError)) throw cause;
      await pause(AGAIN_MS);
    }
  }
}
