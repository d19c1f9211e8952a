import type { ReadStream, WriteStream } from "node:tty";
import { Box, render, Text, useApp, useInput, useWindowSize } from "ink";
import { createElement, useEffect, useReducer } from "react";
import type { Painter } from "../output/style.ts";
import type { Controller } from "./controller.ts";
import { keyOf } from "./terminal-keys.ts";

export interface Terminal {
  readonly stdin: ReadStream;
  readonly stdout: WriteStream;
  readonly painter: Painter;
  readonly ascii: boolean;
  /** Gives the terminal back to the shell until it is continued. */
  readonly suspend: () => void;
  /** Ctrl-C, which a terminal in raw mode does not make a signal of. */
  readonly interrupt: () => void;
}

const MAX_FRAMES_PER_S = 10;

/**
 * Shows a controller on the alternate screen. Settles as it does, once the terminal is as it was.
 * @param running What the controller was started with.
 */
export async function showScreen(
  controller: Controller,
  running: Promise<void>,
  terminal: Terminal,
): Promise<void> {
  const { stdin, stdout } = terminal;
  const screen = render(createElement(Screen, { controller, terminal }), {
    ...{ stdin, stdout, maxFps: MAX_FRAMES_PER_S },
    ...{ alternateScreen: true, incrementalRendering: true, interactive: true },
    ...{ exitOnCtrlC: false, patchConsole: false },
  });
  try {
    await Promise.race([running, screen.waitUntilExit()]);
  } finally {
    screen.unmount();
    await screen.waitUntilExit();
  }
}

function Screen({ controller, terminal }: { readonly controller: Controller; readonly terminal: Terminal }) {
  const [, redraw] = useReducer((drawn: number) => drawn + 1, 0);
  const { columns, rows } = useWindowSize();
  const { suspendTerminal } = useApp();
  useEffect(() => controller.onChange(redraw), [controller]);
  useInput((input, key) => {
    if (key.ctrl && input === "c") terminal.interrupt();
    else if (key.ctrl && input === "z") void suspendTerminal(terminal.suspend);
    else for (const pressed of keyOf(input, key)) controller.press(pressed);
  });
  const { painter, ascii } = terminal;
  const lines = controller.lines({ columns, rows, ascii });
  const texts = lines.map((line) =>
    line.map(([text, paint]) => (paint ? painter(paint, text) : text)).join(""),
  );
  // What is on a line is known to fit; a line without anything would take no row.
  const shown = texts.map((text, row) => createElement(Text, { key: row, wrap: "truncate" }, text || " "));
  return createElement(Box, { flexDirection: "column" }, ...shown);
}
