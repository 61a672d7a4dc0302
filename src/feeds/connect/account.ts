/** What was left out or said beside the data, counted by its kind with an example, and told once in a while. */

interface Kind {
  count: number;
  total: number;
  example: string;
}
const mostKinds = 100;
const others = "of other kinds";
const longestExample = 160;

/** One line, without what a terminal would obey. */
const shown = (text: string): string => text.replace(/[^ -~]+/g, "?").slice(0, longestExample);

export class Account {
  private readonly kinds = new Map<string, Kind>();

  add(given: string, example = "", count = 1): void {
    const kind = this.kinds.size < mostKinds || this.kinds.has(given) ? given : others;
    let of = this.kinds.get(kind);
    if (!of) {
      of = { count: 0, total: 0, example: "" };
      this.kinds.set(kind, of);
    }
    if (of.count === 0) of.example = shown(example);
    of.count += count;
    of.total += count;
  }
  total(kind: string): number {
    return this.kinds.get(kind)?.total ?? 0;
  }
  totals(): Record<string, number> {
    return Object.fromEntries([...this.kinds].map(([kind, { total }]) => [kind, total]));
  }
  /** What came since it was last told. */
  lines(): string[] {
    const lines: string[] = [];
    for (const [kind, of] of this.kinds) {
      if (of.count > 0) lines.push(`${of.count} ${kind}${of.example && `, such as ${of.example}`}`);
      of.count = 0;
    }
    return lines;
  }
}
