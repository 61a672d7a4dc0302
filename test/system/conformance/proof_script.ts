/** Prints what the engines of the proof give on the tape of a folder, for a Node of another processor. */
import { arch } from "node:os";
import { install } from "../../../src/backends/index.js";
import { MemoryBus } from "../../../src/bus/memory_bus.js";
import { provedOn } from "./tape.js";

install();
console.log(JSON.stringify({ arch: arch(), proved: await provedOn(() => new MemoryBus(), process.argv[2]!) }));
