/** The answer of validate bus on a terminal. */
import {
  type BusCheck,
  type BusValidation,
  faultsOf,
  formula,
  scoreOf,
  type TopologyResult,
  weights,
} from "../../analysis/bus_validation.js";
import { columns, count, fixed, none, percent, seconds, short } from "../kit/format.js";
import type { Terminal } from "../kit/terminal.js";

export interface BusAnswer {
  readonly found: BusValidation;
  readonly seconds: number;
  readonly rows: number;
  readonly quick: boolean;
  readonly written: readonly string[];
}

const word = ({ fault }: BusCheck | { fault: string }): string => (fault === "" ? "ok" : "FAIL");
const ms = (us: number): string => (Number.isFinite(us) ? `${fixed(us / 1000, us < 10_000 ? 2 : 1)} ms` : none);

function busRows({ topology, transport, checks }: TopologyResult): string[][] {
  const buses = [...new Set(checks.map(({ bus }) => bus))];
  return buses.map((bus) => {
    const of = (name: string) => checks.find((one) => one.check === name && one.bus === bus);
    const [publish, subscribe, failover] = ["publish", "subscribe", "failover"].map(of);
    const told = (check: BusCheck | undefined) => (check ? word(check) : none);
    const rows = subscribe?.rows;
    return [
      ...[topology, transport, bus, told(publish), told(subscribe), told(failover)],
      ...[rows ? `${count(rows.got)} of ${count(rows.expected)}` : none, subscribe ? short(subscribe.rowsPerSecond) : none],
      failover ? ms(failover.silenceMs * 1000) : none,
    ];
  });
}

export function busScreen({ found, seconds: took, rows, quick, written }: BusAnswer, terminal: Terminal): string {
  const { topologies, balance, skipped } = found;
  const { parts, score } = scoreOf(found);
  const faults = faultsOf(found);
  const pairs = topologies.flatMap(({ topology, transport, pairs: of }) => of.map((one) => ({ topology, transport, ...one })));
  const compared = topologies
    .filter(({ compared: only }) => only)
    .flatMap(({ topology, checks }) =>
      checks
        .filter(({ fault }) => fault !== "")
        .map(({ check, fault }) => `${topology}, for comparison and not scored: ${check}: ${fault}`),
    );
  const names = Object.keys(balance[0]?.shares ?? {});
  const blocks = [
    `buses of ${[...new Set(topologies.map(({ topology }) => topology))].join(", ") || "no topology"}${quick ? ", quick" : ""}   ${count(rows)} rows and requests   ${seconds(took)}`,
    ...(topologies.length > 0
      ? [
          columns(
            [
              ["topology", "on", "bus", "publish", "subscribe", "failover", "rows read", "rows/s", "silence"],
              ...topologies.flatMap(busRows),
            ],
            [6, 7, 8],
          ),
        ]
      : []),
    ...(pairs.length > 0
      ? [
          columns(
            [
              ["request to reply", "topology", "on", "requests", "p50", "p99", ""],
              ...pairs.map((of) => [
                of.pair,
                of.topology,
                of.transport,
                count(of.requests),
                ms(of.p50),
                ms(of.p99),
                of.fault === "" ? "" : "FAIL",
              ]),
            ],
            [3, 4, 5],
          ),
        ]
      : []),
    ...(balance.length > 0
      ? [
          columns(
            [
              ["load balance", ...names, "variation", ""],
              ...balance.map((of) => [
                of.strategy,
                ...names.map((name) => percent(of.shares[name]!)),
                fixed(of.variation, 2),
                of.fault === "" ? "" : "FAIL",
              ]),
            ],
            [...names.map((_, i) => i + 1), names.length + 1],
          ),
        ]
      : []),
    [
      ...faults.map((fault) => terminal.style("red", `failed: ${fault}`, terminal.stdout)),
      ...compared,
      ...skipped.map(({ what, why }) => `skipped: ${what}: ${why}`),
    ].join("\n"),
    Number.isFinite(score)
      ? [
          `score ${fixed(score, 1)} of 100   ${(Object.keys(weights) as (keyof typeof weights)[]).map((name) => `${name} ${Number.isFinite(parts[name]) ? `${fixed(weights[name] * parts[name], 1)}/${weights[name]}` : none}`).join("  ")}`,
          ...formula.split("; ").map((part) => `  ${part}`),
        ].join("\n")
      : "no score: nothing was checked that counts",
    ...(written.length > 0 ? [`wrote ${written.join(", ")}`] : []),
  ];
  return `${blocks.filter((block) => block !== "").join("\n\n")}\n`;
}
