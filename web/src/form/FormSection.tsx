/** The fields of one node in the form; nothing where wires bring all its values. */
import { Eye, EyeOff, Pin, PinOff } from "lucide-react";
import { NodeProblems } from "../editor/NodeProblems";
import { titleOf, useDefinition, useIsMissing, useSubgraph } from "../editor/nodeFacts";
import { freeRows, NodeFields } from "../fields/NodeFields";
import type { GraphNode } from "../graph/document";
import { patchNodes } from "../graph/edits/nodes";
import { useRuns } from "../store/run";
import { editDocument } from "../store/tabs";
import { t } from "../words";
import { type Mark, marked, markOf } from "./sections";

export function FormSection({ node }: { readonly node: GraphNode }) {
  const id = String(node.id);
  const subgraph = useSubgraph(node.type);
  const definition = useDefinition(node, subgraph);
  const missing = useIsMissing(node.type);
  const failed = useRuns((runs) => (runs.problems.get(id)?.length ?? 0) > 0);
  const hasFields = definition !== undefined && freeRows(node, definition).length > 0;
  if (!hasFields && !missing && !failed) return null;
  const title = titleOf(node, definition, subgraph);
  return (
    <section className="form-section" aria-label={title}>
      <header>
        <h2>{title}</h2>
        <MarkButton node={node} title={title} mark="first" />
        <MarkButton node={node} title={title} mark="hidden" />
      </header>
      <NodeProblems promptId={id} missing={missing ? node.type : undefined} />
      {definition && <NodeFields node={node} definition={definition} promptId={id} unwired />}
    </section>
  );
}

const ICONS = { first: [Pin, PinOff], hidden: [EyeOff, Eye] } as const;

function MarkButton({ node, title, mark }: { readonly node: GraphNode; readonly title: string; readonly mark: Mark }) {
  const isOn = markOf(node) === mark;
  const [On, Off] = ICONS[mark];
  const words = t(mark === "first" ? "form.first" : "form.hide", { node: title });
  const Icon = isOn ? Off : On;
  return (
    <button
      type="button"
      className="icon-button"
      aria-label={words}
      title={words}
      aria-pressed={isOn}
      onClick={() => setMark(node, isOn ? undefined : mark)}
    >
      <Icon aria-hidden />
    </button>
  );
}

/** Nodes of the document's own canvas are in the form, whichever sheet is seen. */
function setMark(node: GraphNode, mark: Mark | undefined): void {
  editDocument(t("form.mark"), (document) => ({
    ...document,
    canvas: patchNodes(document.canvas, [node.id], (found) => marked(found, mark)),
  }));
}
