/** Markup that is complete as it stands: all text in it is escaped. */
export interface Markup {
  readonly markup: string;
}

/** What may stand in a template: texts and numbers are escaped, markup is not, lists are joined. */
export type Part = string | number | Markup | readonly Part[] | null;

/** Markup from a template, in which every value is escaped unless it is markup itself. */
export const html = (texts: TemplateStringsArray, ...parts: readonly Part[]): Markup => ({
  markup: texts.reduce((whole, text, at) => `${whole}${written(parts[at - 1] ?? null)}${text}`),
});

function written(part: Part): string {
  if (part === null) return "";
  if (typeof part === "string" || typeof part === "number") return escaped(String(part));
  return "markup" in part ? part.markup : part.map(written).join("");
}

/** Control characters but line breaks have no place in a document, and those that turn text around would make it lie. */
const escaped = (text: string): string =>
  text
    .replace(/[^\P{Cc}\n]|[\u{202a}-\u{202e}\u{2066}-\u{2069}\u{e0000}-\u{e007f}]/gu, " ")
    .replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`);
