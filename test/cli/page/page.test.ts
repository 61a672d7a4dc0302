import type { ChildProcess } from "node:child_process";
import { mkdirSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { recorded } from "../../page/kit.js";
import { requireBuilt, temporaryFolder, tickforge } from "../../support/cli.js";

beforeAll(requireBuilt);
const folder = temporaryFolder();
mkdirSync(join(folder, "empty"));
/** Until it has said this; what cannot be shown ends by itself. */
const show = (until: RegExp, ...args: string[]) => {
  const meanwhile = (child: ChildProcess) => {
    let said = "";
    let ended = false;
    const heard = (data: Buffer) => {
      said += data;
      if (!until.test(said) || ended) return;
      ended = child.kill("SIGINT");
    };
    child.stdout!.on("data", heard);
    child.stderr!.on("data", heard);
  };
  return tickforge(["page", ...args, "--port", "0"], { meanwhile });
};

describe("tickforge page", () => {
  it("answers with an address, of a file and of a folder", async () => {
    const { trades } = recorded(join(folder, "good"), 100, []);
    for (const path of [trades, join(folder, "good")])
      expect(await show(/^http.*\n/, path)).toMatchObject({
        code: 130,
        stdout: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/\n$/),
        stderr: "",
      });
  });

  it("shows a cut recording up to the cut, says so, and ends with bad data", async () => {
    const { trades } = recorded(join(folder, "cut"), 1000, []);
    truncateSync(trades, readFileSync(trades).length - 3000);
    const { code, stderr, stdout } = await show(/TRUNCATED/, join(folder, "cut"));
    expect(stdout).toMatch(/^http/);
    expect(stderr).toMatch(/trades\.tfr: frame \d at byte \d+: .*; 1,792 rows before that are shown {3}\[E_BUS_TRUNCATED\]/);
    expect(code).toBe(3);
    // The same by the index that it has now.
    expect(await show(/TRUNCATED/, trades)).toMatchObject({ code: 3, stderr });
  });

  it("refuses what cannot be read at all, and shows others beside it", async () => {
    const { trades, toxicity } = recorded(join(folder, "mixed"), 100, []);
    const bytes = readFileSync(trades);
    bytes.writeUInt32LE(7, 4);
    writeFileSync(trades, bytes);
    const alone = await show(/^http/, trades);
    expect(alone).toMatchObject({ code: 3, stdout: "", stderr: expect.stringContaining("version 7, this build reads 1") });
    const both = await show(/VERSION/, trades, toxicity);
    expect(both).toMatchObject({ code: 3, stdout: expect.stringMatching(/^http/), stderr: expect.stringContaining("E_BUS_VERSION") });
    writeFileSync(join(folder, "text.tfr"), "no recording at all".repeat(9));
    expect((await show(/^http/, join(folder, "text.tfr"))).stderr).toContain("E_BUS_MAGIC");
  });

  it("says that a recording holds no row, and is content", async () => {
    const { trades } = recorded(join(folder, "none"), 0, []);
    expect(await show(/holds no row/, trades)).toMatchObject({ code: 130, stderr: expect.stringContaining("it holds no row of trades") });
  });

  it.each([
    [[], 2, "page needs a recording"],
    [["good/x.tfr", "--port", "70000"], 2, "--port 70000"],
    [["empty"], 3, "E_PAGE_EMPTY"],
    [["good/trades.tfr", "--control"], 2, "E_PAGE_TOKEN"],
    [["good/trades.tfr", "--host", "0.0.0.0"], 2, "E_PAGE_TOKEN"],
  ])("%j ends with %i", async (args, code, words) => {
    expect(await tickforge(["page", ...args], { cwd: folder })).toMatchObject({ code, stdout: "", stderr: expect.stringContaining(words) });
  });
});
