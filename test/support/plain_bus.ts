/** The suite of the bus, and the comparison of ring and memory, without a test runner: bundled with plain_vitest.ts in its place. */
import "../bus/conformance.test.js";
import "../bus/frame.test.js";
import { loadAddon } from "../../src/addon/addon.js";
import { run } from "./plain_vitest.js";

const { passed, failures } = await run();
console.log(JSON.stringify({ arch: process.arch, addon: loadAddon().addon !== undefined, passed, failures }));
process.exit(failures.length > 0 ? 1 : 0);
