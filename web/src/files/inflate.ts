/** Unpacking of what a file has packed, up to a size: a few bytes can stand for gigabytes. */
import { t } from "../words";
import type { Bytes } from "./bytes";
import { Unreadable } from "./unreadable";

/** @throws Unreadable when it is not packed as zlib does, or stands for more than `limit` bytes. */
export async function inflate(packed: Bytes, limit: number): Promise<Bytes> {
  const parts: Uint8Array[] = [];
  let size = 0;
  const reader = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate")).getReader();
  for (;;) {
    const { done, value } = await reader.read().catch(() => {
      throw new Unreadable(t("open.damaged"));
    });
    if (done) return joined(parts, size);
    size += value.length;
    if (size > limit) {
      await reader.cancel();
      throw new Unreadable(t("open.unpacksTooLarge"));
    }
    parts.push(value);
  }
}

function joined(parts: readonly Uint8Array[], size: number): Bytes {
  const whole = new Uint8Array(size);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
