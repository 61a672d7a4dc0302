/** What a plan that has several hosts needs: the definitions of its bridges, and Redis. */
import { type BusError, TickforgeError } from "../../core/contract/errors.js";
import type { AnyEngine } from "../kit/engine.js";
import { withoutPassword } from "../plan/explain.js";
import type { Plan, PlannedEngine } from "../plan/plan.js";
import { bridgeIn } from "./bridge_in.js";
import { bridgeOut } from "./bridge_out.js";
import { busOf, crossingOf } from "./crossing.js";

/** Of an engine that the table does not have. */
export function bridgeOf(plan: Plan, way: "out" | "in", planned: PlannedEngine): AnyEngine {
  const crossing = crossingOf(plan, planned);
  return way === "out" ? bridgeOut(crossing) : bridgeIn(crossing);
}

const ANSWER_MS = 2000;

/** Rejects where Redis does not answer, or has topics of these names with other columns: while a system runs both are waited for. */
export async function needRedis(plan: Plan): Promise<void> {
  const bridges = plan.engines.filter(({ bridge }) => bridge !== undefined);
  if (bridges.length === 0) return;
  const address = withoutPassword(plan.redis!);
  const refuse = (what: string, hint: string, cause: unknown) =>
    new TickforgeError("E_SYSTEM_REDIS", `system '${plan.name}': ${what}`, { option: "redis", value: address, hint, cause });
  const bus = busOf(plan);
  try {
    await bus.answers(ANSWER_MS).catch((cause: BusError) => {
      const { host } = plan;
      throw refuse(
        `Redis at ${address}, through which topics leave and reach host '${host}', cannot be used: ${cause.message}`,
        `start it, or mend the key redis; from this host it must answer: redis-cli -u ${address} ping`,
        cause,
      );
    });
    for (const { topic } of bridges.map((bridge) => crossingOf(plan, bridge))) {
      const subscription = bus.subscribe(topic);
      await subscription.ready.catch((cause: BusError) => {
        throw refuse(
          `Redis at ${address} does not take its topics: ${cause.message}`,
          cause.code === "E_BUS_LAYOUT"
            ? `another system of the name '${plan.name}', or an earlier form of this one, has the topic there: give them two names, or use one file on all hosts`
            : (cause.hint ?? "see what Redis says"),
          cause,
        );
      });
      subscription.close();
    }
  } finally {
    await bus.close().catch(() => {});
  }
}
