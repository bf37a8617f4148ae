/**
 * A node as ComfyUI's packs know it: an object that is read and written in place. Here it is a window onto the document;
 * whatever else a pack writes on it stays on it for as long as the node is on the canvas.
 */
import { type GraphNode, type NodeId, nodeOf, type Point, type Size } from "../../graph/document";
import { connect, disconnect } from "../../graph/edits/links";
import { patchNode, replaceSlots, setTitle } from "../../graph/edits/nodes";
import type { Json, JsonObject } from "../../graph/json";
import { widgetsOf } from "../../graph/widgets";
import { writeNode } from "../../graph/writing";
import { useCatalogue } from "../../store/catalogue";
import { activeCanvas, edit } from "../../store/tabs";
import { t } from "../../words";
import { attachmentsChanged } from "./attachments";
import type { ComfyGraph } from "./graph";
import { addedWidget, type Callback, type ComfyWidget, classWidget } from "./widget";

const ABSENT: Omit<GraphNode, "id" | "type"> = {
  pos: [0, 0],
  size: [240, 100],
  mode: 0,
  collapsed: false,
  inputs: [],
  outputs: [],
  values: undefined,
  properties: {},
  raw: {},
};

export class ComfyNode {
  static nodeData: JsonObject = {};
  static comfyClass = "";
  static title = "";
  static category = "";

  [own: string]: unknown;
  readonly flags: Record<string, unknown> = {};
  /** What packs added; those of the class come before them in `widgets`. */
  readonly added: ComfyWidget[] = [];
  /** The pack whose code last touched the node's class, for messages. */
  pack = "";
  private own: ComfyWidget[] | undefined;

  constructor(
    readonly id: NodeId,
    readonly type: string,
    readonly graph: ComfyGraph,
  ) {}

  /** The node of the document; undefined once it is gone. */
  get found(): GraphNode | undefined {
    return nodeOf(activeCanvas(), this.id);
  }

  private get node(): GraphNode {
    return this.found ?? { ...ABSENT, id: this.id, type: this.type };
  }

  get comfyClass(): string {
    return this.type;
  }

  get title(): string {
    return this.node.title ?? useCatalogue.getState().catalogue.get(this.type)?.title ?? this.type;
  }

  set title(title: string) {
    edit(t("edit.rename"), (canvas) => setTitle(canvas, this.id, title));
  }

  get pos(): Point {
    return this.node.pos;
  }

  set pos(pos: Point) {
    this.patch({ pos: [pos[0], pos[1]] });
  }

  get size(): Size {
    return this.node.size;
  }

  set size(size: Size) {
    this.patch({ size: [size[0], size[1]] });
  }

  get mode(): number {
    return this.node.mode;
  }

  set mode(mode: number) {
    this.patch({ mode });
  }

  get color(): string | undefined {
    return this.node.color;
  }

  set color(color: string | undefined) {
    if (color !== undefined) this.patch({ color });
  }

  get bgcolor(): string | undefined {
    return this.node.bgcolor;
  }

  set bgcolor(bgcolor: string | undefined) {
    if (bgcolor !== undefined) this.patch({ bgcolor });
  }

  get properties(): JsonObject {
    return this.node.properties;
  }

  set properties(properties: JsonObject) {
    this.patch({ properties });
  }

  get inputs() {
    return this.node.inputs.map(({ name, type, link, widget }) => ({
      name,
      type,
      link,
      ...(widget === undefined ? {} : { widget: { name: widget } }),
    }));
  }

  get outputs() {
    return this.node.outputs.map(({ name, type, links }, index) => ({
      name,
      type,
      links: [...(links ?? [])],
      slot_index: index,
    }));
  }

  get widgets(): ComfyWidget[] {
    const definition = useCatalogue.getState().catalogue.get(this.type);
    this.own ??= (definition ? widgetsOf(definition) : []).map((widget) => {
      const options = definition?.inputs.find((input) => input.name === widget.name)?.options ?? {};
      return classWidget(this, widget, { ...options });
    });
    return [...this.own, ...this.added];
  }

