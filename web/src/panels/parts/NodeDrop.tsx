/** Lets nodes be dropped on the canvas: it stands in `main`, listens there, and shows nothing. */
import { useEffect, useRef } from "react";
import { useCatalogue } from "../../store/catalogue";
import { stage } from "../../store/stage";
import { addChosen } from "../search/adding";
import { droppedNode, isNodeDrag } from "./dragging";

export function NodeDrop() {
  const mark = useRef<HTMLSpanElement>(null);
  useEffect(() => {
    const main = mark.current?.parentElement;
    main?.addEventListener("dragover", over);
    main?.addEventListener("drop", drop);
    return () => {
      main?.removeEventListener("dragover", over);
      main?.removeEventListener("drop", drop);
    };
  }, []);
  return <span ref={mark} hidden />;
}

function over(event: DragEvent): void {
  if (!event.dataTransfer || !isNodeDrag(event.dataTransfer)) return;
  event.preventDefault();
  event.dataTransfer.dropEffect = "copy";
}

function drop(event: DragEvent): void {
  const node = event.dataTransfer && droppedNode(event.dataTransfer);
  const definition = node && useCatalogue.getState().catalogue.get(node.name);
  if (!node || !definition) return;
  event.preventDefault();
  const position = stage().toCanvas([event.clientX, event.clientY]);
  addChosen(definition, { position, ...(node.values ? { values: node.values } : {}) });
}
