import * as fs from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { needObject } from "../../core/contract/arguments.js";
import { BusError } from "../../core/contract/errors.js";
import type { Agreement, Bus, Columns, PublisherOptions, SubscribeOptions, Subscription, Topic, TopicStats } from "../bus.js";
import { difference } from "../frame.js";
import type { Wake } from "../ring/bell.js";
import type { DurableOptions, DurableSubscription } from "../ring/durable_subscription.js";
import { type Granted, toWord } from "../ring/granted.js";
import { FIRST_CURSOR_SEAT } from "../ring/peers.js";
import type { RegionOptions } from "../ring/region.js";
import { type FirstRow, openRing, type Ring } from "../ring/ring.js";
import type { RingPublisher } from "../ring/ring_publisher.js";
import { markedWith, markName, markSize, topologyMark } from "../topology_mark.js";
import { Doorbell } from "./doorbell.js";
import {
  closeMapping,
  findMapping,
  lookMapping,
  type Mapping,
  memoryFunctions,
  namesIn,
  openMapping,
  ownFolder,
  pathOf,
} from "./mapped.js";
import { type PlacementOptions, place } from "./placement.js";

export interface SharedOptions
  extends PlacementOptions,
    Pick<RegionOptions, "subscribers" | "spares" | "dictionaryBytes" | "firstOrdinal" | "firstSequence"> {
  /** Where the files lie; with mode 700 and this user's. By default one per user and `namespace` in memory. */
  readonly folder?: string;
  /** Keeps buses of one user apart, `default` by default. */
  readonly namespace?: string;
  /** How its threads sleep; by default on the words of each ring, and event loops on FIFOs beside it. */
  readonly wake?: Wake;
}

/** Somebody else's ring: only its `topic`, `stats`, `attached` and `observe` are to be used. */
export interface Look {
  readonly ring: Ring;
  /** Whether anybody has it open; what nobody has open was left behind by a process that died. */
  inUse(): boolean;
  /** Whether its file is still there. */
  isThere(): boolean;
  close(): void;
}

/** Slots for the places of publishers that were replaced while they were stopped. */
const SPARES = 7;

function folderOf({ folder, namespace = "default" }: SharedOptions): string {
  const memory = process.platform === "linux" ? "/dev/shm" : tmpdir();
  return folder ?? join(memory, `tickforge-${process.getuid?.() ?? 0}-${encodeURIComponent(namespace)}`);
}

/**
 * Topics between processes: each is a ring in a mapped file, made by whoever opens it first and removed by the last one to
 * close. A publisher that died is replaced by the next one without `takeover`; its place is known to be empty.
 */
export class SharedBus implements Bus {
  readonly transport = "shared";
  readonly folder: string;
  /** What the system granted of `pin` and `realTime` to the thread that made this bus. */
  readonly placement: Granted;
  private readonly rings = new Map<string, { ring: Ring<any>; mapping: Mapping; doorbell?: Doorbell }>();
  /** Holds the folder to its topology for as long as this bus is open. */
  private mark: Mapping | undefined;
  private closed = false;

  constructor(private readonly options: SharedOptions = {}) {
    needObject("SharedBus: options", options);
    memoryFunctions();
    this.folder = ownFolder(folderOf(options));
    this.placement = place(options);
  }

