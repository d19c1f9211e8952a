import { LineCounter, parseDocument } from "yaml";
import { MAX_DEPTH, tooDeep } from "./depth.ts";
import { MAX_FILE_BYTES } from "./limits.ts";
import type { Position } from "./position.ts";
import { type ParseResult, type Problem, textProblem } from "./problems.ts";
import { readTree } from "./tree.ts";

/**
 * Reads one YAML document strictly (HR-3): errors and warnings alike refuse it, and so do duplicate keys, tags,
 * deep nesting, many aliases, and numbers with more digits than a number keeps. No problem quotes a value.
 */
export function parseYaml(text: string): ParseResult {
  const unfit = unfitText(text);
  if (unfit) return { problems: [unfit] };
  const lines = new LineCounter();
  const document = parseDocument(text, {
    lineCounter: lines,
    merge: false,
    prettyErrors: false,
    stringKeys: true,
    uniqueKeys: false, // Compares every pair of keys; `readTree` looks them up instead.
  });
  const at = (offset: number): Position => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(1, line), column: Math.max(1, col) };
  };
  const complaints = [...document.errors, ...document.warnings];
  if (complaints.length > 0) {
    const sorted = complaints.toSorted((a, b) => a.pos[0] - b.pos[0]).slice(0, 5);
    return { problems: sorted.map(({ code, pos }) => textProblem("syntax", SYNTAX[code], at(pos[0]))) };
  }
  return readTree(document.contents, at);
}

function unfitText(text: string): Problem | undefined {
  if (text.length > MAX_FILE_BYTES) {
    return textProblem("too_large", "the file is larger than 1 MiB", { line: 1, column: 1 });
  }
  const nul = text.indexOf("\0");
  if (nul >= 0) {
    const before = text.slice(0, nul).split("\n");
    return textProblem("syntax", "the file holds a NUL character", {
      line: before.length,
      column: (before.at(-1)?.length ?? 0) + 1,
    });
  }
  const deep = tooDeep(text);
  return deep && textProblem("too_deep", `nested more than ${MAX_DEPTH} levels deep`, deep);
}

type SyntaxCode = ReturnType<typeof parseDocument>["errors"][number]["code"];

/** The parser's own messages quote the file, which may hold a secret. */
const SYNTAX: Readonly<Record<SyntaxCode, string>> = {
  ALIAS_PROPS: "an alias cannot have an anchor or a tag",
  BAD_ALIAS: "the alias refers to no anchor before it, or has no name",
  BAD_COLLECTION_TYPE: "the tag does not fit what follows it",
  BAD_DIRECTIVE: "unknown or misplaced directive",
  BAD_DQ_ESCAPE: "unknown escape in a double-quoted text",
  BAD_INDENT: "wrong indentation",
  BAD_PROP_ORDER: "anchors and tags must stand after the indicator they belong to",
  BAD_SCALAR_START: "a text that begins with this character must be quoted",
  BLOCK_AS_IMPLICIT_KEY: "a map cannot begin here; is a line break, an indentation or a quote missing?",
  BLOCK_IN_FLOW: "an indented block cannot stand inside brackets",
  DUPLICATE_KEY: "duplicate key",
  IMPOSSIBLE: "not YAML",
  KEY_OVER_1024_CHARS: "a key is longer than 1024 characters",
  MISSING_CHAR: "a character is missing: a space, a colon, a comma, a quote or a closing bracket",
  MULTILINE_IMPLICIT_KEY: "a key must end on its own line; is a colon or a quote missing?",
  MULTIPLE_ANCHORS: "a value can have one anchor only",
  MULTIPLE_DOCS: "a second document begins here; the file must hold one",
  MULTIPLE_TAGS: "a value can have one tag only",
  NON_STRING_KEY: "a key must be plain text",
  RESOURCE_EXHAUSTION: "the file is too complicated to be read",
  TAB_AS_INDENT: "a tab cannot indent; use spaces",
  TAG_RESOLVE_FAILED: "unknown tag; tags are not used in a configuration",
  UNEXPECTED_TOKEN: "unexpected text here",
};
