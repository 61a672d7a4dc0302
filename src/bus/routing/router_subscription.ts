/** Reads a routed topic from all its buses: the batches of each key in order, each once. */
import { needBuses, needObject } from "../../core/contract/arguments.js";
import type { Batch, Bus, Columns, Subscription, Topic, Views } from "../bus.js";
import { layoutOf } from "../frame.js";
import { type routeColumns, routed } from "./router.js";

export interface RoutedBatch<C extends Columns = Columns> {
  readonly key: number;
  readonly columns: Views<C>;
  readonly rows: number;
  /** Batches of the key before this one. */
  readonly count: number;
  readonly bus: string;
  /** Batches of the key before this one that did not come. */
  readonly lost: number;
}
type Held<C extends Columns> = RoutedBatch<C> & { readonly at: number };
type Wire<C extends Columns> = C & typeof routeColumns;

export class RouterSubscription<C extends Columns = Columns> {
  readonly ready: Promise<void>;
  duplicates = 0;
  lost = 0;
  private readonly sides: readonly { name: string; subscription: Subscription<Wire<C>> }[];
  private readonly next = new Map<number, number>();
  private readonly held = new Map<number, Map<number, Held<C>>>();
  private epoch = 0;

  constructor(
    buses: Readonly<Record<string, Bus>>,
    private readonly topic: Topic<C>,
    /** How long a batch waits for an earlier one of its key that went over another bus; 500. */
    private readonly holdMs = 500,
  ) {
    needBuses("RouterSubscription: buses", buses);
    needObject("RouterSubscription: topic", topic);
    this.sides = Object.entries(buses).map(([name, bus]) => ({ name, subscription: bus.subscribe(routed(topic)) }));
    this.ready = Promise.all(this.sides.map(({ subscription }) => subscription.ready)).then(() => {});
    this.ready.catch(() => {});
  }

  /** Batches that wait for earlier ones of their keys. */
  get waiting(): number {
    let count = 0;
    for (const of of this.held.values()) count += of.size;
    return count;
  }

  /** Hands over what can be handed over now; how many batches. Their views are valid in the handler alone. */
  poll(handler: (batch: RoutedBatch<C>) => void): number {
    let handled = 0;
    const give = (batch: RoutedBatch<C>) => {
      handler(batch);
      handled++;
    };
    for (const { name, subscription } of this.sides) subscription.poll((batch) => this.take(name, batch, give));
    this.release(give);
    return handled;
  }

  private take(bus: string, batch: Batch<Wire<C>>, give: (batch: RoutedBatch<C>) => void): void {
    const { route_key, route_count, route_epoch } = batch.columns as Views<typeof routeColumns>;
    const [key, count, epoch] = [route_key[0]!, route_count[0]!, route_epoch[0]!];
    if (epoch < this.epoch) {
      this.duplicates++;
      return;
    }
    if (epoch > this.epoch) {
      // The router began anew: its keys count from 0.
      this.release(give, 0);
      this.next.clear();
      this.epoch = epoch;
    }
    const expected = this.next.get(key) ?? 0;
    if (count < expected || this.held.get(key)?.has(count)) this.duplicates++;
    else if (count > expected) this.hold(bus, key, count, batch);
    else {
      give({ key, columns: batch.columns as unknown as Views<C>, rows: batch.rows, count, bus, lost: 0 });
      this.next.set(key, count + 1);
      this.follow(key, give);
    }
  }

  private hold(bus: string, key: number, count: number, { columns, rows }: Batch<Wire<C>>): void {
    const copies = layoutOf(this.topic).columns.map(({ name, width }) => [
      name,
      (columns[name as keyof Wire<C>] as Float64Array).slice(0, rows * width),
    ]);
    let of = this.held.get(key);
    if (!of) this.held.set(key, (of = new Map()));
    of.set(count, { key, columns: Object.fromEntries(copies) as Views<C>, rows, count, bus, lost: 0, at: performance.now() });
  }

  /** What waited for the batch that has just come. */
  private follow(key: number, give: (batch: RoutedBatch<C>) => void): void {
    const of = this.held.get(key);
    for (let count = this.next.get(key)!; of; count++) {
      const batch = of.get(count);
      if (!batch) break;
      give(batch);
      of.delete(count);
      this.next.set(key, count + 1);
    }
    if (of?.size === 0) this.held.delete(key);
  }

  /** What has waited for too long: the batches before it will not come. */
  private release(give: (batch: RoutedBatch<C>) => void, holdMs = this.holdMs): void {
    const now = performance.now();
    for (const [key, of] of this.held) {
      const first = [...of.values()].reduce((a, b) => (b.count < a.count ? b : a));
      if (now - first.at < holdMs) continue;
      const lost = first.count - (this.next.get(key) ?? 0);
      this.lost += lost;
      of.delete(first.count);
      give({ ...first, lost });
      this.next.set(key, first.count + 1);
      this.follow(key, give);
    }
  }

  close(): void {
    for (const { subscription } of this.sides) subscription.close();
  }
}
