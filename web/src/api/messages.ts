/** The text messages of `/ws`, for packs that hear ComfyUI's events. The editor itself listens to `/jobs/events`. */
import { asText, isObject, parseJson } from "../graph/json";

type Hear = (type: string, data: unknown) => void;

const hearers = new Set<Hear>();

/** Hear every message until the function that comes back is called. */
export function hearMessages(hear: Hear): () => void {
  hearers.add(hear);
  return () => hearers.delete(hear);
}

/** Pass on what the socket brought. */
export function passOn(text: string): void {
  if (hearers.size === 0) return;
  const message = parseJson(text);
  if (!isObject(message)) return;
  for (const hear of hearers) hear(asText(message.type), message.data);
}
