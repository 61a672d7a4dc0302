/** Tables of a back-test: where the money went, what its fills were worth, what became of its orders. */
import type { BacktestResult } from "../../analysis/backtest.js";
import { type FillGroup, type FillQuality, horizons } from "../../analysis/fill_quality.js";
import { empty, type Section } from "../kit/page.js";
import { count, escapeHtml, longTable, meter, none, percent, significant, table } from "../kit/text.js";
import { bp, bpOf, money, queueWords, signedMoney, spreadText, wait, when } from "./backtest_report.js";

const soft = (text: string): string => `<p class="soft">${escapeHtml(text)}</p>`;
const noFills = "No order was filled.";

/** Each part with what it is; they add up to the profit. */
const parts = [
  ["spread", "Spread", "price of each fill against the mid when it was filled: above 0 for who rests"],
  ["inventory", "Inventory", "what mids did while something was held"],
  ["impact", "Impact", "what the option for orders larger than what was there took"],
  ["fees", "Fees", "of the venue; above 0 rebates"],
  ["funding", "Funding", "of perpetual futures held at their times"],
  ["borrow", "Borrowing", "interest on what was sold short, or financed"],
] as const;

export function moneySection({ money: of }: BacktestResult, { all }: FillQuality): Section {
  const largest = Math.max(...parts.map(([key]) => Math.abs(of[key])), Number.MIN_VALUE);
  const perValue = (value: number) => (all.value > 0 ? bp((1e4 * value) / all.value) : none);
  const body = table({
    caption: "Profit by where it came from",
    columns: ["", "Money", "bp of what was traded", "", "What it is"],
    rows: [
      ...parts.map(([key, name, says]) => [
        name,
        signedMoney(of[key]),
        perValue(of[key]),
        of[key] === 0 ? "" : meter(of[key], largest),
        says,
      ]),
      ["Profit", signedMoney(of.profit), perValue(of.profit), "", "their sum"],
    ],
    words: [0, 3, 4],
  });
  return { id: "money", heading: "Where the profit came from", body };
}

export function slippageSection(quality: FillQuality): Section {
  const heading = "Slippage";
  if (quality.all.fills === 0) return { id: "slippage", heading, body: empty(noFills) };
  const body =
    soft(
      "Price of a fill against the mid, in basis points weighted by value, ± one standard error: above 0 is a cost. At the decision it is the mid that the trader knew; at the arrival, and at the fill, that of the venue. From one to the next is what latency, and waiting in the queue, cost.",
    ) +
    table({
      caption: "Slippage, bp",
      columns: ["Fills that", "Fills", "Traded", "At the decision", "At the arrival", "At the fill", "Fee"],
      rows: [quality.all, ...quality.parts].map((one) => [
        one.name,
        ...[
          count(one.fills),
          money(one.value),
          bpOf(one.slippageDecided),
          bpOf(one.slippageArrived),
          bpOf(one.slippageFilled),
          bp(one.fee),
        ],
      ]),
    });
  return { id: "slippage", heading, body };
}

const after = (of: FillGroup["adverse"]) => of.map(bpOf);
const seconds = horizons.map((h) => `${h}\u00a0s`);

export function adverseSection(quality: FillQuality): Section {
  const heading = "Adverse selection";
  if (quality.all.fills === 0) return { id: "adverse", heading, body: empty(noFills) };
  const groups = [quality.all, ...quality.parts, ...(quality.instruments.length > 1 ? quality.instruments : [])];
  const body =
    soft(
      "What the mid moved against the trader after a fill, and what the fill costs against that later mid, in basis points: above 0 it was filled by those who knew more. A market maker lives where the second is below 0.",
    ) +
    table({
      caption: "The mid after a fill, bp",
      columns: ["Fills that", "Fills", ...seconds.map((h) => `Moved against, ${h}`), ...seconds.map((h) => `Costs after ${h}`)],
      rows: groups.map((one) => [one.name, count(one.fills), ...after(one.adverse), ...after(one.kept)]),
    });
  return { id: "adverse", heading, body };
}

export function toxicitySection({ toxicity, all }: FillQuality): Section {
  const heading = "Toxicity at fills";
  if (all.fills === 0) return { id: "toxicity", heading, body: empty(noFills) };
  if (toxicity.every(({ name }) => name === "no VPIN yet"))
    return {
      id: "toxicity",
      heading,
      body: empty("No VPIN was known at any fill: none was asked for, or its first buckets were not full."),
    };
  const largest = Math.max(...toxicity.map(({ adverse }) => Math.abs(adverse[1]!.mean)).filter(Number.isFinite), Number.MIN_VALUE);
  const body =
    soft(
      "Fills by where the VPIN of their moment lay in the distribution of those before it: an alarm begins at 0.99. Where flow is toxic the mid moves further against who is filled.",
    ) +
    table({
      caption: "Fills by the place of VPIN in its distribution",
      columns: ["VPIN", "Fills", "Share of the value", ...seconds.map((h) => `Moved against, ${h}`), "5\u00a0s", "Costs after 5\u00a0s"],
      rows: toxicity.map((one) => [
        one.name,
        ...[count(one.fills), percent(one.value / all.value), ...after(one.adverse)],
        Number.isFinite(one.adverse[1]!.mean) ? meter(-one.adverse[1]!.mean, largest) : "",
        bpOf(one.kept[1]!),
      ]),
      words: [0, 6],
    });
  return { id: "toxicity", heading, body };
}

