import { expect } from "vitest";

/**
 * The text format, strictly (https://prometheus.io/docs/instrumenting/exposition_formats/), and what `promtool check metrics` objects
 * to: no HELP, a counter without _total or a gauge with it, endings of histograms on others, units that are no base units.
 */
export function parsed(text: string): Map<string, number> {
  const values = new Map<string, number>();
  const types = new Map<string, string>();
  const helps = new Set<string>();
  /** The family that is written now: its lines stand together. */
  let open = "";
  expect(text).toMatch(/^$|\n$/);
  for (const line of text.split("\n").filter((one) => one !== "")) {
    const comment = /^# (HELP|TYPE) ([a-zA-Z_:][a-zA-Z0-9_:]*) (.+)$/.exec(line);
    if (comment) {
      const [, kind, name, rest] = comment as unknown as [string, string, string, string];
      if (kind === "HELP") {
        expect([helps.has(name), /^(?:[^\\]|\\[\\n])*$/.test(rest)], line).toEqual([false, true]);
        helps.add(name);
        open = name;
        continue;
      }
      expect([types.has(name), open, rest], line).toEqual([false, name, expect.stringMatching(/^(counter|gauge|histogram)$/)]);
      expect(name.endsWith("_total"), line).toBe(rest === "counter");
      expect(name, line).not.toMatch(/_(bucket|count|sum|milliseconds|microseconds|nanoseconds|kilobytes|counter|gauge|histogram)$/);
      types.set(name, rest);
      continue;
    }
    expect(line, line).not.toMatch(/^#/);
    const sample = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(\{\w+="(?:[^"\\\n]|\\[\\"n])*"(?:,\w+="(?:[^"\\\n]|\\[\\"n])*")*\})? (\S+)$/.exec(line);
    expect(sample, line).not.toBeNull();
    const [, name, labels = "", value] = sample as unknown as [string, string, string | undefined, string];
    const family = types.get(open) === "histogram" ? name.replace(/_(bucket|sum|count)$/, "") : name;
    expect([family, helps.has(family), types.has(family)], line).toEqual([open, true, true]);
    expect(values.has(name + labels), line).toBe(false);
    expect(Number.isNaN(Number(value.replace(/Inf$/, "Infinity"))), line).toBe(false);
    values.set(name + labels, Number(value.replace(/Inf$/, "Infinity")));
  }
  histograms(values);
  return values;
}

/** Counts grow with their bounds, and all of them are in the last. */
function histograms(values: ReadonlyMap<string, number>): void {
  const before = new Map<string, [bound: number, count: number]>();
  for (const [key, count] of values) {
    const bound = /le="([^"]+)"/.exec(key)?.[1];
    if (bound === undefined) continue;
    const series = key.replace(/,?le="[^"]+"/, "");
    const [least, most] = before.get(series) ?? [0, 0];
    const at = Number(bound.replace("+Inf", "Infinity"));
    expect([at > least, count >= most], key).toEqual([true, true]);
    before.set(series, [at, count]);
    if (at < Number.POSITIVE_INFINITY) continue;
    expect(values.get(series.replace("_bucket", "_count").replace("{}", "")), key).toBe(count);
    before.delete(series);
  }
  expect([...before.keys()]).toEqual([]);
}
