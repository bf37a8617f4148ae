/** English, for what is wrong with a document. */
export const graph = {
  "document.notOne": 'This is no graph: expected an object with a list "nodes".',
  "document.wrong": "{place}: expected {expected}.",
  "document.twice": "{place}: the id {id} is there twice.",
} as const;
