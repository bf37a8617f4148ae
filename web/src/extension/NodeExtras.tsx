/** What packs have put on a card: marks, and the widgets that `node.addWidget` and `addDOMWidget` of their hooks made. */
import { useId } from "react";
import { usePromptId } from "../editor/nodeFacts";
import { asList, asNumber } from "../graph/json";
import { useCatalogue } from "../store/catalogue";
import { useRuns } from "../store/run";
import { activeCanvas, useTabs } from "../store/tabs";
import { useAttachments } from "./comfy/attachments";
import type { ComfyNode } from "./comfy/node";
import { type ComfyWidget, pressed } from "./comfy/widget";
import { viewOf } from "./editor";
import { guarded } from "./guard";
import { Mount } from "./Mount";
import { type Decoration, type Extensions, type NodeView, useExtensions } from "./registry";
import "../styles/extensions.css";

interface Props {
  readonly id: string;
}

export function NodeExtras({ id }: Props) {
  const decorators = useExtensions((state) => state.decorators);
  const node = useAttachments((state) => state.nodes.get(id));
  if (decorators.length === 0 && !node) return null;
  return (
    <>
      {decorators.length > 0 && <Marks id={id} />}
      {node && <Widgets node={node} />}
    </>
  );
}

/** They tell of the node itself and of what it gave in its last run: whenever one of both is another, they are asked. */
function Marks({ id }: Props) {
  const node = useTabs((state) => activeCanvas(state).nodes.get(id));
  const decorators = useExtensions((state) => state.decorators);
  useCatalogue((state) => state.catalogue);
  const prompt = usePromptId(id);
  useRuns((state) => state.outputs.get(prompt));
  const marks = node ? marksOn(viewOf(node), decorators) : [];
  if (marks.length === 0) return null;
  return (
    <ul className="extension-marks">
      {marks.map(({ text, title, tone = "info" }) => (
        <li key={`${text} ${title}`} className={`extension-mark ${tone}`} title={title}>
          {text}
        </li>
      ))}
    </ul>
  );
}

function marksOn(node: NodeView, decorators: Extensions["decorators"]): Decoration[] {
  return decorators
    .map(({ pack, part }) => guarded(pack, node.type, () => part(node)))
    .filter((mark) => mark !== undefined);
}

function Widgets({ node }: { readonly node: ComfyNode }) {
  useAttachments((state) => state.version);
  const shown = node.added.filter((widget) => !widget.hidden && widget.type !== "hidden");
  if (shown.length === 0) return null;
  return (
    <div className="extension-widgets nodrag">
      {shown.map((widget) => (
        <Added key={widget.name} node={node} widget={widget} />
      ))}
    </div>
  );
}

function Added({ node, widget }: { readonly node: ComfyNode; readonly widget: ComfyWidget }) {
  const { element } = widget;
  const id = useId();
  const pack = node.pack || node.type;
  const label = widget.label ?? widget.name;
  if (element) return <Element pack={pack} name={label} element={element} />;
  if (widget.type === "button") {
    return (
      <button type="button" onClick={() => pressed(node, widget, null)}>
        {label}
      </button>
    );
  }
  return (
    <div className="extension-widget">
      <label htmlFor={id}>{label}</label>
      <Value id={id} widget={widget} change={(value) => pressed(node, widget, value)} />
    </div>
  );
}

function Element({
  pack,
  name,
  element,
}: {
  readonly pack: string;
  readonly name: string;
  readonly element: HTMLElement;
}) {
  return (
    <Mount
      pack={pack}
      what={name}
      fill={(host) => {
        host.append(element);
        return undefined;
      }}
      className="extension-element"
    />
  );
}

interface ValueProps {
  readonly id: string;
  readonly widget: ComfyWidget;
  readonly change: (value: unknown) => void;
}

function Value({ id, widget, change }: ValueProps) {
  const value = widget.value;
  if (widget.type === "toggle") {
    return (
      <input id={id} type="checkbox" checked={value === true} onChange={(event) => change(event.target.checked)} />
    );
  }
  if (widget.type === "combo") {
    const { values } = widget.options;
    const names = asList(typeof values === "function" ? values() : values).map(String);
    return (
      <select id={id} value={String(value)} onChange={(event) => change(event.target.value)}>
        {names.map((name) => (
          <option key={name}>{name}</option>
        ))}
      </select>
    );
  }
  if (widget.type === "number" || widget.type === "slider") {
    const [min, max] = [widget.options.min, widget.options.max].map((bound) =>
      typeof bound === "number" ? bound : undefined,
    );
    return (
      <input
        id={id}
        type="number"
        min={min}
        max={max}
        value={asNumber(value)}
        onChange={(event) => change(event.target.valueAsNumber)}
      />
    );
  }
  return <input id={id} type="text" value={String(value ?? "")} onChange={(event) => change(event.target.value)} />;
}
