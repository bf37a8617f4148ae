/** ComfyUI's small helpers for making elements and dialogs. */
type Parts = string | Node | readonly (string | Node)[];
type Properties = Record<string, unknown> & {
  readonly parent?: Element;
  readonly $?: (element: HTMLElement) => void;
  readonly dataset?: Record<string, string>;
  readonly style?: Record<string, string>;
  readonly for?: string;
};

/** Make an element: `$el("div.class#id", {textContent: "…"}, [children])`. */
export function $el(tag: string, properties?: Properties | Parts, children?: Parts): HTMLElement {
  const [name = "div", ...classes] = tag.split(".");
  const element = document.createElement(name);
  if (classes.length > 0) element.classList.add(...classes);
  const isParts = typeof properties === "string" || properties instanceof Node || Array.isArray(properties);
  if (!isParts && properties) assign(element, properties as Properties);
  append(element, isParts ? (properties as Parts) : children);
  return element;
}

function assign(element: HTMLElement, { parent, $: made, dataset, style, for: target, ...rest }: Properties): void {
  Object.assign(element.dataset, dataset);
  Object.assign(element.style, style);
  if (target) element.setAttribute("for", target);
  Object.assign(element, rest);
  parent?.append(element);
  made?.(element);
}

function append(element: HTMLElement, children: Parts | undefined): void {
  if (children === undefined) return;
  if (typeof children === "string" || children instanceof Node) element.append(children);
  else element.append(...children.filter((child) => child !== null && child !== undefined));
}

/** A dialog in the middle of the page. */
export class ComfyDialog {
  readonly element: HTMLDialogElement;
  readonly textElement: HTMLElement;

  constructor(_type = "div", buttons: HTMLElement[] | null = null) {
    this.textElement = $el("p");
    const close = $el("button", { type: "button", textContent: "Close", onclick: () => this.close() });
    this.element = $el("dialog.comfy-modal", [
      $el("div.comfy-modal-content", [this.textElement, ...(buttons ?? [close])]),
    ]) as HTMLDialogElement;
    document.body.append(this.element);
  }

  close(): void {
    this.element.close();
  }

  show(content: string | Node | readonly (string | Node)[]): void {
    const parts = typeof content === "string" || content instanceof Node ? [content] : content;
    this.textElement.replaceChildren(...parts);
    this.element.showModal();
  }
}

export function toggleSwitch(): HTMLElement {
  return $el("div");
}