export function orderSection({ orders }: BacktestResult, { queue, rested, entry, answer }: FillQuality): Section {
  const rejected = Object.entries(orders.rejected).sort(([, a], [, b]) => b - a);
  const share = (n: number) => (orders.submitted > 0 ? percent(n / orders.submitted) : none);
  const counts = table({
    caption: "Orders",
    columns: ["What became of them", "Orders", "Share"],
    rows: [
      ["submitted", count(orders.submitted), ""],
      ["filled whole", count(orders.filled), share(orders.filled)],
      ["filled in part", count(orders.partly), share(orders.partly)],
      ["cancelled", count(orders.cancelled), share(orders.cancelled)],
      ["replaced, times", count(orders.replaced), ""],
      ...rejected.map(([why, n]) => [`rejected: ${why}`, count(n), share(n)]),
      ["Fill ratio: size filled over size submitted", "", percent(orders.fillRatio, 2)],
    ],
  });
  const queues = table({
    caption: "Waiting",
    columns: ["Of the fills", "Median"],
    rows: [
      ["volume ahead when the order came to rest", spreadText(queue.ahead, (v) => significant(v, 4))],
      ["the same, times the size of the fill", spreadText(queue.aheadOfSize, (v) => significant(v, 3))],
      ["that rested, and nobody knows what stood ahead", count(queue.unknown)],
      ["from decision to arrival", spreadText(entry, wait)],
      ["from arrival to fill, of what rested", spreadText(rested, wait)],
      ["from fill to being told", spreadText(answer, wait)],
    ],
    words: [0, 1],
  });
  return { id: "orders", heading: "Orders and queues", body: counts + queues };
}

export function marketSection({ instruments }: BacktestResult): Section {
  const body = longTable({
    caption: "What the market was rebuilt from",
    columns: ["Instrument", "Tick", "Lot", "Level rows", "Order rows", "Trades", "Queue", "By what"],
    rows: instruments.map(({ name, tick, lot, rows, queue }) => [
      ...[name, significant(tick), significant(lot), count(rows.levels), count(rows.orders), count(rows.trades)],
      ...[queue.replaceAll("_", " "), queueWords[queue]],
    ]),
    words: [0, 6, 7],
  });
  return { id: "market", heading: "Market", body };
}

const mostLiquidations = 100;

/** Where margin was asked for. */
export function marginSection({ margin, capital }: BacktestResult): Section[] {
  if (!margin) return [];
  const { checks, everySeconds, initialRatio, leastExcess, leastAt, highestMaintenance, liquidations } = margin;
  const account = table({
    caption: "One account for all instruments",
    columns: ["", ""],
    rows: [
      ["Capital", money(capital)],
      ["Looked at", `${count(checks)} times: after fills, and every ${significant(everySeconds)} s while something was held`],
      ["Highest maintenance requirement", money(highestMaintenance)],
      ["Initial over maintenance requirement", significant(initialRatio)],
      ["Least of equity above maintenance", checks > 0 ? `${signedMoney(leastExcess)} at ${when(leastAt)} UTC` : none],
      ["Closed out", liquidations.length === 0 ? "never" : `${count(liquidations.length)} times`],
    ],
    words: [0, 1],
  });
  const closed = longTable({
    caption: `Closed out${liquidations.length > mostLiquidations ? `: the first ${mostLiquidations} of ${count(liquidations.length)}` : ""}`,
    columns: ["Time, UTC", "Equity", "Maintenance requirement", "Positions"],
    rows: liquidations
      .slice(0, mostLiquidations)
      .map(({ time, equity, maintenance, positions }) => [when(time), money(equity), money(maintenance), count(positions)]),
    words: [0],
  });
  return [{ id: "margin", heading: "Margin", body: account + (liquidations.length > 0 ? closed : "") }];
}

const mostLines = 200;

export function logSection({ log }: BacktestResult): Section[] {
  if (log.length === 0) return [];
  const cut = log.length > mostLines ? `: the first ${mostLines} of ${count(log.length)}` : "";
  const lines = log.slice(0, mostLines).map((line) => line.slice(0, 400));
  const body = `<details><summary>What the strategy logged${cut}</summary><pre>${escapeHtml(lines.join("\n"))}</pre></details>`;
  return [{ id: "log", heading: "Log", body }];
}
