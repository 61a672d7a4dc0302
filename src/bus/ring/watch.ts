/** Whether the memory of a ring is still the one that others find under its name; looked at now and then, for it asks the system. */
import type { BusError } from "../../core/contract/errors.js";
import { milliseconds } from "./bell.js";
import type { Peers } from "./peers.js";

const EVERY_MS = 100;

export class Watch {
  private looked = milliseconds();
  private trouble: BusError | undefined;

  constructor(private readonly peers: Peers) {}

  /** Looks if it is time to. Throws where the file was cut: what lies behind its end must not be touched. */
  now(ms: number): void {
    if (((ms - this.looked) | 0) > EVERY_MS) this.look();
    if (this.trouble?.code === "E_BUS_CUT") throw this.trouble;
  }
  look(): void {
    this.looked = milliseconds();
    this.trouble ??= this.peers.trouble?.();
  }
  /** Throws what was found, of a ring that others cannot find any more too: for when there is nothing left to read. */
  tell(): void {
    if (this.trouble) throw this.trouble;
  }
  get isCut(): boolean {
    this.look();
    return this.trouble?.code === "E_BUS_CUT";
  }
}
