/**
 * What a number field understands: `512*2`, `(1+2)/3`, `2**10`, `-5 % 3`.
 *
 * Read by hand (shunting-yard), never by the engine of the page. Sums of whole numbers are computed as such, so that no
 * digit of a seed of 64 bits is lost.
 */

/** A number of a field: whole ones that JavaScript's numbers cannot hold exactly are `bigint`. */
export type Num = number | bigint;

interface Operator {
  readonly rank: number;
  readonly fromRight?: boolean;
  readonly count: 1 | 2;
  readonly real: (a: number, b: number) => number;
  /** Left out where the result of whole numbers need not be whole. */
  readonly whole?: (a: bigint, b: bigint) => bigint;
}

const OPERATORS: Readonly<Record<string, Operator>> = {
  "+": { rank: 1, count: 2, real: (a, b) => a + b, whole: (a, b) => a + b },
  "-": { rank: 1, count: 2, real: (a, b) => a - b, whole: (a, b) => a - b },
  "*": { rank: 2, count: 2, real: (a, b) => a * b, whole: (a, b) => a * b },
  "/": { rank: 2, count: 2, real: (a, b) => a / b },
  "%": { rank: 2, count: 2, real: (a, b) => a % b },
  "-sign": { rank: 3, count: 1, fromRight: true, real: (a) => -a, whole: (a) => -a },
  "+sign": { rank: 3, count: 1, fromRight: true, real: (a) => a, whole: (a) => a },
  "**": { rank: 4, count: 2, fromRight: true, real: (a, b) => a ** b },
};

const TOKEN = /\s*(\*\*|[-+*/%()^]|\d+\.?\d*(?:[eE][-+]?\d+)?|\.\d+(?:[eE][-+]?\d+)?)/y;

/** The value of an expression; undefined where it is none, or has no finite value. */
export function evaluate(text: string): Num | undefined {
  const tokens = tokensOf(text.trim().replaceAll(",", "."));
  const postfix = tokens && inPostfix(tokens);
  if (!postfix) return undefined;
  return wholeValue(postfix) ?? realValue(postfix);
}

/** A whole number in the plainest form that holds it. */
export function plain(value: bigint): Num {
  const near = Number(value);
  return Number.isSafeInteger(near) ? near : value;
}

function tokensOf(text: string): string[] | undefined {
  const found: string[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.length) {
    const token = TOKEN.exec(text)?.[1];
    if (token === undefined) return undefined;
    found.push(token === "^" ? "**" : token);
  }
  return found.length > 0 ? found : undefined;
}

/** The tokens with each operator behind what it works on; undefined where they are no expression. */
function inPostfix(plainTokens: readonly string[]): string[] | undefined {
  const tokens = plainTokens.map((token, at) => (isSign(plainTokens, at) ? `${token}sign` : token));
  if (!tokens.every((token, at) => beginsValue(token) !== endsValue(tokens[at - 1])) || !endsValue(tokens.at(-1))) {
    return undefined;
  }
  const output: string[] = [];
  const waiting: string[] = [];
  for (const token of tokens) {
    if (isNumber(token)) output.push(token);
    else if (token === "(" || token.endsWith("sign")) waiting.push(token);
    else if (token !== ")") pushOperator(token, output, waiting);
    else if (!closeBracket(output, waiting)) return undefined;
  }
  return waiting.includes("(") ? undefined : [...output, ...waiting.reverse()];
}

function isNumber(token: string): boolean {
  return /[\d.]/.test(token);
}

/** Whether a plus or minus belongs to the value behind it. */
function isSign(tokens: readonly string[], at: number): boolean {
  const token = tokens[at];
  return (token === "-" || token === "+") && !endsValue(tokens[at - 1]);
}

function beginsValue(token: string): boolean {
  return isNumber(token) || token === "(" || token.endsWith("sign");
}

function endsValue(token: string | undefined): boolean {
  return token !== undefined && (isNumber(token) || token === ")");
}

function closeBracket(output: string[], waiting: string[]): boolean {
  for (let top = waiting.pop(); top !== "("; top = waiting.pop()) {
    if (top === undefined) return false;
    output.push(top);
  }
  return true;
}

function pushOperator(token: string, output: string[], waiting: string[]): void {
  const own = OPERATORS[token];
  for (let top = waiting.at(-1); top !== undefined; top = waiting.at(-1)) {
    const other = OPERATORS[top];
    if (!own || !other || other.rank < own.rank || (other.rank === own.rank && own.fromRight)) break;
    output.push(top);
    waiting.pop();
  }
  waiting.push(token);
}

function wholeValue(postfix: readonly string[]): Num | undefined {
  const isWhole = (token: string) => (token in OPERATORS ? OPERATORS[token]?.whole : /^\d+$/.test(token));
  if (!postfix.every(isWhole)) return undefined;
  const value = computed(postfix, BigInt, (operator) => operator.whole);
  return value === undefined ? undefined : plain(value);
}

function realValue(postfix: readonly string[]): number | undefined {
  const value = computed(postfix, Number, (operator) => operator.real);
  return value !== undefined && Number.isFinite(value) ? value : undefined;
}

function computed<T extends Num>(
  postfix: readonly string[],
  read: (token: string) => T,
  way: (operator: Operator) => ((a: T, b: T) => T) | undefined,
): T | undefined {
  const stack: T[] = [];
  for (const token of postfix) {
    const operator = OPERATORS[token];
    const work = operator && way(operator);
    if (!operator || !work) {
      stack.push(read(token));
      continue;
    }
    const [a, b = a] = stack.splice(-operator.count);
    if (a === undefined || b === undefined) return undefined;
    stack.push(work(a, b));
  }
  return stack[0];
}
