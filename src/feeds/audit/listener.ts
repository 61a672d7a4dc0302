/** A venue's connections for an account of what comes over them: nothing is put in order, left out or filled. */
import { Budget } from "../connect/budget.js";
import { Clock } from "../connect/clock.js";
import { Keeper } from "../connect/keeper.js";
import { agentFor } from "../connect/proxy.js";
import { usualTiming } from "../connect/timing.js";
import type { Venue, Wanted } from "../kit/venue.js";

const lookMs = 100;
const mostReasons = 64;
const channels = ["trades", "quotes", "depth"] as const;

export class Listener {
  /** Why connections ended or were never made, and how often. */
  readonly ends = new Map<string, number>();
  readonly addresses: readonly string[];
  private reached = 0;
  private readonly keepers: readonly Keeper[];
  private readonly timer: NodeJS.Timeout;

  /** All channels of `symbols`, which are spelled as the venue spells them; `url` in place of the venue's own address. */
  constructor(venue: Venue, symbols: readonly string[], url: string | undefined, frame: (bytes: Uint8Array, received: bigint) => void) {
    const wanted = symbols.flatMap((symbol): Wanted[] => channels.map((channel) => ({ channel, symbol })));
    const links = venue.links(wanted, url);
    for (const link of links) agentFor(link.url);
    this.addresses = links.map((link) => new URL(link.url).host);
    const budget = new Budget(venue.limits.connections, 1000 * venue.limits.connectionSeconds);
    const clock = new Clock();
    let connections = 0;
    const sink = {
      frame: (_: Keeper, __: unknown, bytes: Uint8Array) => frame(bytes, clock.ns()),
      connected: () => void this.reached++,
      disconnected: (_: Keeper, __: unknown, why: string) => this.ended(why),
      stale: () => {},
    };
    this.keepers = links.map((link) => new Keeper(link, venue, usualTiming, budget, Math.random, () => ++connections, sink));
    for (const keeper of this.keepers) keeper.start();
    this.timer = setInterval(() => {
      for (const keeper of this.keepers) keeper.look(performance.now());
    }, lookMs);
  }

  /** Whether any connection was ever made. */
  get wasReached(): boolean {
    return this.reached > 0;
  }
  private ended(why: string): void {
    if (this.ends.has(why) || this.ends.size < mostReasons) this.ends.set(why, (this.ends.get(why) ?? 0) + 1);
  }
  close(): void {
    clearInterval(this.timer);
    for (const keeper of this.keepers) keeper.stop();
  }
}
