/** How times and numbers are written: chosen here, kept by the browser, and part of the address. */
import { type Settings, settingsOf } from "./base/address.js";
import type { App } from "./base/app.js";
import { openDialog } from "./base/dialog.js";
import { h } from "./base/dom.js";
import { numberForms, useNumbers } from "./base/format.js";
import { keepSettings, keptSettings } from "./base/kept.js";
import { useZone, zoneName, zones } from "./base/zone.js";

let used = "";

/** Of an address that says nothing at all: as the browser kept them. */
export const firstSettings = (address: string): Partial<Settings> => (address.length > 1 ? {} : settingsOf(keptSettings()));

/** Whether they are others than before. */
export function useSettings({ zone, numbers }: Settings): boolean {
  const key = `${zone} ${numbers}`;
  if (key === used) return false;
  used = key;
  useZone(zone);
  useNumbers(numbers);
  return true;
}

export function openSettings(app: App): void {
  const choice = (name: keyof Settings, label: string, of: readonly (readonly [value: string, words: string])[]) => {
    const { [name]: now } = app.shown;
    const known = of.some(([value]) => value === now) ? of : [...of, [now, now] as const];
    const select = h(
      "select",
      { change: () => change({ [name]: select.value }) },
      ...known.map(([value, words]) => h("option", { value, selected: value === now }, words)),
    );
    return h("label", {}, `${label} `, select);
  };
  const change = (part: Partial<Settings>) => {
    app.show(part);
    const { zone, numbers } = app.shown;
    keepSettings({ zone, numbers });
  };
  openDialog(
    "Settings",
    choice("zone", "time zone", zones),
    choice("numbers", "numbers", numberForms),
    h(
      "p",
      { class: "soft" },
      "All times of the page follow, axes and files that it saves too. This browser keeps them; the address has them, so a link shows the same to others.",
    ),
  );
}

/** For the foot of the page. */
export const zoneWords = (): string => `Times are ${zoneName()}.`;
