/** Engines as modules of a temporary folder, and system files that use them. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const trade = `{ time: { dtype: "i64" }, price: { dtype: "f64" }, size: { dtype: "f64" }, side: { dtype: "i8" }, instrument: { dtype: "u32" } }`;
const topic = (name: string, columns = trade) => `{ name: "${name}", columns: ${columns}, rows: 256, slots: 64, backpressure: "block" }`;
const given = (name: string, columns?: string) => `${name}: { doc: "given", topic: ${topic(name, columns)} }`;

function engine(name: string, parts: { gives?: string; takes?: string; options?: string; more?: string; state?: string }): string {
  const { gives = "", takes = "", options = "{}", more = "", state = "64" } = parts;
  return `export default { name: "${name}", doc: "${name}", options: ${options}, takes: (settings) => ({${takes}}), gives: (settings) => ({${gives}}), stateBytes: () => ${state}, begin: () => ({}), ${more} };`;
}
const taken = (port: string, more = "", of = port) =>
  `${port}: { doc: "what ${port} is for", topic: "${of}", columns: { price: { dtype: "f64" } }, ${more} }`;

const modules = {
  feed: engine("feed", { gives: given("trades") }),
  other: engine("other", { gives: given("other_trades"), more: "live: true" }),
  thin: engine("thin", {
    gives: given("trades", `{ time: { dtype: "i64" }, price: { dtype: "f32" }, sizes: { dtype: "f64", width: 4 } }`),
  }),
  reader: engine("reader", {
    takes: `${taken("trades")}, ${taken("extra", "optional: true")}`,
    gives: `seen: { doc: "seen", optional: true, topic: ${topic("seen")} }`,
  }),
  all: engine("all", { takes: `${taken("trades")}, any: { doc: "all", topic: "*", columns: {}, many: true, optional: true }` }),
  crowd: engine("crowd", { takes: `any: { doc: "all", topic: "*", columns: {}, many: true }` }),
  sockets: engine("sockets", { takes: taken("trades"), more: `loop: "events"` }),
  strategy: engine("strategy", { takes: `${taken("trades")}, ${taken("fills")}`, gives: given("orders") }),
  execution: engine("execution", { takes: `${taken("orders")}, ${taken("trades")}`, gives: given("fills") }),
  optioned: engine("optioned", {
    options: `{ on: { type: "flag", default: true, doc: "on" }, list: { type: "texts", default: [], doc: "list" }, path: { type: "file", optional: true, doc: "a file" }, of: { type: "numbers", min: 0, default: 1, doc: "of each" } }`,
    gives: given("optioned"),
  }),
  huge: engine("huge", { state: "2 ** 52" }),
  half: engine("half", { state: "0.5" }),
  refuses: engine("refuses", { options: `{ level: { type: "number", default: 1, doc: "level" } }` })
    .replace(
      "takes: (settings) =>",
      `takes: (settings) => { if (settings.options.level > 5) throw Object.assign(new Error("level is too high for this"), { option: "level", hint: "at most 5" }); return`,
    )
    .replace("({}), gives", "({}); }, gives"),
  portless: engine("portless", {}).replace("takes: (settings) => ({})", "takes: () => 3"),
  topicless: engine("topicless", { gives: `trades: { doc: "x" }` }),
  cut: engine("cut", { takes: `trades: { doc: "x", columns: {} }` }),
  odd: engine("odd", { gives: `trades: { doc: "x", topic: { name: "trades", columns: {}, rows: 1, slots: 2, backpressure: "block" } }` }),
  broken: `throw new Error("the venue is closed");`,
  garbled: `export default {`,
  empty: "export const engine = 1;",
  lacking: engine("lacking", {}).replace(/begin: .*?\),/, ""),
};
export type Module = keyof typeof modules;

/** A folder with the modules and whatever system file is put there; removed by the caller. */
export function systemFolder() {
  const folder = mkdtempSync(join(tmpdir(), "tickforge-system-"));
  mkdirSync(join(folder, "engines"));
  for (const [name, text] of Object.entries(modules)) writeFileSync(join(folder, "engines", `${name}.mjs`), text);
  return {
    folder,
    write(text: string, name = "system.json"): string {
      writeFileSync(join(folder, name), text);
      return join(folder, name);
    },
    remove: () => rmSync(folder, { recursive: true }),
  };
}

/** `"NAME": { "module": ..., more }` */
export const own = (module: Module, more = "", name: string = module): string =>
  `"${name}": { "module": "./engines/${module}.mjs"${more && `, ${more}`} }`;
export const toxicity = (more = `"options": { "bucketVolume": 5 }`): string => `"toxicity": { ${more} }`;
/** A file with these engines, each in its line. */
export const system = (engines: readonly string[], top = `"instruments": ["A", "BTC.X"],`): string =>
  `{\n  ${top}\n  "engines": {\n    ${engines.join(",\n    ")}\n  }\n}\n`;
