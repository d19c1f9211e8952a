/** An element of a document, as a strict reader sees it. */
export interface XmlElement {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly XmlElement[];
  /** The text directly in it. */
  readonly text: string;
}

/**
 * Reads a document without DTD, comments or CDATA by the rules of XML 1.0: characters that may stand in one, matching
 * tags, quoted attributes named once, known entities. Throws at the first mistake.
 */
export function parseXml(document: string): XmlElement {
  const stray = /[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/u.exec(document);
  if (stray) throw new Error(`character ${stray[0].charCodeAt(0)} at ${stray.index}`);
  const [, body = ""] = /^<\?xml version="1.0" encoding="UTF-8"\?>\s*(.*\S)\s*$/s.exec(document) ?? [];
  const { element, end } = elementAt(body, 0);
  if (end !== body.length) throw new Error(`more than one element: ${body.slice(end, end + 40)}`);
  return element;
}

const OPENING = /<([A-Za-z][\w.-]*)((?:\s+[\w.-]+="[^"<]*")*)\s*(\/?)>/y;
const TEXT = /[^<]*/y;

function elementAt(body: string, at: number): { readonly element: XmlElement; readonly end: number } {
  const [tag, name = "", attributes = "", empty] = matchAt(OPENING, body, at);
  const element = { name, attributes: attributesOf(attributes), children: [] as XmlElement[], text: "" };
  let end = at + tag.length;
  while (!empty) {
    const [text] = matchAt(TEXT, body, end);
    element.text += unescaped(text);
    end += text.length;
    if (body.startsWith(`</${name}>`, end)) return { element, end: end + name.length + 3 };
    const inner = elementAt(body, end);
    element.children.push(inner.element);
    end = inner.end;
  }
  return { element, end };
}

function matchAt(pattern: RegExp, body: string, at: number): RegExpExecArray {
  pattern.lastIndex = at;
  return pattern.exec(body) ?? fail(`no element at ${at}: ${body.slice(at, at + 40)}`);
}

function fail(what: string): never {
  throw new Error(what);
}

function attributesOf(text: string): Readonly<Record<string, string>> {
  const pairs = [...text.matchAll(/([\w.-]+)="([^"]*)"/g)].map(([, name = "", value = ""]) => [
    name,
    unescaped(value),
  ]);
  if (new Set(pairs.map(([name]) => name)).size !== pairs.length)
    throw new Error(`an attribute twice: ${text}`);
  return Object.fromEntries(pairs);
}

const NAMED: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };

function unescaped(text: string): string {
  return text.replace(/&([^;&]*)(;?)/g, (whole, name: string, end: string) => {
    const code = /^#(\d+)$/.exec(name)?.[1];
    const char = code === undefined ? NAMED[name] : String.fromCodePoint(Number(code));
    if (end !== ";" || char === undefined) throw new Error(`an entity that is none: ${whole}`);
    return char;
  });
}
