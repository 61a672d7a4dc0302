/** Whether keys stay in order where they must overtake themselves: moved between a bus that is read late and one that is read at once. */
import { faultOf, type Order } from "../../analysis/bus_validation.js";
import type { Bus, Columns, Topic, Views } from "../../bus/bus.js";
import { Router, type routeColumns } from "../../bus/routing/router.js";
import { RouterSubscription } from "../../bus/routing/router_subscription.js";
import type { Delivery } from "./validate_delivery.js";
import { openBuses, type Places } from "./validate_places.js";
import { checkedTopic, rowsOf, sumOf, Tally } from "./validate_rows.js";

/** How routed topics are read; a test puts a reader in its place that has no rule of order. */
export type Reading = (buses: Readonly<Record<string, Bus>>, topic: Topic) => RouterSubscription;
/** Longer than this process may stand still, or what is only late would be passed over as lost. */
const holdMs = 5000;
export const inOrder: Reading = (buses, topic) => new RouterSubscription(buses, topic, holdMs);

const keys = 6;
const rowsABatch = 4;
/** Batches between two looks. */
const burst = 4;

/** What comes over the buses, before it is put in order: batches that came when a later one of their key was there. */
class Wire {
  overtook = 0;
  private round = 0;
  private readonly latest = new Map<number, number>();

  turn(): void {
    this.round++;
  }
  /** The bus, whose subscriber looks once in `every` turns. */
  through(bus: Bus, every: number): Bus {
    const subscribe: Bus["subscribe"] = (topic, options) => {
      const subscription = bus.subscribe(topic, options);
      const poll = subscription.poll.bind(subscription);
      subscription.poll = (handler, limit) => {
        if (this.round % every !== 0) return 0;
        return poll((batch) => {
          this.note(batch.columns as unknown as Views<typeof routeColumns>);
          handler(batch);
        }, limit);
      };
      return subscription;
    };
    return Object.assign(Object.create(bus) as Bus, { subscribe });
  }
  private note({ route_key, route_count }: Views<typeof routeColumns>): void {
    const [key, count] = [route_key[0]!, route_count[0]!];
    const latest = this.latest.get(key) ?? -1;
    if (count < latest) this.overtook++;
    else this.latest.set(key, count);
  }
}

export interface OrderOptions extends Pick<Delivery, "ends" | "through" | "step"> {
  readonly reading: Reading;
  /** Looks of the fast bus for one of the slow bus; 6. */
  readonly lateness?: number;
}

export async function orderOf(
  { slow, fast }: Places,
  batches: number,
  { ends, through, step, reading, lateness = 6 }: OrderOptions,
): Promise<Order> {
  const buses = openBuses({ slow: slow!, fast: fast! });
  const close = () => Promise.all(Object.values(buses).map((bus) => bus.close()));
  ends.push(close);
  const wire = new Wire();
  const topic: Topic<Columns> = checkedTopic("analytics_result", "order");
  const subscription = reading({ slow: wire.through(buses.slow!, lateness), fast: wire.through(buses.fast!, 1) }, topic);
  const sending = { slow: through(buses.slow!), fast: through(buses.fast!) };
  const router = new Router(sending, topic, { strategy: "least_loaded", stay: 1, seed: 7 });
  const perKey = Math.ceil(batches / keys);
  const tallies = Array.from({ length: keys }, () => new Tally(topic, perKey * rowsABatch));
  const read = () => {
    wire.turn();
    return subscription.poll(({ key, columns, rows }) => {
      tallies[key]!.take(columns, 0, rows);
      step(rows);
    });
  };
  for (let i = 0; i < perKey * keys; i++) {
    const columns = rowsOf(topic, Math.floor(i / keys) * rowsABatch, rowsABatch);
    while (router.publish(i % keys, columns) === 0) if (read() === 0) await new Promise((resolve) => setTimeout(resolve, 1));
    if (i % burst === 0) read();
  }
  for (const end = performance.now() + 1500; tallies.some(({ got, expected }) => got < expected) && performance.now() < end; )
    if (read() === 0) await new Promise((resolve) => setTimeout(resolve, 1));
  const { moves } = router;
  await router.close();
  await close();
  const rows = sumOf(tallies.map((tally) => tally.rows));
  const { overtook } = wire;
  const untried = overtook === 0 ? "no batch overtook another, so that their order was not put to the test" : "";
  return { batches: perKey * keys, moves, overtook, rows, fault: faultOf(rows) || untried };
}
