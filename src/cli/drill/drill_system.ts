/** The system under drill: the default one with two takers that are too slow on purpose, or the user's own, whose market is paced by the drill. */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Burst } from "../../analysis/drill.js";
import type { Plan } from "../../system/plan/plan.js";
import { readSystem } from "../../system/plan/read_system.js";
import { UsageError } from "../kit/exit.js";
import type { DrillTape } from "./drill_tape.js";

/** How the market is paced. */
export interface Pacing {
  readonly burst: number;
  readonly bursts: readonly Burst[];
  /** As the market is paced by itself where left out. */
  readonly pace: number | undefined;
}

/** Of the rows of a burst, how many a second the two slow takers can take. */
const slow = { block: 0.8, evict: 0.3 };
/** Megabytes that each engine of the drill's own system may use. */
const memoryMB = 512;
const taker = fileURLToPath(new URL("./drill_taker.js", import.meta.url));

function paced(tape: DrillTape, { burst, bursts: [first, second], pace, ...of }: Pacing & { readonly count: number }) {
  const { from, to } = first!;
  return {
    ...tape.options,
    ...(pace !== undefined && { speed: pace }),
    ...{ burst, burstFrom: from, burstTo: to, bursts: of.count },
    ...(second && { burstEvery: second.from - from }),
    // In the first third of the first burst.
    ...(tape.options.source === "simulated" && { crashAfter: (pace ?? usualPace) * (from + (burst * (to - from)) / 3) }),
  };
}

/** Seconds of the simulated market a second, where it is not told. */
export const usualPace = 20;

/** Rows a second that the market is about to give in a burst. */
export const asked = ({ tradesPerSecond }: DrillTape, { burst, pace = usualPace }: Pick<Pacing, "burst" | "pace">): number =>
  tradesPerSecond * burst * pace;

export async function drillPlan(tape: DrillTape, pacing: Pacing, folder: string): Promise<Plan> {
  const options = paced(tape, { ...pacing, count: pacing.bursts.length });
  const care = { memoryMB };
  const rowsPerSecond = (share: number) => ({ rowsPerSecond: Math.max(100, share * asked(tape, pacing)) });
  const system = {
    name: "drill",
    instruments: tape.instruments,
    engines: {
      market_data: { options, care },
      toxicity: { options: { bucketVolume: tape.bucketVolume }, care },
      features: { care },
      risk: { care },
      monitor: { care },
      copy: { module: taker, care },
      slow_block: { module: taker, options: rowsPerSecond(slow.block), gives: { copy: false }, group: "slow_block_thread", care },
      slow_evict: {
        ...{ module: taker, options: rowsPerSecond(slow.evict), takes: { trades: "trades_copy" }, gives: { copy: false } },
        ...{ group: "slow_evict_thread", care },
      },
    },
  };
  return readSystem({ system, folder });
}

type Json = Readonly<Record<string, unknown>>;
const isRecord = (value: unknown): value is Json => typeof value === "object" && value !== null && !Array.isArray(value);

/** The user's system, whose recorders write into `folder`; without a tape its market is its own, faster in bursts. */
export function ownPlan(file: string, tape: DrillTape | undefined, pacing: Pacing, folder: string): Promise<Plan> {
  const change = (system: unknown): object => {
    // What is no object is refused where it is read.
    if (!isRecord(system) || !isRecord(system.engines)) return system as object;
    let paces = false;
    const engines = Object.entries(system.engines).map(([name, entry]): [string, unknown] => {
      if (!isRecord(entry) || entry.module !== undefined) return [name, entry];
      const own = isRecord(entry.options) ? entry.options : {};
      // What a drill makes of the market is no recording of it.
      if ((entry.engine ?? name) === "recorder") return [name, { ...entry, options: { ...own, folder: join(folder, "recordings", name) } }];
      if ((entry.engine ?? name) !== "market_data") return [name, entry];
      paces = true;
      const kept = tape ? pick(own, ["prices"]) : own;
      const more = paced(tape ?? { ...bare, options: {} }, { ...pacing, count: pacing.bursts.length });
      return [name, { ...entry, options: { ...kept, ...more } }];
    });
    if (!paces)
      throw new UsageError(`${file}: no engine of the system is market_data: the drill has nothing to speed up`, "see docs/drill.md");
    return { ...system, engines: Object.fromEntries(engines) };
  };
  return readSystem({ file, folder, change });
}

const bare: DrillTape = {
  says: "",
  options: {},
  instruments: [],
  tradesPerSecond: Number.NaN,
  seconds: Number.POSITIVE_INFINITY,
  bucketVolume: 1,
};
const pick = (of: Json, names: readonly string[]): Json => Object.fromEntries(Object.entries(of).filter(([name]) => names.includes(name)));
