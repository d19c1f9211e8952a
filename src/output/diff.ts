const CONTEXT = 3;

/**
 * The difference of two texts in the unified format (POSIX `diff -u`); empty when there is none.
 * Line ends are part of the lines, so a carriage return shows where a line has one.
 */
export function unifiedDiff(before: string, after: string, name: string): string {
  if (before === after) return "";
  const hunks = hunksOf(script(linesOf(before), linesOf(after)));
  return [`--- ${name}\n`, `+++ ${name}\n`, ...hunks].join("");
}

type Mark = " " | "-" | "+";
interface Line {
  readonly mark: Mark;
  readonly text: string;
  /** Lines of either text before this one. */
  readonly old: number;
  readonly new: number;
}

const linesOf = (text: string): readonly string[] => text.match(/[^\n]*\n|[^\n]+$/g) ?? [];

/** The lines of both texts in order; what is equal at both ends needs no search. */
function script(before: readonly string[], after: readonly string[]): readonly Line[] {
  const shorter = Math.min(before.length, after.length);
  let head = 0;
  while (head < shorter && before[head] === after[head]) head += 1;
  let tail = 0;
  while (tail < shorter - head && before.at(-1 - tail) === after.at(-1 - tail)) tail += 1;
  const middle = aligned(before.slice(head, before.length - tail), after.slice(head, after.length - tail));
  const marked = [
    ...before.slice(0, head).map((text) => ({ mark: " " as const, text })),
    ...middle,
    ...before.slice(before.length - tail).map((text) => ({ mark: " " as const, text })),
  ];
  let place = { old: 0, new: 0 };
  return marked.map((line) => {
    const numbered = { ...line, ...place };
    place = {
      old: place.old + (line.mark === "+" ? 0 : 1),
      new: place.new + (line.mark === "-" ? 0 : 1),
    };
    return numbered;
  });
}

type Marked = Pick<Line, "mark" | "text">;
/** A search in more pairs of lines than this costs more than a smaller diff is worth. */
const MAX_PAIRS = 4_000_000;

/** The longest common subsequence keeps its place, the rest is taken out or put in. */
function aligned(before: readonly string[], after: readonly string[]): readonly Marked[] {
  if (before.length * after.length > MAX_PAIRS) return [...marked("-", before), ...marked("+", after)];
  const lengths = commonLengths(before, after);
  const width = after.length + 1;
  const at = (i: number, j: number) => lengths[i * width + j] ?? 0;
  const markAt = (i: number, j: number): Mark => {
    if (before[i] === after[j]) return " ";
    return at(i + 1, j) >= at(i, j + 1) ? "-" : "+";
  };
  const lines: Marked[] = [];
  let [i, j] = [0, 0];
  while (i < before.length && j < after.length) {
    const mark = markAt(i, j);
    lines.push({ mark, text: (mark === "+" ? after[j] : before[i]) ?? "" });
    if (mark !== "+") i += 1;
    if (mark !== "-") j += 1;
  }
  return [...lines, ...marked("-", before.slice(i)), ...marked("+", after.slice(j))];
}

function commonLengths(before: readonly string[], after: readonly string[]): Uint32Array {
  const width = after.length + 1;
  const lengths = new Uint32Array((before.length + 1) * width);
  for (let i = before.length - 1; i >= 0; i -= 1) {
    for (let j = after.length - 1; j >= 0; j -= 1) {
      const isSame = before[i] === after[j];
      const [right = 0, below = 0] = [lengths[i * width + j + 1], lengths[(i + 1) * width + j]];
      lengths[i * width + j] = isSame ? (lengths[(i + 1) * width + j + 1] ?? 0) + 1 : Math.max(right, below);
    }
  }
  return lengths;
}

const marked = (mark: Mark, lines: readonly string[]): readonly Marked[] =>
  lines.map((text) => ({ mark, text }));

/** Changes with three lines around them; two that share such a line are one hunk. */
function hunksOf(lines: readonly Line[]): readonly string[] {
  const changes = lines.flatMap(({ mark }, index) => (mark === " " ? [] : [index]));
  const spans: { from: number; to: number }[] = [];
  for (const index of changes) {
    const [from, to] = [Math.max(0, index - CONTEXT), Math.min(lines.length, index + CONTEXT + 1)];
    const last = spans.at(-1);
    if (last && from <= last.to) last.to = to;
    else spans.push({ from, to });
  }
  return spans.map(({ from, to }) => hunk(lines.slice(from, to)));
}

function hunk(lines: readonly Line[]): string {
  const count = (absent: Mark) => lines.filter(({ mark }) => mark !== absent).length;
  const range = (start: number, length: number) => {
    const first = length === 0 ? start : start + 1;
    return length === 1 ? `${first}` : `${first},${length}`;
  };
  const [first] = lines;
  const old = range(first?.old ?? 0, count("+"));
  const fresh = range(first?.new ?? 0, count("-"));
  const body = lines.map(({ mark, text }) =>
    text.endsWith("\n") ? mark + text : `${mark}${text}\n\\ No newline at end of file\n`,
  );
  return `@@ -${old} +${fresh} @@\n${body.join("")}`;
}
