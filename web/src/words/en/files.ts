/** English, for `files`. Keys begin with the place where a sentence is seen. */
export const files = {
  "open.damaged": "The file is damaged: what it has packed cannot be unpacked.",
  "open.unpacksTooLarge": "The file packs more text than any graph has; it was not unpacked.",
  "open.tooLong": "The text is longer than {limit} MB; no graph is that long.",
  "open.tooDeep": "The text is nested more than {limit} levels deep; no graph is.",
  "open.prototype": "The text has an entry named __proto__, which no graph has; it was not opened.",
  "open.notJson": "The text is not JSON: it was cut off or changed on its way.",
  "open.tooLarge": "The file has {size} MB; only files up to {limit} MB are opened.",
  "open.empty": "The file is empty.",
  "open.noGraphsIn": "This is {kind}; graphs come in JSON, PNG, WebP, JPEG and safetensors files.",
  "open.unknownKind": "This is no kind of file that carries a graph; those are JSON, PNG, WebP, JPEG and safetensors.",
  "open.kind.gif": "a GIF picture",
  "open.kind.video": "a video or AVIF picture",
  "open.kind.zip": "a ZIP archive",
  "open.kind.pdf": "a PDF",
  "open.kind.markup": "a web page or SVG drawing",
} as const;
