/** Alarms, and rows of topics in batches: when the strategy is asked about them. */

import type { Agenda } from "../account/agenda.js";
import type { Market, ToldRows } from "../market/market.js";
import type { AlarmNews, AnyStrategy } from "../strategy/strategy.js";
import type { Asker } from "./asker.js";
import type { Seen } from "./seen.js";

interface Parts {
  readonly strategy: AnyStrategy;
  readonly market: Market;
  readonly agenda: Agenda;
  readonly asker: Asker;
  readonly seen: Seen;
}

export class News {
  /** By instrument: the alarm that was told last. */
  private readonly alarms: AlarmNews[] = [];
  /** Rows of the market since the last batch of rows. */
  private since = 0;

  constructor(private readonly parts: Parts) {}

  /** Rows before the strategy begins: their alarms are in force then, their rows are not handed on. */
  early(): void {
    for (const of of this.parts.market.told) for (const news of this.changes(of)) this.alarms[news.instrument] = news;
    for (const topic of this.parts.strategy.rows?.topics ?? []) this.parts.seen.pass(topic);
  }

  /** What was in force before the strategy began. */
  start(): void {
    for (const news of this.alarms) if (news?.began) this.tell(this.parts.agenda.now, news);
  }

  /** Moments of the stretch at hand. */
  begin(): void {
    const { market } = this.parts;
    for (const of of market.told)
      for (const { at, ...news } of this.changes(of)) {
        this.alarms[news.instrument] = news;
        this.tell(of.heard[at]!, news);
      }
    this.markRows();
  }

  /** Alarms of a topic that began or ended. */
  private *changes({ rows, columns }: ToldRows): Generator<AlarmNews & { at: number }> {
    const { alarm, vpin, cdf } = columns as Record<string, Float64Array | undefined>;
    if (!alarm || !vpin || !cdf || !this.parts.asker.hooks.onAlarm) return;
    const instruments = columns.instrument as Uint32Array;
    for (let at = 0; at < rows; at++) {
      const instrument = instruments[at]!;
      const began = alarm[at] !== 0;
      if (began !== (this.alarms[instrument]?.began ?? false)) yield { at, instrument, began, vpin: vpin[at]!, cdf: cdf[at]! };
    }
  }

  private tell(at: bigint, news: AlarmNews): void {
    const { agenda, market, asker } = this.parts;
    agenda.add(at, () => {
      if (market.tapes[news.instrument]) asker.ask("onAlarm", news);
    });
  }

  private markRows(): void {
    const { strategy, market, agenda, asker, seen } = this.parts;
    const every = strategy.rows?.every;
    if (every === undefined || !asker.hooks.onRows) return;
    const next = market.tapes.map(({ fresh }) => fresh);
    for (let row = 0; row < market.rows; row++) {
      const instrument = market.order[row]!;
      const place = next[instrument]!++;
      if (++this.since < every) continue;
      this.since = 0;
      agenda.add(seen.heardAt(instrument, place), () => this.giveRows());
    }
  }

  private giveRows(): void {
    const { strategy, seen, asker } = this.parts;
    for (const topic of strategy.rows!.topics)
      for (const { seen: rows, end } of seen.rowsOf(topic)) {
        asker.ask("onRows", rows);
        end();
      }
  }
}
