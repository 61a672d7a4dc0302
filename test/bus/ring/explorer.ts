/**
 * Runs the ring's real code over memory in which every access is a step, and tries all orders of the steps of several
 * actors. An actor stops at an access by throwing, and goes on by running its operation again from the start with the
 * results of the accesses it has made; so the code needs no change, only to be deterministic between accesses. States that
 * were seen before, memory and actors alike, are not followed again, and an access to a place that no two actors use, or
 * that nobody writes, is no step of its own: its order makes no difference.
 */
import type { Columns, Topic } from "../../../src/bus/bus.js";
import type { Peers } from "../../../src/bus/ring/peers.js";
import type { Region, RegionOptions } from "../../../src/bus/ring/region.js";
import { type Access, type Memory, mix, NOBODY, type Self, World, wrap } from "./world.js";

export interface Actor {
  readonly name: string;
  readonly operations: readonly ((self: Self, region: Region<any>, peers: Peers) => void)[];
  /** How many of them are done before anybody's steps are mixed. */
  readonly done?: number;
}
export interface Scenario {
  readonly topic: Topic<any>;
  readonly options?: RegionOptions;
  readonly actors: readonly Actor[];
  /** Whether plain accesses of two actors to the same place may meet: under `evict` a later exchange tells. */
  readonly mayRace?: boolean;
  /** After all have ended, with the memory as they left it. */
  readonly finish?: (region: Region<any>, peers: Peers, actors: readonly Self[]) => void;
  readonly limit?: number;
  /** Follow only orders in which an actor that could go on gives way so often; all orders by default. */
  readonly switches?: number;
}
export interface Result {
  readonly states: number;
  readonly ends: number;
  readonly complete: boolean;
  /** What went wrong, and the order of steps that leads there. */
  readonly violation?: string;
}

/** An actor within an operation: what it was before, and what its accesses have returned since. */
interface Standing {
  readonly operation: number;
  readonly base: Self;
  /** Hash of everything that makes a difference here. */
  readonly digest: number;
  readonly log: readonly number[];
  readonly next: Access | undefined;
}
interface State {
  readonly memory: Memory;
  readonly standings: readonly Standing[];
  readonly schedule: string;
  /** Who made the last step, and how often one gave way; where that is not limited, they make no difference. */
  readonly last: number;
  readonly switches: number;
}

/** A copy that can be changed: fields of the object, and its batches, which ask the object that they belong to. */
function copyOf({ object, notes }: Self): Self {
  if (!object) return { object, notes: [...notes] };
  const copy = Object.assign(Object.create(Object.getPrototypeOf(object)), object);
  if (copy.batches) copy.batches = copy.batches.map((one: any) => new one.constructor(one.slot, copy.frames, () => copy.holds()));
  return { object: copy, notes: [...notes] };
}
function digestOf({ object, notes }: Self): number {
  let hash = 0;
  const take = (position: number, value: unknown) => {
    const number = typeof value === "number" ? value | 0 : typeof value === "boolean" ? Number(value) : undefined;
    if (number !== undefined) hash = wrap(hash + mix(position, number));
  };
  for (const [i, [name, value]] of Object.entries(object ?? {}).entries()) {
    const at = 1000 * (i + 1);
    if (name === "claimed") take(at, value ? (value as { index: number }).index : -1);
    else if (name === "tenure") take(at, (value as { owner: number }).owner + 100 * (value as { epoch: number }).epoch);
    else if (name === "places") for (const [k, slot] of (value as { index: number }[]).entries()) take(at + k, slot.index);
    else take(at, value);
  }
  for (const [i, note] of notes.entries()) take(i + 1, note);
  return hash;
}
/** A state's key: two of a million states meet with a chance of 1 in 9,000. */
function keyOf({ memory, standings, last, switches }: State): number {
  let key = wrap(memory.hash + mix(last + 2, switches + 1));
  for (const [i, { operation, digest, log }] of standings.entries()) {
    let own = wrap(digest + mix(operation + 1, i));
    for (const result of log) own = wrap(mix(own | 0, (result | 0) + Math.floor(own / 2 ** 32)) + own);
    key = wrap(key + mix(own | 0, Math.floor(own / 2 ** 32) + 7 * i + 1));
  }
  return key;
}

const held = ({ values, hash }: Memory): Memory => ({ values: values.slice(), hash });

class Search {
  private readonly world: World;
  private readonly seen = new Set<number>();
  private states = 0;
  private ends = 0;
  private schedule = "";

  constructor(private readonly scenario: Scenario) {
    this.world = new World(scenario);
  }

  run(): Result {
    const real = globalThis.Atomics;
    (globalThis as any).Atomics = this.world.atomics;
    try {
      for (;;) {
        const result = this.search();
        if (!this.world.surprised) return result;
        this.world.surprised = false;
        this.world.memory = { values: [], hash: 0 };
        this.seen.clear();
        this.states = this.ends = 0;
      }
    } catch (error) {
      const violation = `${(error as Error).message} after ${this.schedule}`;
      if (process.env.TICKFORGE_MODEL) console.log(this.trace(this.schedule));
      return { states: this.states, ends: this.ends, complete: false, violation };
    } finally {
      globalThis.Atomics = real;
    }
  }

