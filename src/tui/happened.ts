import type { Json } from "../core/json.ts";
import type { Paint } from "../output/style.ts";
import type { AlertData, CircuitData, DashboardData, EventData, FailoverData } from "./data.ts";
import { count, counted, dayClock, percent } from "./figures.ts";
import type { Line, Span } from "./line.ts";
import { isWide, type Look, signsOf } from "./look.ts";
import { nothing, type Panel } from "./panel.ts";

/**
 * What went wrong or was switched, the newest first: failovers, and what the daemon says of its circuits.
 * @param options.isBrief Failovers that are alike are one line: else many requests would hide all the rest.
 */
export function happenedPanel(
  { at: now, failovers, circuits, events }: DashboardData,
  look: Look,
  { isBrief = false } = {},
): Panel {
  const happened = [
    ...(isBrief ? alikeFailovers(failovers, look) : failovers.map((each) => failover([each], look))),
    ...(events
      ? [
          ...refusals(events),
          ...others(events).map((event) => ({ at: event.at, spans: eventSpans(event, look) })),
        ]
      : openings(circuits)),
  ].toSorted((one, other) => (one.at < other.at ? 1 : one.at > other.at ? -1 : 0));
  const title = "Happened";
  // Without a daemon nobody told of the circuits that are closed again.
  const none = events ? "no failover, and no circuit that opened" : "no failover, and no circuit is open";
  if (happened.length === 0) return { title, lines: nothing(none) };
  return { title, lines: happened.map((each) => happeningLine(each, now)), least: 3 };
}

/** A configuration that was refused, and the budgets that reached a threshold, the newest first; nothing where none did. */
export function alertPanels({ at: now, alerts, config }: DashboardData): readonly Panel[] {
  const told = [
    ...refusedConfig(config),
    ...alerts.map((alert): Happening => ({ at: alert.at, spans: alertSpans(alert) })),
  ];
  if (told.length === 0) return [];
  const lines = told.map((each) => happeningLine(each, now));
  return [{ title: "Alerts", lines, least: Math.min(2, lines.length) }];
}

/** The day is said of what was not today. */
function happeningLine({ at, spans }: Happening, now: string): Line {
  return [[`  ${dayClock(at, now)}  `, "dim"], ...spans];
}

interface Happening {
  readonly at: string;
  readonly spans: readonly Span[];
}

const refusedConfig = (config: DashboardData["config"]): readonly Happening[] =>
  config?.last_error
    ? [
        {
          at: config.last_error.at,
          spans: [
            ["config    ", "red"],
            [config.last_error.message],
            [`; revision ${config.revision} goes on`, "dim"],
          ],
        },
      ]
    : [];

const alertSpans = ({ tenant, period, threshold, resolved_at }: AlertData): readonly Span[] => [
  ["budget    ", threshold >= 1 ? "red" : "yellow"],
  [`${tenant ?? "everything"}, ${period}: ${percent(threshold)} reached`],
  [resolved_at === null ? "" : ", below it again", "dim"],
];

const alikeFailovers = (failovers: readonly FailoverData[], look: Look): readonly Happening[] =>
  [...Map.groupBy(failovers, ({ from, to, code }) => `${from} ${to} ${code}`).values()].map((alike) =>
    failover(alike, look),
  );

/** Failovers that are alike, the newest first: there are no others since the oldest of them. */
function failover(alike: readonly FailoverData[], look: Look): Happening {
  const [last, first] = [alike[0], alike.at(-1)];
  if (!last || !first) return { at: "", spans: [] };
  const { from, to, code, request, at } = last;
  const since = dayClock(first.at, at).slice(0, isWide(look) ? undefined : -":00".length);
  const times = alike.length === 1 ? "" : `, ${count(alike.length)} since ${since}`;
  const id = alike.length === 1 && isWide(look) ? `  ${request}` : "";
  const said = `${from} ${signsOf(look.ascii).arrow} ${to}${code ? `: ${code}` : ""}${times}`;
  return { at, spans: [["failover  ", "yellow"], [said], [id, "dim"]] };
}

