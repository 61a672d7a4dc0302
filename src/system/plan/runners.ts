/** Which engines share a thread or process. */
import type { Declared } from "./declared.js";
import type { PlannedRunner } from "./plan.js";
import type { Source } from "./source.js";

/** A publisher and a subscriber of each would not find a seat beyond. */
const MOST_RUNNERS = 30;

export const placeOf = ({ entry: { place } }: Declared): PlannedRunner["place"] => (place === "process" ? "process" : "thread");
export const loopOf = ({ definition }: Declared): PlannedRunner["loop"] => definition.loop ?? "blocking";

/** `engines` in the order of their wires, so that neighbors hand rows to each other. */
export function runnersOf(engines: readonly Declared[], cores: number, source: Source): PlannedRunner[] {
  const groups = groupsOf(engines, source);
  const single = engines.filter(({ entry }) => entry.group === undefined);
  const threads = single.filter((engine) => placeOf(engine) === "thread");
  const events = threads.filter((engine) => loopOf(engine) === "events");
  const blocking = threads.filter((engine) => loopOf(engine) === "blocking");
  const busy = [...groups.values()].filter(([first]) => placeOf(first!) === "thread" && loopOf(first!) === "blocking").length;
  const most = Math.max(1, cores - busy);
  const parts = Math.min(most, blocking.length);
  const shares = Array.from({ length: parts }, (_, i) =>
    blocking.slice(Math.floor((i * blocking.length) / parts), Math.floor(((i + 1) * blocking.length) / parts)),
  );
  const made = [
    ...[...groups].map(([name, members]) => runner(members, name)),
    ...single.filter((engine) => placeOf(engine) === "process").map((engine) => runner([engine])),
    ...(events.length > 0 ? [runner(events)] : []),
    ...shares.map((members) => ({ ...runner(members), ...(members.length > 1 && { shared: true as const }) })),
  ];
  if (made.length > MOST_RUNNERS)
    throw source.error("E_SYSTEM_RUNNERS", ["engines"], `${made.length} threads and processes would run, at most ${MOST_RUNNERS} can`, {
      ...{ of: "key", value: made.length, hint: 'put engines together: "group": "a name" in each of them' },
    });
  const order = new Map(engines.map(({ name }, i) => [name, i]));
  return made.toSorted((a, b) => order.get(a.engines[0]!)! - order.get(b.engines[0]!)!);
}

function runner(members: readonly Declared[], name?: string): PlannedRunner {
  const [first, last] = [members[0]!, members.at(-1)!];
  return {
    // Engines have no dots in their names: no two runners are called the same.
    name: name ?? (first === last ? first.name : `${first.name}..${last.name}`),
    place: placeOf(first),
    loop: loopOf(first),
    engines: members.map((engine) => engine.name),
  };
}

function groupsOf(engines: readonly Declared[], source: Source): Map<string, Declared[]> {
  const groups = new Map<string, Declared[]>();
  for (const engine of engines) {
    const { name, entry } = engine;
    if (entry.group === undefined) continue;
    const refuse = (what: string, hint: string) =>
      source.error("E_SYSTEM_GROUP", ["engines", name, "group"], what, { value: entry.group, hint });
    const members = groups.get(entry.group) ?? [];
    groups.set(entry.group, [...members, engine]);
    const [first = engine] = members;
    const group = `group '${entry.group}'`;
    if (placeOf(first) !== placeOf(engine))
      throw refuse(
        `${group}: '${first.name}' runs in a ${placeOf(first)}, '${name}' in a ${placeOf(engine)}`,
        "give both one place, or two groups",
      );
    if (loopOf(first) !== loopOf(engine)) {
      const [waits, blocks] = loopOf(first) === "events" ? [first, engine] : [engine, first];
      throw refuse(`${group}: '${waits.name}' lives on an event loop, which '${blocks.name}' would block`, "give them two groups");
    }
    const namesake = engines.find((other) => other.name === entry.group && other.entry.group !== entry.group);
    if (namesake) throw refuse(`${group} has the name of an engine that is not in it`, "choose another name");
  }
  return groups;
}
