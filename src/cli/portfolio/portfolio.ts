/** tickforge portfolio: prices -> portfolios set up anew from date to date, beside two that need little; screen, page, weights. */
import { extname } from "node:path";
import { packageVersion } from "../../addon/addon.js";
import type { WalkForwardResult } from "../../analysis/walk_forward.js";
import { refuseUnfit } from "../../files/tables/bad_prices.js";
import type { Prices } from "../../files/tables/laid_prices.js";
import { readPrices } from "../../files/tables/prices.js";
import { portfolioPage } from "../../report/portfolio/portfolio.js";
import { without } from "../../studies/factors/suited.js";
import { walkForward } from "../../studies/portfolio/walk_forward.js";
import { text } from "../kit/args.js";
import { chooseBackend } from "../kit/backend.js";
import type { Given } from "../kit/command.js";
import { exit, UsageError } from "../kit/exit.js";
import { checkPage, checkTargets, writeWhole } from "../kit/files.js";
import { toSecond } from "../kit/format.js";
import { pageScript } from "../kit/interactive.js";
import { excludeOf, priceOptions } from "../kit/price_options.js";
import { Watch } from "../kit/progress.js";
import { reportFile } from "../kit/report_file.js";
import { commandOf } from "../kit/screen.js";
import type { Terminal } from "../kit/terminal.js";
import { portfolioJson } from "./portfolio_json.js";
import { portfolioScreen } from "./portfolio_screen.js";
import { optionsOf } from "./portfolio_settings.js";

export async function portfolio({ values, words, line, terminal }: Given): Promise<number> {
  const started = performance.now();
  if (words.length !== 1)
    throw new UsageError(
      words.length === 0 ? "portfolio needs a file of PRICES" : "portfolio takes one file of PRICES",
      "tickforge portfolio prices.csv",
    );
  const options = optionsOf(values);
  const exclude = excludeOf(values);
  const reading = priceOptions(values, exclude);
  const targets = { report: text(values.report), out: text(values.out) };
  if (targets.out !== undefined && extname(targets.out).toLowerCase() !== ".csv")
    throw new UsageError(`--out ${targets.out}: weights are written as .csv`, `such as --out ${targets.out}.csv`);
  checkPage(targets.report);
  const own = pageScript(values.interactive, targets.report);
  checkTargets(targets, words, values.force === true);
  chooseBackend(text(values.backend), terminal);

  const read = await during(terminal, `reading ${words[0] === "-" ? "stdin" : words[0]}`, (watch) =>
    readPrices(words[0]!, { ...reading, onProgress: watch.reading }),
  );
  const excluded = [
    ...exclude.names.map((asset) => ({ asset, why: "as --exclude says" })),
    ...read.unfit.map(({ asset, what }) => ({ asset, why: what })),
  ];
  const prices = able(read, exclude.auto);
  const result = await during(terminal, "computing", (watch) => walkForward(prices, options, watch.computing));
  const pieces: [string, string][] = [];
  if (targets.report !== undefined) {
    const files = [await reportFile(words[0]!, prices.notes.join("; "))];
    const page = { commandLine: commandOf(line), version: packageVersion(), files, excluded, result };
    pieces.push([targets.report, portfolioPage(page, own)]);
  }
  if (targets.out !== undefined) pieces.push([targets.out, weightsTable(result)]);
  const written = writeWhole(pieces);
  const answer = { result, prices, excluded, written, words, seconds: (performance.now() - started) / 1000 };
  if (values.json) terminal.answer(portfolioJson(answer, packageVersion()));
  else terminal.screen(portfolioScreen(answer));
  return exit.ok;
}

function during<T>(terminal: Terminal, label: string, work: (watch: Watch) => Promise<T>): Promise<T> {
  const watch = new Watch(terminal, label);
  return watch.during(() => work(watch));
}

/** Without the assets that have a price of 0 or less, where that is asked for; else they are refused. */
function able(prices: Prices, auto: boolean): Prices {
  const { unfit, assets } = prices;
  if (unfit.length > 0 && unfit.length === assets.length)
    refuseUnfit(prices, unfit, "every asset has such values: if they are returns, give the prices that they were made from");
  if (!auto) refuseUnfit(prices, unfit, "--exclude auto leaves such assets out, --exclude NAME[,NAME] those named");
  return unfit.length === 0 ? prices : without(prices, new Set(unfit.map(({ asset }) => asset)));
}

/** A row for each weight that was set, dated by the trade. */
function weightsTable({ portfolios, assets, time }: WalkForwardResult): string {
  const name = (text: string) => (/[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  const rows = portfolios.flatMap((one) =>
    one.turns.flatMap(({ traded, assets: ids, weights, riskShares }) =>
      Array.from(ids, (a, i) => [toSecond(time[traded]!).slice(0, 10), one.name, name(assets[a]!), weights[i]!, riskShares[i]!])
        .filter(([, , , weight]) => weight !== 0)
        .map((cells) => cells.join(",")),
    ),
  );
  return `${["date,portfolio,asset,weight,risk_share", ...rows].join("\n")}\n`;
}
