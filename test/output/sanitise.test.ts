import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createSanitiser, sanitise, shouldSanitise } from "../../src/output/sanitise.ts";

const ESC = "\u001b";
const ST = `${ESC}\\`;

/** What a terminal would obey: written here by code point, apart from the source's own pattern. */
function obeyed(char: string): boolean {
  const code = char.codePointAt(0) ?? 0;
  if (code === 0x0a || code === 0x09) return false;
  return (
    code < 0x20 ||
    (code >= 0x7f && code <= 0x9f) ||
    (code >= 0x202a && code <= 0x202e) ||
    (code >= 0x2066 && code <= 0x2069) ||
    (code >= 0xe0000 && code <= 0xe007f)
  );
}

const inPieces = (pieces: readonly string[]): string => {
  const sanitiser = createSanitiser();
  return pieces.map((piece) => sanitiser.push(piece)).join("") + sanitiser.end();
};

/** Text in which every kind of hostile character and every state of a sequence is likely. */
const hostile = fc
  .array(
    fc.oneof(
      fc.constantFrom(...`${ESC}[]P^_X\\(#0;?1mHc~ \n\r\t\u0007\u0018\u001a\u0000\u007f`),
      fc.constantFrom("\u009b", "\u009d", "\u0090", "\u009c", "\u0098", "\u0085", "\u202e", "\u2066"),
      fc.constantFrom("\u{e0001}", "\u{e007f}", "é", "漢", "👍", "\ud83d", "\udc4d", "\udb40", "abc"),
      fc.string({ unit: "binary", maxLength: 3 }),
    ),
    { maxLength: 40 },
  )
  .map((pieces) => pieces.join(""));

describe("sanitise", () => {
  it.each([
    ["keeps plain text, tabs and newlines", "a\tb\nc é 漢 👩‍👩‍👧", "a\tb\nc é 漢 👩‍👩‍👧"],
    ["drops C0, DEL and C1", "a\u0000\u0007\u0008\u000b\u000cb\u007f\u0085\u0080c", "abc"],
    ["drops colour", `${ESC}[1;31mred${ESC}[0m`, "red"],
    ["drops private modes", `${ESC}[?1049h${ESC}[>4;2mx`, "x"],
    ["drops a cursor report request", `a${ESC}[6nb`, "ab"],
    ["drops a reset", `a${ESC}cb`, "ab"],
    ["drops a character set change", `a${ESC}(0b`, "ab"],
    ["drops a line size change", `a${ESC}#8b`, "ab"],
    ["drops 8-bit CSI", "a\u009b31mb", "ab"],
    ["drops 8-bit OSC with an 8-bit end", "a\u009d0;title\u009cb", "ab"],
    ["drops a title (OSC 0)", `a${ESC}]0;title\u0007b`, "ab"],
    [
      "keeps a link's text and drops its address (OSC 8)",
      `${ESC}]8;;http://x${ST}text${ESC}]8;;${ST}`,
      "text",
    ],
    ["drops a notification (OSC 9)", `a${ESC}]9;hi\u0007b`, "ab"],
    ["drops a clipboard write (OSC 52)", `a${ESC}]52;c;ZXZpbA==\u0007b`, "ab"],
    ["drops a notification (OSC 777)", `a${ESC}]777;notify;t;b${ST}b`, "ab"],
    ["drops an inline file (OSC 1337)", `a${ESC}]1337;File=inline=1:AAAA\u0007b`, "ab"],
    ["drops DCS, APC, PM and SOS", `a${ESC}Pq#0${ST}b${ESC}_G1${ST}c${ESC}^p${ST}d${ESC}Xs${ST}e`, "abcde"],
    ["does not end DCS at BEL", `a${ESC}Px\u0007y${ST}b`, "ab"],
    ["drops a sequence passed through tmux", `a${ESC}Ptmux;${ESC}${ESC}]52;c;eA==\u0007${ST}b`, "ab"],
    ["drops bidi overrides and isolates", "a\u202eb\u202c\u2066c\u2069", "abc"],
    ["drops tag characters", "a\u{e0001}\u{e0041}\u{e007f}b", "ab"],
    ["keeps the letter after a broken CSI", `${ESC}[3é${ESC}[12\nb`, "é\nb"],
    ["keeps the character after a broken escape", `a${ESC}é${ESC}${ESC}[0mb`, "aéb"],
    ["gives up a sequence at CAN", `a${ESC}]0;x\u0018b`, "ab"],
    ["turns CR into a newline", "one\rtwo", "one\ntwo"],
    ["turns CR LF into one newline", "one\r\ntwo\r\r\n\n", "one\ntwo\n\n\n"],
    ["shows lone surrogates as replacements", "a\ud83db\udc4dc\ud83d", "a\ufffdb\ufffdc\ufffd"],
    ["does not let halves meet as a tag character", `\udb40${ESC}[m\udc41`, "\ufffd\ufffd"],
    ["drops an escape at the end", `a${ESC}`, "a"],
  ])("%s", (_name, text, expected) => expect(sanitise(text)).toBe(expected));

  it("lets nothing pass that a terminal obeys", () => {
    const clean = fc.property(hostile, (text) => !Array.from(sanitise(text)).some(obeyed));
    fc.assert(clean, { numRuns: 5_000 });
  });

  it("gives the same text wherever it is cut once", () => {
    fc.assert(
      fc.property(hostile, (text) => {
        const whole = sanitise(text);
        for (let at = 0; at <= text.length; at += 1) {
          expect(inPieces([text.slice(0, at), text.slice(at)])).toBe(whole);
        }
      }),
      { numRuns: 2_000 },
    );
  });

  it("gives the same text when every unit comes alone", () => {
    fc.assert(
      fc.property(hostile, (text) => {
        expect(inPieces(text.split(""))).toBe(sanitise(text));
      }),
      { numRuns: 3_000 },
    );
  });

  it("changes nothing in text it has already cleaned", () => {
    fc.assert(
      fc.property(hostile, (text) => {
        const once = sanitise(text);
        expect(sanitise(once)).toBe(once);
      }),
      { numRuns: 3_000 },
    );
  });

  it("never hands over half of a surrogate pair", () => {
    const sanitiser = createSanitiser();
    expect([sanitiser.push("a\ud83d"), sanitiser.push("\udc4d"), sanitiser.end()]).toEqual(["a", "👍", ""]);
  });

  it("hands plain text over at once", () => {
    const sanitiser = createSanitiser();
    expect([sanitiser.push("one\r"), sanitiser.push("\ntwo"), sanitiser.push("!")]).toEqual([
      "one\n",
      "two",
      "!",
    ]);
  });

  it("lets an unended sequence hide 4096 characters and no more", () => {
    const start = `${ESC}]0;`;
    const hidden = "x".repeat(4_096 - start.length);
    expect(sanitise(`a${start}${hidden}shown`)).toBe("ashown");
    expect(sanitise(`a${start}${hidden}`)).toBe("a");
  });

  it("starts anew after its end", () => {
    const sanitiser = createSanitiser();
    sanitiser.push(`${ESC}]0;open`);
    sanitiser.end();
    expect(sanitiser.push("next")).toBe("next");
  });
});

describe("shouldSanitise", () => {
  it.each([
    ["auto", true, true],
    ["auto", false, false],
    ["always", false, true],
    ["never", true, false],
  ] as const)("%s on a terminal %s: %s", (mode, isTty, expected) => {
    expect(shouldSanitise(mode, isTty)).toBe(expected);
  });
});
