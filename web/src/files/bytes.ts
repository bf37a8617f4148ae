/** Looking into bytes that may be anything: nothing here reads past the end. */

export type Bytes = Uint8Array<ArrayBuffer>;

/** Text in Latin-1, as old chunks of PNG files have it. */
export function latin(bytes: Uint8Array): string {
  return new TextDecoder("latin1").decode(bytes);
}

/** Text in UTF-8; what is none is replaced by the sign for that. */
export function utf8(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

export function startsWith(bytes: Uint8Array, text: string, at = 0): boolean {
  if (bytes.length < at + text.length) return false;
  for (let index = 0; index < text.length; index += 1) {
    if (bytes[at + index] !== text.charCodeAt(index)) return false;
  }
  return true;
}

/** A whole number of four bytes, or 0 beyond the end. */
export function u32(bytes: Uint8Array, at: number, littleEndian = false): number {
  return at + 4 <= bytes.length ? view(bytes).getUint32(at, littleEndian) : 0;
}

/** A whole number of two bytes, or 0 beyond the end. */
export function u16(bytes: Uint8Array, at: number, littleEndian = false): number {
  return at + 2 <= bytes.length ? view(bytes).getUint16(at, littleEndian) : 0;
}

/** The bytes up to a zero, and those after it; all and none where there is no zero. */
export function splitAtZero(bytes: Bytes): [before: Bytes, after: Bytes] {
  const at = bytes.indexOf(0);
  return at < 0 ? [bytes, bytes.subarray(bytes.length)] : [bytes.subarray(0, at), bytes.subarray(at + 1)];
}

function view(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
