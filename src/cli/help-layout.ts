import { Help } from "commander";
import type { Flag } from "./flags.ts";

/** Left column, then what it means. */
export type Row = readonly [term: string, meaning: string];

export interface Section {
  readonly title: string;
  readonly rows: readonly Row[];
}

/** Help is read in pipes and pages too: it fits the narrowest common terminal. */
const WIDTH = 80;
/** A left column wider than this leaves too little for the meaning. */
const MAX_TERM = 30;

/** Text broken into lines of at most 80 characters. */
export const wrapped = (text: string): string => new Help().boxWrap(text, WIDTH);

/** Titled tables, all with the same left column so that the eye finds the meanings. */
export function sectionsText(sections: readonly Section[]): string {
  const terms = sections.flatMap(({ rows }) => rows.map(([term]) => term.length));
  const width = Math.min(MAX_TERM, Math.max(0, ...terms));
  const layout = new Help();
  return sections
    .filter(({ rows }) => rows.length > 0)
    .map(({ title, rows }) => `\n${title}:\n${rows.map((row) => itemText(row, width, layout)).join("")}`)
    .join("");
}

function itemText([term, meaning]: Row, width: number, layout: Help): string {
  if (term.length <= width) return `${layout.formatItem(term, width, meaning, layout)}\n`;
  return `  ${term}\n${layout.formatItem("", width, meaning, layout)}\n`;
}

/** Flags by their group, in the order in which groups first appear; one that comes later is no help. */
export function flagSections(flags: readonly Flag[], ungrouped = "Flags"): readonly Section[] {
  const shown = flags.filter(({ later }) => later === undefined);
  const groups = Map.groupBy(shown, ({ group = ungrouped }) => group);
  return [...groups].map(([title, members]) => ({ title, rows: members.map(flagRow) }));
}

function flagRow({ name, short, value, optional, many, text }: Flag): Row {
  const long = value ? (optional ? `--${name}[=${value}]` : `--${name} ${value}`) : `--${name}`;
  return [`${short ? `-${short},` : "   "} ${long}`, many ? `${text} (repeatable)` : text];
}
