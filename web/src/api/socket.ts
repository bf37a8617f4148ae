/** `/ws`: pictures of work in progress, which come to the browser tab that asked for the work. */
import { asObject, asText, parseJson, writeJson } from "../graph/json";
import { address } from "./client";
import { passOn } from "./messages";
import { pauses } from "./pauses";

export interface Preview {
  readonly picture: Blob;
  /** Undefined in the older frames: then it is of the node at work. */
  readonly job?: string;
  readonly node?: string;
}

const PLAIN = 1;
const DESCRIBED = 4;
const TYPES: Readonly<Record<number, string>> = { 1: "image/jpeg", 2: "image/png" };

/** Hear previews until the function that comes back is called. */
export function hearPreviews(client: string, hear: (preview: Preview) => void): () => void {
  const pause = pauses();
  let socket: WebSocket | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let over = false;

  function open(): void {
    clearTimeout(timer);
    const opened = new WebSocket(address("ws", { clientId: client }).replace(/^http/, "ws"));
    socket = opened;
    opened.binaryType = "arraybuffer";
    opened.addEventListener("open", () => {
      pause.reset();
      opened.send(writeJson({ type: "feature_flags", data: { supports_preview_metadata: true } }));
    });
    opened.addEventListener("message", ({ data }) => {
      if (typeof data === "string") passOn(data);
      const preview = data instanceof ArrayBuffer ? readPreview(data) : undefined;
      if (preview) hear(preview);
    });
    opened.addEventListener("close", () => {
      if (!over && socket === opened) timer = setTimeout(open, pause.next());
    });
  }

  open();
  return () => {
    over = true;
    clearTimeout(timer);
    socket?.close();
  };
}

/** The picture in a binary frame; undefined where it holds none. */
export function readPreview(frame: ArrayBuffer): Preview | undefined {
  if (frame.byteLength < 8) return undefined;
  const view = new DataView(frame);
  const kind = view.getUint32(0);
  const number = view.getUint32(4);
  if (kind === PLAIN) {
    const type = TYPES[number];
    return type ? { picture: new Blob([frame.slice(8)], { type }) } : undefined;
  }
  if (kind !== DESCRIBED || 8 + number > frame.byteLength) return undefined;
  const described = asObject(parsed(new Uint8Array(frame, 8, number)));
  const type = asText(described.image_type);
  if (!Object.values(TYPES).includes(type)) return undefined;
  const picture = new Blob([frame.slice(8 + number)], { type });
  return { picture, job: asText(described.prompt_id), node: asText(described.display_node_id) };
}

function parsed(bytes: Uint8Array): unknown {
  try {
    return parseJson(new TextDecoder().decode(bytes));
  } catch {
    return undefined;
  }
}
