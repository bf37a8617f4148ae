// Prints how many bytes of scripts and styles the built page loads at once, and how many there are in all, as gzip.
import { readdirSync, readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

const built = new URL("../../ldm_nodes/server/editor/", import.meta.url);
const size = (name) => gzipSync(readFileSync(new URL(`assets/${name}`, built))).length;
const page = readFileSync(new URL("index.html", built), "utf8");
const names = readdirSync(new URL("assets/", built)).filter((name) => /\.(js|css)$/.test(name));
const sum = (some) => some.reduce((total, name) => total + size(name), 0);
console.log(sum(names.filter((name) => page.includes(name))), sum(names));
