/** The memory that the parts of a system share: rings, board and bells, mapped from files or, without the add-on, shared by threads. */
import * as fs from "node:fs";
import { join } from "node:path";
import type { Topic } from "../../bus/bus.js";
import { RingBus } from "../../bus/ring/ring.js";
import { RunnerBell } from "../../bus/ring/runner_bell.js";
import { memoryFunctions } from "../../bus/shared/mapped.js";
import { SharedBus } from "../../bus/shared/shared_bus.js";
import type { Ends } from "./begin.js";
import { Board, boardBytes } from "./board.js";
import type { RunnerJob } from "./job.js";

export interface Memory {
  readonly board: Board;
  readonly ends: Ends;
  readonly bell: RunnerBell;
  close(): void;
}

const boardPath = (folder: string) => join(folder, "board");

/** Makes the board's file anew; whoever had the old one does not see this one. */
export function makeBoard(folder: string, engines: number): ArrayBuffer {
  const path = boardPath(folder);
  fs.rmSync(path, { force: true });
  const file = fs.openSync(path, "wx+", 0o600);
  try {
    memoryFunctions().allocate(file, boardBytes(engines));
    return mapBoard(folder);
  } finally {
    fs.closeSync(file);
  }
}
function mapBoard(folder: string): ArrayBuffer {
  const file = fs.openSync(boardPath(folder), "r+");
  try {
    return memoryFunctions().map(file, fs.fstatSync(file).size);
  } finally {
    fs.closeSync(file);
  }
}

export function openMemory({ plan, runner, memory }: Pick<RunnerJob, "plan" | "runner" | "memory">): Memory {
  const count = plan.engines.length;
  const busOf = (topic: Topic) => plan.topics.find((one) => one.topic.name === topic.name)?.bus ?? "main";
  if ("folder" in memory) {
    const board = new Board(mapBoard(memory.folder), count);
    const bell = new RunnerBell(board.bells, runner + 1, memoryFunctions());
    const buses = new Map<string, SharedBus>();
    const of = (topic: Topic) => {
      const name = busOf(topic);
      const bus = buses.get(name) ?? new SharedBus({ folder: join(memory.folder, name), wake: bell });
      buses.set(name, bus);
      return bus;
    };
    const ends: Ends = {
      reader: (topic, name, from) => of(topic).durable(topic, name, from === undefined ? {} : { from }),
      publisher: (topic) => of(topic as unknown as Topic).publisher(topic, { takeover: true }) as never,
      observer: (topic) => of(topic).ring(topic).observe(),
    };
    const close = () => {
      for (const bus of buses.values()) bus.close();
    };
    return { board, ends, bell, close };
  }
  const board = new Board(memory.board, count);
  const bell = new RunnerBell(board.bells, runner + 1);
  const bus = new RingBus({ wake: bell }).attach(memory.rings);
  const ends: Ends = {
    reader: (topic, name, from) => bus.durable(topic, name, from === undefined ? {} : { from }),
    publisher: (topic) => bus.publisher(topic, { takeover: true }) as never,
    observer: (topic) => bus.ring(topic).observe(),
  };
  return { board, ends, bell, close: () => bus.close() };
}