  publisher<C extends Columns>(topic: Topic<C>, options?: PublisherOptions): RingPublisher<C> {
    return this.ring(topic).publisher(options);
  }
  subscribe<C extends Columns>(topic: Topic<C>, options?: SubscribeOptions): Subscription<C> {
    return this.ring(topic).subscribe(options);
  }
  durable<C extends Columns>(topic: Topic<C>, name: string, options?: DurableOptions): DurableSubscription<C> {
    return this.ring(topic).durable(name, options);
  }
  stats(topic: Topic): TopicStats {
    return this.ring(topic).stats();
  }
  agree({ topology, otherwise }: Agreement): void {
    if (this.closed) return;
    const path = join(this.folder, "topology");
    const check = ({ memory }: Pick<Mapping, "memory">) => {
      const used = markedWith(openRing(memory).topic);
      if (used !== topology) throw otherwise(used, "The folder is free again when all who use it so have closed, or died.");
    };
    for (;;) {
      try {
        this.mark ??= openMapping(path, topologyMark(topology), markSize);
        check(this.mark);
        return;
      } catch (error) {
        if ((error as BusError).code !== "E_BUS_LAYOUT") throw error;
      }
      // Another one is there, unless it goes just now.
      try {
        const there = lookMapping(path, markName);
        fs.closeSync(there.file);
        check(there);
      } catch (error) {
        if ((error as BusError).code !== "E_BUS_NAME") throw error;
      }
    }
  }
  /** What befell the file of a ring that is open here, so that it cannot be used any more; undefined while all is well. */
  get trouble(): BusError | undefined {
    for (const { mapping } of this.rings.values()) {
      const trouble = mapping.peers.trouble();
      if (trouble) return trouble;
    }
    return undefined;
  }
  /** Topics that somebody has opened, or left behind by dying. */
  names(): string[] {
    return namesIn(this.folder);
  }
  /** A ring that is there already, by its topic's name. */
  find(name: string): Ring {
    const open = this.rings.get(name);
    return open ? open.ring : this.add(name, findMapping(pathOf(this.folder, name), name));
  }
  /** Opens a ring to look at, without taking part in it; throws where it is none, or one of another version. */
  look(name: string): Look {
    const { memory, peers, file, inUse, path } = lookMapping(pathOf(this.folder, name), name);
    try {
      const ring = openRing(memory, undefined, undefined, peers);
      const isThere = () => fs.statSync(path, { throwIfNoEntry: false })?.ino === fs.fstatSync(file).ino;
      return { ring, inUse, isThere, close: () => fs.closeSync(file) };
    } catch (error) {
      fs.closeSync(file);
      throw error;
    }
  }
  /** `keep`: the files stay, with what lies in them, for whoever opens them next, though nobody else has them open. */
  close({ keep = false } = {}): void {
    this.closed = true;
    for (const { ring, mapping, doorbell } of this.rings.values()) {
      ring.close();
      doorbell?.close();
      closeMapping(mapping, keep);
    }
    this.rings.clear();
    if (this.mark) closeMapping(this.mark);
    this.mark = undefined;
  }

  /** `first`: of a ring that is not there yet, the number of its first row. */
  ring<C extends Columns>(topic: Topic<C>, first: FirstRow = {}): Ring<C> {
    if (this.closed) throw new BusError("E_BUS_CLOSED", `topic '${topic.name}': the bus is closed`, { hint: "Open another bus." });
    const open = this.rings.get(topic.name);
    if (!open) {
      const { subscribers = 16, spares = SPARES } = this.options;
      const options = { ...this.options, subscribers, spares, ...first };
      return this.add(topic.name, openMapping(pathOf(this.folder, topic.name), topic, options));
    }
    const other = difference(open.ring.topic, topic);
    if (other)
      throw new BusError("E_BUS_LAYOUT", `topic '${topic.name}': ${other}`, { hint: "Declare the topic once and import it everywhere." });
    return open.ring;
  }

  private add(name: string, mapping: Mapping): Ring<any> {
    const { path, peers, memory } = mapping;
    peers.placement = toWord(this.placement);
    const { wake } = this.options;
    const doorbell = wake ? undefined : new Doorbell(path, memoryFunctions(), peers, LOOP_SEATS);
    try {
      const ring = openRing(memory, undefined, wake ?? doorbell, peers);
      this.rings.set(name, { ring, mapping, ...(doorbell && { doorbell }) });
      return ring;
    } catch (error) {
      closeMapping(mapping);
      throw error;
    }
  }
}

/** Above the seats of any number of subscribers. */
const LOOP_SEATS = FIRST_CURSOR_SEAT + 2 ** 20;
