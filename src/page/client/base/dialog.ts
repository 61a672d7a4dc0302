/** A dialog of the browser: it holds the focus, Escape closes it, and the focus goes back to where it was. */
import { h } from "./dom.js";

export function openDialog(title: string, ...content: readonly Node[]): HTMLDialogElement {
  const close = () => dialog.close();
  const dialog = h(
    "dialog",
    { "aria-labelledby": "dialog-title", close: () => dialog.remove() },
    h("h2", { id: "dialog-title" }, title),
    ...content,
    h("p", { class: "last" }, h("button", { type: "button", click: close }, "close")),
  );
  document.body.append(dialog);
  dialog.showModal();
  return dialog;
}