/** Without a daemon only what is open now is known. */
const openings = (circuits: readonly CircuitData[]): readonly Happening[] =>
  circuits.flatMap(({ opened_at: at, state, provider, operation, last_error }): readonly Happening[] =>
    at === null || state === "closed"
      ? []
      : [
          {
            at,
            spans: [
              ["circuit   ", "red"],
              // The time is that of its opening, also where a trial is let through by now.
              [`${provider} ${operation}: opened${state === "open" ? "" : `, ${state} now`}`],
              [last_error === null ? "" : `, ${last_error}`],
            ],
          },
        ],
  );

const isRefusal = ({ type, refused }: EventData): boolean => type === "tenant" && typeof refused === "number";

const others = (events: readonly EventData[]): readonly EventData[] =>
  events.filter((event) => !isRefusal(event));

/** Of each tenant and reason one line, at the last time: else who asks too much would hide all the rest. */
function refusals(events: readonly EventData[]): readonly Happening[] {
  const alike = Map.groupBy(events.filter(isRefusal), ({ tenant, code }) => `${tenant}: ${code}`);
  return [...alike].flatMap(([what, told]): readonly Happening[] => {
    const [last, first] = [told[0], told.at(-1)];
    if (!last || !first) return [];
    const times = told.reduce((sum, { refused }) => sum + Number(refused), 0);
    const since = first === last ? "" : ` since ${dayClock(first.at, last.at)}`;
    return [
      { at: last.at, spans: [["refused   ", "yellow"], [`${what}, ${counted(times, "request")}${since}`]] },
    ];
  });
}

const PAINTS: Readonly<Record<string, Paint>> = {
  open: "red",
  half_open: "yellow",
  closed: "green",
  healthy: "green",
  degraded: "yellow",
  down: "red",
};

/** An event of the daemon: what it is of, and what changed. */
function eventSpans({ type, at: _at, seq: _seq, ...facts }: EventData, look: Look): readonly Span[] {
  if (type === "reload") return reloadSpans(facts);
  if (type === "circuit") return circuitSpans(facts, look);
  const { arrow } = signsOf(look.ascii);
  const subject = [facts.provider, facts.operation, facts.tenant]
    .filter((each) => each !== undefined)
    .join(" ");
  const { from, to } = facts;
  const change = to === undefined ? "" : `${from === undefined ? "" : `${from} ${arrow} `}${to}`;
  const known = new Set(["provider", "operation", "tenant", "from", "to", "seq"]);
  const rest = Object.entries(facts).filter(
    ([name, value]) => !known.has(name) && value !== null && value !== "",
  );
  const words = rest.map(([name, value]) => `${name} ${String(value)}`).join(", ");
  const said = [subject, change, words].filter((text) => text !== "").join("  ");
  return [[`${type} `.padEnd(10), PAINTS[String(to)] ?? "cyan"], [said]];
}

/** What became of a file that was read again. */
const reloadSpans = ({ result, message, revision }: Readonly<Record<string, Json>>): readonly Span[] =>
  typeof message === "string"
    ? [["reload    ", "red"], [`${String(result)}: ${message}`]]
    : [["reload    ", "cyan"], [`${String(result)}, revision ${String(revision)}`]];

/** How a circuit changed and why; where there is room, by how many requests. */
function circuitSpans(facts: Readonly<Record<string, Json>>, look: Look): readonly Span[] {
  const { provider, operation, from, to, reason, requests, failures } = facts;
  const why = `: ${reason}${isWide(look) && requests ? `, ${failures} of ${requests} failed` : ""}`;
  const said = `${provider} ${operation}  ${from} ${signsOf(look.ascii).arrow} ${to}${why}`;
  return [["circuit   ", PAINTS[String(to)] ?? "cyan"], [said]];
}