  set widgets(widgets: ComfyWidget[]) {
    this.added.splice(0, this.added.length, ...widgets.filter((widget) => !this.own?.includes(widget)));
    attachmentsChanged();
  }

  addWidget(
    type: string,
    name: string,
    value: unknown,
    callback?: Callback | string,
    options?: Record<string, unknown>,
  ): ComfyWidget {
    const called = typeof callback === "function" ? callback : undefined;
    return this.addCustomWidget(addedWidget(this, { type, name, value, callback: called, options }));
  }

  addDOMWidget(name: string, type: string, element: HTMLElement, options: Record<string, unknown> = {}): ComfyWidget {
    return this.addCustomWidget(addedWidget(this, { type, name, value: undefined, options, element }));
  }

  addCustomWidget(widget: ComfyWidget): ComfyWidget {
    this.added.push(widget);
    attachmentsChanged();
    return widget;
  }

  addInput(name: string, type: Json): void {
    const { inputs, outputs } = this.node;
    this.replace({ inputs: [...inputs, { name, type, link: null, raw: {} }], outputs });
  }

  addOutput(name: string, type: Json): void {
    const { inputs, outputs } = this.node;
    this.replace({ inputs, outputs: [...outputs, { name, type, links: [], raw: {} }] });
  }

  removeInput(slot: number): void {
    const { inputs, outputs } = this.node;
    this.replace({ inputs: inputs.toSpliced(slot, 1), outputs });
  }

  removeOutput(slot: number): void {
    const { inputs, outputs } = this.node;
    this.replace({ inputs, outputs: outputs.toSpliced(slot, 1) });
  }

  findInputSlot(name: string): number {
    return this.node.inputs.findIndex((slot) => slot.name === name);
  }

  findOutputSlot(name: string): number {
    return this.node.outputs.findIndex((slot) => slot.name === name);
  }

  getInputLink(slot: number) {
    const id = this.node.inputs[slot]?.link;
    return typeof id === "number" ? this.graph.links[id] : null;
  }

  getInputNode(slot: number): ComfyNode | null {
    const link = this.getInputLink(slot);
    return link ? this.graph.getNodeById(link.origin_id) : null;
  }

  getOutputNodes(slot: number): ComfyNode[] {
    const links = this.node.outputs[slot]?.links ?? [];
    return links.map((id) => this.graph.getNodeById(this.graph.links[id]?.target_id)).filter((node) => node !== null);
  }

  connect(slot: number, target: ComfyNode, targetSlot: number | string): void {
    const at = typeof targetSlot === "number" ? targetSlot : target.findInputSlot(targetSlot);
    edit(t("edit.connect"), (canvas) => connect(canvas, { node: this.id, slot }, { node: target.id, slot: at }));
  }

  disconnectInput(slot: number): void {
    const link = this.node.inputs[slot]?.link;
    if (typeof link === "number") edit(t("edit.disconnect"), (canvas) => disconnect(canvas, link));
  }

  computeSize(): [number, number] {
    return [this.size[0], this.size[1]];
  }

  setSize(size: Size): void {
    this.size = size;
  }

  setProperty(name: string, value: Json): void {
    this.properties = { ...this.properties, [name]: value };
  }

  getTitle(): string {
    return this.title;
  }

  serialize(): JsonObject {
    return writeNode(this.node);
  }

  /** The page draws itself; packs ask for it out of habit. */
  setDirtyCanvas(): void {}

  private patch(patch: Partial<GraphNode>): void {
    edit(t("edit.change"), (canvas) => patchNode(canvas, this.id, patch));
  }

  private replace(slots: Pick<GraphNode, "inputs" | "outputs">): void {
    edit(t("edit.change"), (canvas) => replaceSlots(canvas, this.id, slots));
  }
}
