/** Listens for the keys of commands. */
export function Keys() {
  return null;
}
