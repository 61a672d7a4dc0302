import { expect, it } from "vitest";
import { Latest } from "../../../src/cli/system/latest.js";
import type { Supervisor } from "../../../src/system/supervisor/supervisor.js";

const heads = (...engines: object[]) =>
  new Latest({ plan: { instruments: ["A"], topics: [], engines } } as unknown as Supervisor).instruments(10)[0];

it("says over which time values at risk are, and nothing where no engine gives them", () => {
  expect(heads({ engine: "risk", options: { barSeconds: 60 } })).toMatch(/ VaR 60 s /);
  expect(heads({ engine: "risk", options: { barSeconds: 0 } })).toMatch(/ VaR a row /);
  expect(heads({ engine: "toxicity", options: { barSeconds: 60 } })).toMatch(/ VaR {2}alarms/);
});
