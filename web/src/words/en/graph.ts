/** English, for what is wrong with a document. */
export const graph = {
  "document.notOne": 'This is no graph: expected an object with a list "nodes".',
  "document.wrong": "{place}: expected {expected}.",
  "document.twice": "{place}: the id {id} is there twice.",
  "document.notPrompt": 'This is no prompt: expected an object of nodes, each with its class under "class_type".',
  "convert.itself": "The subgraph contains itself.",
  "convert.deep": "Subgraphs lie within each other more than 64 deep.",
  "convert.large": "Laid open, the graph has more than a million nodes.",
  "convert.group":
    "This is a group node of older editors, which is not read. Turn it into a subgraph there and save again.",
  "convert.types": "What stands in the place of {names} is of another type. Check this node's values.",
  "convert.several":
    "There are {values} values where the class has {fields} fields, and they can be read in several ways. Check this node's values.",
  "convert.order":
    "There are {values} values where the class has {fields} fields; they were read in the order in which they stand.",
} as const;
