/** What a card needs to know about its node besides the node itself. */
import { useMemo } from "react";
import type { NodeDefinition } from "../graph/catalogue";
import { type Document, EDITOR_ONLY, type GraphNode, PRIMITIVE, type Subgraph } from "../graph/document";
import { primitiveDefinition } from "../graph/primitives";
import { promptId } from "../graph/scope";
import { useCatalogue } from "../store/catalogue";
import { activeCanvas, activeDocument, activeTab, useTabs } from "../store/tabs";
import { instanceDefinition } from "./instanceFields";

/** The id under which the server speaks of a node of the sheet that is seen. */
export function usePromptId(id: string): string {
  return useTabs((state) => promptId(activeTab(state).scope, id));
}

/** Its class; of an instance or a primitive, what its fields make of one. */
export function useDefinition(node: GraphNode, subgraph: Subgraph | undefined): NodeDefinition | undefined {
  const catalogue = useCatalogue((state) => state.catalogue);
  const primitive = useTabs((state) =>
    node.type === PRIMITIVE ? primitiveDefinition(node, activeCanvas(state), catalogue) : undefined,
  );
  const { type } = node;
  const known = useMemo(
    () => (subgraph ? instanceDefinition(subgraph, activeDocument(), catalogue) : catalogue.get(type)),
    [type, subgraph, catalogue],
  );
  return primitive ?? known;
}

/** The subgraph that a node is an instance of. */
export function useSubgraph(type: string): Subgraph | undefined {
  return useTabs((state) => activeDocument(state).subgraphs.get(type));
}

export function titleOf(
  node: GraphNode,
  definition: NodeDefinition | undefined,
  subgraph: Subgraph | undefined,
): string {
  return node.title ?? subgraph?.name ?? definition?.title ?? node.type;
}

/** The title of any node, for those who have no hooks. */
export function titleIn(document: Document, node: GraphNode): string {
  return titleOf(node, useCatalogue.getState().catalogue.get(node.type), document.subgraphs.get(node.type));
}

/** Whether a node's class is known neither to the server nor to the document. */
export function useIsMissing(type: string): boolean {
  const known = useCatalogue((state) => !state.loaded || EDITOR_ONLY.has(type) || state.catalogue.has(type));
  const subgraph = useTabs((state) => activeDocument(state).subgraphs.has(type));
  return !known && !subgraph;
}

/** Slots that get a row of their own: those of widgets stand beside the widget's field. */
export function useInputRows(node: GraphNode, definition: NodeDefinition | undefined): readonly number[] {
  return useMemo(() => inputRows(node, definition), [node, definition]);
}

export function inputRows(node: GraphNode, definition: NodeDefinition | undefined): number[] {
  const fields = new Set(definition?.inputs.map((input) => input.name));
  return node.inputs.flatMap((slot, index) => (slot.widget !== undefined && fields.has(slot.widget) ? [] : [index]));
}
