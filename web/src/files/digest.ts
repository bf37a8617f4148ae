/** A short name for a text, to tell whether two are the same; it protects against nothing. FNV-1a, twice. */
export function digest(text: string): string {
  let [one, two] = [0x811c9dc5, 0xdeadbeef];
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    one = Math.imul(one ^ code, 0x01000193);
    two = Math.imul(two ^ code, 0x5bd1e995);
  }
  return `${text.length} ${(one >>> 0).toString(16)} ${(two >>> 0).toString(16)}`;
}