  private search(): Result {
    const { actors, limit = 2_000_000 } = this.scenario;
    const stack = [this.initial()];
    while (stack.length > 0 && this.states < limit && !this.world.surprised) {
      const state = stack.pop()!;
      this.schedule = state.schedule;
      this.check(state);
      if (state.standings.every(({ next }) => !next)) this.end(state);
      for (const [i, { next }] of state.standings.entries()) {
        if (!next || this.gaveWay(state, i) > (this.scenario.switches ?? 0)) continue;
        this.schedule = state.schedule + actors[i]!.name;
        const after = this.step(state, i, this.schedule);
        const key = keyOf(after);
        if (this.seen.has(key)) continue;
        this.seen.add(key);
        this.states++;
        stack.push(after);
      }
    }
    return { states: this.states, ends: this.ends, complete: stack.length === 0 };
  }

  private gaveWay({ standings, last, switches }: State, actor: number): number {
    if (this.scenario.switches === undefined) return 0;
    return switches + (last >= 0 && last !== actor && standings[last]!.next ? 1 : 0);
  }

  /** What each step of a schedule did. */
  private trace(schedule: string): string {
    const lines: string[] = [];
    this.world.memory = { values: [], hash: 0 };
    let state = this.initial();
    for (const name of schedule) {
      const actor = this.scenario.actors.findIndex((one) => one.name === name);
      const { operation, next, log } = state.standings[actor]!;
      if (!next) break;
      const value = this.world.valueOf(next.place, state.memory);
      state = this.step(state, actor, "");
      const after = this.world.valueOf(next.place, state.memory);
      const kind = `${next.plain ? "plain" : "atomic"} ${next.write ? "write" : "read"}`;
      lines.push(
        `${name} ${operation}.${log.length} ${kind} ${this.world.nameOf(next.place)}: ${value}${value === after ? "" : ` -> ${after}`}`,
      );
    }
    for (const [i, { next }] of state.standings.entries())
      if (next) lines.push(`${this.scenario.actors[i]!.name} then ${next.write ? "writes" : "reads"} ${this.world.nameOf(next.place)}`);
    return lines.join("\n");
  }

  private initial(): State {
    const bases = this.scenario.actors.map(({ operations, done = 0 }) => {
      const self: Self = { object: undefined, notes: [] };
      this.world.actor = NOBODY;
      for (const act of operations.slice(0, done))
        this.world.run((given) => act(given, this.world.region, this.world.peers), self, [], Number.POSITIVE_INFINITY);
      return self;
    });
    const standings = this.scenario.actors.map(({ done = 0 }, i) => this.proceed(i, done - 1, bases[i]!));
    return { memory: held(this.world.memory), standings, schedule: "", last: -1, switches: 0 };
  }

  /** The actor's next operation with something to do, up to its first access. */
  private proceed(actor: number, operation: number, from: Self): Standing {
    const { operations } = this.scenario.actors[actor]!;
    this.world.actor = actor;
    let base = from;
    for (let next = operation + 1; next < operations.length; next++) {
      const self = copyOf(base);
      const log: number[] = [];
      const act = (given: Self) => operations[next]!(given, this.world.region, this.world.peers);
      if (!this.world.run(act, self, log, 0)) return { operation: next, base, digest: digestOf(base), log, next: this.world.next };
      base = self;
    }
    return { operation: operations.length, base, digest: digestOf(base), log: [], next: undefined };
  }

  private step(state: State, actor: number, schedule: string): State {
    const { world } = this;
    world.memory = held(state.memory);
    world.actor = actor;
    const { operation, base, digest, log } = state.standings[actor]!;
    const self = copyOf(base);
    const made = [...log];
    const act = (given: Self) => this.scenario.actors[actor]!.operations[operation]!(given, world.region, world.peers);
    const standing: Standing = world.run(act, self, made, 1)
      ? this.proceed(actor, operation, self)
      : { operation, base, digest, log: made, next: world.next };
    const standings = state.standings.map((one, i) => (i === actor ? standing : one));
    const last = this.scenario.switches === undefined ? -1 : actor;
    return { memory: world.memory, standings, schedule, last, switches: this.gaveWay(state, actor) };
  }

  /** Two plain accesses to one place that could come at the same moment, one of them a write. Joining reads what it then proves. */
  private check({ standings }: State): void {
    if (this.scenario.mayRace) return;
    for (const [i, a] of standings.entries())
      for (const b of standings.slice(i + 1)) {
        if (!a.next?.plain || !b.next?.plain || a.next.place !== b.next.place || !(a.next.write || b.next.write)) continue;
        if (a.base.object && b.base.object) throw new Error(`two accesses at once to place ${a.next.place}`);
      }
  }

  private end(state: State): void {
    this.ends++;
    const { world } = this;
    world.actor = NOBODY;
    world.memory = held(state.memory);
    const selves = state.standings.map(({ base }) => copyOf(base));
    const { finish } = this.scenario;
    if (finish) world.run(() => finish(world.region, world.peers, selves), selves[0]!, [], Number.POSITIVE_INFINITY);
  }
}

export const explore = <C extends Columns>(scenario: Scenario & { topic: Topic<C> }): Result => new Search(scenario).run();
