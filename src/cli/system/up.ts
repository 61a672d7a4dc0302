/** tickforge up: a system file, or the default system, started and held up until a signal comes or its sources have ended. */
import { explain, planObject } from "../../system/plan/explain.js";
import { readSystem } from "../../system/plan/read_system.js";
import { Supervisor } from "../../system/supervisor/supervisor.js";
import type { Given } from "../kit/command.js";
import { exit } from "../kit/exit.js";
import { interruptible } from "../kit/interrupt.js";
import { LivePage } from "./live_page.js";
import { textOf } from "./logs.js";
import { pageFlags, pageWanted } from "./page_place.js";
import { Screen } from "./screen.js";
import { whichOf } from "./which.js";

export async function up(given: Given): Promise<number> {
  const { terminal, values } = given;
  const host = values.host as string | undefined;
  const flags = pageFlags(values);
  const plan = await readSystem({ ...whichOf(given), ...(host !== undefined && { host }) });
  if (values.explain === true) {
    terminal.answer(values.json === true ? `${JSON.stringify(planObject(plan))}\n` : explain(plan));
    return exit.ok;
  }
  const wanted = pageWanted(flags, plan);
  const supervisor = await Supervisor.start(plan, { fresh: values.fresh === true });
  const json = values.json === true;
  terminal.onLost = (what) =>
    supervisor.log.write("warn", `${what}; the system goes on: tickforge status shows it, tickforge down ends it`);
  const silent = supervisor.log.listen((line) => {
    if (line.level === "info") return;
    screen?.clear();
    terminal.note(`${textOf(line)}\n`);
  });
  let noPage: Error | undefined;
  const page =
    wanted === undefined
      ? undefined
      : new LivePage(supervisor, wanted, (error) => {
          supervisor.log.write("warn", `there is no page of it: ${error.message}`);
          // One that was asked for and cannot be there ends the run, as any other wrong flag would.
          if (!wanted.asked) return;
          noPage = error;
          void supervisor.stop();
        });
  const screen = json ? undefined : new Screen(supervisor, terminal, () => page?.url);
  const interrupt = interruptible(
    () => void supervisor.stop(),
    () => supervisor.kill(),
  );
  const limit = values.for === undefined ? undefined : setTimeout(() => void supervisor.stop(), Number(values.for as bigint) / 1e6);
  if (json) terminal.answer(`${JSON.stringify(supervisor.status())}\n`);
  const how = await supervisor.ended;
  clearTimeout(limit);
  await page?.close();
  silent();
  screen?.end();
  interrupt.end();
  const last = supervisor.status();
  if (json) terminal.answer(`${JSON.stringify(last)}\n`);
  if (noPage) throw noPage;
  const held = last.engines.filter(({ state }) => state === "held");
  if (held.length > 0) return exit.failed;
  return how === "finished" || values.for !== undefined || supervisor.wasAsked ? exit.ok : interrupt.code;
}
