/** What the gateway counts, as numbers and for Prometheus. */
import type { Sample } from "../bus/metrics/exposition.js";
import type { HubStats } from "../bus/routing/hub.js";

export interface FeedStats {
  readonly topic: string;
  readonly rows: number;
  readonly rowsPerSecond: number;
  readonly clients: number;
  /** Messages and rows sent, each client counted; rows left out for slow clients; rows that the gateway itself missed. */
  readonly messages: number;
  readonly sent: number;
  readonly lost: number;
  readonly missed: number;
}
export interface GatewayStats {
  readonly clients: number;
  /** Since the gateway began: clients that came, requests turned away, clients closed for being slow or for what they sent. */
  readonly came: number;
  readonly turnedAway: number;
  readonly closedSlow: number;
  readonly closedWrong: number;
  /** Handed to clients, and what waits for them now. */
  readonly bytes: number;
  readonly waitingBytes: number;
  readonly topics: readonly FeedStats[];
  readonly hub: HubStats;
}

type Line<S> = readonly [name: string, type: "counter" | "gauge", help: string, value: (stats: S) => number];
const ofAll: readonly Line<GatewayStats>[] = [
  ["gateway_clients", "gauge", "Clients connected.", (s) => s.clients],
  ["gateway_clients_total", "counter", "Clients that came.", (s) => s.came],
  ["gateway_turned_away_total", "counter", "Requests that were not let in.", (s) => s.turnedAway],
  ["gateway_closed_slow_total", "counter", "Clients closed because they were too slow.", (s) => s.closedSlow],
  ["gateway_closed_wrong_total", "counter", "Clients closed for what they sent.", (s) => s.closedWrong],
  ["gateway_waiting_bytes", "gauge", "Bytes that wait for clients.", (s) => s.waitingBytes],
  ["gateway_sent_bytes_total", "counter", "Bytes handed to clients.", (s) => s.bytes],
];
const ofTopics: readonly Line<FeedStats>[] = [
  ["gateway_rows_total", "counter", "Rows read.", (s) => s.rows],
  ["gateway_missed_rows_total", "counter", "Rows that the gateway was too slow for.", (s) => s.missed],
  ["gateway_sent_rows_total", "counter", "Rows sent, each client counted.", (s) => s.sent],
  ["gateway_lost_rows_total", "counter", "Rows left out for slow clients.", (s) => s.lost],
  ["gateway_subscribers", "gauge", "Clients that take the topic.", (s) => s.clients],
];

export function samplesOf(stats: GatewayStats): Sample[] {
  const all = ofAll.map(([name, type, help, value]) => ({ name: `tickforge_${name}`, type, help, labels: {}, value: value(stats) }));
  const topics = stats.topics.flatMap((one) =>
    ofTopics.map(([name, type, help, value]) => ({
      name: `tickforge_${name}`,
      type,
      help,
      labels: { topic: one.topic },
      value: value(one),
    })),
  );
  return [...all, ...topics];
}
