/** How publishers and subscribers of a topic get in, and publishers out: again and again, until Redis lets them or says that it never will. */
import { BusError } from "../../core/contract/errors.js";
import type { RedisChannel } from "./redis_channel.js";
import { isFinal, redisError } from "./redis_link.js";

const SLOWEST_MS = 1_000;
/** Answers of a server that is there and does not let anybody in as it is; somebody has to do something about it. */
const refusals = new Set(["E_BUS_REDIS_READONLY", "E_BUS_REDIS_MEMORY", "E_BUS_REDIS_DISK", "E_BUS_REDIS_CLUSTER", "E_BUS_REDIS_OTHER"]);

export class Entrance {
  /** Settles with `begun`, or rejects when Redis has refused for `readyMs`; the attempts go on, and what was accepted waits for them. */
  readonly ready: Promise<void>;
  readonly begun: Promise<void>;
  private refused: (error: BusError) => void = () => {};

  constructor(
    private readonly channel: RedisChannel<any>,
    after: Promise<unknown>,
    private readonly attempt: () => Promise<void>,
    /** Told of an error that ends the attempts, and whether they are wanted no more. */
    private readonly whose: { fail(error: BusError): BusError; isOver(): boolean },
  ) {
    this.begun = after.then(() => this.begin());
    this.ready = new Promise((resolve, reject) => {
      this.refused = reject;
      this.begun.then(resolve, reject);
    });
    this.ready.catch(() => {});
  }

  async begin(): Promise<void> {
    const { channel, whose } = this;
    let since: number | undefined;
    for (let tries = 0; ; tries++) {
      try {
        await channel.agreed();
        return await this.attempt();
      } catch (cause) {
        const error = redisError(channel.where, cause);
        channel.link.blame(error);
        if (isFinal(error) || whose.isOver()) throw whose.fail(error);
        since = refusals.has(error.code) ? (since ?? performance.now()) : undefined;
        if (since !== undefined && performance.now() - since >= channel.readyMs) this.refused(error);
        await channel.link.again(Math.min(20 * 2 ** Math.min(tries, 6), SLOWEST_MS));
      }
    }
  }
}

/** Settles when Redis has what a publisher accepted, or will not take it as things are; one that is only away is waited for. */
export async function flushedOf(publisher: { flushed(timeoutMs: number): Promise<void> }, turnMs: number): Promise<void> {
  for (;;) {
    try {
      return await publisher.flushed(turnMs);
    } catch (error) {
      const { code } = error as BusError;
      if (code !== "E_BUS_REDIS_DOWN" && code !== "E_BUS_REDIS_LOADING") return;
    }
  }
}

const FINISH_MS = 20;
/** Ends the stream of an epoch. */
export async function finish({ link, keys, closeMs }: RedisChannel<any>, epoch: number): Promise<void> {
  for (const started = performance.now(); ; await link.again(FINISH_MS)) {
    const told = await link.script("finish", keys, epoch).catch((cause: unknown) => cause as Error);
    if (!(told instanceof Error)) return;
    if (performance.now() - started > closeMs) throw told;
  }
}

/** What a publisher that closes could not do. */
export function notStored({ where }: RedisChannel<any>, { rowsInFlight, inFlight }: Unstored, cause: unknown): BusError {
  const { code, message, hint } = redisError(where, cause);
  const what = `${rowsInFlight} rows (${inFlight} batches) that were accepted are not known to be stored: ${message}`;
  return new BusError(code, `${where}: ${what}`, { hint: hint ?? "Publish them again.", cause });
}
export interface Unstored {
  readonly rowsInFlight: number;
  readonly inFlight: number;
}
